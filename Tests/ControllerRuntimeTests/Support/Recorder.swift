import Synchronization

/// Records elements in order.
final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    var all: [Element] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }
    var last: Element? { state.withLock { $0.last } }

    func record(_ element: Element) { state.withLock { $0.append(element) } }
}

/// A queue of elements that the test takes one by one.
final class Inbox<Element: Sendable>: Sendable {
    private let stream: AsyncStream<Element>
    private let continuation: AsyncStream<Element>.Continuation
    private let waiting = Mutex(0)

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// The number of elements that were not taken yet.
    var count: Int { waiting.withLock { $0 } }

    func put(_ element: Element) {
        waiting.withLock { $0 += 1 }
        continuation.yield(element)
    }

    /// The next element; waits for it.
    func next() async throws -> Element {
        for await element in stream {
            waiting.withLock { $0 -= 1 }
            return element
        }
        throw CancellationError()
    }
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) {
        state = Mutex(value)
    }

    var value: Value { state.withLock { $0 } }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        state.withLock { body(&$0) }
    }
}
