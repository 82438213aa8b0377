import ArgumentParser
import KubernetesClient

/// The cluster and the namespace that a command is about.
struct PluginClusterOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The namespace. (default: that of the kubeconfig's context)", valueName: "name")
    )
    var namespace: String?

    @OptionGroup
    var source: KubeconfigOptions

    /// Runs a body with a reader of the cluster, and closes its connections.
    ///
    /// - Throws: what the body throws, and an error if the kubeconfig cannot be used.
    func withCluster<Value>(_ body: (ClusterReader) async throws -> Value) async throws -> Value {
        let configuration = try KubernetesClientConfiguration.load(
            kubeconfig: source.kubeconfig,
            context: source.context
        )
        let transport = try HTTPTransport(configuration)
        let reader = ClusterReader(
            client: KubernetesClient(transport: transport),
            namespace: namespace ?? configuration.namespace
        )
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(reader))
        } catch {
            outcome = .failure(error)
        }
        try? await transport.shutdown()
        return try outcome.get()
    }
}
