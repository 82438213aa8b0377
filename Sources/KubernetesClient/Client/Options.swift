/// What of a collection to list, and how. `metav1.ListOptions`.
public struct ListOptions: Sendable, Hashable {
    /// How `resourceVersion` is to be met.
    public enum ResourceVersionMatch: String, Sendable, Hashable {
        /// At exactly this version.
        case exact = "Exact"
        /// At this version or a later one.
        case notOlderThan = "NotOlderThan"
    }

    /// Which labels to select by, as in `app=web,tier!=db`.
    public var labelSelector: String?
    /// Which fields to select by, as in `metadata.name=web`.
    public var fieldSelector: String?
    /// How many objects a page holds; the server gives all where this is not set.
    public var limit: Int?
    /// Where the page starts, from the page before.
    public var `continue`: String?
    /// Which version to read; none means the newest, `0` any that the server has at hand.
    public var resourceVersion: String?
    /// How the version is to be met.
    public var resourceVersionMatch: ResourceVersionMatch?
    /// After how many seconds the server gives up.
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

/// What of a collection to watch, and how.
public struct WatchOptions: Sendable, Hashable {
    /// Which labels to select by.
    public var labelSelector: String?
    /// Which fields to select by.
    public var fieldSelector: String?
    /// From which version on; none or `0` start with the objects there are.
    public var resourceVersion: String?
    /// How the version is to be met; `notOlderThan` is what a streaming list needs.
    public var resourceVersionMatch: ListOptions.ResourceVersionMatch?
    /// Whether the server may send bookmarks, by which an idle watch shows that it lives.
    public var allowBookmarks: Bool
    /// Whether the watch starts with all objects, closed by a bookmark that says so: a streaming list.
    public var sendInitialEvents: Bool
    /// After how many seconds the server ends the watch. client-go draws 300 to 600.
    public var timeoutSeconds: Int?
    /// After how long without a byte the watch is held for dead. By default `WatchOptions.silence` with bookmarks, which
    /// come about once a minute; without them, `timeoutSeconds` and `WatchOptions.margin`; with neither, never.
    public var idleTimeout: Duration?

    /// How long a watch with bookmarks may be silent: two bookmarks missed and some room.
    public static let silence: Duration = .seconds(150)
    /// How much longer than `timeoutSeconds` a watch without bookmarks may be silent.
    public static let margin: Duration = .seconds(15)

    public init(
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        resourceVersion: String? = nil,
        resourceVersionMatch: ListOptions.ResourceVersionMatch? = nil,
        allowBookmarks: Bool = true,
        sendInitialEvents: Bool = false,
        timeoutSeconds: Int? = nil,
        idleTimeout: Duration? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
        self.allowBookmarks = allowBookmarks
        self.sendInitialEvents = sendInitialEvents
        self.timeoutSeconds = timeoutSeconds
        self.idleTimeout = idleTimeout
    }

    /// After how long without a byte the watch is held for dead, `nil` for never.
    public var effectiveIdleTimeout: Duration? {
        if let idleTimeout { return idleTimeout }
        let whole = timeoutSeconds.map { .seconds($0) + WatchOptions.margin }
        guard allowBookmarks else { return whole }
        return whole.map { min($0, WatchOptions.silence) } ?? WatchOptions.silence
    }

    var query: [APIRequest.QueryItem] {
        var items: [APIRequest.QueryItem] = [.init("watch", "true")]
        items.add("labelSelector", labelSelector)
        items.add("fieldSelector", fieldSelector)
        items.add("resourceVersion", resourceVersion)
        // The API server refuses `sendInitialEvents` without a match.
        let match = resourceVersionMatch ?? (sendInitialEvents ? .notOlderThan : nil)
        items.add("resourceVersionMatch", match?.rawValue)
        items.add("allowWatchBookmarks", allowBookmarks || sendInitialEvents ? "true" : nil)
        items.add("sendInitialEvents", sendInitialEvents ? "true" : nil)
        items.add("timeoutSeconds", timeoutSeconds.map(String.init))
        return items
    }
}

/// What the server does with fields that the kind does not have.
public enum FieldValidation: String, Sendable, Hashable {
    /// They are dropped in silence.
    case ignore = "Ignore"
    /// They are dropped, with a warning. The server's default.
    case warn = "Warn"
    /// The request is refused.
    case strict = "Strict"
}

/// How to create, replace or patch.
public struct WriteOptions: Sendable, Hashable {
    /// Who writes, as kept in `managedFields`. The server takes the user agent's first word where this is not set.
    public var fieldManager: String?
    /// Whether to check and answer only, and to store nothing.
    public var dryRun: Bool
    /// What to do with unknown fields.
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

/// How to apply on the server's side.
public struct ApplyOptions: Sendable, Hashable {
    /// Who applies: fields that this manager gave before and gives no more are removed.
    public var fieldManager: String
    /// Whether to take over fields that another manager owns, instead of failing with a conflict.
    public var force: Bool
    /// Whether to check and answer only.
    public var dryRun: Bool
    /// What to do with unknown fields.
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
