/// A piece of an expression's source.
struct Token: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case identifier(String)
        /// The digits of a number, in base 16 if they start with `0x`.
        case integer(String)
        case unsigned(String)
        case double(String)
        case string(String)
        case bytes([UInt8])
        /// An operator, a bracket, or one of the keywords `in`, `true`, `false` and `null`.
        case symbol(String)
        case end
    }

    var kind: Kind
    /// The offset of the first character.
    var start: Int
    /// The offset after the last character.
    var end: Int

    /// Whether this is an operator, a bracket or a keyword.
    func isSymbol(_ text: String) -> Bool { kind == .symbol(text) }
}
