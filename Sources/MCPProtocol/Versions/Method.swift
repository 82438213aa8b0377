/// The name of a request or notification of MCP.
public struct Method: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    // Requests of clients.
    public static let initialize = Method(rawValue: "initialize")
    public static let ping = Method(rawValue: "ping")
    public static let discover = Method(rawValue: "server/discover")
    public static let toolsList = Method(rawValue: "tools/list")
    public static let toolsCall = Method(rawValue: "tools/call")
    public static let promptsList = Method(rawValue: "prompts/list")
    public static let promptsGet = Method(rawValue: "prompts/get")
    public static let resourcesList = Method(rawValue: "resources/list")
    public static let resourceTemplatesList = Method(rawValue: "resources/templates/list")
    public static let resourcesRead = Method(rawValue: "resources/read")
    public static let resourcesSubscribe = Method(rawValue: "resources/subscribe")
    public static let resourcesUnsubscribe = Method(rawValue: "resources/unsubscribe")
    public static let subscriptionsListen = Method(rawValue: "subscriptions/listen")
    public static let completionComplete = Method(rawValue: "completion/complete")
    public static let loggingSetLevel = Method(rawValue: "logging/setLevel")

    // Requests of servers; since 2026-07-28 they are carried in results.
    public static let rootsList = Method(rawValue: "roots/list")
    public static let samplingCreateMessage = Method(rawValue: "sampling/createMessage")
    public static let elicitationCreate = Method(rawValue: "elicitation/create")

    // Requests of both sides, 2025-11-25.
    public static let tasksList = Method(rawValue: "tasks/list")
    public static let tasksGet = Method(rawValue: "tasks/get")
    public static let tasksResult = Method(rawValue: "tasks/result")
    public static let tasksCancel = Method(rawValue: "tasks/cancel")

    // Notifications.
    public static let initialized = Method(rawValue: "notifications/initialized")
    public static let cancelled = Method(rawValue: "notifications/cancelled")
    public static let progress = Method(rawValue: "notifications/progress")
    public static let message = Method(rawValue: "notifications/message")
    public static let toolsListChanged = Method(rawValue: "notifications/tools/list_changed")
    public static let promptsListChanged = Method(rawValue: "notifications/prompts/list_changed")
    public static let resourcesListChanged = Method(rawValue: "notifications/resources/list_changed")
    public static let resourcesUpdated = Method(rawValue: "notifications/resources/updated")
    public static let rootsListChanged = Method(rawValue: "notifications/roots/list_changed")
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
