import KubernetesAPI

/// The checks of Services and NetworkPolicies.
extension FieldChecks {
    mutating func service(_ spec: JSONValue, old: JSONValue?) {
        let path = FieldPath("spec")
        let ports = spec["ports"]?.arrayValue ?? []
        let type = spec["type"]?.stringValue
        if let address = spec["clusterIP"]?.stringValue, !["", "None"].contains(address),
            AddressRange("\(address)/0") == nil
        {
            // The server checks the address before everything else.
            let detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            return invalid(path.key("clusterIPs").index(0), .string(address), detail)
        }
        if ports.isEmpty, spec["clusterIP"] != "None", type != "ExternalName" { required(path.key("ports")) }
        if type == "ExternalName", (spec["externalName"]?.stringValue ?? "").isEmpty {
            required(path.key("externalName"))
        }
        var names: Set<String> = []
        for (index, port) in ports.enumerated() {
            let base = path.key("ports").index(index)
            let name = port["name"]?.stringValue ?? ""
            if name.isEmpty {
                if ports.count > 1 { required(base.key("name")) }
            } else {
                texts(base.key("name"), name, NameForms.label(name))
                if !names.insert(name).inserted {
                    errors.append(FieldError(.duplicate, base.key("name"), value: .string(name)))
                }
            }
            self.port(base.key("port"), port["port"])
            oneOf(base.key("protocol"), port["protocol"], ["SCTP", "TCP", "UDP"])
            if let target = port["targetPort"] { self.port(base.key("targetPort"), target) }
        }
        labels(path.key("selector"), spec["selector"])
        oneOf(path.key("sessionAffinity"), spec["sessionAffinity"], ["ClientIP", "None"])
        oneOf(path.key("type"), spec["type"], ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"])
        if let addresses = old?["clusterIPs"], old?["type"] != "ExternalName", type != "ExternalName",
            let new = spec["clusterIP"], new != old?["clusterIP"], addresses.arrayValue?.isEmpty == false
        {
            invalid(path.key("clusterIPs").index(0), [new], "may not change once set")
        }
    }

    mutating func networkPolicy(_ spec: JSONValue) {
        let path = FieldPath("spec")
        selector(path.key("podSelector"), spec["podSelector"])
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in (spec[direction]?.arrayValue ?? []).enumerated() {
                let base = path.key(direction).index(index)
                for (number, port) in (rule["ports"]?.arrayValue ?? []).enumerated() {
                    policyPort(port, base.key("ports").index(number))
                }
                for (number, peer) in (rule[peers]?.arrayValue ?? []).enumerated() {
                    self.peer(peer, base.key(peers).index(number))
                }
            }
        }
        for (index, type) in (spec["policyTypes"]?.arrayValue ?? []).enumerated() {
            oneOf(path.key("policyTypes").index(index), type, ["Ingress", "Egress"])
        }
    }

    private mutating func policyPort(_ port: JSONValue, _ base: FieldPath) {
        if let name = port["protocol"], !["TCP", "UDP", "SCTP"].contains(name.stringValue) {
            unsupported(base.key("protocol"), name, ["TCP", "UDP", "SCTP"])
        }
        if let number = port["port"] { self.port(base.key("port"), number) }
        guard let end = port["endPort"] else { return }
        if port["port"] == nil {
            invalid(base.key("endPort"), end, "may not be specified when `port` is not specified")
        } else if let start = port["port"]?.integerValue {
            // The server shows the start in this message, not the end.
            if (end.integerValue ?? 0) < start {
                invalid(base.key("endPort"), .integer(start), "must be greater than or equal to `port`")
            }
        } else {
            invalid(base.key("endPort"), end, "may not be specified when `port` is non-numeric")
        }
    }

    private mutating func peer(_ peer: JSONValue, _ base: FieldPath) {
        for name in ["podSelector", "namespaceSelector"] { selector(base.key(name), peer[name]) }
        var kinds = 0
        if peer["podSelector"] != nil || peer["namespaceSelector"] != nil { kinds += 1 }
        if let block = peer["ipBlock"] {
            kinds += 1
            let path = base.key("ipBlock")
            let text = block["cidr"]?.stringValue ?? ""
            let outer = AddressRange(text)
            if text.isEmpty {
                required(path.key("cidr"))
            } else if outer == nil {
                invalid(path.key("cidr"), .string(text), AddressRange.form)
            }
            for (index, except) in (block["except"]?.arrayValue ?? []).enumerated() {
                let place = path.key("except").index(index)
                guard let inner = AddressRange(except.stringValue ?? "") else {
                    invalid(place, except, AddressRange.form)
                    continue
                }
                if let outer, !outer.strictlyContains(inner) {
                    invalid(place, except, "must be a strict subset of `cidr`")
                }
            }
            if kinds > 1 { forbidden(base, "may not specify both ipBlock and another peer") }
        }
        if kinds == 0 { required(base, "must specify a peer") }
    }
}

/// A CIDR range such as `10.0.0.0/8`.
struct AddressRange: Sendable, Hashable {
    static let form = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

    /// The bits of the address.
    var bits: [Bool]
    var length: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]), let bytes = AddressRange.bytes(String(parts[0])),
            (0...bytes.count * 8).contains(length)
        else { return nil }
        self.length = length
        bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 == 1 } }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        if !text.contains(":") {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let bytes = parts.compactMap { UInt8($0) }
            return parts.count == 4 && bytes.count == 4 ? bytes : nil
        }
        // `::` is a run of zeros.
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        func words(_ half: Substring) -> [UInt16]? {
            if half.isEmpty { return [] }
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            let words = parts.compactMap { $0.count <= 4 ? UInt16($0, radix: 16) : nil }
            return words.count == parts.count ? words : nil
        }
        guard let first = words(halves[0]), let second = words(halves.count > 1 ? halves[1] : "") else { return nil }
        let missing = 8 - first.count - second.count
        guard halves.count > 1 ? missing > 0 : missing == 0 else { return nil }
        let all = first + Array(repeating: 0, count: missing) + second
        return all.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    func strictlyContains(_ other: AddressRange) -> Bool {
        bits.count == other.bits.count && length < other.length && bits.prefix(length) == other.bits.prefix(length)
    }
}
