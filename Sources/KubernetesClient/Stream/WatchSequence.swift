public import KubernetesAPI

/// The events of one watch, in the server's order, each decoded once.
///
/// It ends where the server ends it, after `timeoutSeconds` as a rule; then watch again from the last resourceVersion. It
/// throws `ClientError`: where `isConnectionFailure` holds, the watch may go on from the last resourceVersion as well. An
/// object that cannot be read is left out and told to the client's observer.
public struct WatchSequence<Object: Sendable>: AsyncSequence, Sendable {
    public typealias Element = WatchEvent<Object>
    public typealias Failure = any Error

    let body: APIResponse.Body
    let parser: WatchEventParser<Object>
    let idleTimeout: Duration?
    let clock: any Clock<Duration>
    let maximumEventBytes: Int
    let report: @Sendable (WatchReport) -> Void

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(
            chunks: IdleTimeoutReader(iterator: body.makeAsyncIterator(), timeout: idleTimeout, clock: clock),
            framer: WatchFramer(maximumFrameBytes: maximumEventBytes),
            parser: parser,
            report: report
        )
    }

    /// Reads the events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var chunks: IdleTimeoutReader
        private var framer: WatchFramer
        private let parser: WatchEventParser<Object>
        private let report: @Sendable (WatchReport) -> Void
        private var hasEnded = false

        init(
            chunks: IdleTimeoutReader,
            framer: WatchFramer,
            parser: WatchEventParser<Object>,
            report: @escaping @Sendable (WatchReport) -> Void
        ) {
            self.chunks = chunks
            self.framer = framer
            self.parser = parser
            self.report = report
        }

        /// - Returns: the next event, `nil` where the server ended the watch.
        /// - Throws: `ClientError`; `CancellationError` where the task was cancelled.
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
                    // A stream that a cancellation ended looks like one that the server ended.
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

/// What a watch met and went past.
enum WatchReport: Sendable {
    case undecodable(DecodeFailure)
    case unknownType(String)
}
