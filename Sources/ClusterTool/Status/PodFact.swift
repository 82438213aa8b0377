internal import KubernetesAPI

/// The state of a pod, and why it is not ready.
struct PodFact: Sendable, Hashable {
    /// The pod's name.
    var name: String
    /// In one word, as `kubectl get pods` shows it, such as `Running` or `CrashLoopBackOff`.
    var status: String
    /// How many of its containers are ready.
    var ready: Int
    /// How many containers it has.
    var containers: Int
    /// How often its containers were restarted.
    var restarts: Int64
    /// Why it is not ready.
    var causes: [String]

    init(_ pod: JSONValue) {
        name = pod.name
        let initial = pod.list("status", "initContainerStatuses")
        let main = pod.list("status", "containerStatuses")
        ready = main.count { $0["ready"]?.boolValue == true }
        containers = max(pod.list("spec", "containers").count, main.count)
        restarts = (initial + main).reduce(0) { sum, status in
            let (total, overflow) = sum.addingReportingOverflow(max(0, status.integer("restartCount") ?? 0))
            return overflow ? sum : total
        }
        causes = []
        status = pod.text("status", "reason") ?? pod.text("status", "phase") ?? "Unknown"
        if let message = pod.text("status", "message") { causes.append(message) }
        for condition in pod.list("status", "conditions")
        where condition.text("type") == "PodScheduled" && condition.text("status") == "False" {
            status = condition.text("reason") ?? status
            causes.append("it is not scheduled: \(condition.text("message") ?? "no node fits")")
        }
        for (container, prefix) in initial.map({ ($0, "Init:") }) + main.map({ ($0, "") }) {
            read(container, prefix: prefix)
        }
        if pod.text("metadata", "deletionTimestamp") != nil { status = "Terminating" }
    }

    private mutating func read(_ container: JSONValue, prefix: String) {
        let name = container.text("name") ?? "(no name)"
        let last = container["lastState"].flatMap { Self.end($0) }
        if let waiting = container[path: ["state", "waiting"]], waiting.objectValue != nil {
            let reason = waiting.text("reason") ?? "Waiting"
            status = prefix + reason
            let said = waiting.text("message").map { ": \($0)" } ?? ""
            causes.append("container \(name) waits: \(reason)\(said)")
            if let last { causes.append("container \(name) ended before: \(last)") }
            return
        }
        if let end = container["state"].flatMap({ Self.end($0) }) {
            // An init container that has ended well is as it should be.
            guard container.integer("state", "terminated", "exitCode") != 0 else { return }
            status = prefix + (container.text("state", "terminated", "reason") ?? "Error")
            causes.append("container \(name) has ended: \(end)")
            return
        }
        if prefix.isEmpty, container[path: ["state", "running"]]?.objectValue != nil,
            container["ready"]?.boolValue == false
        {
            causes.append("container \(name) runs and is not ready")
            if let last { causes.append("container \(name) ended before: \(last)") }
        }
    }

    /// How a container ended, in words.
    private static func end(_ state: JSONValue) -> String? {
        guard let ended = state["terminated"], ended.objectValue != nil else { return nil }
        let code = ended.integer("exitCode").map { "exit code \($0)" }
        let parts = [ended.text("reason"), code].compactMap { $0 }
        return parts.isEmpty ? "unknown" : parts.joined(separator: ", ")
    }

    /// Whether everything runs.
    var state: TreeNode.State {
        if causes.isEmpty, ready == containers, containers > 0 { return .good }
        if status == "Succeeded" || status == "Terminating" { return .neutral }
        let isBad = status.hasSuffix("BackOff") || status.hasSuffix("Error") || status.hasPrefix("Err")
        return isBad || ["OOMKilled", "Failed", "Evicted", "InvalidImageName", "Unschedulable"].contains(status)
            ? .bad : .waiting
    }

    var child: ChildFact {
        var summary = "\(status), \(ready)/\(containers) ready"
        if restarts > 0 { summary += ", \(restarts) \(restarts == 1 ? "restart" : "restarts")" }
        return ChildFact(kind: "Pod", name: name, summary: summary, state: state, notes: causes)
    }
}
