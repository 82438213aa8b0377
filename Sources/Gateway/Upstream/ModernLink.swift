internal import MCPProtocol
internal import Synchronization

/// A link to a backend of 2026-07-28, which has no sessions.
struct ModernLink: BackendLink {
    typealias Send = @Sendable (UpstreamHTTP) async throws -> UpstreamHTTP.Answer

    /// Sends a request to the pod whose turn it is, or to another one if there is no connection to that.
    let atPod: @Sendable (Send) async throws -> UpstreamHTTP.Answer
    let agreement: ClientNegotiation.Agreement
    /// What the requests that the gateway makes on its own account say about the client.
    let metadata: RequestMetadata

    func call(
        _ request: JSONRPCRequest,
        _ parameterHeaders: ParameterHeaders,
        _ messages: CallMessages
    ) async throws -> JSONRPCResponse {
        let headers: HeaderFields
        do throws(MessageFieldError) {
            headers = try .modern(for: request, parameterHeaders: parameterHeaders)
        } catch {
            throw ProtocolError.invalidParams(error, id: request.id)
        }
        let answer = try await atPod { http in
            try await http.post(request, headers, era: .modern) { event in
                if case .notification(let notification) = event { try await messages.notify(notification) }
            }
        }
        guard let response = answer.response, answer.status < 500, answer.status != 401, answer.status != 403 else {
            throw UpstreamFailure(.status(answer.status), "HTTP status \(answer.status)")
        }
        return response
    }

    func notify(_ notification: JSONRPCNotification) async {}
    func respond(_ response: JSONRPCResponse) async {}

    func listen(_ filter: SubscriptionFilter, _ messages: CallMessages) async throws {
        let honored = filter.honored(by: agreement.capabilities)
        guard honored != SubscriptionFilter() else { return }
        let request = honored.request(id: "listen", metadata: metadata)
        _ = try await call(request, ParameterHeaders(), messages)
    }

    func close(endsSession: Bool) async {}
}
