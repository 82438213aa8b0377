internal import KubernetesAPI
internal import MCPProtocol

/// How a pod does. Pure.
struct PodState: Sendable, Hashable {
    /// A container that does not run as it should.
    struct Container: Sendable, Hashable {
        var name: String
        /// Why it waits or has ended, such as `CrashLoopBackOff`.
        var reason: String?
        var message: String?
        var restarts: Int64
        /// How it ended the last time.
        var lastReason: String?
        var lastExitCode: Int64?
        /// Whether it has a limit of memory.
        var memoryLimit: String?
        var image: String
    }

    var namespace: String
    var name: String
    var phase: String
    var reason: String?
    var node: String?
    var isReady: Bool
    /// Why it is not scheduled.
    var unscheduled: String?
    var containers: [Container]
    var created: Timestamp?
    var requests: ResourceUsage
    /// The kind and name of its controller.
    var owner: String?

    init(_ json: JSONValue) {
        namespace = json.text("metadata", "namespace") ?? ""
        name = json.text("metadata", "name") ?? ""
        phase = json.text("status", "phase") ?? "Unknown"
        reason = json.text("status", "reason")
        node = json.text("spec", "nodeName")
        created = json.text("metadata", "creationTimestamp").flatMap(Timestamp.init)
        requests = ResourceUsage.requests(ofPod: json)
        let conditions = json.array("status", "conditions")
        isReady = conditions.contains { $0.text("type") == "Ready" && $0.text("status") == "True" }
        unscheduled = conditions.first { $0.text("type") == "PodScheduled" && $0.text("status") == "False" }
            .flatMap { $0.text("message") ?? $0.text("reason") }
        owner = json.array("metadata", "ownerReferences").first.map {
            "\($0.text("kind") ?? "")/\($0.text("name") ?? "")"
        }
        let specs = json.array("spec", "containers") + json.array("spec", "initContainers")
        containers = (json.array("status", "containerStatuses") + json.array("status", "initContainerStatuses")).map {
            status in
            let name = status.text("name") ?? ""
            let spec = specs.first { $0.text("name") == name }
            let last = status[path: ["lastState", "terminated"]] ?? status[path: ["state", "terminated"]]
            return Container(
                name: name,
                reason: status.text("state", "waiting", "reason")
                    ?? status[path: ["state", "terminated"]].flatMap {
                        $0.integer("exitCode") == 0 ? nil : $0.text("reason")
                    },
                message: status.text("state", "waiting", "message").map {
                    LogLines.shown($0).text.truncated(toUTF8Bytes: 300)
                },
                restarts: status.integer("restartCount") ?? 0,
                lastReason: last?.text("reason"),
                lastExitCode: last?.integer("exitCode"),
                memoryLimit: spec?.text("resources", "limits", "memory"),
                image: spec?.text("image") ?? status.text("image") ?? ""
            )
        }
    }

    var restarts: Int64 { containers.reduce(0) { $0.addingReportingOverflow($1.restarts).partialValue } }

    /// Reasons for which a container waits that are no problem.
    private static let harmless: Set<String> = ["ContainerCreating", "PodInitializing", "Completed"]

    /// What is wrong, in a few words; `nil` if nothing is.
    ///
    /// - Parameter now: a pod that is new may take two minutes to become ready.
    func problem(now: Timestamp) -> String? {
        if phase == "Succeeded" { return nil }
        if let container = containers.first(where: { $0.reason.map { !Self.harmless.contains($0) } ?? false }) {
            return container.reason
        }
        if phase == "Failed" { return reason ?? "Failed" }
        if let unscheduled { return "not scheduled: \(unscheduled.truncated(toUTF8Bytes: 300))" }
        let age = created.map { now.secondsSinceEpoch - $0.secondsSinceEpoch } ?? .max
        guard !isReady, age > 120 else { return nil }
        return phase == "Pending"
            ? "has been pending for \(PrometheusDuration(seconds: age / 60 * 60))" : "is not ready"
    }

    /// The pod as `namespace/name`.
    var path: String { "\(namespace)/\(name)" }
}
