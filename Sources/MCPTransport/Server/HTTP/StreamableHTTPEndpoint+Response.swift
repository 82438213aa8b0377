import HTTPTypes
import Hummingbird
import HummingbirdCore
import MCPProtocol
import NIOCore
import Synchronization

/// How the messages of a stream reach a client over one connection.
struct Delivery: Sendable {
    /// What makes a stream one that a client can resume.
    struct Resumable: Sendable {
        let session: ServerSession
        let version: ProtocolVersion
        /// Whether it is the answer to a request, which the session keeps from then on.
        var isAnswer = true
    }

    let stream: OutboundStream
    let reader: OutboundStream.Reader
    let accepts: ServerRules.AcceptedForms
    /// What the handler says about the response.
    var head = ResponseHead()
    /// Called when the client is gone before the stream has ended. Without it the stream goes on without a reader.
    var onClose: (@Sendable () -> Void)?
    var resumable: Resumable?
    /// For the answer to `initialize`: the id of the session, once it is answered.
    var sessionID: (@Sendable () -> String?)?
    /// Called once, when the connection carries the stream no more.
    var onEnd: @Sendable () -> Void = {}

    /// The client is gone.
    func close() {
        if let onClose { onClose() } else { stream.detach(reader) }
    }
}

extension StreamableHTTPEndpoint {
    /// Answers with the messages of a stream: with plain JSON if the answer comes before any other message, as an event stream
    /// otherwise.
    ///
    /// - Parameter status: of an answer in JSON.
    func deliver(
        _ delivery: Delivery,
        _ caller: HTTPCaller,
        status: (JSONRPCResponse) -> Int
    ) async -> Response {
        let number = caller.watch.onClose { delivery.close() }
        let carried = carry(delivery.stream)
        let finish: @Sendable () -> Void = {
            self.state.withLock { $0.carried[carried] = nil }
            caller.watch.remove(number)
            delivery.stream.detach(delivery.reader)
            delivery.onEnd()
        }
        // The head of the answer to `initialize` contains the session's id, which is only known at the end.
        let waits = delivery.sessionID != nil
        var first: [OutboundQueue.Entry] = []
        guard delivery.accepts.json || waits || delivery.head.current != nil else {
            return events(delivery, first: [], finish)
        }
        while true {
            let next = await withTaskCancellationHandler {
                await delivery.stream.next(delivery.reader)
            } onCancel: {
                delivery.close()
            }
            switch next {
            case .messages(let entries, isLast: true):
                first += entries
                let head = delivery.head.current
                guard delivery.accepts.json || head != nil, first.count == 1,
                    case .response(let response)? = first[0].message
                else { return events(delivery, first: first, finish) }
                finish()
                var answer = json(
                    .response(response),
                    status: .init(code: head?.status ?? status(response)),
                    sessionID: delivery.sessionID?()
                )
                if let head { answer.headers.append(contentsOf: HTTPFields(head.headers)) }
                return answer
            case .messages(let entries, isLast: false):
                first += entries
                if !waits { return events(delivery, first: first, finish) }
            case .keepAlive:
                // An event stream shows the client, and the proxies between, that the server is at work.
                if delivery.accepts.eventStream, !waits { return events(delivery, first: [], finish) }
            case .ended:
                // The request was cancelled, and gets no response.
                guard delivery.accepts.eventStream else {
                    finish()
                    return Response(status: .noContent)
                }
                return events(delivery, first: [], finish)
            }
        }
    }

    private func carry(_ stream: OutboundStream) -> Int {
        state.withLock { state in
            state.nextCarried += 1
            state.carried[state.nextCarried] = stream
            return state.nextCarried
        }
    }

    private func events(
        _ delivery: Delivery,
        first: [OutboundQueue.Entry],
        _ finish: @escaping @Sendable () -> Void
    ) -> Response {
        if let resumable = delivery.resumable, resumable.isAnswer { resumable.session.keep(delivery.stream) }
        var headers = HeaderFields.eventStream
        if let id = delivery.sessionID?() { headers.set(HeaderName.sessionID, id) }
        let primer = delivery.primer(reconnectionTime: limits.reconnectionTime)
        let body = ResponseBody { writer in
            defer { finish() }
            do {
                if let primer { try await writer.write(ByteBuffer(bytes: primer)) }
                try await writer.write(ByteBuffer(bytes: delivery.bytes(of: first)))
                stream: while true {
                    switch await delivery.stream.next(delivery.reader) {
                    case .messages(let entries, isLast: _):
                        try await writer.write(ByteBuffer(bytes: delivery.bytes(of: entries)))
                    case .keepAlive: try await writer.write(ByteBuffer(bytes: EventStreamWriter.keepAlive))
                    case .ended: break stream
                    }
                }
                try await writer.finish(nil)
            } catch {
                delivery.close()
                throw error
            }
        }
        return Response(status: .ok, headers: HTTPFields(headers), body: body)
    }

    /// A response of one message.
    func json(_ message: JSONRPCMessage, status: HTTPResponse.Status, sessionID: String? = nil) -> Response {
        var headers: HeaderFields = [HeaderName.contentType: MediaType.json]
        if let sessionID { headers.set(HeaderName.sessionID, sessionID) }
        return Response(
            status: status,
            headers: HTTPFields(headers),
            body: .init(byteBuffer: ByteBuffer(bytes: message.bytes))
        )
    }

    /// The response to a request that is refused.
    func refusal(_ error: ProtocolError, _ channel: any Channel) -> Response {
        var response = json(.response(error.response), status: .init(code: error.httpStatus))
        switch error.httpStatus {
        case 405: response.headers[.allow] = rules.allowedHTTPMethods
        case 429, 503: response.headers[.retryAfter] = "1"
        case 408, 413:
            // The rest of the body is read and dropped, so that the client sees the answer; but not forever.
            response.headers[.connection] = "close"
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        default: break
        }
        return response
    }
}

extension Delivery {
    /// The first event of a stream that can be resumed (2025-11-25, Transports, Sending Messages): an id without data, with which the
    /// client can come back before the first message, and how long it should wait first. Clients of older revisions take it for a
    /// message that is not JSON.
    fileprivate func primer(reconnectionTime: Duration) -> [UInt8]? {
        guard let resumable, resumable.isAnswer, resumable.version == .v2025_11_25 else { return nil }
        return EventStreamWriter.write(
            ServerSentEvent(
                data: [],
                id: EventID(stream: stream.number, received: 0).text,
                retryMilliseconds: reconnectionTime.wholeMilliseconds
            )
        )
    }

    fileprivate func bytes(of entries: [OutboundQueue.Entry]) -> [UInt8] {
        entries.reduce(into: []) { bytes, entry in
            let own = resumable == nil ? nil : EventID(stream: stream.number, received: entry.index + 1).text
            let event = ServerSentEvent(data: entry.message.map { Array($0.bytes) } ?? [], id: entry.eventID ?? own)
            bytes += EventStreamWriter.write(event)
        }
    }
}
