public import KubernetesAPI

/// The API server refused a request: its `Status`, and how long it asks to wait.
public struct APIError: Error, Sendable, CustomStringConvertible {
    /// What the server said.
    public var status: Status
    /// How long the server asks to wait before the next attempt.
    public var retryAfter: Duration?
    /// The request, as method and path, for messages.
    public var request: String

    public init(status: Status, retryAfter: Duration? = nil, request: String = "") {
        self.status = status
        self.retryAfter = retryAfter ?? status.details?.retryAfterSeconds.map { .seconds($0) }
        self.request = request
    }

    /// The HTTP status code, 0 where the status has none.
    public var code: Int { status.code ?? 0 }
    /// The reason for programs, empty where the status has none.
    public var reason: String { status.reason ?? "" }

    /// The object, or the kind itself, is not there.
    public var isNotFound: Bool { reason == "NotFound" || (reason.isEmpty && code == 404) }
    /// An object of this name is there already.
    public var isAlreadyExists: Bool { reason == "AlreadyExists" }
    /// Another wrote first: a stale resourceVersion, or a field that another manager owns.
    public var isConflict: Bool { reason == "Conflict" || (reason.isEmpty && code == 409) }
    /// What was asked for is no more: the resourceVersion or the `continue` token is too old.
    public var isGone: Bool { reason == "Gone" || (reason.isEmpty && code == 410) }
    /// As `isGone`, in the words of newer servers.
    public var isExpired: Bool { reason == "Expired" }
    /// A list or a watch has to start anew: `isGone` or `isExpired`.
    public var isResourceVersionTooOld: Bool { isGone || isExpired || code == 410 }
    /// The server has not seen this resourceVersion yet.
    public var isResourceVersionTooLarge: Bool {
        guard code == 504 || reason == "Timeout" else { return false }
        if status.details?.causes?.contains(where: { $0.reason == "ResourceVersionTooLarge" }) == true { return true }
        return status.message?.contains("Too large resource version") == true
    }
    /// The object does not follow its schema or its rules.
    public var isInvalid: Bool { reason == "Invalid" || (reason.isEmpty && code == 422) }
    /// The request itself is wrong.
    public var isBadRequest: Bool { reason == "BadRequest" || (reason.isEmpty && code == 400) }
    /// The credentials do not allow this, or an admission check refused it.
    public var isForbidden: Bool { reason == "Forbidden" || (reason.isEmpty && code == 403) }
    /// The credentials are not known.
    public var isUnauthorized: Bool { reason == "Unauthorized" || (reason.isEmpty && code == 401) }
    /// The server has too much to do.
    public var isTooManyRequests: Bool { reason == "TooManyRequests" || code == 429 }
    /// The server failed.
    public var isInternalError: Bool { reason == "InternalError" || (reason.isEmpty && code == 500) }
    /// The server cannot serve now.
    public var isServiceUnavailable: Bool { reason == "ServiceUnavailable" || (reason.isEmpty && code == 503) }
    /// The server took too long, or asks to try again later.
    public var isTimeout: Bool { reason == "Timeout" || reason == "ServerTimeout" || code == 504 }
    /// The method is not supported on this resource.
    public var isMethodNotSupported: Bool { reason == "MethodNotAllowed" || code == 405 }
    /// The body's media type is not understood, as for an apply patch by a server that is too old.
    public var isUnsupportedMediaType: Bool { reason == "UnsupportedMediaType" || code == 415 }

    public var description: String {
        request.isEmpty ? status.description : "\(request): \(status.description)"
    }
}

/// Which objects could not be read from a list or a watch, and why.
public struct DecodeFailure: Error, Sendable, CustomStringConvertible {
    /// The kind that was asked for.
    public var type: ResourceType
    /// The object's namespace, where it could be found.
    public var namespace: String?
    /// The object's name, where it could be found.
    public var name: String?
    /// Which object in time, where it could be found.
    public var uid: String?
    /// Whether it came as deleted.
    public var isDeletion: Bool
    /// Why.
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
            "\(type) \(object.isEmpty ? "of unknown name" : object) could not be read and was left out: \(underlying)"
    }
}
