import KubernetesAPI

/// A failure that a test injects.
public struct Fault: Sendable {
    /// The effect on a matching request.
    public enum Effect: Sendable {
        /// The request is rejected with this status, and has no effect.
        case refuse(code: Int, reason: String, message: String, retryAfterSeconds: Int?)
        /// The request is processed, and the response is delayed.
        case delay(Duration)
        /// The request is processed, and the connection is closed after this many bytes of the response.
        case truncate(bytes: Int)
        /// The connection is closed before the request is processed.
        case drop
        /// The request is processed, and the connection is closed before the response.
        case dropAfter
    }

    /// The effect.
    public var effect: Effect
    /// The matching verbs, as in `RequestRecord.verb`; empty matches all.
    public var verbs: Set<String>
    /// The plural of the matching resource; `nil` matches all.
    public var resource: String?
    /// The name of the matching object; `nil` matches all.
    public var name: String?
    /// The prefix of the path; `nil` matches all.
    public var pathPrefix: String?
    /// The prefix of the user agent; `nil` matches all.
    public var userAgentPrefix: String?
    /// How many matching requests are skipped first.
    public var skip: Int
    /// How many requests are affected; `nil` means all.
    public var count: Int?

    /// Creates a fault from its fields. Without conditions it affects every request.
    public init(
        _ effect: Effect,
        verbs: Set<String> = [],
        resource: String? = nil,
        name: String? = nil,
        pathPrefix: String? = nil,
        userAgentPrefix: String? = nil,
        skip: Int = 0,
        count: Int? = nil
    ) {
        self.effect = effect
        self.verbs = verbs
        self.resource = resource
        self.name = name
        self.pathPrefix = pathPrefix
        self.userAgentPrefix = userAgentPrefix
        self.skip = skip
        self.count = count
    }

    /// Status 429 with `Retry-After`.
    public static func tooManyRequests(retryAfterSeconds: Int = 1) -> Effect {
        .refuse(
            code: 429,
            reason: "TooManyRequests",
            message: "the server has received too many requests and has asked us to try again later",
            retryAfterSeconds: retryAfterSeconds
        )
    }

    /// Status 500.
    public static let internalError = Effect.refuse(
        code: 500,
        reason: "InternalError",
        message: "Internal error occurred: a fault of the sandbox",
        retryAfterSeconds: nil
    )

    /// Status 409, as for a conflict of resource versions.
    public static let conflict = Effect.refuse(
        code: 409,
        reason: "Conflict",
        message: "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest "
            + "version and try again",
        retryAfterSeconds: nil
    )

    /// Status 410, as for a resource version or continue token that is too old.
    public static let expired = Effect.refuse(
        code: 410,
        reason: "Expired",
        message: "too old resource version",
        retryAfterSeconds: nil
    )
}

/// A fault with its counters.
struct ActiveFault: Sendable {
    var id: Int
    var fault: Fault
    var skipped = 0
    var hits = 0

    func matches(_ verb: String, _ request: SandboxRequest, _ target: SandboxRequest.Target?) -> Bool {
        if !fault.verbs.isEmpty, !fault.verbs.contains(verb) { return false }
        if let resource = fault.resource, target?.plural != resource { return false }
        if let name = fault.name, target?.name != name { return false }
        if let prefix = fault.pathPrefix, !request.path.hasPrefix(prefix) { return false }
        if let prefix = fault.userAgentPrefix, !request.userAgent.hasPrefix(prefix) { return false }
        return true
    }
}

extension ClusterState {
    /// The rejection that a fault asks for. Other effects are stored in `transportFault`, for the HTTP server.
    mutating func takeFault(verb: String, request: SandboxRequest, target: SandboxRequest.Target?) -> APIFailure? {
        for index in faults.indices where faults[index].matches(verb, request, target) {
            if faults[index].skipped < faults[index].fault.skip {
                faults[index].skipped += 1
                continue
            }
            if let count = faults[index].fault.count, faults[index].hits >= count { continue }
            faults[index].hits += 1
            guard case .refuse(let code, let reason, let message, let retryAfter) = faults[index].fault.effect else {
                transportFault = faults[index].fault.effect
                if case .drop = faults[index].fault.effect { return APIFailure(503, "ServiceUnavailable", "dropped") }
                return nil
            }
            return APIFailure(
                code,
                reason,
                message,
                details: .init(name: target?.name, kind: target?.plural, retryAfterSeconds: retryAfter),
                retryAfter: retryAfter
            )
        }
        return nil
    }

    func isStalled(_ resource: ResourceKey) -> Bool {
        stalledResources.contains(resource.plural) || stalledResources.contains("*")
    }
}
