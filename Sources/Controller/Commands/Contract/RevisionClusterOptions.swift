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
        try await source.withClient { client, configuration in
            try await RevisionReader(client: client).contract(
                namespace: given ?? namespace ?? configuration.namespace,
                name: name
            )
        }
    }
}
