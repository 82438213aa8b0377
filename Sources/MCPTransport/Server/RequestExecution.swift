import Logging
import MCPProtocol

/// The work on one request: the handler under a time limit, and what its errors mean.
struct RequestExecution: Sendable {
    let handler: any MCPServerHandler
    let time: ServerTime
    let limits: ServerLimits
    let logger: Logger
    let metrics: ServerMetrics

    /// Lets the handler answer a request.
    ///
    /// - Parameter cancellation: finishes when the request is cancelled.
    /// - Returns: `nil` if it was cancelled, so that nobody waits for the answer.
    func answer(_ request: ServerRequest, cancellation: Signal) async -> JSONRPCResponse? {
        let start = time.now
        let response = await outcome(of: request, cancellation)
        metrics.record(request, response, duration: time.now - start)
        return response
    }

    private func outcome(of request: ServerRequest, _ cancellation: Signal) async -> JSONRPCResponse? {
        do {
            let limit = request.method == .subscriptionsListen ? nil : limits.requestTime
            let response = try await time.limit(limit, until: cancellation) { try await handler.respond(to: request) }
            return response.id == request.id ? response : response.with(id: request.id)
        } catch is WorkStopped {
            return nil
        } catch is ServerRequest.ClientLeft {
            return nil
        } catch {
            return Task.isCancelled ? nil : response(to: error, request)
        }
    }

    private func response(to error: any Error, _ request: ServerRequest) -> JSONRPCResponse {
        switch error {
        case let error as ProtocolError: return error.with(id: request.id).response
        case let error as MessageFieldError: return ProtocolError.invalidParams(error, id: request.id).response
        case is TimeLimitExceeded:
            return failure("The request took longer than \(limits.requestTime)", request)
        default:
            logger.error(
                "a request failed",
                metadata: ["method": "\(request.message.method)", "error": "\(error)"]
            )
            return failure("Internal error", request)
        }
    }

    private func failure(_ message: String, _ request: ServerRequest) -> JSONRPCResponse {
        ProtocolError(.internalError, message, id: request.id).response
    }
}
