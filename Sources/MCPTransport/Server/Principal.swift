/// Who makes a request, as far as the server knows. A session belongs to the principal that opened it: to anybody else it does not
/// exist.
public struct Principal: Sendable, Hashable {
    /// A name that no other principal has, such as issuer and subject of a token.
    public let id: String

    public init(id: String) { self.id = id }

    /// A caller that nobody has authenticated. All of them are one principal.
    public static let anonymous = Principal(id: "")
}
