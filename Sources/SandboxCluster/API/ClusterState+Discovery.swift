import KubernetesAPI

extension ClusterState {
    static let version: JSONValue = [
        "major": "1", "minor": "36", "gitVersion": "v1.36.2", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "2026-08-21T00:00:00Z", "goVersion": "none", "compiler": "swiftc", "platform": "sandbox",
    ]

    private func verbs(_ resource: ResourceDefinition) -> JSONValue {
        if resource.isVirtual { return ["create"] }
        if resource.qualifiedPlural == "namespaces" {
            return ["create", "delete", "get", "list", "patch", "update", "watch"]
        }
        return ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    }

    /// Answers requests for paths that are not resources: health, version, the keys of tokens, discovery, OpenAPI.
    func nonResource(_ request: SandboxRequest) -> SandboxReply? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        let parts = request.path.split(separator: "/").map(String.init)
        switch parts.first {
        case "healthz", "readyz", "livez": return SandboxReply(bytes: Array("ok".utf8), contentType: "text/plain")
        case "version": return SandboxReply(ClusterState.version)
        case ".well-known" where parts == [".well-known", "openid-configuration"]:
            return SandboxReply(TokenIssuer.metadata)
        case "openid" where parts == ["openid", "v1", "jwks"]:
            return SandboxReply(bytes: tokens.keySet.serialized(), contentType: "application/jwk-set+json")
        case "api" where parts.count == 1:
            if request.accept.contains("g=apidiscovery.k8s.io") { return aggregated([""]) }
            return SandboxReply(["kind": "APIVersions", "versions": ["v1"]])
        case "apis" where parts.count == 1:
            let groups = registry.groups.filter { !$0.isEmpty }
            if request.accept.contains("g=apidiscovery.k8s.io") { return aggregated(groups) }
            return SandboxReply([
                "kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map { group($0) }),
            ])
        case "apis" where parts.count == 2:
            guard registry.definitions[parts[1]] != nil else { return nil }
            var value = group(parts[1])
            value["kind"] = "APIGroup"
            value["apiVersion"] = "v1"
            return SandboxReply(value)
        case "api" where parts.count == 2: return resources("", parts[1])
        case "apis" where parts.count == 3: return resources(parts[1], parts[2])
        case "openapi" where parts == ["openapi", "v2"]: return openAPI2(request)
        case "openapi" where parts.count >= 2 && parts[1] == "v3": return openAPI(Array(parts.dropFirst(2)))
        default: return nil
        }
    }

    private func group(_ name: String) -> JSONValue {
        let versions = registry.versions(name).map { version -> JSONValue in
            ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        }
        return ["name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? .null]
    }

    private func resources(_ group: String, _ version: String) -> SandboxReply? {
        let all = registry.resources(group, version)
        if all.isEmpty { return nil }
        var list: [JSONValue] = []
        for resource in all {
            var entry: JSONValue = [
                "name": .string(resource.plural), "singularName": .string(resource.singular),
                "namespaced": .bool(resource.type.isNamespaced), "kind": .string(resource.type.kind),
                "verbs": verbs(resource),
            ]
            if !resource.shortNames.isEmpty { entry["shortNames"] = .array(resource.shortNames.map { .string($0) }) }
            if !resource.categories.isEmpty { entry["categories"] = .array(resource.categories.map { .string($0) }) }
            list.append(entry)
            for subresource in subresources(resource) {
                list.append([
                    "name": .string("\(resource.plural)/\(subresource.name)"), "singularName": "",
                    "namespaced": .bool(resource.type.isNamespaced), "kind": .string(subresource.kind),
                    "group": .string(subresource.group), "version": .string(subresource.version),
                    "verbs": subresource.verbs,
                ])
            }
        }
        return SandboxReply([
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(list),
        ])
    }

    private struct Subresource {
        var name: String
        var kind: String
        var group: String
        var version: String
        var verbs: JSONValue = ["get", "patch", "update"]
    }

    private func subresources(_ resource: ResourceDefinition) -> [Subresource] {
        var result: [Subresource] = []
        let type = resource.type
        if resource.scale != nil {
            result.append(Subresource(name: "scale", kind: "Scale", group: "autoscaling", version: "v1"))
        }
        if resource.hasStatus {
            result.append(Subresource(name: "status", kind: type.kind, group: type.group, version: type.version))
        }
        if type.kind == "Pod" {
            result.append(
                Subresource(name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"])
            )
            result.append(Subresource(name: "binding", kind: "Binding", group: "", version: "v1", verbs: ["create"]))
        }
        if type.kind == "ServiceAccount" {
            let group = "authentication.k8s.io"
            result.append(
                Subresource(name: "token", kind: "TokenRequest", group: group, version: "v1", verbs: ["create"])
            )
        }
        return result
    }

    private func aggregated(_ groups: [String]) -> SandboxReply {
        let items = groups.map { name -> JSONValue in
            let versions = registry.versions(name).map { version -> JSONValue in
                let resources = registry.resources(name, version).map { resource -> JSONValue in
                    var entry: JSONValue = [
                        "resource": .string(resource.plural), "singularResource": .string(resource.singular),
                        "responseKind": [
                            "group": .string(name), "version": .string(version), "kind": .string(resource.type.kind),
                        ],
                        "scope": .string(resource.type.isNamespaced ? "Namespaced" : "Cluster"),
                        "verbs": verbs(resource),
                    ]
                    if !resource.shortNames.isEmpty {
                        entry["shortNames"] = .array(resource.shortNames.map { .string($0) })
                    }
                    if !resource.categories.isEmpty {
                        entry["categories"] = .array(resource.categories.map { .string($0) })
                    }
                    let parts = subresources(resource).map { part -> JSONValue in
                        [
                            "subresource": .string(part.name), "verbs": part.verbs,
                            "responseKind": [
                                "group": .string(part.group), "version": .string(part.version),
                                "kind": .string(part.kind),
                            ],
                        ]
                    }
                    if !parts.isEmpty { entry["subresources"] = .array(parts) }
                    return entry
                }
                return ["version": .string(version), "freshness": "Current", "resources": .array(resources)]
            }
            var metadata: JSONValue = [:]
            if !name.isEmpty { metadata["name"] = .string(name) }
            return ["metadata": metadata, "versions": .array(versions)]
        }
        var reply = SandboxReply([
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
            "items": .array(items),
        ])
        reply.contentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        return reply
    }
}
