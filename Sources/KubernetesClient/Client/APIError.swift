public import KubernetesAPI

/// The API server rejected a request: its `Status`, and how long it asks the client to wait.
public struct APIError: Error, Sendable, CustomStringConvertible {
    /// The server's status.
    public var status: Status
    /// How long the server asks the client to wait before the next attempt.
    public var retryAfter: Duration?
    /// The request, as method and path, for messages.
    public var request: String

    public init(status: Status, retryAfter: Duration? = nil, request: String = "") {
        self.status = status
        self.retryAfter = retryAfter ?? status.details?.retryAfterSeconds.map { .seconds($0) }
        self.request = request
    }

    /// The HTTP status code, 0 if the status has none.
    public var code: Int { status.code ?? 0 }
    /// The machine-readable reason, empty if the status has none.
    public var reason: String { status.reason ?? "" }

    /// The object, or the kind itself, does not exist.
    public var isNotFound: Bool { reason == "NotFound" || (reason.isEmpty && code == 404) }
    /// An object with this name already exists.
    public var isAlreadyExists: Bool { reason == "AlreadyExists" }
    /// The object has changed since it was read (a stale resourceVersion), or another manager owns a field.
    public var isConflict: Bool { reason == "Conflict" || (reason.isEmpty && code == 409) }
    /// The resourceVersion or the `continue` token is too old.
    public var isGone: Bool { reason == "Gone" || (reason.isEmpty && code == 410) }
    /// The same as `isGone`, from newer servers.
    public var isExpired: Bool { reason == "Expired" }
    /// A list or a watch has to start again: `isGone` or `isExpired`.
    public var isResourceVersionTooOld: Bool { isGone || isExpired || code == 410 }
    /// The server has not reached this resourceVersion yet.
    public var isResourceVersionTooLarge: Bool {
        guard code == 504 || reason == "Timeout" else { return false }
        if status.details?.causes?.contains(where: { $0.reason == "ResourceVersionTooLarge" }) == true { return true }
        return status.message?.contains("Too large resource version") == true
    }
    /// The object does not match its schema or its validation rules.
    public var isInvalid: Bool { reason == "Invalid" || (reason.isEmpty && code == 422) }
    /// The request itself is wrong.
    public var isBadRequest: Bool { reason == "BadRequest" || (reason.isEmpty && code == 400) }
    /// The credentials do not allow this, or an admission check rejected it.
    public var isForbidden: Bool { reason == "Forbidden" || (reason.isEmpty && code == 403) }
    /// The object cannot be created because its namespace is being deleted.
    public var isNamespaceTerminating: Bool {
        // `NamespaceTerminatingCause` of k8s.io/api/core/v1.
        isForbidden && status.details?.causes?.contains { $0.reason == "NamespaceTerminating" } == true
    }
    /// The credentials are missing or not valid.
    public var isUnauthorized: Bool { reason == "Unauthorized" || (reason.isEmpty && code == 401) }
    /// The server is overloaded.
    public var isTooManyRequests: Bool { reason == "TooManyRequests" || code == 429 }
    /// The server failed.
    public var isInternalError: Bool { reason == "InternalError" || (reason.isEmpty && code == 500) }
    /// The server is not available at the moment.
    public var isServiceUnavailable: Bool { reason == "ServiceUnavailable" || (reason.isEmpty && code == 503) }
    /// The server timed out, or asks the client to try again later.
    public var isTimeout: Bool { reason == "Timeout" || reason == "ServerTimeout" || code == 504 }
    /// The method is not supported on this resource.
    public var isMethodNotSupported: Bool { reason == "MethodNotAllowed" || code == 405 }
    /// The body's media type is not supported, such as an apply patch on a server that is too old.
    public var isUnsupportedMediaType: Bool { reason == "UnsupportedMediaType" || code == 415 }

    public var description: String {
        request.isEmpty ? status.description : "\(request): \(status.description)"
    }
}

/// An object of a list or a watch that could not be decoded, and why.
public struct DecodeFailure: Error, Sendable, CustomStringConvertible {
    /// The requested kind.
    public var type: ResourceType
    /// The object's namespace, if it could be found.
    public var namespace: String?
    /// The object's name, if it could be found.
    public var name: String?
    /// The object's uid, if it could be found.
    public var uid: String?
    /// Whether the object's deletion was reported.
    public var isDeletion: Bool
    /// The error.
    public var underlying: any Error

    public init(
        type: ResourceType,
        namespace: String? = nil,
        name: String? = nil,
        uid: String? = nil,
        isDeletion: Bool = false,
        underlying: any Error
    ) {
        self.type = type
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.isDeletion = isDeletion
        self.underlying = underlying
    }

    public var description: String {
        let object = [namespace, name].compactMap { $0 }.joined(separator: "/")
        return
            "\(type) \(object.isEmpty ? "of unknown name" : object) cannot be decoded and was skipped: \(underlying)"
    }
}
