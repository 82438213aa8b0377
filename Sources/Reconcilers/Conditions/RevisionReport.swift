public import CRDModels

/// What is known about the revision of a server.
public enum RevisionReport: Sendable, Hashable {
    /// Nothing is read from the server: its check is disabled.
    case notRead
    /// Nothing new was read: what the status says stays.
    case asBefore
    /// The server offers something that is not stored yet, and is read at its next check.
    case pending
    /// What the server offers is stored.
    case stored(ServingRevision)
    /// What the server offers could not be stored.
    case notStored(WriteProblem)
    /// The contract is too large to be stored: its size in bytes, and the limit.
    case tooLarge(bytes: Int, limit: Int)

    /// Whether the server offers something else than before with the same pods; `nil` if nothing was read.
    var isDrifted: Bool? {
        if case .stored(let revision) = self { revision.drift != nil } else { nil }
    }
}
