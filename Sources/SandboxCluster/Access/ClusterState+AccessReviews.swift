import KubernetesAPI

/// Reviews of identity and permissions. They are answered and never stored.
extension ClusterState {
    func review(_ request: SandboxRequest, _ resource: ResourceDefinition, namespace: String?) throws(APIFailure)
        -> SandboxReply
    {
        var review = try body(request, resource)
        try checkIdentity(review, resource, namespace: namespace, name: nil)
        review["apiVersion"] = .string(resource.type.apiVersion)
        review["kind"] = .string(resource.type.kind)
        if review["metadata"] == nil { review["metadata"] = [:] }
        let spec = review["spec"] ?? [:]
        let user = requester ?? .administrator
        switch resource.type.kind {
        case "TokenReview": review["status"] = try tokenReview(spec)
        case "SelfSubjectReview": review["status"] = ["userInfo": user.json]
        case "SelfSubjectRulesReview":
            guard let namespace = spec["namespace"]?.stringValue, !namespace.isEmpty else {
                throw .badRequest("no namespace on request")
            }
            review["status"] = rulesReview(user, in: namespace)
            review["spec"] = [:]
        default: review["status"] = try accessReview(review, resource, user, namespace: namespace)
        }
        return SandboxReply(code: 201, review)
    }

    private func tokenReview(_ spec: JSONValue) throws(APIFailure) -> JSONValue {
        guard let token = spec["token"]?.stringValue, !token.isEmpty else {
            throw .badRequest("token is required for TokenReview in authentication")
        }
        let wanted = spec["audiences"]?.arrayValue?.compactMap(\.stringValue) ?? []
        for audience in wanted.isEmpty ? [TokenClaims.issuer] : wanted {
            guard let user = try? authenticate(token: token, audience: audience) else { continue }
            return ["authenticated": true, "user": user.json, "audiences": [.string(audience)]]
        }
        return ["user": [:], "error": "invalid bearer token"]
    }

    private func rulesReview(_ user: UserInfo, in namespace: String) -> JSONValue {
        let (found, errors) =
            configuration.enforcesRBAC ? rules(for: user, in: namespace) : (PolicyRule.everything, [])
        var status: JSONValue = [
            "resourceRules": .array(found.filter { !$0.resources.isEmpty }.map(\.json)),
            "nonResourceRules": .array(found.filter { !$0.nonResourceURLs.isEmpty }.map(\.json)),
            "incomplete": false,
        ]
        if !errors.isEmpty { status["evaluationError"] = .string(ClusterState.aggregate(errors)) }
        return status
    }

    private func accessReview(
        _ review: JSONValue,
        _ resource: ResourceDefinition,
        _ requester: UserInfo,
        namespace: String?
    ) throws(APIFailure) -> JSONValue {
        let spec = review["spec"] ?? [:]
        let isSelf = resource.type.kind == "SelfSubjectAccessReview"
        let errors = accessReviewErrors(spec, isSelf: isSelf, namespace: namespace)
        guard errors.isEmpty, let access = AccessRequest(review: spec) else { throw .invalid(resource, "", errors) }
        var user = requester
        if !isSelf {
            user = UserInfo(
                name: spec["user"]?.stringValue ?? "",
                uid: spec["uid"]?.stringValue ?? "",
                groups: spec["groups"]?.arrayValue?.compactMap(\.stringValue) ?? []
            )
        }
        guard configuration.enforcesRBAC else {
            return ["allowed": true, "reason": "the sandbox does not enforce RBAC: everything is allowed"]
        }
        let decision = decide(access, for: user)
        var status: JSONValue = ["allowed": .bool(decision.isAllowed)]
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return status
    }

    private func accessReviewErrors(_ spec: JSONValue, isSelf: Bool, namespace: String?) -> [FieldError] {
        let path = FieldPath("spec")
        let resource = spec["resourceAttributes"]
        let other = spec["nonResourceAttributes"]
        var errors: [FieldError] = []
        if resource != nil, other != nil {
            // The server shows its own struct, whose fields start with upper-case letters.
            let shown: JSONValue = ["Path": other?["path"] ?? "", "Verb": other?["verb"] ?? ""]
            errors.append(
                FieldError(
                    .invalid,
                    path.key("nonResourceAttributes"),
                    value: shown,
                    detail: "cannot be specified in combination with resourceAttributes"
                )
            )
        }
        if resource == nil, other == nil {
            errors.append(
                FieldError(
                    .invalid,
                    path.key("resourceAttributes"),
                    value: .null,
                    detail: "exactly one of nonResourceAttributes or resourceAttributes must be specified"
                )
            )
        }
        if !isSelf, (spec["user"]?.stringValue ?? "").isEmpty, spec["groups"]?.arrayValue?.isEmpty != false {
            errors.append(
                FieldError(
                    .invalid,
                    path.key("user"),
                    value: "",
                    detail: "at least one of user or group must be specified"
                )
            )
        }
        if let namespace, let resource, (resource["namespace"]?.stringValue ?? "") != namespace {
            errors.append(
                FieldError(
                    .invalid,
                    path.key("resourceAttributes").key("namespace"),
                    value: .string(resource["namespace"]?.stringValue ?? ""),
                    detail: "must match metadata.namespace"
                )
            )
        }
        return errors
    }
}
