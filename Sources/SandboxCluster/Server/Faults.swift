import KubernetesAPI

/// What goes wrong on purpose.
public struct Fault: Sendable {
    /// What happens to a request that matches.
    public enum Effect: Sendable {
        /// It is refused with this status, and nothing is done.
        case refuse(code: Int, reason: String, message: String, retryAfterSeconds: Int?)
        /// It is done, and answered only after a time.
        case delay(Duration)
        /// It is done, and the answer ends after so many bytes, with the connection cut.
        case truncate(bytes: Int)
        /// The connection is cut before anything is done.
        case drop
        /// It is done, and the connection is cut before the answer.
        case dropAfter
    }

    /// The effect.
    public var effect: Effect
    /// The verbs meant, as in `RequestRecord.verb`; empty means all.
    public var verbs: Set<String>
    /// The plural of the resource meant; `nil` means all.
    public var resource: String?
    /// The name of the object meant; `nil` means all.
    public var name: String?
    /// What the path must start with; `nil` means all.
    public var pathPrefix: String?
    /// What the user agent must start with; `nil` means all.
    public var userAgentPrefix: String?
    /// How many requests are spared before the first is hit.
    public var skip: Int
    /// How many requests are hit; `nil` means all.
    public var count: Int?

    /// Makes one from its fields; without conditions it hits every request.
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

    /// 429 with `Retry-After`.
    public static func tooManyRequests(retryAfterSeconds: Int = 1) -> Effect {
        .refuse(
            code: 429,
            reason: "TooManyRequests",
            message: "the server has received too many requests and has asked us to try again later",
            retryAfterSeconds: retryAfterSeconds
        )
    }

    /// 500.
    public static let internalError = Effect.refuse(
        code: 500,
        reason: "InternalError",
        message: "Internal error occurred: a fault of the sandbox",
        retryAfterSeconds: nil
    )

    /// 409 by optimistic locking.
    public static let conflict = Effect.refuse(
        code: 409,
        reason: "Conflict",
        message: "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest "
            + "version and try again",
        retryAfterSeconds: nil
    )

    /// 410, as for a resourceVersion or a continue token that is too old.
    public static let expired = Effect.refuse(
        code: 410,
        reason: "Expired",
        message: "too old resource version",
        retryAfterSeconds: nil
    )
}

/// A fault with its counts.
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
    /// The refusal that a fault asks for; other effects are left in `transportFault` for the HTTP side.
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
