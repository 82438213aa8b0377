/// The result of a reconcile that did not fail.
public enum ReconcileResult: Sendable, Equatable {
    /// Reconcile again only when something changes.
    case done
    /// Reconcile again after a delay, even if nothing changes.
    case requeueAfter(Duration)
}

/// An error that a retry cannot fix. It is counted and logged; the key is reconciled again only when something changes.
public struct TerminalError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    public var underlying: any Error

    public init(_ underlying: any Error) {
        self.underlying = underlying
    }

    public var description: String { "\(underlying)" }
}
