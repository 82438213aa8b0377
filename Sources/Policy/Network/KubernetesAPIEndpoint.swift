public import KubernetesAPI

/// An address and a port of the Kubernetes API.
public struct KubernetesAPIEndpoint: Sendable, Hashable, Comparable {
    /// The address or range of addresses.
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

    /// Reads an EndpointSlice, such as `kubernetes` in the namespace `default`. Returns each of its addresses with each
    /// of its ports, sorted.
    ///
    /// Addresses that can never be allowed are left out, so that write access to the EndpointSlice does not open
    /// loopback or metadata addresses.
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
