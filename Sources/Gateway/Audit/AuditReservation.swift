import Synchronization

/// A place for one record in each queue of an ``AuditLog``. If it is not used, it is given back when it is no longer referenced.
public final class AuditReservation: Sendable {
    private let writers: [AuditWriter]
    private let isUsed = Atomic(false)

    init(_ writers: [AuditWriter]) { self.writers = writers }

    /// Uses the places. Returns whether there are any; a second use has none.
    func use() -> Bool {
        let isFirst = !isUsed.exchange(true, ordering: .acquiringAndReleasing)
        return isFirst && !writers.isEmpty
    }

    deinit {
        guard !isUsed.load(ordering: .acquiring) else { return }
        for writer in writers { writer.release() }
    }
}
