public import MCPProtocol
internal import Synchronization

/// Sends requests only to addresses that may be connected to: the address that was checked is the one that is connected to.
///
/// A name is resolved here, once, and the connection is made to one of the addresses that are allowed; TLS and the header `Host` still
/// use the name. Redirects are not followed.
public final class CheckedExchange: HTTPExchange {
    /// Why an address must not be connected to; `nil` if it can be.
    public typealias Check = @Sendable (_ address: String, _ port: Int) -> String?

    private struct Key: Hashable {
        var host: String
        var address: String
    }

    private struct Answer {
        var addresses: [String]
        var read: ContinuousClock.Instant
    }

    private struct State {
        /// What sends requests to each address.
        var exchanges: [Key: HTTPClientExchange] = [:]
        /// In the order in which they were made.
        var order: [Key] = []
        var answers: [String: Answer] = [:]
        var isShutDown = false
    }

    private let options: HTTPClientExchange.Options
    private let resolver: any HostResolver
    private let check: Check
    private let dial: @Sendable (String) -> String
    private let state = Mutex(State())

    /// How long the addresses of a name are used before it is resolved again.
    private static let lifetime = Duration.seconds(10)
    /// How many addresses are connected to at most. A name that has more in turn has its oldest connections closed.
    private static let maximumExchanges = 64
    /// How many addresses are tried, if nothing answers at the first ones.
    private static let maximumAttempts = 3

    /// - Parameters:
    ///   - options: how requests are sent. Redirects are not followed, whatever they say.
    ///   - resolver: finds the addresses of names.
    ///   - dial: where a checked address is. Only tests change it.
    ///   - check: why an address must not be connected to.
    public init(
        _ options: HTTPClientExchange.Options = HTTPClientExchange.Options(),
        resolver: any HostResolver = SystemResolver(),
        dial: @escaping @Sendable (String) -> String = { $0 },
        check: @escaping Check
    ) throws {
        var options = options
        options.maximumRedirects = 0
        self.options = options
        self.resolver = resolver
        self.check = check
        self.dial = dial
        // An authority that is not valid is found now, and not at the first request.
        try options.trust.validate()
    }

    /// Sends requests in a network.
    public convenience init(
        _ options: HTTPClientExchange.Options,
        network: RemoteNetwork,
        check: @escaping Check
    ) throws {
        try self.init(options, resolver: network.resolver, dial: network.dial, check: check)
    }

    public func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        let url: RemoteURL
        do throws(RemoteURLError) {
            url = try RemoteURL(request.url)
        } catch {
            throw MCPClientError(
                .invalidEndpoint,
                "\(MCPEndpoint.redacted(request.url)): the URL is not valid: \(error)"
            )
        }
        var request = request
        request.url = url.description
        let addresses = try await usable(url)
        for (index, address) in addresses.prefix(Self.maximumAttempts).enumerated() {
            do {
                return try await exchange(to: address, of: url.host).send(request)
            } catch let error as MCPClientError
                where error.code == .connectionRefused && index + 1 < min(addresses.count, Self.maximumAttempts)
            {
                // Nothing was sent.
                continue
            }
        }
        throw MCPClientError(.connectionRefused, "\(url.origin): no address answers")
    }

    /// The addresses of a URL that may be connected to, those with connections first.
    private func usable(_ url: RemoteURL) async throws -> [String] {
        let all = url.isAddress ? [url.host] : try await addresses(of: url)
        let checked = all.map { (address: $0, refusal: check($0, url.port)) }
        let allowed = checked.filter { $0.refusal == nil }.map(\.address)
        guard !allowed.isEmpty else {
            throw MCPClientError(
                .addressNotAllowed,
                "\(url.origin): \(checked.first?.refusal ?? "the host has no address")"
            )
        }
        let connected = state.withLock { state in
            Set(state.exchanges.keys.filter { $0.host == url.host }.map(\.address))
        }
        return allowed.filter(connected.contains) + allowed.filter { !connected.contains($0) }
    }

    private func addresses(of url: RemoteURL) async throws -> [String] {
        let now = ContinuousClock.now
        let known = state.withLock { $0.answers[url.host] }
        if let known, now - known.read < Self.lifetime { return known.addresses }
        let found: [String]
        do {
            found = try await TimeLimit.run(options.connectTimeout, clock: ContinuousClock()) { [resolver] in
                try await resolver.addresses(of: url.host)
            }
        } catch is TimeLimit.Passed {
            throw MCPClientError(.timedOut, "\(url.origin): the name of the host was not resolved in time")
        }
        state.withLock { $0.answers[url.host] = Answer(addresses: found, read: now) }
        return found
    }

    private func exchange(to address: String, of host: String) async throws -> HTTPClientExchange {
        let key = Key(host: host, address: address)
        if let known = state.withLock({ $0.exchanges[key] }) { return known }
        var options = options
        options.addresses = [host: dial(address)]
        let new = try HTTPClientExchange(options)
        let (used, surplus) = state.withLock { state -> (HTTPClientExchange?, HTTPClientExchange?) in
            if let known = state.exchanges[key] { return (known, new) }
            guard !state.isShutDown else { return (nil, new) }
            state.exchanges[key] = new
            state.order.append(key)
            guard state.order.count > Self.maximumExchanges else { return (new, nil) }
            return (new, state.exchanges.removeValue(forKey: state.order.removeFirst()))
        }
        await surplus?.shutdown()
        guard let used else { throw MCPClientError(.closed, "the HTTP client is shut down") }
        return used
    }

    /// Closes all connections.
    public func shutdown() async {
        let exchanges = state.withLock { state in
            state.isShutDown = true
            defer { state.exchanges = [:] }
            return Array(state.exchanges.values)
        }
        for exchange in exchanges { await exchange.shutdown() }
    }
}
