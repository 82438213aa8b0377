public import KubernetesAPI

/// Which page of a list is asked for.
public struct ListRequest: Sendable, Equatable {
    /// How recent the answer must be: empty is the state as stored, `0` whatever the server has at hand, any other value at
    /// least that version.
    public var resourceVersion: String
    /// The most objects in one page; `nil` asks for all in one.
    public var limit: Int?
    /// Where the page starts, from the page before.
    public var continueToken: String?

    public init(resourceVersion: String, limit: Int? = nil, continueToken: String? = nil) {
        self.resourceVersion = resourceVersion
        self.limit = limit
        self.continueToken = continueToken
    }
}

/// An object that the server sent and that could not be read.
public struct UnreadableObject: Sendable, Equatable {
    /// Its namespace and name.
    public var key: NamespacedName
    /// Which object in time, where that is known.
    public var uid: String?
    /// Whether it came as deleted.
    public var isDeletion: Bool
    /// Why it could not be read.
    public var reason: String

    public init(key: NamespacedName, uid: String? = nil, isDeletion: Bool = false, reason: String) {
        self.key = key
        self.uid = uid
        self.isDeletion = isDeletion
        self.reason = reason
    }
}

/// One page of a list.
public struct ListResult<Object: Sendable>: Sendable {
    /// The objects.
    public var objects: [Object]
    /// The objects that are there but could not be read.
    public var unreadable: [UnreadableObject]
    /// The version of the collection.
    public var resourceVersion: String
    /// Where the next page starts, `nil` on the last.
    public var continueToken: String?

    public init(
        objects: [Object],
        unreadable: [UnreadableObject] = [],
        resourceVersion: String,
        continueToken: String? = nil
    ) {
        self.objects = objects
        self.unreadable = unreadable
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
    }
}

/// From where a watch starts.
public struct WatchRequest: Sendable, Equatable {
    /// The version after which changes are told.
    public var resourceVersion: String
    /// Whether the server first sends all objects, closed by a bookmark.
    public var sendInitialEvents: Bool
    /// After how many seconds the server ends the watch.
    public var timeoutSeconds: Int

    public init(resourceVersion: String, sendInitialEvents: Bool = false, timeoutSeconds: Int) {
        self.resourceVersion = resourceVersion
        self.sendInitialEvents = sendInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }
}

/// Where a reflector gets its objects.
public struct ListWatch<Object: CachedObject>: Sendable {
    /// Lists one page.
    public var list: @Sendable (ListRequest) async throws -> ListResult<Object>

    /// Runs one watch, with bookmarks: calls `started` once the server has accepted it, then `receive` with each event in
    /// turn, or `unreadable` where its object could not be read. Returns when the server ends the watch; throws when it is refused, when the connection breaks, and what
    /// `receive` throws.
    public var watch:
        @Sendable (
            _ request: WatchRequest,
            _ started: @escaping @Sendable () -> Void,
            _ receive: @escaping @Sendable (WatchEvent<Object>) throws -> Void,
            _ unreadable: @escaping @Sendable (UnreadableObject) -> Void
        ) async throws -> Void

    /// Tells what an error that was thrown means.
    public var classify: @Sendable (any Error) -> ListWatchFailure

    public init(
        list: @escaping @Sendable (ListRequest) async throws -> ListResult<Object>,
        watch:
            @escaping @Sendable (
                _ request: WatchRequest,
                _ started: @escaping @Sendable () -> Void,
                _ receive: @escaping @Sendable (WatchEvent<Object>) throws -> Void,
                _ unreadable: @escaping @Sendable (UnreadableObject) -> Void
            ) async throws -> Void,
        classify: @escaping @Sendable (any Error) -> ListWatchFailure
    ) {
        self.list = list
        self.watch = watch
        self.classify = classify
    }
}

/// What went wrong, as far as a reflector decides by it.
public enum ListWatchFailure: Sendable, Equatable {
    /// The version asked for is gone (410), or a page's token has expired.
    case expired
    /// The version asked for is newer than what the server has.
    case versionTooLarge
    /// The server wants fewer requests (429), and may say for how long.
    case tooManyRequests(retryAfter: Duration?)
    /// The server failed (500).
    case internalError
    /// No connection came about.
    case unreachable
    /// The connection broke, or went silent, while a watch ran.
    case dropped
    /// The caller may not do this (403).
    case forbidden
    /// The server does not know what was asked (400, 422): a streaming list, above all.
    case unsupported
    /// Anything else.
    case other
}

extension ListWatchFailure {
    /// What a server's `Status` means.
    public init(_ status: Status) {
        let isTooLarge =
            status.details?.causes?.contains { $0.reason == "ResourceVersionTooLarge" } == true
            || status.message?.contains("Too large resource version") == true
        if isTooLarge {
            self = .versionTooLarge
            return
        }
        switch (status.code, status.reason) {
        case (410, _), (_, "Expired"), (_, "Gone"): self = .expired
        case (429, _), (_, "TooManyRequests"):
            self = .tooManyRequests(retryAfter: status.details?.retryAfterSeconds.map { .seconds($0) })
        case (403, _): self = .forbidden
        case (500, _), (_, "InternalError"): self = .internalError
        case (400, _), (422, _): self = .unsupported
        default: self = .other
        }
    }
}
