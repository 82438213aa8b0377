import KubernetesAPI

/// The attributes of a request that authorization checks.
struct AccessRequest: Sendable, Hashable {
    var verb: String
    var group = ""
    var resource = ""
    var subresource = ""
    /// Empty at the cluster scope.
    var namespace = ""
    /// Empty for collections.
    var name = ""
    /// The path of a request that does not name a resource; `nil` for all others.
    var path: String?

    /// The attributes of a request on a resource.
    init(
        verb: String,
        group: String,
        resource: String,
        subresource: String = "",
        namespace: String = "",
        name: String = ""
    ) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }

    /// The attributes of a request on a path that is not a resource.
    init(verb: String, path: String) {
        self.verb = verb
        self.path = path
    }

    /// Reads the attributes of a review.
    init?(review spec: JSONValue) {
        if let attributes = spec["resourceAttributes"], attributes.objectValue != nil {
            func text(_ key: String) -> String { attributes[key]?.stringValue ?? "" }
            self.init(
                verb: text("verb"),
                group: text("group"),
                resource: text("resource"),
                subresource: text("subresource"),
                namespace: text("namespace"),
                name: text("name")
            )
        } else if let attributes = spec["nonResourceAttributes"], attributes.objectValue != nil {
            self.init(verb: attributes["verb"]?.stringValue ?? "", path: attributes["path"]?.stringValue ?? "")
        } else {
            return nil
        }
    }

    /// The resource with its subresource, as rules name it.
    var combinedResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }

    /// The rejection of this request.
    func forbidden(to user: UserInfo, reason: String = "") -> APIFailure {
        var text: String
        if let path {
            text = "User \"\(user.name)\" cannot \(verb) path \"\(path)\""
        } else {
            let scope = namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(namespace)\""
            text =
                "User \"\(user.name)\" cannot \(verb) resource \"\(combinedResource)\" in API group \"\(group)\" \(scope)"
        }
        // The server escapes characters that have a meaning in HTML.
        text = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        if !reason.isEmpty { text += ": \(reason)" }
        let qualified = group.isEmpty ? resource : "\(resource).\(group)"
        let subject = qualified.isEmpty ? "" : name.isEmpty ? "\(qualified) is " : "\(qualified) \"\(name)\" is "
        return APIFailure(
            403,
            "Forbidden",
            "\(subject)forbidden: \(text)",
            details: .init(
                name: name.isEmpty ? nil : name,
                group: group.isEmpty ? nil : group,
                kind: resource.isEmpty ? nil : resource
            )
        )
    }
}

extension SandboxRequest {
    /// The attributes of the request. `verb` is the verb of `RequestRecord`, which includes `apply` in addition to the
    /// API's verbs.
    func access(_ target: Target?, verb: String) -> AccessRequest {
        guard let target else { return AccessRequest(verb: method.lowercased(), path: path) }
        var name = target.name ?? ""
        if name.isEmpty, ["list", "watch", "deletecollection"].contains(verb) { name = selectedName }
        let isNamespace = target.group.isEmpty && target.plural == "namespaces"
        return AccessRequest(
            verb: verb == "apply" ? "patch" : verb,
            group: target.group,
            resource: target.plural,
            subresource: target.subresource ?? "",
            // A namespace is considered to be in itself, so that a role in it can grant access to it.
            namespace: isNamespace ? target.name ?? "" : target.namespace ?? "",
            name: name
        )
    }

    /// The name that the field selector requires, if any: rules with `resourceNames` allow such lists and watches.
    private var selectedName: String {
        for part in (query["fieldSelector"] ?? "").split(separator: ",") {
            for prefix in ["metadata.name==", "metadata.name="] where part.hasPrefix(prefix) {
                return String(part.dropFirst(prefix.count))
            }
        }
        return ""
    }
}
