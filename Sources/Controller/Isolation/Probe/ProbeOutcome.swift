/// What became of an attempt to open a connection.
enum ProbeOutcome: String, Sendable, Hashable, Codable {
    /// It was opened.
    case open
    /// It was refused: the packet arrived, and nothing listens; or a firewall answers for the pod.
    case refused
    /// Nothing answered.
    case closed
}

/// One direction between two namespaces: what the policies say, and what the network does.
struct ProbeResult: Sendable, Hashable {
    /// The namespace of the pod that connects.
    var source: String
    /// The namespace of the pod that listens.
    var target: String
    /// Whether the policies allow the connection.
    var isAllowed: Bool
    /// What happened; `nil` if the pod that connects did not report it.
    var outcome: ProbeOutcome?

    /// Whether the network does what the policies say.
    var isAsExpected: Bool { outcome.map { ($0 == .open) == isAllowed } ?? false }

    /// The result in one line.
    var text: String {
        let policies = isAllowed ? "the policies allow it" : "the policies forbid it"
        let network =
            switch outcome {
            case .open: "the network opens it"
            case .refused: "it is refused"
            case .closed: "nothing answers"
            case nil: "the pod did not report what happened"
            }
        return "\(source) -> \(target): \(policies), \(network)"
    }
}

/// What probes show about a network.
struct ProbeVerdict: Sendable, Hashable {
    var results: [ProbeResult]

    /// Why the network is not trusted; empty if it does what the policies say.
    var problems: [String] {
        var problems: [String] = []
        if results.contains(where: { !$0.isAllowed && $0.outcome == .open }) {
            problems.append(
                "the network does not enforce NetworkPolicies: use a network plug-in that does, such as Calico or Cilium"
            )
        }
        if results.contains(where: { $0.isAllowed && $0.outcome != nil && $0.outcome != .open }) {
            problems.append("the network blocks what the policies allow: something else filters it, or it is broken")
        }
        if results.contains(where: { $0.outcome == nil }) {
            problems.append("not everything could be tried: see the pods' events with kubectl describe")
        }
        return problems
    }

    /// Whether something was opened, so that what was not opened says something about policies and not about a broken network.
    var hasControl: Bool { results.contains { $0.outcome == .open } }
}
