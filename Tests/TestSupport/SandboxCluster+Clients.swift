public import KubernetesClient
public import SandboxCluster

extension SandboxCluster {
    /// The client configuration: for the administrator, or with a token.
    public func clientConfiguration(token: String? = nil) async throws -> KubernetesClientConfiguration {
        let text = try await kubeconfig(token: token)
        return try Kubeconfig(text: text, directory: nil, file: "the sandbox's kubeconfig").configuration()
    }
}
