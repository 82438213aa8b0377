internal import KubernetesAPI
public import KubernetesClient
import HTTPTypes
import Synchronization

/// The permissions that requests needed, and those that were missing.
public final class AccessLog: Sendable {
    private let state = Mutex<(needed: Set<Permission>, missing: Set<Permission>)>(([], []))

    public init() {}

    /// All needed permissions.
    public var needed: Set<Permission> { state.withLock { $0.needed } }

    /// The missing permissions.
    public var missing: [Permission] { state.withLock { $0.missing.sorted() } }

    func note(_ permission: Permission, isAllowed: Bool) {
        state.withLock { state in
            state.needed.insert(permission)
            if !isAllowed { state.missing.insert(permission) }
        }
    }
}

/// A transport that forwards the requests that rules allow, answers others with 403 as an API server does, and records all.
public struct AuthorizingTransport: APITransport {
    private let base: any APITransport
    private let rules: AccessRules
    private let log: AccessLog
    private let before: @Sendable (APIRequest) async throws -> APIResponse?

    /// - Parameter before: receives each request first. If it returns a response, the request is not forwarded.
    public init(
        _ base: any APITransport,
        rules: AccessRules,
        log: AccessLog,
        before: @escaping @Sendable (APIRequest) async throws -> APIResponse? = { _ in nil }
    ) {
        self.base = base
        self.rules = rules
        self.log = log
        self.before = before
    }

    public var host: String { base.host }

    public func execute(_ request: APIRequest) async throws -> APIResponse {
        for permission in [Permission(request)].compactMap({ $0 }) + Permission.implied(by: request) {
            if let refusal = check(permission) { return refusal }
        }
        if let response = try await before(request) { return response }
        let response = try await base.execute(request)
        // Only the response shows whether an apply created an object. An API server checks before it writes; here it is too late
        // to reject the request, but it can be recorded.
        if response.status == .created, let permission = Permission.creating(request),
            let refusal = check(permission)
        {
            return refusal
        }
        return response
    }

    private func check(_ permission: Permission) -> APIResponse? {
        let isAllowed = rules.allows(permission)
        log.note(permission, isAllowed: isAllowed)
        if isAllowed { return nil }
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403,
            "message": .string("the chart's RBAC does not allow: \(permission)"),
        ]
        return APIResponse(
            status: .forbidden,
            headers: [.contentType: "application/json"],
            body: .bytes(status.serialized())
        )
    }
}
