/// The spans that wait to be exported, in a bounded number. What does not fit is dropped: calls never wait for it.
struct SpanQueue: Sendable {
    /// What becomes of a span.
    enum Outcome: Sendable, Hashable {
        /// It waits for others, or for the next time that spans are sent.
        case queued
        /// A whole batch waits: send it.
        case batchIsFull
        /// It is lost, because too many wait.
        case dropped
    }

    /// How many spans can wait.
    let capacity: Int
    /// How many spans are sent at once.
    let batch: Int
    private var spans: [Span] = []

    init(capacity: Int, batch: Int = 512) {
        self.capacity = capacity
        self.batch = min(batch, capacity)
    }

    var isEmpty: Bool { spans.isEmpty }

    mutating func add(_ span: Span) -> Outcome {
        guard spans.count < capacity else { return .dropped }
        spans.append(span)
        return spans.count >= batch ? .batchIsFull : .queued
    }

    /// The oldest spans, which do not wait any more.
    mutating func takeBatch() -> [Span] {
        let taken = Array(spans.prefix(batch))
        spans.removeFirst(taken.count)
        return taken
    }
}
