import ClusterTool
import CommandSupport
import KubernetesAPI
import Testing

@Suite("The status of servers and tenants")
struct StatusReportTests {
    static func report(_ cluster: ClusterObjects) -> StatusReport {
        StatusReport(cluster, catalogue: Objects.catalogue, program: "kubectl moorage", now: Objects.now)
    }

    static let crashing = ClusterObjects(
        subject: Objects.crashing,
        objects: [Objects.crashingPod, Objects.service, Objects.deployment] + Objects.others,
        events: [Objects.event],
        unread: ["Ingress", "HTTPRoute"]
    )

    static let held = ClusterObjects(
        subject: Objects.held,
        objects: [Objects.rejected, Objects.serving, Objects.waiting]
    )

    @Test("a server that crashes: what is wrong comes first, and then what to do")
    func crashing() {
        #expect(
            Self.report(Self.crashing).rendered(console: .plain) == """
                MCPServer mcp-acme/weather  not ready: ContainerCrashing
                │   tenant: acme
                │   image: ghcr.io/acme/weather@sha256:aaaa
                ├── Conditions
                │   ├── Ready  False, ContainerCrashing for 5m
                │   │       container mcp of pod weather-5d-x terminated with exit code 1
                │   ├── Available  False, Unavailable for 5m
                │   │       no pod is ready
                │   ├── Stalled  True, ContainerCrashing for 5m
                │   ├── Accepted  True, Accepted for 5m
                │   └── As they should be  ImagePolicySatisfied, Programmed, Reconciling
                ├── Deployment weather  0/1 ready
                │   └── Pod weather-5d-x  CrashLoopBackOff, 0/1 ready, 4 restarts
                │           container mcp waits: CrashLoopBackOff: back-off 1m20s restarting failed container
                │           container mcp ended before: Error, exit code 1
                ├── Service weather  10.0.0.7, port 80
                ├── NetworkPolicy weather
                ├── Secret weather-env
                └── Events
                    └── 30s ago  BackOff (12 times)
                            Pod weather-5d-x: Back-off restarting failed container mcp in pod weather-5d-x

                Not read, because your account is not allowed to: Ingress, HTTPRoute.

                What to do
                1. ContainerCrashing: container mcp of pod weather-5d-x terminated with exit code 1
                   The container terminates and is restarted repeatedly.
                   → Check `kubectl logs --previous`. A server that writes to its own file system must write to
                     `/tmp` or a volume.
                     $ kubectl moorage logs weather -n mcp-acme --previous

                """
        )
    }

    @Test("a server whose new version waits for an approval")
    func held() {
        #expect(
            Self.report(Self.held).rendered(console: .plain) == """
                MCPServer mcp-acme/weather  Ready, ReviewRequired
                │   url: http://weather.mcp-acme.svc/mcp
                │   candidate: Held
                ├── Conditions
                │   ├── ReviewRequired  True, ReviewRequired for 5m
                │   │       revision weather-7d20e4a1b8 waits for an approval: tool "add_station" was added
                │   ├── Accepted  True, Accepted for 5m
                │   └── As they should be  Ready, Reconciling, Stalled
                └── Revisions
                    ├── Revision weather-7d20e4a1b8  Held, not approved, 3 tools, 2m old
                    │       image ghcr.io/acme/weather@sha256:bbbb
                    │       tool "add_station" was added
                    ├── Revision weather-1c9b0f6e52  Serving, accepted (FirstVersion), 2 tools, 3d old
                    │       image ghcr.io/acme/weather@sha256:aaaa
                    └── Revision weather-0000000000  Rejected, rejected by joe: it writes, 2 tools, 9d old
                            image ghcr.io/acme/weather@sha256:cccc

                What to do
                1. ReviewRequired: revision weather-7d20e4a1b8 waits for an approval: tool "add_station" was added
                   A new version offers something else than the one that serves, or the policy requires an approval
                   of every version. It runs beside the one that serves, behind no Service.
                   → Compare the revisions (`moorage contract diff`), and set `spec.approval` of the new one.
                     Changing the spec again replaces it.
                     $ kubectl moorage diff weather -n mcp-acme
                     $ kubectl moorage approve weather weather-7d20e4a1b8 -n mcp-acme
                     $ kubectl moorage reject weather weather-7d20e4a1b8 -n mcp-acme

                """
        )
    }

    @Test("a tenant with waiting servers, and commands that say more")
    func tenant() {
        let cluster = ClusterObjects(
            subject: Objects.tenant,
            objects: [Objects.waitingServer("late", position: 2), Objects.waitingServer("early", position: 1)]
        )
        #expect(
            Self.report(cluster).rendered(console: .plain) == """
                MCPTenant acme  Ready
                │   namespace: mcp-acme
                │   plan: standard
                │   servers: 2 of 2, 2 waiting
                ├── Conditions
                │   ├── Accepted  True, Accepted for 5m
                │   └── As they should be  Programmed, Ready
                ├── MCPServer early  not ready: QuotaExceeded, number 1 in the queue
                │       the tenant runs 2 of 2 servers
                └── MCPServer late  not ready: QuotaExceeded, number 2 in the queue
                        the tenant runs 2 of 2 servers

                What to do
                1. MCPServer early is not ready: QuotaExceeded, number 1 in the queue.
                   → See its status.
                     $ kubectl moorage status server/early -n mcp-acme
                2. MCPServer late is not ready: QuotaExceeded, number 2 in the queue.
                   → See its status.
                     $ kubectl moorage status server/late -n mcp-acme

                """
        )
    }

    @Test("a server that the controller has not seen says so")
    func unseen() {
        var server = Objects.crashing
        server["status"] = ["observedGeneration": -1]
        let report = Self.report(ClusterObjects(subject: server))
        #expect(report.summary == "no status yet")
        #expect(report.steps.map(\.cause) == ["The controller has not seen it yet."])
        server["status"] = ["observedGeneration": 2]
        #expect(
            Self.report(ClusterObjects(subject: server)).steps.first?.cause
                == """
                The controller has not seen the last change yet: the status is of generation 2, and the object has generation 3.
                """
        )
    }

    @Test("a server that is as it should be has nothing to do")
    func good() {
        var server = Objects.held
        server[path: ["status", "conditions"]] = [
            Objects.condition("Accepted", "True", "Accepted"), Objects.condition("Ready", "True", "Serving"),
            Objects.condition("ContractDrifted", "False", "ContractStable"),
            Objects.condition("Reconciling", "False", "Settled"), Objects.condition("Stalled", "False", "Settled"),
        ]
        let report = Self.report(ClusterObjects(subject: server))
        #expect(report.steps.isEmpty)
        #expect(report.state == .good)
        #expect(report.rendered(console: .plain).hasSuffix("What to do\nNothing: everything is as it should be.\n"))
    }

    @Test("a suspended server is as it should be, too")
    func suspended() {
        var server = Objects.held
        server[path: ["status", "conditions"]] = [
            Objects.condition("Accepted", "True", "Accepted"), Objects.condition("Ready", "True", "Suspended"),
            Objects.condition("Available", "False", "Suspended"), Objects.condition("Stalled", "False", "Settled"),
        ]
        let report = Self.report(ClusterObjects(subject: server))
        #expect(report.steps.isEmpty)
        #expect(report.summary == "Ready (Suspended)")
    }

    @Test("the data has the same facts as the text")
    func data() throws {
        let json = Self.report(Self.crashing).json
        #expect(json["name"] == "weather")
        #expect(json["state"] == "bad")
        #expect(json["conditions"]?.arrayValue?.count == 7)
        #expect(json["nextSteps"]?.arrayValue?.first?["reason"] == "ContainerCrashing")
        #expect(json["notRead"]?.arrayValue?.count == 2)
        let deployment = try #require(json["children"]?.arrayValue?.first)
        #expect(deployment["children"]?.arrayValue?.first?["name"] == "weather-5d-x")
    }

    @Test("colours are only for terminals")
    func colours() {
        let report = Self.report(Self.crashing)
        #expect(!report.rendered(console: .plain).contains("\u{1B}"))
        #expect(report.rendered(console: .coloured).contains("\u{1B}[31m"))
    }

    @Test("text of others cannot act on the terminal")
    func hostile() {
        let evil = "\u{1B}]0;x\u{07}\u{202E}name\n"
        var server = Objects.crashing
        for path in [["metadata", "name"], ["status", "url"], ["status", "image"]] {
            server[path: path] = .string(evil)
        }
        server[path: ["status", "conditions"]] = [Objects.condition("Ready", "False", evil, evil)]
        var pod = Objects.crashingPod
        pod[path: ["metadata", "name"]] = .string(evil)
        var revision = Objects.waiting
        revision[path: ["status", "difference"]] = [.string(evil)]
        var event = Objects.event
        event["message"] = .string(evil)
        let text = Self.report(
            ClusterObjects(subject: server, objects: [pod, revision], events: [event], unread: [evil])
        )
        .rendered(console: .plain)
        for scalar in text.unicodeScalars where scalar != "\n" {
            #expect(scalar.value >= 0x20 && scalar.value != 0x202E)
        }
    }

    @Test(
        "what a status is asked for",
        arguments: [
            ("weather", StatusTarget.either("weather")), ("server/weather", .server("weather")),
            ("mcps/weather", .server("weather")), ("mcpservers.moorage.dev/weather", .server("weather")),
            ("tenant/acme", .tenant("acme")), ("MCPTenant/acme", .tenant("acme")), ("pod/x", nil), ("a/b/c", nil),
            ("server/", nil), ("..", nil), ("Weather", nil), ("", nil),
        ]
    )
    func targets(text: String, expected: StatusTarget?) {
        #expect(StatusTarget(text) == expected)
    }

    @Test("the servers of a namespace are a table")
    func overview() {
        let overview = ServerOverview(
            [Objects.crashing, Objects.waitingServer("early", position: 1)],
            namespace: "mcp-acme",
            catalogue: Objects.catalogue,
            program: "kubectl moorage"
        )
        #expect(
            overview.rendered(console: .plain) == """
                NAME     PODS  TOOLS  STATE
                early    -     -      not ready: QuotaExceeded
                weather  0/1   -      not ready: ContainerCrashing

                kubectl moorage status weather -n mcp-acme says what to do about weather.

                """
        )
    }
}
