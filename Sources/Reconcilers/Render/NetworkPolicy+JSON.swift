internal import KubernetesAPI
internal import Policy

extension JSONValue {
    /// A policy's JSON form, built by hand: the general encoder would take most of the time of a render, and policies
    /// are the largest rendered objects. A test checks that both give the same result.
    init(_ policy: NetworkPolicySpec) {
        var members: [String: JSONValue] = ["podSelector": JSONValue(policy.podSelector)]
        members["policyTypes"] = policy.policyTypes.map { .strings($0) }
        members["ingress"] = policy.ingress.map { rules in
            .array(rules.map { .rule("from", $0.from, ports: $0.ports) })
        }
        members["egress"] = policy.egress.map { rules in
            .array(rules.map { .rule("to", $0.to, ports: $0.ports) })
        }
        self = .object(members)
    }

    private static func rule(
        _ direction: String,
        _ peers: [NetworkPolicyPeer]?,
        ports: [NetworkPolicyPort]?
    ) -> JSONValue {
        var members: [String: JSONValue] = [:]
        members[direction] = peers.map { .array($0.map { JSONValue($0) }) }
        members["ports"] = ports.map { .array($0.map { JSONValue($0) }) }
        return .object(members)
    }

    private init(_ peer: NetworkPolicyPeer) {
        var members: [String: JSONValue] = [:]
        members["podSelector"] = peer.podSelector.map { JSONValue($0) }
        members["namespaceSelector"] = peer.namespaceSelector.map { JSONValue($0) }
        members["ipBlock"] = peer.ipBlock.map { block in
            var range: [String: JSONValue] = ["cidr": .string(block.cidr)]
            range["except"] = block.except.map { .strings($0) }
            return .object(range)
        }
        self = .object(members)
    }

    private init(_ port: NetworkPolicyPort) {
        var members: [String: JSONValue] = [:]
        members["protocol"] = port.protocol.map { .string($0) }
        switch port.port {
        case .int(let number)?: members["port"] = .integer(Int64(number))
        case .string(let name)?: members["port"] = .string(name)
        case nil: break
        }
        members["endPort"] = port.endPort.map { .integer(Int64($0)) }
        self = .object(members)
    }

    init(_ selector: LabelSelector) {
        var members: [String: JSONValue] = [:]
        members["matchLabels"] = selector.matchLabels.map { .labels($0) }
        members["matchExpressions"] = selector.matchExpressions.map { requirements in
            .array(
                requirements.map { requirement in
                    var members: [String: JSONValue] = [
                        "key": .string(requirement.key), "operator": .string(requirement.operator),
                    ]
                    members["values"] = requirement.values.map { .strings($0) }
                    return .object(members)
                }
            )
        }
        self = .object(members)
    }

    /// The JSON form of resources, built by hand for the same reason.
    init(_ resources: ResourceRequirements) {
        var members: [String: JSONValue] = [:]
        members["requests"] = resources.requests.map { .object($0.mapValues { .string($0.text) }) }
        members["limits"] = resources.limits.map { .object($0.mapValues { .string($0.text) }) }
        members["claims"] = resources.claims.map { .encoding($0) }
        self = .object(members)
    }

    /// A variable's JSON form, built by hand for the same reason.
    init(_ variable: EnvVar) {
        guard variable.valueFrom == nil else {
            self = .encoding(variable)
            return
        }
        var members: [String: JSONValue] = ["name": .string(variable.name)]
        members["value"] = variable.value.map { .string($0) }
        self = .object(members)
    }
}
