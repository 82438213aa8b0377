internal import CRDModels

/// The namespaces that no tenant can claim and that contain no servers: those of Kubernetes, the controller's own, where pods could read the
/// credentials of the cluster or of the controller, and those of the controller's check of the network.
public struct ProtectedNamespaces: Sendable {
    /// The namespaces that Kubernetes creates.
    package static let builtIn = ["kube-system", "kube-public", "kube-node-lease"]

    /// The protected namespaces.
    private let names: Set<String>
    /// The controller's namespace.
    private let controllerNamespace: String
    /// Those of the check of the network.
    private let checkedNamespaces: Set<String>

    public init(
        platform: PlatformConfiguration,
        controllerNamespace: String = PlatformNamespaces.builtInControllerNamespace
    ) {
        let checked = platform.networkCheck?.namespaces ?? []
        names = Set(ProtectedNamespaces.builtIn + [controllerNamespace] + checked)
            .subtracting(platform.namespaces?.allowProtected ?? [])
        self.controllerNamespace = controllerNamespace
        checkedNamespaces = Set(checked)
    }

    /// Whether a namespace is protected.
    public func contains(_ namespace: String) -> Bool { names.contains(namespace) }

    /// Refuses a protected namespace.
    ///
    /// - Parameter field: the field that names it, `nil` for the object's own namespace.
    package func check(_ namespace: String, field: String? = nil) throws(Refusal) {
        guard contains(namespace) else { return }
        let owner =
            switch namespace {
            case controllerNamespace: "the controller's namespace"
            case _ where checkedNamespaces.contains(namespace): "a namespace of the controller's check of the network"
            default: "a system namespace of Kubernetes"
            }
        throw Refusal(
            .namespaceProtected,
            field: field,
            """
            namespace "\(namespace)" is \(owner), which tenants and servers cannot use: use another namespace, or \
            ask an administrator to add it to namespaces.allowProtected in the platform's configuration
            """
        )
    }
}
