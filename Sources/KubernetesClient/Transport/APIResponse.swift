public import HTTPTypes

/// An API server's answer: its head, and a body that is still arriving.
public struct APIResponse: Sendable {
    /// The HTTP status.
    public var status: HTTPResponse.Status
    /// The headers.
    public var headers: HTTPFields
    /// The body, in chunks as they arrive. It can be read once.
    public var body: Body

    public init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The `Retry-After` header, `nil` if it is missing or a date, which API servers never send.
    public var retryAfter: Duration? {
        guard let text = headers[.retryAfter], let seconds = Int64(text), seconds >= 0 else { return nil }
        return .seconds(min(seconds, 1_000_000_000))
    }

    /// A body as a stream of chunks. The boundaries of chunks have no meaning.
    ///
    /// Cancelling the task that reads it, or releasing the iterator, ends the exchange.
    public struct Body: AsyncSequence, Sendable {
        public typealias Element = [UInt8]
        public typealias Failure = any Error

        private let start: @Sendable () -> AsyncIterator

        /// A body that reads from another stream.
        public init<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) where Chunks.Element == [UInt8] {
            start = {
                var iterator = chunks.makeAsyncIterator()
                return AsyncIterator { try await iterator.next() }
            }
        }

        /// A body in memory, as a single chunk.
        public static func bytes(_ bytes: [UInt8]) -> Body {
            chunks(bytes.isEmpty ? [] : [bytes])
        }

        /// A body in memory, in these chunks.
        public static func chunks(_ chunks: [[UInt8]]) -> Body {
            Body(start: {
                var remaining = chunks[...]
                return AsyncIterator { remaining.popFirst() }
            })
        }

        private init(start: @escaping @Sendable () -> AsyncIterator) {
            self.start = start
        }

        public func makeAsyncIterator() -> AsyncIterator { start() }

        /// Reads the chunks in order.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let nextChunk: () async throws -> [UInt8]?

            init(_ nextChunk: @escaping () async throws -> [UInt8]?) {
                self.nextChunk = nextChunk
            }

            /// - Returns: the next chunk, `nil` at the end.
            /// - Throws: `ClientError` if the connection is lost.
            public mutating func next() async throws -> [UInt8]? { try await nextChunk() }
        }

        /// Reads the whole body.
        ///
        /// - Throws: `ClientError` with `bodyTooLarge` if it is longer than `limit` bytes, or as the stream throws.
        public func collect(upTo limit: Int) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            for try await chunk in self {
                guard chunk.count <= limit - bytes.count else {
                    throw ClientError(.bodyTooLarge, "the API server's answer is longer than \(limit) bytes")
                }
                if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
            }
            return bytes
        }
    }
}
