/// A path that is wanted, although it leads to another tenant or into a blocked range: `A=B`.
public struct Allowance: Sendable, Hashable {
    /// Where an allowed path leads.
    public enum Target: Sendable, Hashable {
        /// The pods of a tenant.
        case tenant(String)
        /// A range of addresses.
        case range(AddressRange)
    }

    /// The tenant whose pods open the path, `nil` for every tenant.
    public var source: String?
    /// Where it leads.
    public var target: Target

    /// Parses `A=B`: A is a tenant or `*`, B is a tenant, a range of addresses or an address.
    ///
    /// - Returns: `nil` if the text has another form.
    public init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[1] != "*" else { return nil }
        source = parts[0] == "*" ? nil : parts[0]
        if let address = AddressRange(address: parts[1]) {
            target = .range(address)
        } else if parts[1].contains("/") || parts[1].contains(":") {
            guard let range = AddressRange(cidr: parts[1]) else { return nil }
            target = .range(range)
        } else {
            target = .tenant(parts[1])
        }
    }

    /// The tenants that it names.
    public var tenants: [String] {
        var names = [source].compactMap { $0 }
        if case .tenant(let name) = target { names.append(name) }
        return names
    }

    func isFor(_ tenant: String) -> Bool { source == nil || source == tenant }
}
