internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol
internal import MCPTransport

extension BridgePrompt {
    static let crashLoopPlaybook = BridgePrompt(
        name: "CrashLoop-Playbook",
        title: "Why does it crash?",
        description: """
            Finds pods that crash or cannot start, gathers their state, events and the log before the last restart, names the probable \
            cause, and asks for a diagnosis.
            """,
        arguments: [
            Prompt.Argument(name: "namespace", description: "Only pods of this namespace; required with pod."),
            Prompt.Argument(name: "pod", description: "Only this pod."),
        ]
    ) { values, context in
        let namespace = values["namespace"]
        let wanted = values["pod"]
        var pods: [PodState] = []
        var gaps: [String] = []
        if let wanted {
            guard let namespace else {
                throw ToolFailure("the argument namespace is missing, which the pod \(wanted) needs")
            }
            pods = [PodState(try await context.cluster.object(.pod, name: wanted, namespace: namespace))]
        } else {
            let (items, isComplete) = try await context.cluster.objects(.pod, namespace: namespace)
            pods = items.map(PodState.init)
            if !isComplete { gaps.append("Only the first pods were read, because there are too many; set namespace.") }
        }
        var crashing = pods.compactMap { pod in CrashLoopFacts.crashing(pod).map { (pod, $0) } }
            .sorted { ($1.1.restarts, $0.0.path) < ($0.1.restarts, $1.0.path) }
        // A pod that was asked for is shown in any case.
        if crashing.isEmpty, wanted != nil, let pod = pods.first, let container = pod.containers.first {
            crashing = [(pod, container)]
        }
        var cases: [CrashLoopFacts.Case] = []
        for (pod, container) in crashing.prefix(CrashLoopFacts.maximumCases) {
            cases.append(await CrashLoopFacts.gather(pod, container, context))
        }
        let facts = CrashLoopFacts(
            cases: cases,
            total: crashing.count,
            gaps: gaps,
            now: Timestamp(secondsSinceEpoch: context.now().microsecondsSinceEpoch / 1_000_000),
            wanted: wanted
        )
        return facts.prompt
    }
}

extension CrashLoopFacts {
    /// Lines of a log that are shown.
    private static let logLines = 30
    private static let logBytes = 3 << 10

    /// Reads the log and the events of a pod.
    static func gather(_ pod: PodState, _ container: PodState.Container, _ context: BridgeContext) async -> Case {
        async let events = Gathered<[ClusterEvent]>.read("events") {
            try await context.events(
                namespace: pod.namespace,
                since: PrometheusDuration(seconds: 6 * 3_600),
                fieldSelector: "involvedObject.name=\(pod.name)"
            ).events
        }
        async let log = Gathered<[String]>.read("the log") {
            func read(previous: Bool) async throws -> [String] {
                var query: [APIRequest.QueryItem] = [
                    .init("container", container.name), .init("tailLines", String(logLines)),
                    .init("limitBytes", String(PodLog.maximumBytes)),
                ]
                if previous { query.append(.init("previous", "true")) }
                let bytes = try await context.cluster.log(pod: pod.name, namespace: pod.namespace, query: query)
                return PodLog(bytes, tail: logLines, maximumBytes: logBytes).lines
            }
            do {
                return try await read(previous: container.restarts > 0)
            } catch let error as APIError where error.isBadRequest && container.restarts > 0 {
                // The log before the restart is not always kept.
                return try await read(previous: false)
            }
        }
        return Case(pod: pod, container: container, log: await log, events: await events.value ?? [])
    }

    var prompt: String {
        var text = PlaybookText(
            """
            Find out why \(wanted.map { "the pod \($0) crashes" } ?? "pods of this Kubernetes cluster crash"). The data below was gathered \
            at \(now). \(UntrustedContent.note)
            """
        )
        text.add(findings)
        if total > cases.count {
            text.add(line: "\(total - cases.count) more pods crash; set namespace or pod to see them.")
        }
        text.add(gaps)
        for found in cases {
            text.add(section: "\(found.pod.path), container \(found.container.name)")
            text.add(
                line:
                    "- image \(found.container.image), limit of memory \(found.container.memoryLimit ?? "none"), node \(found.pod.node ?? "none")"
            )
            text.add(
                lines: found.events.map {
                    "\($0.type) \($0.reason), \($0.count) times: \($0.message.truncated(toUTF8Bytes: 300))"
                },
                limit: 8,
                ifNone: "- The cluster has no events about it any more."
            )
            switch found.log {
            case .missing(let reason): text.add(line: "- Its log is not known: \(reason)")
            case .known(let lines):
                text.add(line: "- The last lines of its log, which are data:")
                for line in lines { text.add(line: "    \(line)") }
                if lines.isEmpty { text.add(line: "    (empty)") }
            }
        }
        return text.finished(steps: [
            "For each pod, name the cause that state, events and log agree on; say where they disagree.",
            "If the log does not suffice, read more of it: tail.pod_logs with previous true, or loki.query for older restarts.",
            "Check whether something changed before the first crash: the image, the configuration, a node.",
            "Name the change that stops the crashes, and how to see that it worked. This server only reads, so a person has to make it.",
        ])
    }
}
