/// Where the lines of an audit log go. Its methods block, and are called by one thread at a time.
protocol AuditSink: AnyObject, Sendable {
    /// A short name for metrics and logs.
    var name: String { get }

    /// Prepares writing.
    ///
    /// - Returns: the last record that was written, which the chain continues, and what has to be recorded about what was found.
    /// - Throws: `AuditSinkError` if nothing can be written.
    func open() throws -> AuditSinkStart

    /// Writes whole lines.
    ///
    /// - Returns: how many bytes were written; fewer than given if it takes too long. The rest is given again.
    /// - Throws: `AuditSinkError` if nothing was written.
    func write(_ bytes: ArraySlice<UInt8>) throws -> Int

    /// Called when everything that was given is written.
    func endBatch() throws

    /// Ends writing.
    func close()
}

/// How a sink begins.
struct AuditSinkStart: Sendable {
    /// The last record that is there.
    var last: AuditEntry?
    /// Why what was there before cannot be continued, or is not complete; it is recorded.
    var note: String?
    /// How many records are known to be lost.
    var lost: Int64?
}

/// A sink that cannot be written to.
struct AuditSinkError: Error, Sendable, CustomStringConvertible {
    /// What failed, where, and why.
    let description: String

    init(_ description: String) { self.description = description }
}
