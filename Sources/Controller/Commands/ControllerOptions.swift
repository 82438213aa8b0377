import CommandSupport
import ArgumentParser
import ControllerRuntime
import Observability

/// The cluster and the credentials.
struct ClusterOptions: ParsableArguments {
    @OptionGroup var source: KubeconfigOptions

    @Option(
        help: ArgumentHelp(
            """
            Only manage these namespaces, separated by commas; can be repeated. Moorage then needs no permissions in \
            other namespaces. [$MOORAGE_NAMESPACES]
            """,
            valueName: "names"
        )
    )
    var namespaces: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The namespace that the controller runs in, which no tenant can claim. [$POD_NAMESPACE] (default: \
            moorage-system)
            """,
            valueName: "name"
        )
    )
    var controllerNamespace: String?
}

/// Leader election between several controllers.
struct LeaderElectionOptions: ParsableArguments {
    @Flag(
        name: .customLong("leader-elect"),
        inversion: .prefixedNo,
        help: "Allow only one of several controllers to write, using a Lease. [$MOORAGE_LEADER_ELECT] (default: on)"
    )
    var isEnabled: Bool?

    @Option(
        name: .customLong("leader-election-namespace"),
        help: ArgumentHelp(
            """
            The namespace of the Lease. [$MOORAGE_LEADER_ELECTION_NAMESPACE] (default: the namespace of the pod, or of \
            the kubeconfig's context)
            """,
            valueName: "name"
        )
    )
    var namespace: String?

    @Option(
        name: .customLong("leader-election-id"),
        help: ArgumentHelp(
            "The name of the Lease. [$MOORAGE_LEADER_ELECTION_ID] (default: moorage-controller)",
            valueName: "name"
        )
    )
    var name: String?

    @Option(
        name: .customLong("leader-election-lease-duration"),
        help: ArgumentHelp(
            """
            How long other controllers wait before they take a Lease that is not renewed. \
            [$MOORAGE_LEADER_ELECTION_LEASE_DURATION] (default: 15s)
            """,
            valueName: "duration"
        )
    )
    var leaseDuration: DurationArgument?

    @Option(
        name: .customLong("leader-election-renew-deadline"),
        help: ArgumentHelp(
            """
            How long the leader tries to renew the Lease before it gives up leadership. \
            [$MOORAGE_LEADER_ELECTION_RENEW_DEADLINE] (default: 10s)
            """,
            valueName: "duration"
        )
    )
    var renewDeadline: DurationArgument?

    @Option(
        name: .customLong("leader-election-retry-period"),
        help: ArgumentHelp(
            "The time between two attempts. [$MOORAGE_LEADER_ELECTION_RETRY_PERIOD] (default: 2s)",
            valueName: "duration"
        )
    )
    var retryPeriod: DurationArgument?
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
