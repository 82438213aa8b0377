import CommandSupport
import ArgumentParser
import KubernetesClient
import MCPProtocol
import Reconcilers

/// The cluster whose revisions are compared.
struct RevisionClusterOptions: ParsableArguments {
    @OptionGroup var source: KubeconfigOptions

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "The namespace of revisions without one. (default: that of the kubeconfig's context)",
            valueName: "name"
        )
    )
    var namespace: String?

    /// Reads the contract of a revision.
    ///
    /// - Throws: an error that names what is missing.
    func read(namespace given: String?, name: String) async throws -> ServerContract {
        let configuration = try KubernetesClientConfiguration.load(
            kubeconfig: source.kubeconfig,
            context: source.context
        )
        let transport = try HTTPTransport(configuration)
        let outcome: Result<ServerContract, any Error>
        do {
            outcome = .success(
                try await RevisionReader(client: KubernetesClient(transport: transport)).contract(
                    namespace: given ?? namespace ?? configuration.namespace,
                    name: name
                )
            )
        } catch {
            outcome = .failure(error)
        }
        try? await transport.shutdown()
        return try outcome.get()
    }
}
