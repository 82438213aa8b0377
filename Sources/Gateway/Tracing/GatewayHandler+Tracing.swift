internal import ControllerRuntime
internal import KubernetesAPI
internal import MCPProtocol
internal import MCPTransport

extension GatewayHandler {
    /// Answers a request in its trace, and exports the gateway's span of it.
    func traced(
        _ request: ServerRequest,
        _ answer: () async throws -> JSONRPCResponse
    ) async throws -> JSONRPCResponse {
        let spans = shield.spans
        let trace = RequestTrace.of(request.message, request.headers, beginsTraces: spans?.isSampled)
        guard let trace else { return try await answer() }
        return try await RequestTrace.$current.withValue(trace) {
            guard let spans, trace.context.isSampled else { return try await answer() }
            let (start, began) = (shield.clock.wallTime, shield.clock.now)
            func end(failed: Bool) {
                spans.record(
                    Span(
                        trace,
                        method: request.message.method,
                        version: request.version.rawValue,
                        start: start,
                        duration: began.duration(to: shield.clock.now),
                        failed: failed
                    )
                )
            }
            do {
                let response = try await answer()
                end(failed: false)
                return response
            } catch {
                end(failed: ((error as? ProtocolError)?.httpStatus ?? 500) >= 500 && !(error is CancellationError))
                throw error
            }
        }
    }
}
