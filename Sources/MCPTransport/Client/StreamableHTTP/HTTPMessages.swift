internal import HTTPTypes
internal import MCPProtocol

/// Sends HTTP requests with the client's own header fields, and reads messages from the responses, within the limits.
struct HTTPMessages: Sendable {
    /// A response before its body is read.
    struct Response: Sendable {
        var status: Int
        var headers: HeaderFields
        var body: HTTPExchangeBody
    }

    let core: ClientCore
    let exchange: any HTTPExchange

    /// Sends a request. Header fields of MCP replace those of the options.
    func send(
        _ method: HTTPRequest.Method,
        _ url: String,
        headers: HeaderFields,
        body: [UInt8]? = nil
    ) async throws -> Response {
        var fields = HTTPFields(headers)
        for field in core.options.headers where fields[field.name] == nil { fields.append(field) }
        let response: HTTPExchangeResponse
        do {
            response = try await exchange.send(
                HTTPExchangeRequest(method: method, url: url, headers: fields, body: body)
            )
        } catch {
            throw explained(error)
        }
        let limit = core.limits.headerBytes
        let size = response.headers.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 4 }
        guard size <= limit else {
            throw MCPClientError.limit(.headerBytes, core.name, "the header fields have more than \(limit) bytes")
        }
        let encoding = response.headers[.contentEncoding].map { MediaType.essence(of: $0) }
        guard encoding == nil || encoding == "identity" else {
            throw MCPClientError.invalid(
                "its content encoding is \((encoding ?? "").debugDescription), and none was asked for",
                core.name
            )
        }
        return Response(status: response.status, headers: HeaderFields(response.headers), body: response.body)
    }

    /// An error of an exchange as one of this client.
    private func explained(_ error: any Error) -> any Error {
        if error is MCPClientError || error is CancellationError { return error }
        return MCPClientError(.connectionLost, "\(core.name): the exchange failed: \(error)", underlying: error)
    }

    /// Reads a whole body.
    func collect(_ body: HTTPExchangeBody) async throws -> [UInt8] {
        let limit = core.limits.message.maximumBytes
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                guard chunk.count <= limit - bytes.count else {
                    throw MCPClientError.limit(.messageBytes, core.name, "a message has more than \(limit) bytes")
                }
                if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
            }
            // Some sequences end when the task is cancelled.
            try Task.checkCancellation()
        } catch {
            throw explained(error)
        }
        return bytes
    }

    /// Reads the events of a stream, until it ends or the closure says that it is done.
    ///
    /// - Parameters:
    ///   - parser: at the start of the stream; afterwards it knows the last event's id and the retry time.
    ///   - maximumBytes: of the stream, or `nil` for a stream without an end.
    /// - Returns: whether the closure ended it.
    @discardableResult
    func readEvents(
        _ body: HTTPExchangeBody,
        _ parser: inout EventStreamParser,
        maximumBytes: Int?,
        activity: ActivityCounter? = nil,
        _ take: (ServerSentEvent) async throws -> Bool
    ) async throws -> Bool {
        var total = 0
        do {
            for try await chunk in body {
                activity?.mark()
                total += chunk.count
                if let maximumBytes, total > maximumBytes {
                    throw MCPClientError.limit(
                        .streamBytes,
                        core.name,
                        "the answer to one request has more than \(maximumBytes) bytes"
                    )
                }
                for event in try parser.feed(chunk) where try await take(event) { return true }
            }
            // Some sequences end when the task is cancelled.
            try Task.checkCancellation()
        } catch let error as EventStreamParser.TooLarge {
            throw MCPClientError.limit(.messageBytes, core.name, "\(error)")
        } catch {
            throw explained(error)
        }
        return false
    }

    /// A parser with the client's limits.
    var parser: EventStreamParser {
        EventStreamParser(limits: .init(maximumBytes: core.limits.message.maximumBytes + 64))
    }

    /// How long to wait before a stream is opened again: what the server asks for, within reason; 1 s if it asks for nothing.
    static func retryTime(_ milliseconds: Int64?) -> Duration {
        .milliseconds(min(max(milliseconds ?? 1_000, 0), 30_000))
    }
}
