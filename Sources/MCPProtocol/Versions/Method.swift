/// The name of a request or notification of MCP.
public struct Method: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The name, such as `tools/list`.
    public var rawValue: String

    /// Any name, also one of an extension.
    public init(rawValue: String) { self.rawValue = rawValue }

    // Requests of clients.
    /// Opens a session of the legacy era.
    public static let initialize = Method(rawValue: "initialize")
    /// Asks whether the other side is there; legacy era.
    public static let ping = Method(rawValue: "ping")
    /// Asks for versions, capabilities and identity; modern era.
    public static let discover = Method(rawValue: "server/discover")
    /// Lists tools.
    public static let toolsList = Method(rawValue: "tools/list")
    /// Calls a tool.
    public static let toolsCall = Method(rawValue: "tools/call")
    /// Lists prompts.
    public static let promptsList = Method(rawValue: "prompts/list")
    /// Gets a prompt.
    public static let promptsGet = Method(rawValue: "prompts/get")
    /// Lists resources.
    public static let resourcesList = Method(rawValue: "resources/list")
    /// Lists templates of resources.
    public static let resourceTemplatesList = Method(rawValue: "resources/templates/list")
    /// Reads a resource.
    public static let resourcesRead = Method(rawValue: "resources/read")
    /// Asks for updates of a resource; legacy era.
    public static let resourcesSubscribe = Method(rawValue: "resources/subscribe")
    /// Ends such updates; legacy era.
    public static let resourcesUnsubscribe = Method(rawValue: "resources/unsubscribe")
    /// Opens a stream of changes; modern era.
    public static let subscriptionsListen = Method(rawValue: "subscriptions/listen")
    /// Completes an argument.
    public static let completionComplete = Method(rawValue: "completion/complete")
    /// Sets what is logged to the client; legacy era.
    public static let loggingSetLevel = Method(rawValue: "logging/setLevel")

    // Requests of servers; since 2026-07-28 they are carried in results.
    /// Lists the client's root directories.
    public static let rootsList = Method(rawValue: "roots/list")
    /// Asks the client's model.
    public static let samplingCreateMessage = Method(rawValue: "sampling/createMessage")
    /// Asks the client's user.
    public static let elicitationCreate = Method(rawValue: "elicitation/create")

    // Requests of both sides, 2025-11-25.
    /// Lists tasks.
    public static let tasksList = Method(rawValue: "tasks/list")
    /// Asks for the state of a task.
    public static let tasksGet = Method(rawValue: "tasks/get")
    /// Waits for the result of a task.
    public static let tasksResult = Method(rawValue: "tasks/result")
    /// Cancels a task.
    public static let tasksCancel = Method(rawValue: "tasks/cancel")

    // Notifications.
    /// The client is ready; legacy era.
    public static let initialized = Method(rawValue: "notifications/initialized")
    /// A request is to be stopped.
    public static let cancelled = Method(rawValue: "notifications/cancelled")
    /// A request makes progress.
    public static let progress = Method(rawValue: "notifications/progress")
    /// A log message.
    public static let message = Method(rawValue: "notifications/message")
    /// The tools are others now.
    public static let toolsListChanged = Method(rawValue: "notifications/tools/list_changed")
    /// The prompts are others now.
    public static let promptsListChanged = Method(rawValue: "notifications/prompts/list_changed")
    /// The resources are others now.
    public static let resourcesListChanged = Method(rawValue: "notifications/resources/list_changed")
    /// A resource has changed.
    public static let resourcesUpdated = Method(rawValue: "notifications/resources/updated")
    /// The client's root directories are others now; legacy era.
    public static let rootsListChanged = Method(rawValue: "notifications/roots/list_changed")
    /// The server says what of a subscription it honors; modern era.
    public static let subscriptionsAcknowledged = Method(rawValue: "notifications/subscriptions/acknowledged")

    public var description: String { rawValue }

    /// The requests that a revision lets clients make of servers; extensions add their own.
    public static func clientRequests(in version: ProtocolVersion) -> Set<Method> {
        var methods: Set<Method> = [
            .toolsList, .toolsCall, .promptsList, .promptsGet, .resourcesList, .resourceTemplatesList, .resourcesRead,
            .completionComplete,
        ]
        if version.era == .modern {
            methods.formUnion([.discover, .subscriptionsListen])
        } else {
            methods.formUnion([.initialize, .ping, .loggingSetLevel, .resourcesSubscribe, .resourcesUnsubscribe])
        }
        if version == .v2025_11_25 { methods.formUnion([.tasksList, .tasksGet, .tasksResult, .tasksCancel]) }
        return methods
    }

    /// Whether this request carries a name that the header `Mcp-Name` repeats (M3), and in which parameter it is.
    public var nameParameter: String? {
        switch self {
        case .toolsCall, .promptsGet: "name"
        case .resourcesRead: "uri"
        default: nil
        }
    }

    /// Whether a server may answer with a request for input (M11; Multi Round-Trip Requests, Supported Requests).
    public var supportsInputRequired: Bool { nameParameter != nil }

    /// Whether complete results carry caching hints (M9; Caching, Cacheable Results).
    public var isCacheable: Bool {
        switch self {
        case .discover, .toolsList, .promptsList, .resourcesList, .resourceTemplatesList, .resourcesRead: true
        default: false
        }
    }
}
