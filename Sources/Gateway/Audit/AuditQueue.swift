/// The records that wait to be written to one sink, in a bounded number.
///
/// A request that must be recorded reserves a place before it is served, so that its record is never lost because the queue is full.
struct AuditQueue: Sendable {
    /// What waits to be written.
    enum Item: Sendable, Hashable {
        case record(AuditRecord)
        /// This many records were lost here.
        case gap(Int64)
    }

    /// What becomes of a record.
    enum Outcome: Sendable, Hashable {
        /// It waits. Wake the writer.
        case queued
        /// It is lost, because the queue is full.
        case lost
    }

    /// How many records can wait, reserved places included.
    let capacity: Int
    private var items: [Item] = []
    private var waiting = 0
    private(set) var reserved = 0
    private(set) var lost: Int64 = 0
    /// Whether the last attempt to write has failed.
    private(set) var isFailing = false

    init(capacity: Int) { self.capacity = capacity }

    var isEmpty: Bool { items.isEmpty }

    /// Reserves a place. Returns whether there is one; while writing fails, there is none.
    mutating func reserve() -> Bool {
        guard !isFailing, waiting + reserved < capacity else { return false }
        reserved += 1
        return true
    }

    /// Gives a reserved place back that is not needed.
    mutating func release() {
        guard reserved > 0 else {
            assertionFailure("a place is given back that was not reserved")
            return
        }
        reserved -= 1
    }

    /// Adds a record.
    mutating func add(_ record: AuditRecord, hasReservation: Bool) -> Outcome {
        if hasReservation { release() }
        guard hasReservation || waiting + reserved < capacity else {
            lost += 1
            if case .gap(let count) = items.last {
                items[items.count - 1] = .gap(count + 1)
            } else {
                items.append(.gap(1))
            }
            return .lost
        }
        items.append(.record(record))
        waiting += 1
        return .queued
    }

    /// Removes the oldest items, to be written.
    mutating func takeBatch(maximum: Int) -> [Item] {
        let batch = Array(items.prefix(maximum))
        items.removeFirst(batch.count)
        waiting -= batch.count { if case .record = $0 { true } else { false } }
        return batch
    }

    /// Writing has failed, or works again. Returns whether that is news.
    mutating func setFailing(_ isFailing: Bool) -> Bool {
        defer { self.isFailing = isFailing }
        return self.isFailing != isFailing
    }
}
