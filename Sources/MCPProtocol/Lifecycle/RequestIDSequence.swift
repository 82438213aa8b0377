/// Ids for the requests of one sender: 1, 2, 3… They stay within what a double holds exactly, since many receivers keep numbers in
/// doubles, and are never given out twice.
public struct RequestIDSequence: Sendable {
    private var last: Int64 = 0

    /// A sequence that starts at 1.
    public init() {}

    /// The next id.
    public mutating func next() -> RequestID {
        // At a million a second this is reached after 285 years.
        last = last < (1 << 53) - 1 ? last + 1 : 1
        return .integer(last)
    }
}
