/// Reads a body, and gives up when nothing came for too long.
///
/// async-http-client has one read timeout for a whole client and no HTTP/2 ping, and a peer that vanished without a word
/// leaves a watch open for as long as TCP likes: hours.
struct IdleTimeoutReader {
    private var iterator: APIResponse.Body.AsyncIterator
    private let timeout: Duration?
    private let clock: any Clock<Duration>

    init(iterator: APIResponse.Body.AsyncIterator, timeout: Duration?, clock: any Clock<Duration>) {
        self.iterator = iterator
        self.timeout = timeout
        self.clock = clock
    }

    /// - Throws: `ClientError` with `silentWatch` when nothing came for the timeout, or as the body throws.
    mutating func next() async throws -> [UInt8]? {
        guard let timeout else { return try await iterator.next() }
        let box = IteratorBox(iterator)
        let clock = self.clock
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask { .chunk(try await box.next()) }
            group.addTask {
                try await clock.sleep(for: timeout)
                return .timedOut
            }
            // The group waits for both before it returns: the reader ends because it is cancelled.
            defer { group.cancelAll() }
            switch try await group.next() {
            case .chunk(let chunk): return chunk
            case .timedOut, nil:
                throw ClientError(
                    .silentWatch,
                    "a watch brought nothing for \(timeout), not even a bookmark: its connection is held for dead"
                )
            }
        }
    }

    private enum Outcome: Sendable {
        case chunk([UInt8]?)
        case timedOut
    }
}

/// Lends an iterator to a child task.
///
/// Unchecked, because the iterator is not Sendable. Proof: `next()` of the reader makes the box, gives it to one child task,
/// and returns only after the group has waited for that task; between two calls nobody else holds it, since the reader
/// itself is a value with one owner, whose `next()` is mutating.
private final class IteratorBox: @unchecked Sendable {
    private var iterator: APIResponse.Body.AsyncIterator

    init(_ iterator: APIResponse.Body.AsyncIterator) {
        self.iterator = iterator
    }

    func next() async throws -> [UInt8]? {
        try await iterator.next()
    }
}
