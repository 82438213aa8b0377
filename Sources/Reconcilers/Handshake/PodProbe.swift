internal import CRDModels
internal import ControllerRuntime
internal import HTTPTypes
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import Policy
import Synchronization

/// Reads what a server offers: from one of its pods, at the pod's address or through the API server, or from a remote server at its URL.
final class PodProbe: ProtocolProbe {
    /// How pods are reached.
    enum Route: Sendable {
        /// At the pod's address.
        case podAddress
        /// Through the API server's proxy.
        case apiServer(any APITransport)
    }

    private let route: Route
    private let remotes: RemoteConnection?
    private let inbox: ContractInbox
    /// Whether what a server offers, by its digest, is already stored.
    private let isStored: @Sendable (_ digest: String, _ server: NamespacedName) -> Bool
    /// Listens to servers that report changes, once they were read.
    private let listener: ChangeListener?
    private let timeout: Duration
    private let clock: RuntimeClock
    private let logger: Logger
    /// What was agreed with each server, which saves requests to servers of the legacy era.
    private let agreements = Mutex<[NamespacedName: ClientNegotiation.Agreement]>([:])

    /// - Parameters:
    ///   - route: how pods are reached.
    ///   - remotes: how remote servers are reached; `nil` if there are none.
    ///   - inbox: where contracts are put that are not stored yet.
    ///   - isStored: whether what a server offers, by its digest, is already stored.
    ///   - listener: listens to servers that report changes, once they were read.
    ///   - timeout: how long one check can take.
    ///   - clock: the runtime's clock.
    ///   - logger: where the client logs.
    init(
        route: Route,
        remotes: RemoteConnection? = nil,
        inbox: ContractInbox,
        isStored: @escaping @Sendable (_ digest: String, _ server: NamespacedName) -> Bool,
        listener: ChangeListener? = nil,
        timeout: Duration,
        clock: RuntimeClock,
        logger: Logger
    ) {
        self.route = route
        self.remotes = remotes
        self.inbox = inbox
        self.isStored = isStored
        self.listener = listener
        self.timeout = timeout
        self.clock = clock
        self.logger = logger
    }

    func forget(_ server: NamespacedName) {
        agreements.withLock { _ = $0.removeValue(forKey: server) }
        inbox.remove(server)
    }

    func check(_ target: HandshakeTarget) async throws(CancellationError) -> ProtocolVerdict {
        do {
            return try await withTimeout(timeout, clock: clock, operation: "the handshake") {
                try await self.read(target)
            }
        } catch is TimeoutError {
            let seconds = timeout.components.seconds
            return .failed(ProtocolFailure(.timedOut, "\(target): no complete answer in \(seconds) seconds"))
        } catch {
            // The body turns every other error into a verdict.
            throw CancellationError()
        }
    }

    private func read(_ target: HandshakeTarget) async throws -> ProtocolVerdict {
        let remembered = agreements.withLock { $0[target.server] }
        do {
            let reading = try await read(target, at: target.location, remembered: remembered)
            agreements.withLock { $0[target.server] = reading.agreement }
            let status = ServerProtocolStatus(reading, target: target, now: Timestamp(clock.wallTime.date))
            // Before the verdict is reported, so that the server's reconciler finds it.
            if let digest = status.contractDigest, !isStored(digest, target.server) {
                inbox.put(reading.contract, digest: digest, of: target.server)
            }
            listener?.follow(target, reading.agreement.capabilities) { filter, changed in
                try await self.listen(to: target, filter, changed: changed)
            }
            return .verified(status)
        } catch let error as MCPClientError {
            try Task.checkCancellation()
            if error.code == .unauthorized, target.remote?.server.headers?.isEmpty ?? true {
                return .credentialsRequired(
                    ServerProtocolStatus(target: target, now: Timestamp(clock.wallTime.date)),
                    message:
                        "\(target.location.path) answers 401: the server requires credentials, which the controller does not have"
                )
            }
            return .failed(ProtocolFailure(error, target: target, elsewhere: try await elsewhere(target, after: error)))
        }
    }

    /// Where the server would answer, if it does not where the spec says.
    private func elsewhere(_ target: HandshakeTarget, after error: MCPClientError) async throws -> HandshakeLocation? {
        guard error.isAboutLocation, target.remote == nil else { return nil }
        for location in HandshakeLocation.usual where location != target.location {
            do {
                _ = try await read(target, at: location, remembered: nil)
                return location
            } catch let error as MCPClientError {
                try Task.checkCancellation()
                if error.code == .unauthorized { return location }
            }
        }
        return nil
    }

    private func read(
        _ target: HandshakeTarget,
        at location: HandshakeLocation,
        remembered: ClientNegotiation.Agreement?
    ) async throws -> ServerReading {
        var options = MCPClientOptions()
        options.fallsBackToHTTPSSE = false
        options.remembered = remembered
        options.limits.connectTime = min(options.limits.connectTime, timeout)
        options.limits.requestTime = timeout
        options.limits.discoverTime = min(options.limits.discoverTime, timeout)
        return try await withExchange(target, connectTimeout: options.limits.connectTime) {
            [options, logger] exchange, headers in
            var options = options
            options.headers = headers
            return try await ContractReader(options: options, exchange: exchange, logger: logger)
                .read(location.endpoint(of: target))
        }
    }

    /// Has a server report changes, until its stream ends.
    private func listen(
        to target: HandshakeTarget,
        _ filter: SubscriptionFilter,
        changed: @escaping @Sendable () -> Void
    ) async throws {
        var options = MCPClientOptions()
        options.fallsBackToHTTPSSE = false
        options.remembered = agreements.withLock { $0[target.server] }
        options.limits.connectTime = min(options.limits.connectTime, timeout)
        try await withExchange(target, connectTimeout: options.limits.connectTime) {
            [options, logger] exchange, headers in
            var options = options
            options.headers = headers
            try await MCPClient.withConnection(
                to: target.location.endpoint(of: target),
                options: options,
                exchange: exchange,
                logger: logger
            ) { client in
                try await client.withChanges(filter) { changes in
                    for try await change in changes {
                        if case .changed = change { changed() }
                    }
                }
            }
        }
    }

    /// Runs a body with what sends requests to a pod or a remote server, and the header fields for them.
    private func withExchange<Result: Sendable>(
        _ target: HandshakeTarget,
        connectTimeout: Duration,
        _ body: (any HTTPExchange, HTTPFields) async throws -> Result
    ) async throws -> Result {
        if let remote = target.remote {
            guard let remotes else {
                throw MCPClientError(.closed, "\(target): remote servers are not reached from here")
            }
            let namespace = target.server.namespace
            return try await remotes.with(remote, namespace: namespace, connectTimeout: connectTimeout, body)
        }
        switch route {
        case .apiServer(let transport):
            return try await body(
                PodProxyExchange(transport: transport, target: target, timeout: timeout),
                HTTPFields()
            )
        case .podAddress:
            var settings = HTTPClientExchange.Options()
            settings.connectTimeout = connectTimeout
            // A pod's certificate is not made for its address, and the controller sends no secret.
            settings.trust = .insecureAny
            settings.maximumRedirects = 0
            let exchange = try HTTPClientExchange(settings)
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(exchange, HTTPFields()))
            } catch {
                outcome = .failure(error)
            }
            await exchange.shutdown()
            return try outcome.get()
        }
    }
}

/// A path of a pod, and the transport that is spoken there.
struct HandshakeLocation: Sendable, Hashable {
    var transport: Transport
    var path: String

    /// The endpoint of a pod there.
    func endpoint(of target: HandshakeTarget) -> MCPEndpoint {
        let url = "\(target.origin)\(path)"
        return transport == .sse ? .httpSSE(url) : .streamableHTTP(url)
    }

    /// Where servers usually serve MCP.
    static let usual = [
        HandshakeLocation(transport: .streamableHTTP, path: "/mcp"),
        HandshakeLocation(transport: .sse, path: "/sse"),
        HandshakeLocation(transport: .streamableHTTP, path: "/"),
    ]
}

extension HandshakeTarget: CustomStringConvertible {
    /// Where the spec says that the server is. A stdio server is served over Streamable HTTP.
    var location: HandshakeLocation {
        HandshakeLocation(transport: endpoint.transport == .sse ? .sse : .streamableHTTP, path: endpoint.path)
    }

    /// The origin of the pod's URLs.
    var origin: String {
        let host = address.contains(":") ? "[\(address)]" : address
        return "\(endpoint.usesTLS ? "https" : "http")://\(host):\(port)"
    }

    /// The pod and the URL that is checked.
    public var description: String { remote.map { "\($0.url)" } ?? "pod \(pod), \(origin)\(endpoint.path)" }
}

extension ServerProtocolStatus {
    /// How long the texts of a server can be that are kept, as in the schema.
    private static let maximumLength = 253

    /// What is known of a server that says nothing about itself.
    init(target: HandshakeTarget, now: Timestamp) {
        self.init(
            path: target.endpoint.path,
            pod: target.remote == nil ? target.pod : nil,
            podUID: target.remote == nil ? target.podUID : nil,
            image: target.image?.printable(maximumLength: 1024),
            podTemplateHash: target.podTemplateHash,
            lastCheckTime: now
        )
    }

    /// What a server offers.
    init(_ reading: ServerReading, target: HandshakeTarget, now: Timestamp) {
        self.init(target: target, now: now)
        let agreement = reading.agreement
        serverName = agreement.serverInfo?.name.printable(maximumLength: Self.maximumLength)
        serverVersion = agreement.serverInfo?.version.printable(maximumLength: Self.maximumLength)
        protocolVersion = agreement.version.rawValue
        let versions = agreement.serverVersions.isEmpty ? [agreement.version] : agreement.serverVersions
        supportedVersions = versions.prefix(32).map { $0.rawValue.printable(maximumLength: 64) }
        let names = agreement.capabilities.raw.members?.map(\.name) ?? []
        capabilities = names.sorted().prefix(64).map { $0.printable(maximumLength: 64) }
        tools = reading.count(.tool)
        prompts = reading.count(.prompt)
        resources = reading.count(.resource)
        resourceTemplates = reading.count(.resourceTemplate)
        contractDigest = ContractDigest.of(reading.contract.canonical)
    }
}
