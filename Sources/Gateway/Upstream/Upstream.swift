internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// What the gateway keeps of one backend: what it speaks, and the sessions with it.
final class Upstream: Sendable {
    /// What everything upstream needs.
    struct Context: Sendable {
        var exchange: any HTTPExchange
        /// Exchanges callers' tokens; `nil` if no server can have any.
        let exchanger: TokenExchanger?
        var limits: UpstreamLimits
        let clientInfo: Implementation
        let background: RequestRunner
        let clock: any Clock<Duration>
        let logger: Logger
        var metrics: GatewayMetrics?
    }

    private struct Shared {
        let link: any BackendLink
        var lastUsed: ContinuousClock.Instant
    }

    /// A list of the backend.
    struct CachedList: Sendable {
        let items: [RawJSON]
        let read: ContinuousClock.Instant
    }

    private struct State {
        var backend: Backend
        /// Where the backend is: its ready pods, or one endpoint.
        var endpoints: [Backend.PodEndpoint]
        var nextEndpoint = 0
        var health: UpstreamHealth
        var agreement: ClientNegotiation.Agreement?
        /// Why the last attempt to reach the backend failed; `nil` if it succeeded.
        var failure: String?
        var shared: [String: Shared] = [:]
        var lists: [Listing: CachedList] = [:]
    }

    private let context: Context
    private let logger: Logger
    private let negotiation = SingleFlight()
    private let state: Mutex<State>
    /// The time since this was created.
    private let now: @Sendable () -> Duration

    /// - Parameter endpoints: where the backend is; for a command, the socket of its adapter.
    init(_ backend: Backend, endpoints: [Backend.PodEndpoint], context: Context) {
        state = Mutex(
            State(backend: backend, endpoints: endpoints, health: UpstreamHealth(context.limits, endpoints))
        )
        self.context = context
        now = Self.time(of: context.clock)
        var logger = context.logger
        logger[metadataKey: "backend"] = "\(backend.id)"
        self.logger = logger
    }

    private static func time(of clock: some Clock<Duration>) -> @Sendable () -> Duration {
        let origin = clock.now
        return { origin.duration(to: clock.now) }
    }

    /// The backend as it was described last.
    var backend: Backend { state.withLock { $0.backend } }

    /// Takes a new description of the same backend: its pods, its contract or its labels have changed. Sessions stay.
    ///
    /// - Returns: `false` if it is reached another way now, so that nothing that was learned of it is valid.
    func take(_ new: Backend) -> Bool {
        let now = now()
        return state.withLock { state in
            guard new.headers == state.backend.headers, new.tokenExchange == state.backend.tokenExchange else {
                return false
            }
            switch (state.backend.target, new.target) {
            case (.pods, .pods(let pods)):
                state.health.update(pods, since: state.endpoints, at: now)
                state.endpoints = pods
            default: guard state.backend.target == new.target else { return false }
            }
            if new.catalogue != state.backend.catalogue { state.lists = [:] }
            state.backend = new
            return true
        }
    }

    /// An endpoint for a new session or request: the pods take turns.
    ///
    /// - Parameter tried: pods that could not be reached.
    /// - Throws: `UpstreamFailure` if there is none.
    private func endpoint(except tried: Set<String> = []) throws(UpstreamFailure) -> Backend.PodEndpoint {
        let now = now()
        let next = state.withLock { state in
            state.health.choose(from: state.endpoints, turn: &state.nextEndpoint, except: tried, at: now)
        }
        guard let next else { throw UpstreamFailure(.noPods, backend.unavailable ?? "none of its pods is ready") }
        return next
    }

    private func http(_ endpoint: Backend.PodEndpoint, _ exchange: any HTTPExchange) -> UpstreamHTTP {
        UpstreamAttempt.current?.send(to: endpoint.id)
        return UpstreamHTTP(backend, url: endpoint.url, exchange: exchange, limits: context.limits)
    }

    /// What sends the requests of one link.
    private func linkExchange() -> any HTTPExchange {
        guard let requirement = backend.tokenExchange else { return context.exchange }
        return CallerExchange(base: context.exchange, exchanger: context.exchanger, requirement: requirement)
    }

    // MARK: - Health

    /// Runs work that makes requests, unless the backend has failed too often, and learns from what becomes of it.
    ///
    /// - Throws: `UpstreamFailure` if the backend gets no requests now, and what the work throws.
    func attempt<Value>(_ work: () async throws -> Value) async throws -> Value {
        let now = now()
        let (admission, breaker) = state.withLock { ($0.health.admit(at: now), $0.health.breaker.state) }
        guard case .allowed(let permit) = admission else {
            var seconds = 1
            if case .refused(let time) = admission { seconds = max(1, Int(time.components.seconds) + 1) }
            throw UpstreamFailure(.circuitOpen(retryAfterSeconds: seconds), "the circuit breaker is open")
        }
        if breaker != .closed { showHealth() }
        let attempt = UpstreamAttempt()
        do {
            let value = try await UpstreamAttempt.$current.withValue(attempt) { try await work() }
            report(attempt.isSent ? .succeeded : .unknown, permit, attempt.pod)
            return value
        } catch {
            report(CircuitBreaker.Outcome(error), permit, attempt.pod, cause: error)
            throw error
        }
    }

    private func report(
        _ outcome: CircuitBreaker.Outcome,
        _ permit: CircuitBreaker.Permit,
        _ pod: String?,
        cause: (any Error)? = nil
    ) {
        let now = now()
        let (before, after, ejected) = state.withLock { state in
            let before = state.health.breaker.state
            let ejected = state.health.report(outcome, permit, pod: pod, at: now)
            return (before, state.health.breaker.state, ejected)
        }
        note(ejected, of: pod)
        guard before != after else { return }
        if after == .open {
            logger.warning(
                "the backend has failed repeatedly and gets no requests for a while",
                metadata: ["error": "\(cause.map { "\($0)" } ?? "")"]
            )
        } else if after == .closed {
            logger.notice("the backend gets requests again")
        }
        showHealth()
    }

    private func note(_ ejected: Duration?, of pod: String?) {
        guard let ejected, let pod else { return }
        logger.warning(
            "a pod has failed repeatedly and gets no new requests for a while",
            metadata: ["pod": "\(pod)", "time": "\(ejected)"]
        )
        showHealth()
    }

    /// Sets the metrics of the backend's health.
    func showHealth() {
        guard let metrics = context.metrics else { return }
        let now = now()
        let (backend, breaker, ejected) = state.withLock {
            ($0.backend, $0.health.breaker.state, $0.health.pods.count(at: now))
        }
        let namespace = backend.namespace ?? ""
        metrics.setBreaker(breaker, namespace: namespace, server: backend.name)
        metrics.setEjectedPods(ejected, namespace: namespace, server: backend.name)
    }

    /// Runs work at a pod, and at another one if there was no connection to the first, so that nothing was sent.
    private func atPod<Value>(
        _ exchange: any HTTPExchange,
        _ work: (Backend.PodEndpoint, UpstreamHTTP) async throws -> Value
    ) async throws -> Value {
        var tried: Set<String> = []
        while true {
            let pod = try endpoint(except: tried)
            do {
                return try await work(pod, http(pod, exchange))
            } catch let failure as UpstreamFailure where failure.kind == .unreachable {
                tried.insert(pod.id)
                let count = state.withLock { $0.endpoints.count }
                guard tried.count < min(count, context.limits.maximumPodsTried) else { throw failure }
                let now = now()
                note(state.withLock { $0.health.note(.failed, pod: pod.id, at: now) }, of: pod.id)
            }
        }
    }

    private var clientOptions: MCPClientOptions {
        var options = MCPClientOptions()
        options.clientInfo = context.clientInfo
        options.remembered = state.withLock { $0.agreement }
        options.limits.connectTime = context.limits.connectTime
        options.limits.requestTime = context.limits.requestTime
        options.limits.message = context.limits.message
        options.headers = backend.fields
        return options
    }

    // MARK: - What the backend speaks

    /// What was agreed on with the backend. The first caller finds out.
    func agreement() async throws -> ClientNegotiation.Agreement {
        while true {
            if let agreement = state.withLock({ $0.agreement }) { return agreement }
            _ = try await negotiation.run {
                guard self.state.withLock({ $0.agreement == nil }) else { return }
                try await self.negotiate()
            }
        }
    }

    private func negotiate() async throws {
        var options = clientOptions
        options.limits.requestTime = context.limits.listTime
        do {
            let isEventStream =
                switch backend.target {
                case .httpSSE: true
                case .remote(let remote): remote.isEventStream
                case .streamableHTTP, .pods, .command: false
                }
            let settings = options
            let exchange = linkExchange()
            let agreement = try await atPod(exchange) { pod, _ in
                do {
                    return try await MCPClient.withConnection(
                        to: isEventStream ? MCPEndpoint.httpSSE(pod.url) : .streamableHTTP(pod.url),
                        options: settings,
                        exchange: exchange,
                        clock: context.clock,
                        logger: logger
                    ) { $0.agreement }
                } catch {
                    throw UpstreamFailure.reading(error, backend.name)
                }
            }
            state.withLock { state in
                state.agreement = agreement
                state.failure = nil
                state.health.allowTrial()
            }
            showHealth()
            logger.info(
                "the backend is reached",
                metadata: ["version": "\(agreement.version)", "server": "\(agreement.serverInfo?.name ?? "")"]
            )
        } catch {
            let failure = UpstreamFailure.reading(error, backend.name)
            if failure is CancellationError { throw failure }
            if let failure = failure as? UpstreamFailure, case .credentials = failure.kind { throw failure }
            let isNews = state.withLock { state in
                defer { state.failure = "\(failure)" }
                return state.failure != "\(failure)"
            }
            if isNews { logger.warning("the backend cannot be used", metadata: ["error": "\(failure)"]) }
            throw failure
        }
    }

    /// Whether the last attempt to reach the backend succeeded.
    var isConnected: Bool { state.withLock { $0.agreement != nil && $0.failure == nil } }
    /// Why the backend cannot be used, if so.
    var failure: String? { state.withLock { $0.failure } }

    /// A request failed, or succeeded again.
    func note(_ failure: UpstreamFailure?) {
        state.withLock { state in
            state.failure = failure?.description
            guard let failure else { return }
            // It may speak something else when it comes back.
            switch failure.kind {
            case .unreachable, .lost, .invalid: state.agreement = nil
            case .status(let status): if [400, 404, 405].contains(status) { state.agreement = nil }
            case .timedOut, .sessionGone, .noPods, .refused, .circuitOpen, .credentials: break
            }
        }
    }

    // MARK: - Links

    /// A link for one session of a client, which sees the client as it is.
    ///
    /// - Parameter movesToOtherPods: whether a session whose pod is gone is opened again at another pod; otherwise the client's session ends.
    func makeLink(
        _ agreement: ClientNegotiation.Agreement,
        clientInfo: Implementation?,
        capabilities: ClientCapabilities,
        movesToOtherPods: Bool
    ) -> any BackendLink {
        makeLink(
            agreement,
            clientInfo: clientInfo,
            capabilities: capabilities,
            isShared: false,
            movesToOtherPods: movesToOtherPods
        )
    }

    /// The link for clients of 2026-07-28 of one principal, who have no session of their own.
    func sharedLink(for principal: String) async throws -> any BackendLink {
        let agreement = try await agreement()
        if let link = knownLink(for: principal, agreement) { return link }
        // Not under the lock, which making a link takes as well.
        let link = makeLink(
            agreement,
            clientInfo: nil,
            capabilities: ClientCapabilities(),
            isShared: true,
            movesToOtherPods: true
        )
        return state.withLock { state in
            if let shared = state.shared[principal], shared.link.agreement == agreement { return shared.link }
            state.shared[principal] = Shared(link: link, lastUsed: .now)
            return link
        }
    }

    private func knownLink(for principal: String, _ agreement: ClientNegotiation.Agreement) -> (any BackendLink)? {
        state.withLock { state in
            guard let shared = state.shared[principal], shared.link.agreement == agreement else { return nil }
            state.shared[principal]?.lastUsed = .now
            return shared.link
        }
    }

    private func makeLink(
        _ agreement: ClientNegotiation.Agreement,
        clientInfo: Implementation?,
        capabilities: ClientCapabilities,
        isShared: Bool,
        movesToOtherPods: Bool
    ) -> any BackendLink {
        let info = clientInfo ?? context.clientInfo
        let exchange = linkExchange()
        if agreement.transport == .httpSSE {
            var options = clientOptions
            options.clientInfo = info
            options.capabilities = capabilities
            options.remembered = agreement
            return ClientLink(
                backend: backend,
                endpoint: { [self] in try endpoint().url },
                agreement: agreement,
                options: options,
                exchange: exchange,
                background: context.background,
                logger: logger
            )
        }
        guard agreement.version.era == .legacy else {
            return ModernLink(
                atPod: { [self] work in try await atPod(exchange) { _, http in try await work(http) } },
                agreement: agreement,
                metadata: RequestMetadata(
                    protocolVersion: agreement.version,
                    clientCapabilities: capabilities,
                    clientInfo: info
                )
            )
        }
        return LegacyLink(
            pods: LegacyLink.Pods(
                first: { [self] work in try await atPod(exchange) { pod, http in (pod, try await work(http)) } },
                http: { [self] in http($0, exchange) },
                named: { [self] id in state.withLock { $0.endpoints.first { $0.id == id } } }
            ),
            movesToOtherPods: movesToOtherPods,
            agreement: agreement,
            identity: LegacyLink.Identity(clientInfo: info, capabilities: capabilities),
            isShared: isShared,
            background: context.background,
            logger: logger
        )
    }

    /// Forgets the sessions that nobody has used for a while, or all of them.
    func closeShared(olderThan age: Duration) async {
        let now = ContinuousClock.now
        let old = state.withLock { state in
            let old = state.shared.filter { now - $0.value.lastUsed >= age }
            for key in old.keys { state.shared[key] = nil }
            return old.values.map(\.link)
        }
        for link in old { await link.close(endsSession: true) }
    }

    // MARK: - Lists

    /// A whole list of the backend, which is kept for a while.
    func list(_ listing: Listing, _ link: any BackendLink) async throws -> [RawJSON] {
        // What a server offers to one caller is not kept for others.
        let isKept = backend.tokenExchange == nil
        let cached = isKept ? state.withLock { $0.lists[listing] } : nil
        if let cached, ContinuousClock.now - cached.read < context.limits.listLifetime { return cached.items }
        var items: [RawJSON] = []
        var cursor: String?
        for _ in 0..<context.limits.pages {
            var request = listing.request(id: .string("list"), cursor: cursor)
            if link.agreement.version.era == .modern {
                request = request.with(
                    metadata: RequestMetadata(
                        protocolVersion: link.agreement.version,
                        clientCapabilities: ClientCapabilities(),
                        clientInfo: context.clientInfo
                    )
                )
            }
            let response = try await link.call(request, ParameterHeaders(), CallMessages())
            switch response.outcome {
            case .error(let error):
                // A server without the capability may say so.
                guard error.code == .methodNotFound else {
                    throw UpstreamFailure(.refused, "\(backend.name): \(listing.method): \(error.message)")
                }
                return []
            case .result(let result):
                let page: ListPage
                do throws(MessageFieldError) {
                    page = try ListPage(result, of: listing)
                } catch {
                    throw UpstreamFailure(.invalid, "\(backend.name): \(listing.method): \(error)")
                }
                items += page.items.map(\.detached)
                guard let next = page.nextCursor, next != cursor else {
                    let list = CachedList(items: items, read: .now)
                    if isKept { state.withLock { $0.lists[listing] = list } }
                    return items
                }
                cursor = next
            }
        }
        throw UpstreamFailure(
            .invalid,
            "\(backend.name): \(listing.method) has more than \(context.limits.pages) pages"
        )
    }

    /// The backend says that a list has changed, or it may have.
    func forgetLists() { state.withLock { $0.lists = [:] } }

    /// How many tools the backend has, as far as it is known.
    var toolCount: Int {
        backend.catalogue?.entries.count ?? state.withLock { $0.lists[.tools]?.items.count ?? 0 }
    }
}
