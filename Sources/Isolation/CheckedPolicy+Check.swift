internal import KubernetesAPI

extension CheckedPolicy {
    /// Checks a policy as the API server does, and sets its defaults.
    ///
    /// - Throws: `PolicyProblem`, which names the field, the value and what to do.
    init(_ policy: NetworkPolicy, unknownLabels: Set<String> = []) throws(PolicyProblem) {
        namespace = policy.metadata.namespace ?? "default"
        name = policy.metadata.name ?? ""
        let check = PolicyCheck(policy: "\(namespace)/\(name)", namespace: namespace, unknownLabels: unknownLabels)
        let spec = policy.spec ?? NetworkPolicySpec(podSelector: LabelSelector())
        podSelector = try check.podSelector(spec.podSelector, "spec.podSelector")
        let types = try check.types(spec)
        ingress = nil
        egress = nil
        // A section whose type is not set has no effect. It is still checked.
        let incoming = try check.rules(
            (spec.ingress ?? []).map { ($0.from, $0.ports) },
            "spec.ingress",
            peers: "from"
        )
        let outgoing = try check.rules((spec.egress ?? []).map { ($0.to, $0.ports) }, "spec.egress", peers: "to")
        if types.contains("Ingress") { ingress = incoming }
        if types.contains("Egress") { egress = outgoing }
    }
}

/// The checks of one policy.
private struct PolicyCheck {
    let policy: String
    let namespace: String
    let unknownLabels: Set<String>

    func problem(_ field: String, _ message: String) -> PolicyProblem {
        PolicyProblem(policy: policy, field: field, message: message)
    }

    /// Without types, a policy is about incoming traffic, and about outgoing traffic if it has a rule for it.
    func types(_ spec: NetworkPolicySpec) throws(PolicyProblem) -> [String] {
        guard let types = spec.policyTypes, !types.isEmpty else {
            return spec.egress?.isEmpty ?? true ? ["Ingress"] : ["Ingress", "Egress"]
        }
        for (index, type) in types.enumerated() where type != "Ingress" && type != "Egress" {
            throw problem("spec.policyTypes[\(index)]", "\"\(type)\" is not a policy type: use Ingress or Egress")
        }
        return types
    }

    func selector(_ selector: LabelSelector, _ field: String) throws(PolicyProblem) -> CheckedSelector {
        do {
            return try CheckedSelector(selector)
        } catch {
            throw problem("\(field).\(error.field)", error.message)
        }
    }

    /// A selector of pods, whose labels can be set by a controller.
    func podSelector(_ selector: LabelSelector, _ field: String) throws(PolicyProblem) -> CheckedSelector {
        let checked = try self.selector(selector, field)
        if let key = checked.requirements.map(\.key).first(where: unknownLabels.contains) {
            throw problem(
                field,
                "selects by the label \(key), which a controller sets to a value that is not in the files: use --live, or "
                    + "another label"
            )
        }
        return checked
    }

    func rules(
        _ rules: [(peers: [NetworkPolicyPeer]?, ports: [NetworkPolicyPort]?)],
        _ field: String,
        peers name: String
    ) throws(PolicyProblem) -> [CheckedPolicy.Rule] {
        var checked: [CheckedPolicy.Rule] = []
        for (index, rule) in rules.enumerated() {
            var result = CheckedPolicy.Rule(peers: nil, ports: .none, namedPorts: [])
            // An empty list allows all peers, as an absent list does. The same holds for ports.
            if let peers = rule.peers, !peers.isEmpty {
                var all: [CheckedPolicy.Peer] = []
                for (number, given) in peers.enumerated() {
                    all.append(try peer(given, "\(field)[\(index)].\(name)[\(number)]"))
                }
                result.peers = all
            }
            if let ports = rule.ports, !ports.isEmpty {
                for (number, given) in ports.enumerated() {
                    try port(given, "\(field)[\(index)].ports[\(number)]", into: &result)
                }
            } else {
                result.ports = .all
            }
            checked.append(result)
        }
        return checked
    }

    private func peer(_ peer: NetworkPolicyPeer, _ field: String) throws(PolicyProblem) -> CheckedPolicy.Peer {
        if let block = peer.ipBlock {
            guard peer.podSelector == nil, peer.namespaceSelector == nil else {
                throw problem(field, "ipBlock cannot be combined with a selector: use two peers")
            }
            return .block(try self.block(block, "\(field).ipBlock"))
        }
        if let namespaces = peer.namespaceSelector {
            return .pods(
                namespaces: try selector(namespaces, "\(field).namespaceSelector"),
                try podSelector(peer.podSelector ?? LabelSelector(), "\(field).podSelector")
            )
        }
        guard let pods = peer.podSelector else {
            throw problem(field, "the peer is empty: set podSelector, namespaceSelector or ipBlock")
        }
        return .podsOf(namespace: namespace, try podSelector(pods, "\(field).podSelector"))
    }

    private func block(_ block: IPBlock, _ field: String) throws(PolicyProblem) -> AddressBlock {
        let whole = try range(block.cidr, "\(field).cidr")
        var holes: [AddressRange] = []
        for (index, text) in (block.except ?? []).enumerated() {
            let hole = try range(text, "\(field).except[\(index)]")
            guard whole.contains(hole), whole != hole else {
                throw problem(
                    "\(field).except[\(index)]",
                    "\"\(text)\" is not a smaller range within \(block.cidr): remove it, or correct one of both"
                )
            }
            holes.append(hole)
        }
        return AddressBlock(whole, text: block.cidr, except: holes)
    }

    private func range(_ text: String, _ field: String) throws(PolicyProblem) -> AddressRange {
        guard let range = AddressRange(cidr: text) else {
            throw problem(
                field,
                "\"\(text)\" is not a range of addresses: use a range such as 10.0.0.0/8 or fd00::/8"
            )
        }
        return range
    }

    private func port(
        _ port: NetworkPolicyPort,
        _ field: String,
        into rule: inout CheckedPolicy.Rule
    ) throws(PolicyProblem) {
        guard let transport = TransportProtocol(rawValue: port.protocol ?? "TCP") else {
            throw problem(
                "\(field).protocol",
                "\"\(port.protocol ?? "")\" is not a protocol: use TCP, UDP or SCTP"
            )
        }
        switch port.port {
        case nil:
            guard port.endPort == nil else {
                throw problem("\(field).endPort", "needs a port: set port to the first port of the range")
            }
            rule.ports.insert(transport, PortSet.valid)
        case .int(let first):
            guard PortSet.valid.contains(first) else {
                throw problem("\(field).port", "\(first) is not a port: use a number from 1 to 65535")
            }
            let last = port.endPort ?? first
            guard PortSet.valid.contains(last), first <= last else {
                throw problem(
                    "\(field).endPort",
                    "\(last) is not the end of a range that starts at \(first): use a number from \(first) to 65535"
                )
            }
            rule.ports.insert(transport, first...last)
        case .string(let name):
            guard port.endPort == nil else {
                throw problem("\(field).endPort", "cannot be used with the named port \"\(name)\": use a number")
            }
            guard Self.isPortName(name) else {
                throw problem(
                    "\(field).port",
                    "\"\(name)\" is not the name of a port: use up to 15 lower-case letters, digits and dashes, or a "
                        + "number without quotes"
                )
            }
            rule.namedPorts.append(CheckedPolicy.NamedPort(transport: transport, name: name))
        }
    }

    /// The names of RFC 6335, section 5.1, in lower case, as the API server checks them.
    private static func isPortName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let dash = UInt8(ascii: "-")
        return (1...15).contains(bytes.count) && bytes.contains(where: isLetter)
            && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == dash } && bytes.first != dash
            && bytes.last != dash
            && !zip(bytes, bytes.dropFirst()).contains { $0 == dash && $1 == dash }
    }
}
