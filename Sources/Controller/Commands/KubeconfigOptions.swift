import ArgumentParser

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
}
