/// Which objects of a collection to list, and how. `metav1.ListOptions`.
public struct ListOptions: Sendable, Hashable {
    /// How `resourceVersion` is interpreted.
    public enum ResourceVersionMatch: String, Sendable, Hashable {
        /// Exactly this version.
        case exact = "Exact"
        /// This version or a later one.
        case notOlderThan = "NotOlderThan"
    }

    /// The label selector, such as `app=web,tier!=db`.
    public var labelSelector: String?
    /// The field selector, such as `metadata.name=web`.
    public var fieldSelector: String?
    /// The maximum number of objects in a page. Without it, the server returns all objects.
    public var limit: Int?
    /// The token from the previous page, at which the page starts.
    public var `continue`: String?
    /// The version to read: `nil` for the most recent one, `0` for any version in the server's cache.
    public var resourceVersion: String?
    /// How the version is interpreted.
    public var resourceVersionMatch: ResourceVersionMatch?
    /// The number of seconds after which the server ends the request.
    public var timeoutSeconds: Int?

    public init(
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        limit: Int? = nil,
        continue: String? = nil,
        resourceVersion: String? = nil,
        resourceVersionMatch: ResourceVersionMatch? = nil,
        timeoutSeconds: Int? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.limit = limit
        self.`continue` = `continue`
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
        self.timeoutSeconds = timeoutSeconds
    }

    var query: [APIRequest.QueryItem] {
        var items: [APIRequest.QueryItem] = []
        items.add("labelSelector", labelSelector)
        items.add("fieldSelector", fieldSelector)
        items.add("limit", limit.map(String.init))
        items.add("continue", `continue`)
        items.add("resourceVersion", resourceVersion)
        items.add("resourceVersionMatch", resourceVersionMatch?.rawValue)
        items.add("timeoutSeconds", timeoutSeconds.map(String.init))
        return items
    }
}

/// Which objects of a collection to watch, and how.
public struct WatchOptions: Sendable, Hashable {
    /// The label selector.
    public var labelSelector: String?
    /// The field selector.
    public var fieldSelector: String?
    /// The version after which the watch starts; `nil` or `0` starts with the existing objects.
    public var resourceVersion: String?
    /// How the version is interpreted; a streaming list needs `notOlderThan`.
    public var resourceVersionMatch: ListOptions.ResourceVersionMatch?
    /// Whether the server may send bookmarks, which show that an idle watch still works.
    public var allowBookmarks: Bool
    /// Whether the watch starts with all objects, followed by a bookmark that marks their end: a streaming list.
    public var sendInitialEvents: Bool
    /// The number of seconds after which the server ends the watch. client-go chooses 300 to 600 at random.
    public var timeoutSeconds: Int?

    public init(
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        resourceVersion: String? = nil,
        resourceVersionMatch: ListOptions.ResourceVersionMatch? = nil,
        allowBookmarks: Bool = true,
        sendInitialEvents: Bool = false,
        timeoutSeconds: Int? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
        self.allowBookmarks = allowBookmarks
        self.sendInitialEvents = sendInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }

    var query: [APIRequest.QueryItem] {
        var items: [APIRequest.QueryItem] = [.init("watch", "true")]
        items.add("labelSelector", labelSelector)
        items.add("fieldSelector", fieldSelector)
        items.add("resourceVersion", resourceVersion)
        // The API server rejects `sendInitialEvents` without `resourceVersionMatch`.
        let match = resourceVersionMatch ?? (sendInitialEvents ? .notOlderThan : nil)
        items.add("resourceVersionMatch", match?.rawValue)
        items.add("allowWatchBookmarks", allowBookmarks || sendInitialEvents ? "true" : nil)
        items.add("sendInitialEvents", sendInitialEvents ? "true" : nil)
        items.add("timeoutSeconds", timeoutSeconds.map(String.init))
        return items
    }
}

/// What the server does with unknown fields.
public enum FieldValidation: String, Sendable, Hashable {
    /// They are dropped silently.
    case ignore = "Ignore"
    /// They are dropped, with a warning. The server's default.
    case warn = "Warn"
    /// The request is rejected.
    case strict = "Strict"
}

/// How to create, replace or patch.
public struct WriteOptions: Sendable, Hashable {
    /// The name of the writer in `managedFields`. Without it, the server uses the first word of the user agent.
    public var fieldManager: String?
    /// Whether to validate only, and store nothing.
    public var dryRun: Bool
    /// How unknown fields are treated.
    public var fieldValidation: FieldValidation?

    public init(fieldManager: String? = nil, dryRun: Bool = false, fieldValidation: FieldValidation? = nil) {
        self.fieldManager = fieldManager
        self.dryRun = dryRun
        self.fieldValidation = fieldValidation
    }

    var query: [APIRequest.QueryItem] {
        var items: [APIRequest.QueryItem] = []
        items.add("fieldManager", fieldManager)
        items.add("dryRun", dryRun ? "All" : nil)
        items.add("fieldValidation", fieldValidation?.rawValue)
        return items
    }
}

/// How to apply an object.
public struct ApplyOptions: Sendable, Hashable {
    /// The name of the writer: fields that it applied before and does not apply now are removed.
    public var fieldManager: String
    /// Whether to become the owner of fields that another manager owns, instead of failing with a conflict.
    public var force: Bool
    /// Whether to validate only, and store nothing.
    public var dryRun: Bool
    /// How unknown fields are treated.
    public var fieldValidation: FieldValidation?

    public init(
        fieldManager: String,
        force: Bool = false,
        dryRun: Bool = false,
        fieldValidation: FieldValidation? = nil
    ) {
        self.fieldManager = fieldManager
        self.force = force
        self.dryRun = dryRun
        self.fieldValidation = fieldValidation
    }

    var query: [APIRequest.QueryItem] {
        var items: [APIRequest.QueryItem] = [.init("fieldManager", fieldManager)]
        items.add("force", force ? "true" : nil)
        items.add("dryRun", dryRun ? "All" : nil)
        items.add("fieldValidation", fieldValidation?.rawValue)
        return items
    }
}

extension [APIRequest.QueryItem] {
    mutating func add(_ name: String, _ value: String?) {
        if let value { append(.init(name, value)) }
    }
}
