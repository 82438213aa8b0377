import KubernetesAPI

/// Applies admission policies to requests whose object is not the stored one: deletions, scales, and other subresources.
extension ClusterState {
    mutating func admitDeletion(of object: StoredObject, _ resource: ResourceDefinition, _ request: SandboxRequest)
        throws(APIFailure)
    {
        let old = convert(object.value, to: resource)
        let attempt = AdmissionAttempt(
            .delete,
            resource,
            object: nil,
            old: old,
            key: object.key,
            user: requester,
            request: request
        )
        try admitByPolicies(attempt)
    }

    /// - Returns: the scale as policies have changed it.
    mutating func admitScale(
        _ wanted: JSONValue,
        old: JSONValue,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        _ request: SandboxRequest
    ) throws(APIFailure) -> JSONValue {
        var object = wanted
        object["apiVersion"] = old["apiVersion"]
        object["kind"] = old["kind"]
        var attempt = AdmissionAttempt(
            .update,
            resource,
            subresource: "scale",
            object: object,
            old: old,
            key: key,
            user: requester,
            request: request
        )
        attempt.object = try mutateByPolicies(attempt) ?? object
        try admitByPolicies(attempt)
        return attempt.object ?? object
    }

    /// A subresource to which an object is posted, such as an eviction.
    mutating func admitCreation(
        of subresource: String,
        _ resource: ResourceDefinition,
        key: ObjectKey,
        _ request: SandboxRequest
    ) throws(APIFailure) {
        let object = try request.body.isEmpty ? [:] : body(request, resource)
        var attempt = AdmissionAttempt(
            .create,
            resource,
            subresource: subresource,
            object: object,
            old: nil,
            key: key,
            user: requester,
            request: request
        )
        attempt.object = try mutateByPolicies(attempt) ?? object
        try admitByPolicies(attempt)
    }

    /// A connection to a pod or a service.
    mutating func admitConnection(
        _ resource: ResourceDefinition,
        subresource: String,
        key: ObjectKey,
        user: UserInfo,
        _ request: SandboxRequest
    ) throws(APIFailure) {
        let kinds = ["portforward": "PortForward", "proxy": "Proxy", "exec": "Exec", "attach": "Attach"]
        let subject = resource.plural == "services" ? "Service" : "Pod"
        let attempt = AdmissionAttempt(
            .connect,
            resource,
            subresource: subresource,
            object: ["kind": .string("\(subject)\(kinds[subresource] ?? "")Options"), "apiVersion": "v1"],
            old: nil,
            key: key,
            user: user,
            request: request
        )
        try admitByPolicies(attempt)
    }
}
