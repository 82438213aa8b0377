public import HTTPTypes

/// Sends HTTP requests for an ``MCPClient``. ``HTTPClientExchange`` is the usual one; another one can send them another way, such as
/// through a proxy with credentials of its own.
///
/// Implementations end an exchange when the task that waits for it is cancelled, and when the body's iterator is released.
public protocol HTTPExchange: Sendable {
    /// Sends a request, and returns when the head of the response is there.
    ///
    /// - Throws: `MCPClientError`, or `CancellationError`.
    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse
}

/// One HTTP request.
public struct HTTPExchangeRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// The absolute URL.
    public var url: String
    /// The header fields.
    public var headers: HTTPFields
    /// The body, or `nil` for none.
    public var body: [UInt8]?

    public init(method: HTTPRequest.Method, url: String, headers: HTTPFields = [:], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// One HTTP response: its head, and a body that is still arriving.
public struct HTTPExchangeResponse: Sendable {
    /// The status.
    public var status: Int
    /// The header fields.
    public var headers: HTTPFields
    /// The body, as it arrives. It can be read once.
    public var body: HTTPExchangeBody

    public init(status: Int, headers: HTTPFields = [:], body: HTTPExchangeBody = HTTPExchangeBody([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// A body in chunks, whose boundaries have no meaning. The next chunk is read from the connection when it is asked for.
public struct HTTPExchangeBody: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = any Error

    private let start: @Sendable () -> AsyncIterator

    /// A body that reads from another sequence.
    public init<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) where Chunks.Element == [UInt8] {
        start = {
            var iterator = chunks.makeAsyncIterator()
            return AsyncIterator { try await iterator.next() }
        }
    }

    /// A body in memory, as a single chunk.
    public init(_ bytes: [UInt8]) {
        start = {
            var rest: [[UInt8]] = bytes.isEmpty ? [] : [bytes]
            return AsyncIterator { rest.popLast() }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { start() }

    /// Reads the chunks in order.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let nextChunk: () async throws -> [UInt8]?

        fileprivate init(_ nextChunk: @escaping () async throws -> [UInt8]?) { self.nextChunk = nextChunk }

        /// The next chunk, or `nil` at the end.
        public mutating func next() async throws -> [UInt8]? { try await nextChunk() }
    }
}
