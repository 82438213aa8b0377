internal import FoundationEssentials
internal import Logging
internal import MCPProtocol
internal import MCPTransport
internal import Policy
internal import Synchronization

/// All backends of the gateway. ``run()`` must be running.
final class Upstreams: Sendable {
    /// A backend, and what runs for it.
    private struct Entry {
        let upstream: Upstream
        var adapter: LocalAdapter?
        /// What sends requests to a remote server, and how it was made.
        var remote: (endpoint: RemoteEndpoint, exchange: CheckedExchange)?
    }

    private let context: Upstream.Context
    private let network: RemoteNetwork
    private let directory: PrivateDirectory
    private let state = Mutex<[String: Entry]>([:])
    let background = RequestRunner()

    init(
        exchange: any HTTPExchange,
        exchanger: TokenExchanger? = nil,
        limits: UpstreamLimits,
        network: RemoteNetwork = .system,
        clientInfo: Implementation,
        clock: any Clock<Duration>,
        logger: Logger,
        metrics: GatewayMetrics? = nil
    ) {
        context = Upstream.Context(
            exchange: exchange,
            exchanger: exchanger,
            limits: limits,
            clientInfo: clientInfo,
            background: background,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
        self.network = network
        directory = PrivateDirectory()
    }

    /// Takes new backends, and lets go of those that are not there any more. Requests in flight keep what they use.
    func update(_ backends: [Backend]) {
        let removed = state.withLock { entries -> [Entry] in
            var kept: [String: Entry] = [:]
            var removed: [Entry] = []
            for backend in backends {
                if let entry = entries.removeValue(forKey: backend.id) {
                    if entry.upstream.take(backend) {
                        kept[backend.id] = entry
                        continue
                    }
                    let next = makeEntry(backend, after: entry)
                    kept[backend.id] = next
                    var entry = entry
                    // The connections stay if only the credentials are others.
                    if entry.remote?.exchange === next.remote?.exchange { entry.remote = nil }
                    removed.append(entry)
                    continue
                }
                kept[backend.id] = makeEntry(backend)
            }
            removed += entries.values
            entries = kept
            return removed
        }
        for entry in removed {
            _ = background.submit {
                await entry.upstream.closeShared(olderThan: .zero)
                entry.adapter?.stop()
                guard let exchange = entry.remote?.exchange else { return }
                // Requests in flight finish.
                try? await self.context.clock.sleep(for: self.context.limits.requestTime)
                await exchange.shutdown()
            }
            let backend = entry.upstream.backend
            guard let metrics = context.metrics, !backends.contains(where: { $0.id == backend.id }) else { continue }
            metrics.removeServer(namespace: backend.namespace ?? "", server: backend.name)
        }
    }

    /// - Parameter before: the entry of the same backend, which is replaced.
    private func makeEntry(_ backend: Backend, after before: Entry? = nil) -> Entry {
        switch backend.target {
        case .streamableHTTP(let url), .httpSSE(let url):
            return Entry(
                upstream: Upstream(backend, endpoints: [.init(id: "", url: url)], context: context),
                adapter: nil
            )
        case .remote(let remote): return makeEntry(backend, remote, after: before)
        case .pods(let pods):
            return Entry(upstream: Upstream(backend, endpoints: pods, context: context), adapter: nil)
        case .command(let command):
            let adapter = LocalAdapter(backend.id, command, socketPath: directory.nextSocket(), logger: context.logger)
            _ = background.submit { await adapter.run() }
            let endpoint = Backend.PodEndpoint(id: "", url: adapter.url)
            return Entry(upstream: Upstream(backend, endpoints: [endpoint], context: context), adapter: adapter)
        }
    }

    private func makeEntry(_ backend: Backend, _ remote: RemoteEndpoint, after before: Entry?) -> Entry {
        var context = context
        if let time = remote.requestTime { context.limits.requestTime = min(time, context.limits.requestTime) }
        let exchange: CheckedExchange
        if let known = before?.remote, known.endpoint == remote {
            exchange = known.exchange
        } else {
            var options = HTTPClientExchange.Options()
            options.connectTimeout = min(remote.connectTime, context.limits.connectTime)
            if let authorities = remote.authorities { options.trust = .authorities(pem: authorities) }
            let (addresses, isSecure) = (remote.addresses, (try? RemoteURL(remote.url))?.isSecure ?? false)
            do {
                exchange = try CheckedExchange(options, network: network) {
                    addresses.refusal(of: $0, port: $1, isSecure: isSecure)
                }
            } catch {
                context.logger.error(
                    "a remote server cannot be called",
                    metadata: ["backend": "\(backend.id)", "error": "\(error)"]
                )
                return Entry(upstream: Upstream(backend, endpoints: [], context: context))
            }
        }
        context.exchange = exchange
        return Entry(
            upstream: Upstream(backend, endpoints: [.init(id: "", url: remote.url)], context: context),
            remote: (remote, exchange)
        )
    }

    subscript(backend: Backend) -> Upstream? { state.withLock { $0[backend.id]?.upstream } }

    var all: [Upstream] { state.withLock { $0.values.map(\.upstream) } }

    /// Runs what belongs to no request, until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.background.run() }
            group.addTask {
                while (try? await self.context.clock.sleep(for: .seconds(30))) != nil {
                    for upstream in self.all {
                        // Ejections end with time.
                        upstream.showHealth()
                        await upstream.closeShared(olderThan: self.context.limits.sessionIdleTime)
                    }
                }
            }
            group.addTask { await self.keepConnected() }
            await group.waitForAll()
        }
        directory.remove()
    }

    /// How many backends are reached at once before clients ask: each takes a connection, and thousands of them at the same moment take
    /// more memory than all that is kept of the backends.
    private static let reachedAtOnce = 64

    /// Finds out what each backend speaks and offers before a client asks, and tries again while one cannot be reached.
    private func keepConnected() async {
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            await withTaskGroup(of: Void.self) { group in
                var running = 0
                // A server that needs a token for each caller is reached on behalf of one.
                for upstream in all where !upstream.isConnected && upstream.backend.tokenExchange == nil {
                    if running == Self.reachedAtOnce {
                        await group.next()
                        running -= 1
                    }
                    guard !Task.isCancelled else { break }
                    running += 1
                    group.addTask {
                        guard let link = try? await upstream.sharedLink(for: "") else { return }
                        guard upstream.backend.catalogue == nil, link.agreement.capabilities.tools else { return }
                        _ = try? await upstream.list(.tools, link)
                    }
                }
            }
            try? await context.clock.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// Ends all processes and sessions.
    func shutDown() async {
        let entries = state.withLock { entries in
            defer { entries = [:] }
            return Array(entries.values)
        }
        for entry in entries {
            await entry.upstream.closeShared(olderThan: .zero)
            entry.adapter?.stop()
            await entry.remote?.exchange.shutdown()
        }
        background.finish()
    }
}

/// A command that the gateway runs, behind a socket that only this process's user can reach.
final class LocalAdapter: Sendable {
    let url: String
    private let adapter: StdioAdapter
    private let server: StreamableHTTPServer
    private let stopped = Signal()
    private let logger: Logger

    init(_ id: String, _ command: MCPCommand, socketPath: String, logger: Logger) {
        var logger = logger
        logger[metadataKey: "backend"] = "\(id)"
        self.logger = logger
        adapter = StdioAdapter(AdapterConfiguration(command: command), logger: logger)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        server = StreamableHTTPServer(
            handler: adapter,
            socketPath: socketPath,
            configuration: adapter.httpConfiguration,
            logger: quiet
        )
        let host = socketPath.utf8.map { byte in
            byte == UInt8(ascii: "/") ? "%2F" : String(UnicodeScalar(byte))
        }.joined()
        url = "http+unix://\(host)/mcp"
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                do { try await adapter.run() } catch {
                    logger.error("the server's processes failed", metadata: ["error": "\(error)"])
                }
            }
            group.addTask { [self] in
                do { try await server.run() } catch {
                    logger.error("the server's socket failed", metadata: ["error": "\(error)"])
                }
            }
            group.addTask { [self] in while await stopped.wait() {} }
            await group.next()
            group.cancelAll()
        }
    }

    func stop() { stopped.finish() }
}

/// A directory for sockets that only this user can enter, made when the first one is needed.
final class PrivateDirectory: Sendable {
    private let state = Mutex<(path: String?, count: Int)>((nil, 0))

    /// A path for another socket.
    func nextSocket() -> String {
        state.withLock { state in
            if state.path == nil {
                // Short: the path of a socket has at most 107 bytes.
                let path = FileManager.default.temporaryDirectory.appending(
                    path: "mg-\(UInt32.random(in: .min ... .max))"
                )
                try? FileManager.default.createDirectory(
                    at: path,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
                state.path = path.path()
            }
            state.count += 1
            return "\(state.path ?? "/tmp")/\(state.count)"
        }
    }

    func remove() {
        guard let path = state.withLock({ $0.path }) else { return }
        try? FileManager.default.removeItem(atPath: path)
    }
}
