public import KubernetesAPI

/// A request for one page of a list.
public struct ListRequest: Sendable, Equatable {
    /// How recent the answer must be: empty for the stored state, `0` for any state in the server's cache, any other
    /// value for at least that version.
    public var resourceVersion: String
    /// The maximum number of objects in the page; `nil` for all objects.
    public var limit: Int?
    /// The token from the previous page, at which the page starts.
    public var continueToken: String?

    public init(resourceVersion: String, limit: Int? = nil, continueToken: String? = nil) {
        self.resourceVersion = resourceVersion
        self.limit = limit
        self.continueToken = continueToken
    }
}

/// An object that the server sent and that could not be decoded.
public struct UnreadableObject: Sendable, Equatable {
    /// Its namespace and name.
    public var key: NamespacedName
    /// Its uid, if known.
    public var uid: String?
    /// Whether its deletion was reported.
    public var isDeletion: Bool
    /// Why it could not be decoded.
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
    /// The objects that exist but could not be decoded.
    public var unreadable: [UnreadableObject]
    /// The version of the collection.
    public var resourceVersion: String
    /// Where the next page starts, `nil` on the last page.
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

/// A request for a watch.
public struct WatchRequest: Sendable, Equatable {
    /// The version after which changes are reported.
    public var resourceVersion: String
    /// Whether the server first sends all objects, followed by a bookmark: a streaming list.
    public var sendInitialEvents: Bool
    /// The number of seconds after which the server ends the watch.
    public var timeoutSeconds: Int

    public init(resourceVersion: String, sendInitialEvents: Bool = false, timeoutSeconds: Int) {
        self.resourceVersion = resourceVersion
        self.sendInitialEvents = sendInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }
}

/// How a reflector reads its objects.
public struct ListWatch<Object: CachedObject>: Sendable {
    /// Lists one page.
    public var list: @Sendable (ListRequest) async throws -> ListResult<Object>

    /// Runs one watch, with bookmarks: calls `accepted` when the server has accepted it, then `receive` with each
    /// event, or `unreadable` if its object cannot be decoded. Returns when the server ends the watch. Throws if the
    /// server rejects the watch, if the connection breaks, or if `receive` throws.
    public var watch:
        @Sendable (
            _ request: WatchRequest,
            _ accepted: @escaping @Sendable () -> Void,
            _ receive: @escaping @Sendable (WatchEvent<Object>) throws -> Void,
            _ unreadable: @escaping @Sendable (UnreadableObject) -> Void
        ) async throws -> Void

    /// Classifies a thrown error.
    public var classify: @Sendable (any Error) -> ListWatchFailure

    public init(
        list: @escaping @Sendable (ListRequest) async throws -> ListResult<Object>,
        watch:
            @escaping @Sendable (
                _ request: WatchRequest,
                _ accepted: @escaping @Sendable () -> Void,
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

/// The failure of a list or watch, as far as a reflector needs to distinguish it.
public enum ListWatchFailure: Sendable, Equatable {
    /// The requested version no longer exists (410), or the token of a page has expired.
    case expired
    /// The server has not reached the requested version.
    case versionTooLarge
    /// The server is overloaded (429), and may set a delay.
    case tooManyRequests(retryAfter: Duration?)
    /// The server failed (500).
    case internalError
    /// No connection could be made.
    case unreachable
    /// The connection broke during a watch.
    case dropped
    /// The caller is not allowed to do this (403).
    case forbidden
    /// The server (400, 422) or its storage does not support the request, usually a streaming list.
    case unsupported
    /// Anything else.
    case other
}

extension ListWatchFailure {
    /// Classifies a server's `Status`.
    public init(_ status: Status) {
        let isTooLarge =
            status.details?.causes?.contains { $0.reason == "ResourceVersionTooLarge" } == true
            || status.message?.contains("Too large resource version") == true
        if isTooLarge {
            self = .versionTooLarge
            return
        }
        // A server on etcd before 3.4.31, or 3.5 before 3.5.13, accepts a streaming list, and ends it with this error
        // (500).
        if status.message?.contains("required storage feature RequestWatchProgress is disabled") == true {
            self = .unsupported
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
