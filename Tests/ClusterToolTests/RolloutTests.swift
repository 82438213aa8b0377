import ClusterTool
import CommandSupport
import KubernetesAPI
import Synchronization
import Testing

@Suite("Waiting for the effect of a change")
struct RolloutTests {
    private static func progress(_ goal: Rollout.Goal, of server: JSONValue, pods: [JSONValue] = []) -> Rollout.Progress
    {
        Rollout(goal, catalogue: Objects.catalogue, program: "kubectl moorage").progress(of: server, pods: pods)
    }

    private static let serving: JSONValue = {
        var server = Objects.held
        server[path: ["status", "candidate"]] = nil
        server[path: ["status", "conditions"]] = [
            Objects.condition("Ready", "True", "Serving"),
            Objects.condition("Reconciling", "False", "Settled"),
            Objects.condition("Stalled", "False", "Settled"),
        ]
        return server
    }()

    private static let rolling: JSONValue = {
        var server = serving
        server[path: ["status", "conditions"]] = [
            Objects.condition("Ready", "True", "RollingOut", "0 of 1 pods are up to date"),
            Objects.condition("Reconciling", "True", "RollingOut", "0 of 1 pods are up to date"),
        ]
        return server
    }()

    @Test("a revision is waited for until it serves and nothing is in progress")
    func revision() {
        #expect(Self.progress(.revision("weather-1c9b0f6e52"), of: Self.serving) == .reached)
        #expect(
            Self.progress(.revision("weather-1c9b0f6e52"), of: Self.rolling)
                == .going("Ready (RollingOut): 0 of 1 pods are up to date")
        )
        guard case .going = Self.progress(.revision("weather-7d20e4a1b8"), of: Self.serving) else {
            Issue.record("another revision serves, so it must be waited for")
            return
        }
    }

    @Test("a status of an older spec says nothing")
    func stale() {
        var server = Self.serving
        server[path: ["metadata", "generation"]] = 5
        #expect(Self.progress(.spec, of: server) == .going("the controller has not seen the change yet"))
    }

    @Test("a review, a suspension and a deletion end the wait, with the way out")
    func held() {
        #expect(
            Self.progress(.spec, of: Objects.held)
                == .held(
                    "revision weather-7d20e4a1b8 waits for an approval: tool \"add_station\" was added: see "
                        + "kubectl moorage diff"
                )
        )
        // The revision that was asked for serves, whatever waits behind it.
        #expect(Self.progress(.revision("weather-1c9b0f6e52"), of: Objects.held) == .reached)
        var server = Self.serving
        server[path: ["spec", "suspend"]] = true
        #expect(
            Self.progress(.spec, of: server)
                == .held("the server is suspended, so no pods start: remove spec.suspend")
        )
        server[path: ["metadata", "deletionTimestamp"]] = "2026-03-01T11:58:00Z"
        #expect(Self.progress(.spec, of: server) == .held("the server is being deleted"))
        #expect(
            Self.progress(.revision("weather-5d"), of: Objects.crashing)
                == .held(
                    "not ready: ContainerCrashing: container mcp of pod weather-5d-x terminated with exit code 1"
                )
        )
    }

    private static func pod(_ restart: String?, isReady: Bool = true, isDeleted: Bool = false) -> JSONValue {
        var pod: JSONValue = [
            "kind": "Pod", "metadata": ["name": "weather-1", "annotations": [:]],
            "spec": ["containers": [["name": "mcp"]]],
            "status": [
                "phase": "Running",
                "containerStatuses": [["name": "mcp", "ready": .bool(isReady), "state": ["running": [:]]]],
            ],
        ]
        if let restart { pod[path: ["metadata", "annotations", "moorage.dev/restart"]] = .string(restart) }
        if isDeleted { pod[path: ["metadata", "deletionTimestamp"]] = "2026-03-01T11:58:00Z" }
        return pod
    }

    @Test("a restart is complete when every pod was started after it and is ready")
    func restart() {
        let goal = Rollout.Goal.restart("now")
        #expect(Rollout(goal, catalogue: Objects.catalogue, program: "moorage").needsPods)
        #expect(Self.progress(goal, of: Self.serving, pods: [Self.pod("now"), Self.pod("now")]) == .reached)
        #expect(
            Self.progress(goal, of: Self.serving, pods: [Self.pod("now"), Self.pod(nil, isDeleted: true)]) == .reached
        )
        #expect(
            Self.progress(goal, of: Self.serving, pods: [Self.pod("now"), Self.pod("before")])
                == .going("1 of 2 pods are new and ready; Ready")
        )
        for pods in [[Self.pod("now", isReady: false)], []] {
            guard case .going = Self.progress(goal, of: Self.serving, pods: pods) else {
                Issue.record("a pod that is not ready, or none, is waited for")
                continue
            }
        }
    }

    @Test("a line is written again on a terminal, cut to its width, and for each change elsewhere")
    func line() {
        func output(_ columns: Int?) -> String {
            let text = Mutex("")
            let console = Console(
                write: { _, part in text.withLock { $0 += part } },
                hasColours: false,
                columns: columns
            )
            var line = ProgressLine(console)
            line.show("one")
            line.show("one")
            line.show("twelve\nchars")
            line.end()
            return text.withLock { $0 }
        }
        #expect(output(nil) == "one\ntwelve\\u{A}chars\n")
        #expect(output(10) == "\r\u{1B}[Kone\r\u{1B}[Ktwelve\\u…\r\u{1B}[K")
    }
}
