internal import CRDModels

/// The namespaces that no tenant can claim and that contain no servers: those of Kubernetes, and the controller's own.
/// Pods there could read the credentials of the cluster or of the controller.
public struct ProtectedNamespaces: Sendable {
    /// The namespaces that Kubernetes creates.
    package static let builtIn = ["kube-system", "kube-public", "kube-node-lease"]

    /// The protected namespaces.
    private let names: Set<String>
    /// The controller's namespace.
    private let controllerNamespace: String

    public init(
        platform: PlatformConfiguration,
        controllerNamespace: String = PlatformNamespaces.builtInControllerNamespace
    ) {
        names = Set(ProtectedNamespaces.builtIn + [controllerNamespace])
            .subtracting(platform.namespaces?.allowProtected ?? [])
        self.controllerNamespace = controllerNamespace
    }

    /// Whether a namespace is protected.
    public func contains(_ namespace: String) -> Bool { names.contains(namespace) }

    /// Refuses a protected namespace.
    ///
    /// - Parameter field: the field that names it, `nil` for the object's own namespace.
    package func check(_ namespace: String, field: String? = nil) throws(Refusal) {
        guard contains(namespace) else { return }
        let owner = namespace == controllerNamespace ? "the controller's namespace" : "a system namespace of Kubernetes"
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
