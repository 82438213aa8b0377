internal import KubernetesAPI
internal import Policy

/// Explains why pods are not ready, and how to fix it.
///
/// The output of a container is not included: it can contain secrets. The adapter for stdio says itself why its command does not work.
enum PodDiagnosis {
    /// The most important problem of a server's pods, or `nil` if they only need time.
    ///
    /// - Parameters:
    ///   - pods: the server's pods.
    ///   - image: the image that they should run.
    ///   - now: the current time: a container that was started recently is not expected to be ready yet.
    static func find(_ pods: [Pod], image: String?, now: Timestamp) -> Finding? {
        let current = pods.filter { $0.metadata.deletionTimestamp == nil }
            .sorted { ($0.metadata.name ?? "") < ($1.metadata.name ?? "") }
        return current.compactMap { find($0, image: image, now: now) }.min { $0.rank < $1.rank }?.finding
    }

    /// What prevents the controller of a Deployment from creating pods.
    static func find(_ status: DeploymentStatus?) -> Finding? {
        guard
            let failure = status?.conditions?.first(where: { $0.type == "ReplicaFailure" && $0.status == "True" })
        else { return nil }
        let message = failure.message ?? "pods cannot be created"
        let (reason, wayOut) = refusal(message)
        return Finding(reason, "\(message): \(wayOut)")
    }

    /// What a refused pod means, recognized by the messages of the API server's admission plug-ins.
    private static func refusal(_ message: String) -> (Reason, wayOut: String) {
        if message.contains("exceeded quota") || message.contains("failed quota") { return quotaRefusal(message) }
        if message.contains("error looking up service account") {
            return (
                .serviceAccountNotFound,
                "create the ServiceAccount, or remove spec.serviceAccount.name to use the server's own"
            )
        }
        if message.contains("violates PodSecurity") {
            return (
                .podForbidden,
                """
                the namespace enforces a different Pod Security level than the MCPTenant sets: change the named \
                fields, or the namespace's labels pod-security.kubernetes.io/*
                """
            )
        }
        if message.contains("security context constraint") {
            return (
                .podForbidden,
                "OpenShift assigns users and groups: set userAssignment: Platform in the MCPServerClass"
            )
        }
        if message.contains("PriorityClass") {
            return (.podForbidden, "create the PriorityClass, or change spec.scheduling.priorityClassName")
        }
        if message.contains("RuntimeClass") {
            return (.podForbidden, "create the RuntimeClass, or change spec.scheduling.runtimeClassName")
        }
        let limits = ["minimum ", "maximum ", " limit to request ratio "]
        if limits.contains(where: { message.contains($0) }),
            message.contains(" usage per ") || message.contains("ratio per ")
        {
            return (
                .podForbidden,
                "a LimitRange of the namespace limits the resources of pods: change spec.resources, or the LimitRange"
            )
        }
        if message.contains("failed calling webhook") {
            return (
                .podForbidden,
                """
                an admission webhook of the cluster does not respond: restore it; the pods are then created \
                without a change of the server
                """
            )
        }
        if message.contains("admission webhook") || message.contains("ValidatingAdmissionPolicy") {
            return (
                .podForbidden,
                "an admission policy of the cluster refuses the pods: change the fields that it names, or the policy"
            )
        }
        if message.contains(" is invalid: ") {
            return (.podForbidden, "change the named field; spec.podTemplate can set every field of a pod")
        }
        return (.podForbidden, "the API server refuses the pods: change the named fields")
    }

    /// `exceeded quota: NAME, requested: …, used: …, limited: …`, or `failed quota: NAME: must specify …`.
    private static func quotaRefusal(_ message: String) -> (Reason, wayOut: String) {
        var name = ""
        for words in ["exceeded quota: ", "failed quota: "] where message.contains(words) {
            name = String((message.split(separator: words).last ?? "").prefix { $0 != "," && $0 != ":" })
        }
        let isOwn = name == ObjectNames.tenantDefaults
        if message.contains("must specify") {
            return (.resourceQuotaExceeded, "set these in spec.resources: the ResourceQuota \"\(name)\" requires them")
        }
        return (
            .resourceQuotaExceeded,
            isOwn
                ? "lower the server's resources, or raise spec.quotas.resourceQuota of the MCPTenant"
                : "lower the server's resources, or raise the ResourceQuota \"\(name)\" of the namespace; it is not "
                    + "Moorage's"
        )
    }

    private static func find(_ pod: Pod, image: String?, now: Timestamp) -> (rank: Int, finding: Finding)? {
        let name = pod.metadata.name ?? ""
        let statuses = (pod.status?.initContainerStatuses ?? []) + (pod.status?.containerStatuses ?? [])
        for status in statuses {
            if let found = find(status, pod: name, image: image) { return found }
        }
        if let scheduled = pod.status?.conditions?.first(where: { $0.type == "PodScheduled" }),
            scheduled.status == "False"
        {
            return (
                3,
                Finding(
                    .podUnschedulable,
                    "pod \(name) cannot be scheduled: \(scheduled.message ?? "no node fits"); check its resources, node "
                        + "selector, tolerations and volumes"
                )
            )
        }
        if let running = statuses.first(where: { $0.ready == false && hasHadTime($0, now: now) }) {
            return (
                5,
                Finding(
                    .containerNotReady,
                    """
                    container \(running.name) of pod \(name) is running and its readiness probe fails: check \
                    kubectl logs \(name), spec.port and spec.probes
                    """
                )
            )
        }
        return nil
    }

    /// How long a running container can be not ready before that is reported: as long as the shortest startup probe
    /// allows.
    static let startingPeriod: Int64 = 30

    private static func hasHadTime(_ status: ContainerStatus, now: Timestamp) -> Bool {
        guard let running = status.state?.running else { return false }
        guard let startedAt = running.startedAt else { return true }
        return now.secondsSinceEpoch - startedAt.secondsSinceEpoch >= startingPeriod
    }

    private static func find(
        _ status: ContainerStatus,
        pod: String,
        image: String?
    ) -> (rank: Int, finding: Finding)? {
        let place = "container \(status.name) of pod \(pod)"
        let ended = status.state?.terminated ?? status.lastState?.terminated
        switch status.state?.waiting?.reason {
        case "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
            "RegistryUnavailable", "SignatureValidationFailed":
            let said = status.state?.waiting?.message.map { ": \($0)" } ?? ""
            let wanted = status.image ?? image ?? "its image"
            return (
                0,
                Finding(
                    .imagePullFailed,
                    """
                    \(place) cannot pull \(wanted)\(said); check that the registry or the mirror has exactly this \
                    image, and that imagePullSecrets contain credentials for it
                    """
                )
            )
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PostStartHookError":
            let said = status.state?.waiting?.message.map { ": \($0)" } ?? ""
            return (
                1,
                Finding(
                    .containerConfigurationInvalid,
                    """
                    \(place) cannot be started\(said); check its command, variables and volumes, and that its \
                    image has a user other than root
                    """
                )
            )
        case "CrashLoopBackOff":
            return (2, crash(status.name, place, pod: pod, ended: ended, restarts: status.restartCount ?? 0))
        default: break
        }
        if let ended = status.state?.terminated, ended.exitCode != 0 {
            return (2, crash(status.name, place, pod: pod, ended: ended, restarts: status.restartCount ?? 0))
        }
        let isCrash = ended?.exitCode ?? 0 != 0 || adapterReason(ended) != nil
        if (status.restartCount ?? 0) > 0, status.ready == false, isCrash {
            return (4, crash(status.name, place, pod: pod, ended: ended, restarts: status.restartCount ?? 0))
        }
        return nil
    }

    /// Why the adapter for stdio says that its command does not work.
    private static func adapterReason(_ ended: ContainerState.Terminated?) -> Substring? {
        guard let said = ended?.message, said.hasPrefix(AdapterProgram.messagePrefix) else { return nil }
        return said.dropFirst(AdapterProgram.messagePrefix.count)
    }

    private static func crash(
        _ container: String,
        _ place: String,
        pod: String,
        ended: ContainerState.Terminated?,
        restarts: Int
    ) -> Finding {
        if let name = PluginTemplate.plugin(ofContainer: container), let said = ended?.message, ended?.exitCode == 1 {
            return Finding(
                .pluginRefused,
                """
                plug-in \(name) is refused, and the server does not start: \(said.trimmingLineEnd); correct the bundle, or its sha256 \
                and signature in spec.plugins
                """
            )
        }
        if ended?.reason == "OOMKilled" {
            return Finding(
                .containerOutOfMemory,
                """
                \(place) was terminated because it used more memory than its limit, and was restarted \(restarts) \
                times: raise spec.resources.limits.memory
                """
            )
        }
        if let reason = adapterReason(ended) {
            return Finding(
                .containerCrashing,
                """
                \(place) ends, because \(reason) (restarts: \(restarts)): check spec.command, spec.args and spec.env, and kubectl logs --previous \(pod)
                """
            )
        }
        let code = ended?.exitCode.map { " with exit code \($0)" } ?? ""
        return Finding(
            .containerCrashing,
            "\(place) terminated\(code) and was restarted \(restarts) times: check kubectl logs --previous \(pod)"
        )
    }
}

extension String {
    /// The text without white space at its end.
    fileprivate var trimmingLineEnd: String {
        String(reversed().drop { $0.isWhitespace }.reversed())
    }
}
