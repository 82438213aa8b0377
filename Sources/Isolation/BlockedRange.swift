/// Addresses that pods of tenants must not reach.
public struct BlockedRange: Sendable, Hashable {
    /// The addresses.
    public var range: AddressRange
    /// The range as it was written.
    public var text: String
    /// Why it is blocked.
    public var reason: String
    /// The tenant for which it is blocked, `nil` for all.
    public var tenant: String?

    /// - Returns: `nil` if the text is not a range of addresses.
    public init?(_ text: String, reason: String, tenant: String? = nil) {
        guard let range = AddressRange(cidr: text) else { return nil }
        self.range = range
        self.text = text
        self.reason = reason
        self.tenant = tenant
    }
}
