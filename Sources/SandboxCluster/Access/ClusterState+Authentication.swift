import KubernetesAPI

/// Authentication: by the administrator's token, by tokens of ServiceAccounts, and by impersonation.
extension ClusterState {
    /// The user who sends a request. Without RBAC, everyone without a ServiceAccount token is the administrator.
    mutating func authenticate(_ request: SandboxRequest, target: SandboxRequest.Target?, verb: String)
        throws(APIFailure) -> UserInfo
    {
        var user = configuration.enforcesRBAC ? UserInfo.anonymous : .administrator
        if let token = request.bearerToken {
            do throws(TokenFailure) {
                user = try authenticate(token: token)
            } catch {
                if configuration.enforcesRBAC { throw APIFailure(401, "Unauthorized", "Unauthorized") }
            }
        }
        return try impersonated(by: user, request, target: target, verb: verb)
    }

    /// The user that a bearer token belongs to.
    func authenticate(token: String, audience: String = TokenClaims.issuer) throws(TokenFailure) -> UserInfo {
        if token == tokens.administrator { return .administrator }
        let claims = try tokens.claims(of: token)
        guard claims.audiences.contains(audience) else {
            throw TokenFailure("the audience is \(claims.audiences.joined(separator: ", ")), not \(audience)")
        }
        guard claims.expiration > now.secondsSinceEpoch else { throw TokenFailure("the token has expired") }
        let account = ObjectKey(
            resource: ClusterState.serviceAccounts,
            namespace: claims.namespace,
            name: claims.accountName
        )
        guard storage[account]?.uid == claims.accountUID else {
            throw TokenFailure("the service account has been deleted")
        }
        if let bound = claims.boundObject {
            let resource = ResourceKey(group: "", plural: bound.plural)
            let key = ObjectKey(
                resource: resource,
                namespace: bound.plural == "nodes" ? "" : claims.namespace,
                name: bound.name
            )
            guard storage[key]?.uid == bound.uid else {
                throw TokenFailure("the object that the token is bound to has been deleted")
            }
        }
        return claims.user
    }

    // MARK: Impersonation

    /// A mode of impersonation: the verbs that it requires, and the users that it applies to. Kubernetes 1.36 tries the
    /// constrained modes first, and then the verb `impersonate` alone.
    private struct ImpersonationMode {
        /// `nil` for the mode that only requires the verb `impersonate`.
        var name: String?
        var applies: @Sendable (UserInfo) -> Bool

        static let all: [ImpersonationMode] = [
            .init(name: "arbitrary-node") { $0.isOnlyNamed && $0.nodeName != nil },
            .init(name: "serviceaccount") { $0.isOnlyNamed && UserInfo.serviceAccount($0.name) != nil },
            .init(name: "user-info") { $0.nodeName == nil && UserInfo.serviceAccount($0.name) == nil },
            .init(name: nil) { _ in true },
        ]
    }

    private mutating func impersonated(
        by requester: UserInfo,
        _ request: SandboxRequest,
        target: SandboxRequest.Target?,
        verb: String
    ) throws(APIFailure) -> UserInfo {
        guard let wanted = try request.impersonatedUser() else { return requester }
        var refusal: APIFailure?
        // The server starts with the mode that last succeeded for the same user.
        var order = Array(ImpersonationMode.all.indices)
        if let last = impersonationModes[requester.name] {
            order.removeAll { $0 == last }
            order.insert(last, at: 0)
        }
        for index in order where ImpersonationMode.all[index].applies(wanted) {
            let mode = ImpersonationMode.all[index]
            do throws(APIFailure) {
                if configuration.enforcesRBAC {
                    if let name = mode.name {
                        var access = request.access(target, verb: verb)
                        access.verb = "impersonate-on:\(name):\(access.verb)"
                        try authorize(access, for: requester)
                    }
                    for access in try needed(to: wanted, mode.name, by: requester) {
                        try authorize(access, for: requester)
                    }
                }
                impersonationModes[requester.name] = index
                return complete(wanted, mode.name)
            } catch {
                refusal = refusal ?? error
            }
        }
        throw refusal ?? APIFailure(500, "InternalError", "all impersonation modes failed")
    }

    /// The permissions that are required to impersonate a user.
    private func needed(to wanted: UserInfo, _ mode: String?, by requester: UserInfo) throws(APIFailure)
        -> [AccessRequest]
    {
        let verb = mode.map { "impersonate:\($0)" } ?? "impersonate"
        let extraGroup = "authentication.k8s.io"
        let group = mode == nil ? "" : extraGroup
        var name = AccessRequest(verb: verb, group: group, resource: "users", name: wanted.name)
        if let account = UserInfo.serviceAccount(wanted.name) {
            name.resource = "serviceaccounts"
            name.namespace = account.namespace
            name.name = account.name
        } else if mode != nil, let node = wanted.nodeName {
            name.resource = "nodes"
            name.name = node
        }
        var result = [name]
        if !wanted.uid.isEmpty {
            result.append(AccessRequest(verb: verb, group: extraGroup, resource: "uids", name: wanted.uid))
        }
        for value in wanted.groups {
            let access = AccessRequest(verb: verb, group: group, resource: "groups", name: value)
            if mode != nil, value == UserInfo.masters {
                throw access.forbidden(to: requester, reason: "impersonating the system:masters group is not allowed")
            }
            result.append(access)
        }
        for (key, values) in wanted.extra.sorted(by: { $0.key < $1.key }) {
            for value in values {
                result.append(
                    AccessRequest(
                        verb: verb,
                        group: extraGroup,
                        resource: "userextras",
                        subresource: key,
                        name: value
                    )
                )
            }
        }
        return result
    }

    /// The user with the groups that the server adds.
    private func complete(_ wanted: UserInfo, _ mode: String?) -> UserInfo {
        var user = wanted
        if user.groups.isEmpty, let account = UserInfo.serviceAccount(user.name) {
            user.groups = UserInfo.serviceAccountGroups(account.namespace)
        }
        if mode != nil, user.nodeName != nil { user.groups = ["system:nodes"] }
        let isAnonymous = user.name == UserInfo.anonymous.name
        let group = isAnonymous ? UserInfo.unauthenticated : UserInfo.authenticated
        let needsGroup = isAnonymous || !user.groups.contains(UserInfo.unauthenticated)
        if needsGroup, !user.groups.contains(group) { user.groups.append(group) }
        return user
    }
}

extension UserInfo {
    fileprivate var isOnlyNamed: Bool { uid.isEmpty && groups.isEmpty && extra.isEmpty }

    fileprivate var nodeName: String? {
        let prefix = "system:node:"
        return name.hasPrefix(prefix) && name.count > prefix.count ? String(name.dropFirst(prefix.count)) : nil
    }
}

extension SandboxRequest {
    /// The token of the `Authorization` header.
    var bearerToken: String? {
        guard let header = headers["authorization"] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }

    /// The user in the `Impersonate` headers, `nil` if there are none.
    func impersonatedUser() throws(APIFailure) -> UserInfo? {
        var user = UserInfo(name: "")
        for (header, value) in impersonation {
            switch header {
            case "impersonate-user": user.name = value
            case "impersonate-uid": user.uid = value
            case "impersonate-group": user.groups.append(value)
            default:
                let prefix = "impersonate-extra-"
                guard header.hasPrefix(prefix) else { continue }
                user.extra[String(header.dropFirst(prefix.count)).percentDecoded, default: []].append(value)
            }
        }
        if user == UserInfo(name: "") { return nil }
        guard !user.name.isEmpty else {
            throw .badRequest(
                "requested groups \(PolicyRule.quoted(user.groups)), UID \"\(user.uid)\" without impersonating a user name"
            )
        }
        return user
    }
}
