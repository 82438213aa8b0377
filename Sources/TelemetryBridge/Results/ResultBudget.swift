internal import MCPProtocol

/// Keeps a result within its limits of rows and bytes, and notes what it leaves out. Pure.
struct ResultBudget: Sendable {
    /// The bytes of rows that still fit.
    private(set) var remainingBytes: Int
    /// What was left out, and how to get it.
    private(set) var leftOut: [String] = []

    init(bytes: Int) { remainingBytes = max(0, bytes) }

    /// Takes the first rows that fit.
    ///
    /// - Parameters:
    ///   - limit: how many rows at most.
    ///   - total: how many rows there are in all, if more than these are known of.
    ///   - what: the rows, such as `series`.
    ///   - narrow: how to get the others, such as `aggregate with sum by (...)`.
    mutating func take(
        _ rows: [RawJSON],
        limit: Int,
        total: Int? = nil,
        what: String,
        narrow: String
    ) -> [RawJSON] {
        var taken: [RawJSON] = []
        var isFull = false
        for row in rows.prefix(max(0, limit)) {
            // One more for the comma.
            guard row.bytes.count < remainingBytes else {
                isFull = true
                break
            }
            remainingBytes -= row.bytes.count + 1
            taken.append(row)
        }
        let all = max(total ?? rows.count, rows.count)
        if taken.count < all {
            let reason = isFull ? "the result would be too large" : "the limit is \(limit)"
            leftOut.append("\(all - taken.count) of \(all) \(what) are left out, because \(reason); \(narrow).")
        }
        return taken
    }

    /// Notes something else that was left out.
    mutating func leaveOut(_ text: String) { leftOut.append(text) }
}
