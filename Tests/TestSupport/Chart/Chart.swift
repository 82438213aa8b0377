public import KubernetesAPI
public import Policy
internal import Reconcilers
import Synchronization

/// The Helm chart, rendered by the real Helm.
public enum Chart {
    /// The path of the chart.
    public static let path = "\(Tool.packageRoot)/charts/moorage"
    /// The namespace of the release.
    public static let namespace = "moorage-system"
    /// The name of the release.
    public static let release = "moorage"
    /// The controller's ServiceAccount.
    public static let serviceAccount = "moorage-controller"
    /// The gateway's ServiceAccount.
    public static let gatewayServiceAccount = "moorage-gateway"
    /// The ConfigMap with the platform's settings.
    public static let configuration = "moorage-config"
    /// The Lease of the leader election.
    public static let lease = "moorage-controller"

    /// The manifests, as `helm template` prints them.
    ///
    /// - Parameter arguments: further arguments, such as `--set scope={a}`.
    public static func render(_ arguments: [String] = []) async throws -> String {
        let result = try await Tool.helm().attempt(
            ["template", release, path, "--namespace", namespace] + arguments
        )
        guard result.status == 0 else {
            throw Tool.Failure(description: "helm template \(arguments.joined(separator: " ")): \(result.error)")
        }
        return result.output
    }

    /// The parsed manifests.
    public static func documents(_ arguments: [String] = []) async throws -> [JSONValue] {
        try YAML.documents(in: try await render(arguments)).map(\.value).filter { $0 != .null }
    }

    /// The admission policies and their bindings, as on Kubernetes 1.36.
    public static func admissionPolicies(_ arguments: [String] = []) async throws -> [JSONValue] {
        try await documents(["--api-versions", "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy"] + arguments)
            .filter { $0["kind"]?.stringValue?.contains("AdmissionPolicy") == true }
    }

    /// The permissions that the chart grants to the controller.
    ///
    /// - Parameters:
    ///   - namespaces: `scope`; `nil` is the whole cluster.
    ///   - namespace: the release's namespace.
    ///   - gatewayBindings: whether the servers of mcp-lifecycle-operator are registered.
    public static func accessRules(
        namespaces: [String]? = nil,
        in namespace: String = namespace,
        handshake route: HandshakeRoute = .auto,
        gatewayBindings: Bool = false
    ) async throws -> AccessRules {
        let key = [namespace, route.rawValue, "\(gatewayBindings)"] + (namespaces?.sorted() ?? [])
        if let known = rules.withLock({ $0[key] }) { return known }
        let scope = namespaces.map { ["--set", "scope={\($0.joined(separator: ","))}"] } ?? []
        // Helm uses the last of two namespaces on the command line.
        let made = AccessRules(
            try await documents(
                [
                    "--namespace", namespace, "--set", "config.handshake.route=\(route.rawValue)",
                    "--set", "config.gatewayBindings.enabled=\(gatewayBindings)",
                ] + scope
            ),
            serviceAccount: serviceAccount,
            namespace: namespace
        )
        rules.withLock { $0[key] = made }
        return made
    }

    /// The permissions that the chart grants to the gateway.
    public static func gatewayAccessRules() async throws -> AccessRules {
        AccessRules(try await documents(), serviceAccount: gatewayServiceAccount, namespace: namespace)
    }

    private static let rules = Mutex<[[String]: AccessRules]>([:])
}
