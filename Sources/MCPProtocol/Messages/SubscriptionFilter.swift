/// Which notifications a `subscriptions/listen` stream carries (M13; 2026-07-28, Subscriptions).
public struct SubscriptionFilter: Sendable, Hashable {
    /// Whether changes of the list of tools are wanted.
    public var toolsListChanged: Bool
    /// Whether changes of the list of prompts are wanted.
    public var promptsListChanged: Bool
    /// Whether changes of the list of resources are wanted.
    public var resourcesListChanged: Bool
    /// The URIs of the resources whose updates are wanted.
    public var resourceSubscriptions: Set<String>

    public init(
        toolsListChanged: Bool = false,
        promptsListChanged: Bool = false,
        resourcesListChanged: Bool = false,
        resourceSubscriptions: Set<String> = []
    ) {
        self.toolsListChanged = toolsListChanged
        self.promptsListChanged = promptsListChanged
        self.resourcesListChanged = resourcesListChanged
        self.resourceSubscriptions = resourceSubscriptions
    }

    /// Reads the filter of a `subscriptions/listen` request, or of the notification that acknowledges it.
    ///
    /// - Throws: `MessageFieldError` if the filter is missing, or a field has the wrong form.
    public init(params: RawJSON?) throws(MessageFieldError) {
        let params = try ObjectReader(params ?? [:], at: "params")
        let reader = try ObjectReader(params.object("notifications"), at: "params.notifications")
        toolsListChanged = try reader.optionalBool("toolsListChanged") ?? false
        promptsListChanged = try reader.optionalBool("promptsListChanged") ?? false
        resourcesListChanged = try reader.optionalBool("resourcesListChanged") ?? false
        resourceSubscriptions = Set(try reader.optionalStrings("resourceSubscriptions") ?? [])
    }

    /// The filter as JSON; what is not wanted is left out.
    public var json: RawJSON {
        [
            "toolsListChanged": toolsListChanged ? true : nil,
            "promptsListChanged": promptsListChanged ? true : nil,
            "resourcesListChanged": resourcesListChanged ? true : nil,
            "resourceSubscriptions": resourceSubscriptions.isEmpty
                ? nil : .array(resourceSubscriptions.sorted().map(RawJSON.string)),
        ]
    }

    /// What a server with these capabilities can honor of this filter.
    public func honored(by capabilities: ServerCapabilities) -> SubscriptionFilter {
        SubscriptionFilter(
            toolsListChanged: toolsListChanged && capabilities.toolsListChanged,
            promptsListChanged: promptsListChanged && capabilities.promptsListChanged,
            resourcesListChanged: resourcesListChanged && capabilities.resourcesListChanged,
            resourceSubscriptions: capabilities.resourcesSubscribe ? resourceSubscriptions : []
        )
    }

    /// Whether a stream with this filter carries a notification.
    public func includes(_ notification: JSONRPCNotification) -> Bool {
        switch Method(rawValue: notification.method) {
        case .toolsListChanged: toolsListChanged
        case .promptsListChanged: promptsListChanged
        case .resourcesListChanged: resourcesListChanged
        case .resourcesUpdated:
            notification.params?["uri"]?.stringValue.map { resourceSubscriptions.contains($0) } ?? false
        default: false
        }
    }

    /// The request for a stream with this filter.
    public func request(id: RequestID, metadata: RequestMetadata) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: Method.subscriptionsListen.rawValue, params: ["notifications": json])
            .with(metadata: metadata)
    }
}
