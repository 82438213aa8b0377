internal import HTTPTypes
internal import KubernetesClient
internal import MCPTransport
internal import Synchronization

/// The caller of the request that is being answered, with its verified token.
struct UpstreamCaller: Sendable {
    let caller: Caller
    /// `nil` for callers without a token.
    let token: SensitiveString?

    /// The caller of this task.
    @TaskLocal static var current: UpstreamCaller?
}

/// Sends the requests of one caller to a backend, with a token that was made for this caller and this backend (RFC 8693). The caller's own
/// token goes to the issuer's token endpoint only.
///
/// Each link has its own. Work that belongs to no request, such as a stream of changes, is done for the link's last caller: a link belongs to
/// one principal.
final class CallerExchange: HTTPExchange {
    private let base: any HTTPExchange
    private let exchanger: TokenExchanger?
    private let requirement: Backend.TokenExchange
    private let last: Mutex<UpstreamCaller?>

    init(base: any HTTPExchange, exchanger: TokenExchanger?, requirement: Backend.TokenExchange) {
        self.base = base
        self.exchanger = exchanger
        self.requirement = requirement
        last = Mutex(UpstreamCaller.current)
    }

    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        let current = UpstreamCaller.current
        let caller = last.withLock { last in
            if let current { last = current }
            return last
        }
        guard let exchanger else {
            throw Self.failure(
                TokenExchangeError(
                    .notConfigured,
                    "the gateway does not exchange tokens; the platform's settings say for whom it does"
                )
            )
        }
        guard let caller, let token = caller.token else {
            throw Self.failure(
                TokenExchangeError(
                    .notConfigured,
                    "the server needs a token of its own for each caller, and this one has none to exchange"
                )
            )
        }
        let exchanged: SensitiveString
        do throws(TokenExchangeError) {
            exchanged = try await exchanger.token(
                exchanging: token,
                of: caller.caller,
                target: requirement.target,
                tenant: requirement.tenant
            )
        } catch {
            throw Self.failure(error)
        }
        var request = request
        request.headers[values: .authorization] = ["Bearer \(exchanged.reveal())"]
        let response = try await base.send(request)
        if response.status == 401 {
            // The next call gets another one.
            exchanger.forget(exchangedFor: token, of: caller.caller, target: requirement.target)
        }
        return response
    }

    private static func failure(_ error: TokenExchangeError) -> UpstreamFailure {
        UpstreamFailure(.credentials(httpStatus: error.httpStatus), error.message)
    }
}
