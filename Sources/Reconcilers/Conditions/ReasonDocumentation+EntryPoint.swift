internal import Policy

extension Reason {
    /// The documentation of the reasons for which the entry point of an image is not known. What serves is not changed.
    var entryPointDocumentation: Documentation? {
        switch self {
        case .entryPointPending:
            return Documentation(
                "Accepted",
                """
                `spec.transport` is `stdio` and `spec.command` is not set, so the controller is reading the entry point of the \
                image from its registry.
                """,
                "Wait, usually less than a second."
            )
        case .entryPointMissing:
            return Documentation(
                "Accepted",
                "The image has neither ENTRYPOINT nor CMD, and `spec.command` is not set.",
                "Set `spec.command` to the command that runs the server."
            )
        case .entryPointsDiffer:
            return Documentation(
                "Accepted",
                """
                The image has several platforms with different entry points, and it is not known on which of them the pods will \
                run. The message names two of them.
                """,
                "Set `spec.command` to a command that all of them have."
            )
        case .registryUnavailable:
            return Documentation(
                "Accepted",
                """
                The entry point of the image is not known, because its registry cannot be reached, fails, or limits requests. The \
                message has the registry and the cause.
                """,
                """
                Check that the controller can reach the registry: its NetworkPolicy, a proxy, `registries.plainHTTP` and \
                `registries.caFile` of the platform's configuration. It is tried again automatically, after up to 5 minutes. Or \
                set `spec.command`, so that the registry is not needed.
                """
            )
        case .registryDenied:
            return Documentation(
                "Accepted",
                "The registry refuses the controller, which has the same credentials as the pods.",
                """
                Add a pull Secret with credentials for the registry to `spec.imagePullSecrets` of the server, its class or its \
                tenant, or correct it. A change of the Secret is noticed at once.
                """
            )
        case .imageNotFound:
            return Documentation(
                "Accepted",
                "The registry does not have the image. Some registries also answer this if credentials are missing.",
                "Correct `spec.image`, or push the image. It is tried again automatically, after up to 5 minutes."
            )
        case .imageInvalid:
            return Documentation(
                "Accepted",
                """
                What the registry has is not a container image for Linux, is too large, or does not match its digest. The message \
                says which.
                """,
                "Push the image again, correct `spec.image`, or set `spec.command`."
            )
        default: return nil
        }
    }
}
