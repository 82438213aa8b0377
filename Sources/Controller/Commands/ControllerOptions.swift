import ArgumentParser
import ControllerRuntime

/// Which cluster, and as whom.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The kubeconfig to use. Without one: $KUBECONFIG, then the service account of the pod that this runs in, then \
            ~/.kube/config.
            """,
            valueName: "path"
        ),
        completion: .file()
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The kubeconfig's context to use, in place of its current one.", valueName: "name"))
    var context: String?

    @Option(
        help: ArgumentHelp(
            """
            Look after these namespaces alone, parted by commas; may be given again. Then Moorage needs no rights over \
            all namespaces. [$MOORAGE_NAMESPACES]
            """,
            valueName: "names"
        )
    )
    var namespaces: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The namespace that the controller itself runs in, which no tenant may claim. [$POD_NAMESPACE] (default: \
            moorage-system)
            """,
            valueName: "name"
        )
    )
    var controllerNamespace: String?
}

/// Who may write, when several run.
struct LeaderElectionOptions: ParsableArguments {
    @Flag(
        name: .customLong("leader-elect"),
        inversion: .prefixedNo,
        help: "Let only one of several controllers write, by a Lease. [$MOORAGE_LEADER_ELECT] (default: on)"
    )
    var isEnabled: Bool?

    @Option(
        name: .customLong("leader-election-namespace"),
        help: ArgumentHelp(
            """
            Where the Lease is. [$MOORAGE_LEADER_ELECTION_NAMESPACE] (default: the namespace of the pod, or of the \
            kubeconfig's context)
            """,
            valueName: "name"
        )
    )
    var namespace: String?

    @Option(
        name: .customLong("leader-election-id"),
        help: ArgumentHelp(
            "The Lease's name. [$MOORAGE_LEADER_ELECTION_ID] (default: moorage-controller)",
            valueName: "name"
        )
    )
    var name: String?

    @Option(
        name: .customLong("leader-election-lease-duration"),
        help: ArgumentHelp(
            """
            For how long others leave a Lease alone that is not renewed. [$MOORAGE_LEADER_ELECTION_LEASE_DURATION] \
            (default: 15s)
            """,
            valueName: "duration"
        )
    )
    var leaseDuration: DurationArgument?

    @Option(
        name: .customLong("leader-election-renew-deadline"),
        help: ArgumentHelp(
            """
            For how long the leader tries to renew before it gives up. [$MOORAGE_LEADER_ELECTION_RENEW_DEADLINE] \
            (default: 10s)
            """,
            valueName: "duration"
        )
    )
    var renewDeadline: DurationArgument?

    @Option(
        name: .customLong("leader-election-retry-period"),
        help: ArgumentHelp(
            "How long between two attempts. [$MOORAGE_LEADER_ELECTION_RETRY_PERIOD] (default: 2s)",
            valueName: "duration"
        )
    )
    var retryPeriod: DurationArgument?
}

/// What is logged, and how.
struct LogOptions: ParsableArguments {
    @Option(
        name: .customLong("log-format"),
        help: "How log lines on standard error look. [$MOORAGE_LOG_FORMAT] (default: text)"
    )
    var format: LogFormat?

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp(
            """
            The least level that is logged, for all or by module: info, or reconcilers=debug,nio=warning. \
            [$MOORAGE_LOG_LEVEL] (default: info)
            """,
            valueName: "levels"
        )
    )
    var level: String?
}

/// The platform's settings.
struct PlatformOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "A file of kind MoorageConfiguration with the platform's settings. [$MOORAGE_CONFIG]",
            valueName: "path"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var configurationFile: String?
}
