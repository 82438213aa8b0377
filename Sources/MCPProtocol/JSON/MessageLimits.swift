/// How large and how deeply nested a message may be. What exceeds a limit is rejected without further parsing.
///
/// The defaults are wider than real messages need and narrower than what common JSON parsers accept, so that a message that
/// passes here is also read by the server behind.
public struct MessageLimits: Sendable, Hashable {
    /// Bytes of one message. 4 MiB, as in the servers of the official SDKs.
    public var maximumBytes: Int
    /// Levels of nested arrays and objects. 128: some parsers (such as Rust's `serde_json`) stop there.
    public var maximumDepth: Int
    /// Values in one message, members' values and elements included. 500,000.
    public var maximumValues: Int
    /// Bytes of one number. 400: some parsers take quadratic time for long ones, and no IEEE 754 double needs more.
    public var maximumNumberBytes: Int
    /// Bytes of an id or a method as written in JSON. 4,096.
    public var maximumIdentifierBytes: Int
    /// Whether an object may have two members of the same name. `false`: parsers disagree about which of them counts, so a
    /// message could mean one thing to a gateway and another to the server behind it.
    public var allowsDuplicateNames: Bool

    public init(
        maximumBytes: Int = 4 << 20,
        maximumDepth: Int = 128,
        maximumValues: Int = 500_000,
        maximumNumberBytes: Int = 400,
        maximumIdentifierBytes: Int = 4_096,
        allowsDuplicateNames: Bool = false
    ) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
        self.maximumValues = maximumValues
        self.maximumNumberBytes = maximumNumberBytes
        self.maximumIdentifierBytes = maximumIdentifierBytes
        self.allowsDuplicateNames = allowsDuplicateNames
    }
}
