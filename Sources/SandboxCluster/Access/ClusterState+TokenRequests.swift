import KubernetesAPI

/// Tokens of ServiceAccounts, which clients request by name.
extension ClusterState {
    static let serviceAccounts = ResourceKey(group: "", plural: "serviceaccounts")

    /// The minimum lifetime of a token, in seconds.
    private static let shortest: Int64 = 600
    private static let kind = ResourceType(
        group: "authentication.k8s.io",
        version: "v1",
        kind: "TokenRequest",
        plural: "tokenrequests",
        isNamespaced: true
    )

    mutating func requestToken(
        _ request: SandboxRequest,
        _ resource: ResourceDefinition,
        account: StoredObject
    ) throws(APIFailure) -> SandboxReply {
        var review = try body(request, resource)
        var spec = review["spec"] ?? [:]
        let seconds = spec["expirationSeconds"]?.integerValue ?? 3_600
        try checkToken(review, seconds: seconds, account)
        var audiences = spec["audiences"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if audiences.isEmpty { audiences = [TokenClaims.issuer] }
        let claims = TokenClaims(
            id: newUID(),
            namespace: account.key.namespace,
            accountName: account.key.name,
            accountUID: account.uid,
            audiences: audiences,
            issued: now.secondsSinceEpoch,
            expiration: now.secondsSinceEpoch + seconds,
            boundObject: try boundObject(spec["boundObjectRef"] ?? .null, account)
        )
        let token: String
        do { token = try tokens.token(claims) } catch { throw APIFailure(500, "InternalError", error.message) }
        spec["expirationSeconds"] = .integer(seconds)
        spec["audiences"] = .array(audiences.map { .string($0) })
        spec["boundObjectRef"] = spec["boundObjectRef"] ?? .null
        review["spec"] = spec
        var metadata: JSONValue = ["creationTimestamp": .string(now.description)]
        for name in ["name", "namespace", "uid"] { metadata[name] = account.value.metadata[name] }
        review["metadata"] = metadata
        review["kind"] = .string(ClusterState.kind.kind)
        review["apiVersion"] = .string(ClusterState.kind.apiVersion)
        review["status"] = [
            "token": .string(token),
            "expirationTimestamp": .string(Timestamp(secondsSinceEpoch: claims.expiration).description),
        ]
        return SandboxReply(code: 201, review)
    }

    private func checkToken(_ review: JSONValue, seconds: Int64, _ account: StoredObject) throws(APIFailure) {
        func invalid(_ name: String, _ field: String, _ value: JSONValue, _ detail: String) -> APIFailure {
            let definition = ResourceDefinition(
                type: ClusterState.kind,
                singular: "tokenrequest",
                listKind: "TokenRequestList",
                shape: .any,
                storageVersion: "v1"
            )
            return .invalid(definition, name, [FieldError(.invalid, FieldPath(field), value: value, detail: detail)])
        }
        for (field, own) in [("name", account.key.name), ("namespace", account.key.namespace)] {
            guard let given = review.metadata[field]?.stringValue, !given.isEmpty, given != own else { continue }
            throw invalid(
                account.key.name,
                "metadata.\(field)",
                .string(given),
                "must match the service account \(field) if specified"
            )
        }
        let field = "spec.expirationSeconds"
        if seconds < ClusterState.shortest {
            throw invalid("", field, .integer(seconds), "may not specify a duration less than 10 minutes")
        }
        if seconds > 1 << 32 {
            throw invalid("", field, .integer(seconds), "may not specify a duration larger than 2^32 seconds")
        }
    }

    private func boundObject(_ reference: JSONValue, _ account: StoredObject) throws(APIFailure)
        -> TokenClaims.BoundObject?
    {
        guard reference.objectValue != nil else { return nil }
        let kind = reference["kind"]?.stringValue ?? ""
        let apiVersion = reference["apiVersion"]?.stringValue ?? ""
        guard ["Pod", "Secret", "Node"].contains(kind), ["v1", ""].contains(apiVersion) else {
            let version = apiVersion.split(separator: "/").last.map(String.init) ?? ""
            let group = apiVersion.contains("/") ? String(apiVersion.prefix { $0 != "/" }) : ""
            throw .badRequest("cannot bind token to object of type \(group)/\(version), Kind=\(kind)")
        }
        let name = reference["name"]?.stringValue ?? ""
        guard let resource = registry.kind("v1", kind) else { throw .noSuchPath }
        let namespace = resource.type.isNamespaced ? account.key.namespace : ""
        guard let object = storage[ObjectKey(resource: resource.key, namespace: namespace, name: name)] else {
            throw .notFound(resource, name)
        }
        if kind == "Pod", object.value[path: ["spec", "serviceAccountName"]]?.stringValue != account.key.name {
            throw .badRequest(
                "cannot bind token for serviceaccount \"\(account.key.name)\" to pod running with different serviceaccount "
                    + "name."
            )
        }
        if let uid = reference["uid"]?.stringValue, !uid.isEmpty, uid != object.uid {
            throw .conflict(
                resource,
                name,
                "the UID in the bound object reference (\(uid)) does not match the UID in record. The object might have been "
                    + "deleted and then recreated"
            )
        }
        return TokenClaims.BoundObject(kind: kind, name: name, uid: object.uid)
    }
}
