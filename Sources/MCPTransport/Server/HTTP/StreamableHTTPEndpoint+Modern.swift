import Hummingbird
import MCPProtocol

extension StreamableHTTPEndpoint {
    /// Answers a request of 2026-07-28.
    func answer(
        _ post: ServerRules.ModernPost,
        _ headers: HeaderFields,
        _ caller: HTTPCaller
    ) async throws(ProtocolError) -> Response {
        let isStream = post.request.method == Method.subscriptionsListen.rawValue
        if isStream, !post.accepts.eventStream {
            throw ProtocolError(
                .invalidRequest,
                "Accept must list \(MediaType.eventStream) for \(post.request.method)",
                id: post.request.id,
                httpStatus: 406
            )
        }
        let stream = OutboundStream(limits: limits.passingStream)
        let head = ResponseHead()
        let cancellation = Signal()
        let request = ServerRequest(
            message: post.request,
            version: post.metadata.protocolVersion,
            clientCapabilities: post.metadata.clientCapabilities,
            clientInfo: post.metadata.clientInfo,
            metadata: post.metadata,
            session: nil,
            headers: headers,
            principal: caller.principal,
            attachment: caller.attachment,
            stream: stream,
            head: head,
            acceptsMessages: post.accepts.eventStream
        )
        let delivery = Delivery(
            stream: stream,
            reader: stream.attach(),
            accepts: post.accepts,
            head: head,
            // M12: closing the response stream cancels the request.
            onClose: { cancellation.finish() }
        )
        try reserve(stream: isStream, id: request.id)
        let isTaken = runner.submit(on: EventLoopExecutor.on(caller.channel.eventLoop)) {
            let response = await self.execution.answer(request, cancellation: cancellation)
            stream.finish(with: response.map(JSONRPCMessage.response))
            self.release(stream: isStream)
        }
        guard isTaken else {
            release(stream: isStream)
            throw .unavailable("The server stops", id: request.id)
        }
        return await deliver(delivery, caller) { response in response.error?.code.httpStatusInModernEra ?? 200 }
    }
}
