internal import KubernetesAPI

/// What CrashLoop-Playbook looks at, and what it finds. Pure.
struct CrashLoopFacts: Sendable {
    /// A pod that crashes, with what was read about it.
    struct Case: Sendable {
        var pod: PodState
        /// The container that crashes.
        var container: PodState.Container
        /// The last lines of the log before the restart.
        var log: Gathered<[String]>
        var events: [ClusterEvent]
    }

    var cases: [Case]
    /// How many pods crash in all.
    var total: Int
    var gaps: [String] = []
    var now: Timestamp
    /// The pod that was asked for.
    var wanted: String?

    /// Pods that are looked at.
    static let maximumCases = 5

    /// The container of a pod that crashes, or cannot start; `nil` if none does.
    static func crashing(_ pod: PodState) -> PodState.Container? {
        let reasons: Set<String> = [
            "CrashLoopBackOff", "Error", "OOMKilled", "StartError", "RunContainerError", "CreateContainerConfigError",
            "CreateContainerError", "ImagePullBackOff", "ErrImagePull", "InvalidImageName",
        ]
        return pod.containers.filter { container in
            container.reason.map(reasons.contains) == true
                || container.restarts >= 3 && container.lastExitCode.map { $0 != 0 } == true
        }
        .max { $0.restarts < $1.restarts }
    }

    var findings: [Finding] {
        cases.map { found in
            let container = found.container
            var text = "\(found.pod.path), container \(container.name): \(container.reason ?? "restarts")"
            text += ", \(container.restarts) restarts"
            if let code = container.lastExitCode {
                text += ", last exit code \(code) (\(container.lastReason ?? "no reason"))"
            }
            let diagnosis = Self.diagnosis(container, events: found.events)
            return Finding(severity: .critical, text: "\(text). \(diagnosis.cause)", next: diagnosis.remedy)
        }
    }

    /// The probable cause and what to do, from the state of the container and the events of its pod.
    static func diagnosis(_ container: PodState.Container, events: [ClusterEvent]) -> (cause: String, remedy: String) {
        switch container.reason {
        case "ImagePullBackOff", "ErrImagePull", "InvalidImageName":
            return (
                "The image \(container.image) cannot be pulled\(container.message.map { ": \($0)" } ?? ".")",
                "check the image's name and tag, the registry, and the pull secrets of the ServiceAccount"
            )
        case "CreateContainerConfigError":
            return (
                "Its configuration refers to something that is missing\(container.message.map { ": \($0)" } ?? ".")",
                "create the missing ConfigMap, Secret or key, or correct the reference"
            )
        case "CreateContainerError", "RunContainerError", "StartError":
            return (
                "The container cannot be started\(container.message.map { ": \($0)" } ?? ".")",
                "check command, args, volume mounts and the security context"
            )
        default: break
        }
        if container.lastReason == "OOMKilled" {
            let limit =
                container.memoryLimit.map { "its limit of \($0)" } ?? "the memory of the node, as it has no limit"
            return (
                "It used more memory than \(limit).",
                "raise the limit of memory, or find out what uses the memory; k8s.top with sortBy memory shows the usage"
            )
        }
        let hasFailedLiveness =
            events.contains { $0.reason == "Unhealthy" && $0.message.hasPrefix("Liveness") }
            || events.contains { $0.reason == "Killing" && $0.message.contains("liveness") }
        if hasFailedLiveness {
            return (
                "Its liveness probe fails, so the kubelet restarts it.",
                "compare the probe with the log: a start that takes longer needs a startupProbe, a slow answer a longer timeoutSeconds"
            )
        }
        switch container.lastExitCode {
        case 0?:
            return (
                "The program ends without an error, and the pod's restartPolicy starts it again.",
                "a program that ends belongs into a Job; a server must stay in the foreground"
            )
        case 126?:
            return (
                "The command is not executable.",
                "check the mode and the format of the command, and the processor architecture of the image"
            )
        case 127?:
            return ("The command does not exist in the image.", "check command and args, and the PATH of the image")
        case 132?, 135?, 136?, 139?:
            return (
                "The program crashed (signal).",
                "look at the log and its version; check the processor architecture of the image"
            )
        case 137?:
            return (
                "It was killed (SIGKILL) without being out of memory itself: it did not stop in time, or the node was short of memory.",
                "look at the events of the pod and the node, and at terminationGracePeriodSeconds"
            )
        case 143?: return ("It was asked to stop (SIGTERM).", "look at the events of the pod: who stopped it")
        default:
            return (
                "The program ends with an error of its own; its log says why.",
                "read the log below, and correct its configuration or code"
            )
        }
    }
}
