public import KubernetesAPI

/// The events of one watch, in the server's order, each decoded once.
///
/// It ends when the server ends it, usually after `timeoutSeconds`; the caller can then watch again from the last
/// resourceVersion. If it throws a `ClientError` whose `isConnectionFailure` is true, the watch can also be continued
/// from the last resourceVersion. An object that cannot be decoded is skipped, and reported to the client's observer.
///
/// It has no time limit. The caller decides how long a watch can be silent, and cancels it.
public struct WatchSequence<Object: Sendable>: AsyncSequence, Sendable {
    public typealias Element = WatchEvent<Object>
    public typealias Failure = any Error

    let body: APIResponse.Body
    let parser: WatchEventParser<Object>
    let maximumEventBytes: Int
    let report: @Sendable (WatchReport) -> Void

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(
            chunks: body.makeAsyncIterator(),
            framer: WatchFramer(maximumFrameBytes: maximumEventBytes),
            parser: parser,
            report: report
        )
    }

    /// Reads the events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var chunks: APIResponse.Body.AsyncIterator
        private var framer: WatchFramer
        private let parser: WatchEventParser<Object>
        private let report: @Sendable (WatchReport) -> Void
        private var hasEnded = false

        init(
            chunks: APIResponse.Body.AsyncIterator,
            framer: WatchFramer,
            parser: WatchEventParser<Object>,
            report: @escaping @Sendable (WatchReport) -> Void
        ) {
            self.chunks = chunks
            self.framer = framer
            self.parser = parser
            self.report = report
        }

        /// - Returns: the next event, `nil` when the server has ended the watch.
        /// - Throws: `ClientError`; `CancellationError` when the task is cancelled.
        public mutating func next() async throws -> WatchEvent<Object>? {
            while !hasEnded {
                while let frame = try framer.next() {
                    switch try parser.parse(frame) {
                    case .event(let event): return event
                    case .failure(let failure): report(.undecodable(failure))
                    case .unknown(let type): report(.unknownType(type))
                    }
                }
                guard let chunk = try await chunks.next() else {
                    hasEnded = true
                    // A stream that ends because of a cancellation looks like a stream that the server ended.
                    try Task.checkCancellation()
                    try framer.finish()
                    break
                }
                framer.push(chunk)
            }
            return nil
        }
    }
}

/// What a watch skips.
enum WatchReport: Sendable {
    case undecodable(DecodeFailure)
    case unknownType(String)
}
