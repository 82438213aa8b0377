public import MCPProtocol
import Synchronization

/// A server built from typed tools, prompts and resources. It speaks both eras: lists in pages, discovery, completions, log levels,
/// subscriptions, input from the client, and notifications when what it offers changes.
public final class MCPService: MCPServerHandler {
    /// How a service behaves.
    public struct Options: Sendable {
        /// Items of one page of a list: 100.
        public var pageSize = 100
        /// How long discovery and lists stay fresh, and for whom. Stale at once, and private.
        public var caching = CachingHints(timeToLiveMilliseconds: 0, scope: .private)
        /// How long the contents of resources stay fresh, and for whom. Stale at once, and private.
        public var resourceCaching = CachingHints(timeToLiveMilliseconds: 0, scope: .private)
        /// Whether clients are told when a list changes.
        public var announcesChanges = true
        /// Whether clients can subscribe to resources.
        public var allowsResourceSubscriptions = true
        /// Whether the service sends log messages to clients of the legacy era. 2026-07-28 deprecates them, so its clients get none.
        public var logs = true
        /// Resources that one session can subscribe to: 1,000.
        public var maximumSubscriptions = 1_000
        /// Changes that wait for a subscriber that reads slowly; then its subscription ends: 256.
        public var maximumPendingChanges = 256

        public init() {}
    }

    struct SessionState {
        let session: ServerSession
        var logLevel = LogLevel.info
        var resources: Set<String> = []
    }

    struct State {
        var content: ServiceContent
        var sessions: [String: SessionState] = [:]
        /// The streams of `subscriptions/listen`.
        var listeners: [Int: AsyncStream<JSONRPCNotification>.Continuation] = [:]
        var nextListener = 0
        var isShutDown = false
    }

    /// Who the service says it is.
    public let info: Implementation
    /// How to use the service, for a model.
    public let instructions: String?
    let versions: SupportedVersions
    let options: Options
    let state: Mutex<State>

    /// - Parameter versions: those that the transport serves.
    public init(
        info: Implementation,
        instructions: String? = nil,
        versions: SupportedVersions = .all,
        content: ServiceContent,
        options: Options = Options()
    ) {
        self.info = info
        self.instructions = instructions
        self.versions = versions
        self.options = options
        state = Mutex(State(content: content))
    }

    /// What the service offers now.
    public var content: ServiceContent { state.withLock { $0.content } }

    /// What clients of an era see of it.
    public func capabilities(in era: ProtocolVersion.Era) -> ServerCapabilities {
        let content = content
        let hasResources = !content.resources.isEmpty || !content.resourceTemplates.isEmpty
        let plain = ServerCapabilities(
            tools: !content.tools.isEmpty,
            prompts: !content.prompts.isEmpty,
            resources: hasResources,
            listChanged: options.announcesChanges,
            resourcesSubscribe: options.allowsResourceSubscriptions
        )
        let raw = plain.raw
            .setting("completions", to: content.complete == nil ? nil : [:])
            .setting("logging", to: options.logs && era == .legacy ? [:] : nil)
        // These two are objects, so this does not fail.
        return (try? ServerCapabilities(raw)) ?? plain
    }

    public func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        if request.method == .subscriptionsListen, request.era == .modern { return try await listen(request) }
        do {
            return JSONRPCResponse(id: request.id, result: finished(try await result(of: request), request))
        } catch let error as InputRequired {
            return JSONRPCResponse(id: request.id, result: error.result.withServerInfo(info))
        }
    }

    private func result(of request: ServerRequest) async throws -> RawJSON {
        if let listing = Listing(requestedBy: request.method) { return try page(of: listing, request) }
        switch (request.method, request.era) {
        case (.initialize, .legacy):
            return InitializeResult(
                protocolVersion: request.version,
                capabilities: capabilities(in: request.era),
                serverInfo: info,
                instructions: instructions
            ).raw
        case (.discover, .modern):
            return DiscoverResult(
                supportedVersions: versions.versions,
                capabilities: capabilities(in: request.era),
                serverInfo: info,
                instructions: instructions,
                caching: options.caching
            ).raw
        case (.toolsCall, _): return try await callTool(request)
        case (.promptsGet, _): return try await getPrompt(request)
        case (.resourcesRead, _): return try await readResource(request)
        case (.completionComplete, _): return try await complete(request)
        case (.loggingSetLevel, .legacy): return try setLogLevel(request)
        case (.resourcesSubscribe, .legacy): return try subscribe(request, true)
        case (.resourcesUnsubscribe, .legacy): return try subscribe(request, false)
        default: throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
    }

    /// What a revision adds to a result.
    private func finished(_ result: RawJSON, _ request: ServerRequest) -> RawJSON {
        guard request.era == .modern else { return result }
        var result = result.withResultType().withServerInfo(info)
        if request.method.isCacheable, request.method != .discover {
            let caching = request.method == .resourcesRead ? options.resourceCaching : options.caching
            // Answers that depend on input are for one client alone, and never cached.
            let isRetry = request.message.params?["inputResponses"] != nil
            result = (isRetry ? CachingHints(timeToLiveMilliseconds: 0, scope: .private) : caching).applied(to: result)
        }
        return result
    }

    private func page(of listing: Listing, _ request: ServerRequest) throws -> RawJSON {
        let content = content
        let isOffered =
            switch listing {
            case .tools: !content.tools.isEmpty
            case .prompts: !content.prompts.isEmpty
            case .resources, .resourceTemplates: !content.resources.isEmpty || !content.resourceTemplates.isEmpty
            }
        guard isOffered else { throw ProtocolError.methodNotFound(request.message.method, id: request.id) }
        let items = content.items(of: listing)
        var start = 0
        if let cursor = try Listing.cursor(of: request.message) {
            // The list may have become shorter since; then the page is empty and the last.
            guard cursor.hasPrefix("after:"), let position = Int(cursor.dropFirst(6)), position > 0,
                cursor == "after:\(position)"
            else { throw MessageFieldError(field: "params.cursor", problem: "is not one that this server has sent") }
            start = min(position, items.count)
        }
        let end = min(start + max(1, options.pageSize), items.count)
        return ListPage(
            of: listing,
            items: Array(items[start..<end]),
            nextCursor: end < items.count ? "after:\(end)" : nil,
            caching: request.era == .modern ? options.caching : nil
        ).raw
    }
}
