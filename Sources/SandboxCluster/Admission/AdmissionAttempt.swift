import KubernetesAPI

/// A request as admission policies see it.
struct AdmissionAttempt: Sendable {
    /// What is done, in the words of the rules of policies.
    enum Operation: String, Sendable {
        case create = "CREATE"
        case update = "UPDATE"
        case delete = "DELETE"
        case connect = "CONNECT"

        /// The kind of the request's options.
        var options: String {
            switch self {
            case .create: "CreateOptions"
            case .update: "UpdateOptions"
            case .delete: "DeleteOptions"
            case .connect: ""
            }
        }
    }

    var operation: Operation
    /// The resource, with the kind of the object in the request, which is `Scale` for scales.
    var resource: ResourceDefinition
    var apiVersion: String
    var kind: String
    var subresource = ""
    /// Of a Namespace its own name; empty for other objects of the cluster.
    var namespace: String
    var name: String
    /// The new object; `nil` for deletions.
    var object: JSONValue?
    /// The object before; `nil` for creations.
    var oldObject: JSONValue?
    var user: UserInfo
    var isDryRun = false
    /// The query of the request, which has most of its options.
    var query: [String: String] = [:]

    init(
        _ operation: Operation,
        _ resource: ResourceDefinition,
        subresource: String? = nil,
        object: JSONValue?,
        old: JSONValue?,
        key: ObjectKey? = nil,
        user: UserInfo?,
        request: SandboxRequest
    ) {
        self.operation = operation
        self.resource = resource
        self.subresource = subresource ?? ""
        self.object = object
        oldObject = old
        let subject = object ?? old ?? [:]
        apiVersion = subject["apiVersion"]?.stringValue ?? resource.type.apiVersion
        kind = subject["kind"]?.stringValue ?? resource.type.kind
        name = key?.name ?? subject.objectName
        let isNamespace = resource.qualifiedPlural == "namespaces"
        namespace = isNamespace ? name : key?.namespace ?? subject.objectNamespace
        self.user = user ?? AdmissionAttempt.controller(of: subject)
        isDryRun = request.isDryRun
        query = request.query
        if operation != .delete, operation != .connect { query["fieldManager"] = request.fieldManager }
    }

    /// Policies do not apply to their own kinds and to webhooks, so that a mistake in one can be corrected.
    var isExempt: Bool {
        resource.type.group == "admissionregistration.k8s.io" || resource.isVirtual
    }

    /// The group and version of the object's kind.
    var groupVersion: (group: String, version: String) { AdmissionAttempt.split(apiVersion) }

    static func split(_ apiVersion: String) -> (group: String, version: String) {
        let parts = apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : ("", parts.first ?? "")
    }

    /// The account of the simulated controller that creates an object.
    private static func controller(of object: JSONValue) -> UserInfo {
        let owner = object.ownerReferences.first { $0["controller"]?.boolValue == true }?["kind"]?.stringValue ?? ""
        let name = owner == "DaemonSet" ? "daemon-set-controller" : "\(owner.lowercased())-controller"
        let groups = UserInfo.serviceAccountGroups("kube-system") + [UserInfo.authenticated]
        return UserInfo(name: UserInfo.serviceAccountName("kube-system", name), groups: groups)
    }
}
