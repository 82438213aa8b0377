internal import KubernetesAPI
internal import MCPProtocol

extension BridgePrompt {
    static let triageNow = BridgePrompt(
        name: "Triage-Now",
        title: "What is wrong now?",
        description: "Gathers alerts, nodes, pods, workloads and warnings of this moment, and asks for a triage.",
        arguments: [
            Prompt.Argument(
                name: "namespace",
                description: "Only this namespace; nodes and alerts are always of the cluster."
            )
        ]
    ) { values, context in
        let namespace = values["namespace"]
        async let cluster = ClusterFacts.gather(context, namespace: namespace)
        async let alerts = Gathered<[ActiveAlert]>.read("alerts") {
            try await context.activeAlerts(matching: [], includesSuppressed: false).alerts
        }
        let facts = TriageFacts(
            cluster: await cluster,
            alerts: await alerts,
            now: Timestamp(secondsSinceEpoch: context.now().microsecondsSinceEpoch / 1_000_000),
            namespace: namespace
        )
        return facts.prompt
    }
}

extension TriageFacts {
    var prompt: String {
        var text = PlaybookText(
            """
            Triage \(namespace.map { "the namespace \($0) of " } ?? "")this Kubernetes cluster. The data below was gathered at \(now). \
            \(UntrustedContent.note)
            """
        )
        text.add(findings)
        text.add(section: "State")
        let nodes = cluster.nodes.map(NodeState.init)
        text.add(
            line: "- \(nodes.filter(\.isReady).count) of \(nodes.count) nodes are ready; \(cluster.pods.count) pods; "
                + "\(cluster.warnings.count) warnings in the last hour; Kubernetes \(cluster.version ?? "of unknown version")."
        )
        switch alerts {
        case .known(let alerts): text.add(line: "- \(alerts.count) alerts are active.")
        case .missing(let reason): text.add(line: "- Alerts are not known: \(reason)")
        }
        text.add(cluster.gaps)
        return text.finished(steps: [
            "Say in one sentence whether users are affected, and by what.",
            "Group the findings by their probable common cause; name the evidence for each, and what is still a guess.",
            "Check each guess with the tool that its finding names before you rely on it.",
            "List what to do, the most urgent first. This server only reads, so name the commands that a person would run.",
        ])
    }
}

extension ClusterFacts {
    /// What could not be read, or not as a whole.
    var gaps: [String] {
        unavailable.sorted { $0.key.rawValue < $1.key.rawValue }.map { "Not known: \($0.value)" }
            + incomplete.map(\.rawValue).sorted().map { "Only the first \($0) were read, because there are too many." }
    }
}

extension PlaybookText {
    /// Adds what is not known.
    mutating func add(_ gaps: [String]) {
        for gap in gaps { add(line: "- \(gap)") }
    }
}
