public import KubernetesAPI

/// An address and a port of the Kubernetes API.
public struct KubernetesAPIEndpoint: Sendable, Hashable, Comparable {
    /// The address, or a range of them.
    public var range: CIDR
    /// The port.
    public var port: Int

    public init(range: CIDR, port: Int) {
        self.range = range
        self.port = port
    }

    public static func < (left: KubernetesAPIEndpoint, right: KubernetesAPIEndpoint) -> Bool {
        left.range != right.range ? left.range < right.range : left.port < right.port
    }

    /// Reads an EndpointSlice, such as `kubernetes` in the namespace `default`: each of its addresses at each of its ports,
    /// sorted.
    ///
    /// Addresses that nobody may reach are left out, so that whoever can write the EndpointSlice opens no way to loopback or
    /// metadata addresses.
    public static func endpoints(of slice: JSONValue) -> [KubernetesAPIEndpoint] {
        let ports = (slice["ports"]?.arrayValue ?? []).compactMap { port -> Int? in
            guard port["protocol"]?.stringValue ?? "TCP" == "TCP" else { return nil }
            return port["port"]?.integerValue.map { Int(clamping: $0) }
        }
        let addresses = (slice["endpoints"]?.arrayValue ?? [])
            .flatMap { $0["addresses"]?.arrayValue ?? [] }
            .compactMap(\.stringValue)
        var found: Set<KubernetesAPIEndpoint> = []
        for address in addresses {
            guard let range = try? CIDR("\(address)/\(address.contains(":") ? 128 : 32)"),
                !AddressRanges.neverAllowed.contains(where: { $0.contains(range) })
            else { continue }
            for port in ports { found.insert(KubernetesAPIEndpoint(range: range, port: port)) }
        }
        return found.sorted()
    }
}
