internal import ControllerRuntime
internal import Crypto
public import KubernetesClient
internal import Logging
internal import MCPTransport
public import Policy
internal import Synchronization

/// Exchanges tokens of callers for tokens that servers can use on their behalf (RFC 8693), at the issuers of the callers' tokens.
///
/// The platform's settings say for which services, and for the servers of which tenants: a server can never choose where the caller's
/// token is sent, or get a token for a service of another tenant.
public final class TokenExchanger: Sendable {
    private struct State {
        var cache: TokenExchangeCache
        var waiting: [TokenExchangeCache.Key: [Int: AsyncStream<Never>.Continuation]] = [:]
        var lastWaiter = 0
    }

    private let issuers: [String: TokenIssuer]
    private let dependencies: ConfiguredAuthenticator.Dependencies
    private let state: Mutex<State>

    /// - Parameters:
    ///   - settings: valid settings.
    ///   - maximumTokens: how many tokens are remembered.
    public init(
        _ settings: GatewayAuthentication?,
        _ dependencies: ConfiguredAuthenticator.Dependencies,
        maximumTokens: Int = 10_000
    ) {
        let issuers = (settings?.issuers ?? []).filter { $0.tokenExchange != nil }
        self.issuers = Dictionary(issuers.map { ($0.issuer, $0) }, uniquingKeysWith: { first, _ in first })
        self.dependencies = dependencies
        state = Mutex(State(cache: TokenExchangeCache(limit: maximumTokens)))
    }

    /// A token that a server of a tenant can use on behalf of a caller.
    ///
    /// - Parameters:
    ///   - token: the caller's token, which has been verified.
    ///   - target: the name of the target in the platform's settings.
    ///   - tenant: the tenant that owns the server; `nil` for none.
    /// - Throws: `TokenExchangeError`.
    public func token(
        exchanging token: SensitiveString,
        of caller: Caller,
        target: String,
        tenant: String?
    ) async throws(TokenExchangeError) -> SensitiveString {
        let (issuer, settings, chosen) = try find(caller, target, tenant)
        let key = key(token, caller, target)
        while true {
            if Task.isCancelled { throw TokenExchangeError(.unavailable, "the call was cancelled") }
            let (ended, waiter) = AsyncStream<Never>.makeStream()
            let now = dependencies.clock.now.offset
            let (step, number) = state.withLock { state in
                let step = state.cache.begin(key, now: now)
                if case .wait = step {
                    state.lastWaiter += 1
                    state.waiting[key, default: [:]][state.lastWaiter] = waiter
                }
                return (step, state.lastWaiter)
            }
            switch step {
            case .known(let outcome): return try outcome.get()
            case .exchange: return try await exchange(key, token, issuer, settings, chosen)
            case .wait:
                // Ends when the exchange does, or this task is cancelled.
                for await _ in ended {}
                state.withLock { _ = $0.waiting[key]?.removeValue(forKey: number) }
            }
        }
    }

    /// Forgets a token, such as one that a server did not accept, so that the next call gets another one.
    public func forget(exchangedFor token: SensitiveString, of caller: Caller, target: String) {
        let key = key(token, caller, target)
        state.withLock { $0.cache.remove(key) }
    }

    /// How many calls wait for an exchange that another call has started.
    var waiters: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

    private func key(_ token: SensitiveString, _ caller: Caller, _ target: String) -> TokenExchangeCache.Key {
        let hash = Array(SHA256.hash(data: Array(token.reveal().utf8)))
        return TokenExchangeCache.Key(issuer: caller.issuer, target: target, tokenHash: hash)
    }

    private func find(
        _ caller: Caller,
        _ target: String,
        _ tenant: String?
    ) throws(TokenExchangeError) -> (TokenIssuer, TokenExchangeSettings, TokenExchangeTarget) {
        guard let issuer = issuers[caller.issuer], let settings = issuer.tokenExchange else {
            throw TokenExchangeError(
                .notConfigured,
                "the server needs a token of its own for each caller, and the gateway does not exchange tokens of the caller's issuer"
            )
        }
        guard let chosen = settings.targets.first(where: { $0.name == target }),
            chosen.tenants.contains(Caller.everyTenant) || tenant.map({ chosen.tenants.contains($0) }) ?? false
        else {
            throw TokenExchangeError(
                .notConfigured,
                "the platform does not exchange tokens for \(target.quotedForMessage) and servers of this tenant"
            )
        }
        return (issuer, settings, chosen)
    }

    private func exchange(
        _ key: TokenExchangeCache.Key,
        _ token: SensitiveString,
        _ issuer: TokenIssuer,
        _ settings: TokenExchangeSettings,
        _ target: TokenExchangeTarget
    ) async throws(TokenExchangeError) -> SensitiveString {
        let outcome: Result<TokenExchangeAnswer, TokenExchangeError>
        do {
            outcome = .success(try await request(token, issuer, settings, target))
        } catch {
            outcome = .failure(error)
        }
        // What fails because the call was cancelled says nothing to others.
        let isCancelled = if case .failure = outcome { Task.isCancelled } else { false }
        let now = dependencies.clock.now.offset
        let waiting = state.withLock { state in
            state.cache.finish(
                key,
                isCancelled ? nil : outcome.map(\.token),
                lifetime: (try? outcome.get())?.lifetime,
                maximum: .seconds(settings.maximumCacheSeconds ?? 300),
                now: now
            )
            return state.waiting.removeValue(forKey: key) ?? [:]
        }
        waiting.values.forEach { $0.finish() }
        return try outcome.get().token
    }

    private func request(
        _ token: SensitiveString,
        _ issuer: TokenIssuer,
        _ settings: TokenExchangeSettings,
        _ target: TokenExchangeTarget
    ) async throws(TokenExchangeError) -> TokenExchangeAnswer {
        let http = IssuerHTTP(issuer, dependencies.exchange, dependencies.clock)
        let answer: (status: Int, body: [UInt8])
        do {
            var secret: SensitiveString?
            if let file = settings.clientSecretFile {
                var text = String(decoding: try BoundedFile.read(file), as: UTF8.self)
                // Editors and `echo` end files with a line break.
                while text.last?.isNewline == true { text.removeLast() }
                secret = SensitiveString(text)
            }
            let request = TokenExchangeRequest(
                settings: settings,
                target: target,
                clientSecret: secret,
                subjectToken: token
            )
            answer = try await http.send(request.httpRequest)
        } catch {
            dependencies.logger.warning(
                "a token could not be exchanged",
                metadata: ["issuer": "\(issuer.issuer)", "target": "\(target.name)", "error": "\(error)"]
            )
            throw TokenExchangeError(
                .unavailable,
                "the issuer of the caller's token cannot exchange it at the moment; try again later"
            )
        }
        do {
            return try TokenExchangeAnswer(status: answer.status, body: answer.body, subjectToken: token)
        } catch {
            dependencies.logger.warning(
                "a token could not be exchanged",
                metadata: ["issuer": "\(issuer.issuer)", "target": "\(target.name)", "error": "\(error)"]
            )
            throw error
        }
    }
}
