import ArgumentParser
import KubernetesClient
import Logging

/// The kubeconfig with which a command reaches a cluster.
struct KubeconfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The path of the kubeconfig. By default: $KUBECONFIG, then the service account of the pod, then \
            ~/.kube/config.
            """,
            valueName: "path"
        ),
        completion: .file()
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The kubeconfig context to use, instead of its current one.", valueName: "name"))
    var context: String?

    /// Runs a body with a client of the cluster, and closes its connections.
    ///
    /// - Parameters:
    ///   - logger: of the connections; by default nothing is logged.
    ///   - body: receives the client and the configuration of the kubeconfig.
    /// - Throws: what the body throws, and an error if the kubeconfig cannot be used.
    func withClient<Value>(
        logger: Logger = Logger(label: "client", factory: { _ in SwiftLogNoOpLogHandler() }),
        _ body: (KubernetesClient, KubernetesClientConfiguration) async throws -> Value
    ) async throws -> Value {
        let configuration = try KubernetesClientConfiguration.load(kubeconfig: kubeconfig, context: context)
        let transport = try HTTPTransport(configuration, logger: logger)
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(KubernetesClient(transport: transport, logger: logger), configuration))
        } catch {
            outcome = .failure(error)
        }
        try? await transport.shutdown()
        return try outcome.get()
    }
}
