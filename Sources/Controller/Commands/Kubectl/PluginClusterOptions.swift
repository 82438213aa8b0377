import ArgumentParser
import ClusterTool
import KubernetesClient

/// The cluster and the namespace that a command is about.
struct PluginClusterOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The namespace. (default: that of the kubeconfig's context)", valueName: "name"),
        completion: NameCompletion.kind(.namespace)
    )
    var namespace: String?

    @OptionGroup
    var source: KubeconfigOptions

    /// Runs a body with a reader of the cluster, and closes its connections.
    ///
    /// - Throws: what the body throws, and an error if the kubeconfig cannot be used.
    func withCluster<Value>(_ body: (ClusterReader) async throws -> Value) async throws -> Value {
        try await source.withClient { client, configuration in
            try await body(ClusterReader(client: client, namespace: namespace ?? configuration.namespace))
        }
    }

    /// Forwards ports to pods of this cluster.
    var portForward: KubectlPortForward {
        KubectlPortForward(kubeconfig: source.kubeconfig, context: source.context)
    }
}
