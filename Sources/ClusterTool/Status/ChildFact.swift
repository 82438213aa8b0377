internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// An object that belongs to what the status is about.
package struct ChildFact: Sendable, Hashable {
    /// The kind.
    package var kind: String
    /// The name.
    package var name: String
    /// Its state in words; empty if there is nothing to say.
    package var summary = ""
    /// Its state.
    package var state = TreeNode.State.neutral
    /// Details.
    package var notes: [String] = []
    /// What belongs to it.
    package var children: [ChildFact] = []

    /// An object of any kind but a pod.
    ///
    /// - Parameter catalogue: decides which conditions of Moorage's kinds are problems.
    init(_ object: JSONValue, catalogue: ReasonCatalogue) {
        kind = object.kind
        name = object.name
        switch kind {
        case "Deployment": readDeployment(object)
        case "Service": readService(object)
        case "Secret": summary = ""
        case "PersistentVolumeClaim":
            summary = object.text("status", "phase") ?? "Unknown"
            state = summary == "Bound" ? .good : .waiting
        case "HorizontalPodAutoscaler":
            let (low, high) = (object.integer("spec", "minReplicas") ?? 1, object.integer("spec", "maxReplicas"))
            summary =
                "\(object.integer("status", "currentReplicas") ?? 0) pods, \(low) to \(high.map { "\($0)" } ?? "?")"
        case "MCPServer", "MCPTenant": readConditions(object, catalogue)
        case "Namespace":
            summary = object.text("status", "phase") ?? "Unknown"
            state = summary == "Active" ? .good : .waiting
        default: break
        }
        if object.text("metadata", "deletionTimestamp") != nil {
            summary += summary.isEmpty ? "is being deleted" : ", is being deleted"
            state = .waiting
        }
    }

    init(kind: String, name: String, summary: String, state: TreeNode.State, notes: [String]) {
        self.kind = kind
        self.name = name
        self.summary = summary
        self.state = state
        self.notes = notes
    }

    private mutating func readDeployment(_ object: JSONValue) {
        let wanted = object.integer("spec", "replicas") ?? 1
        let ready = object.integer("status", "readyReplicas") ?? 0
        let updated = object.integer("status", "updatedReplicas") ?? 0
        summary = "\(ready)/\(wanted) ready"
        if updated < wanted { summary += ", \(updated) up to date" }
        state = ready >= wanted && updated >= wanted ? .good : .waiting
        for condition in object.list("status", "conditions") {
            let isFailure = condition.text("type") == "ReplicaFailure" && condition.text("status") == "True"
            let isStuck = condition.text("type") == "Progressing" && condition.text("status") == "False"
            guard isFailure || isStuck else { continue }
            notes.append(condition.text("message") ?? condition.text("reason") ?? "pods cannot be created")
            state = .bad
        }
    }

    private mutating func readService(_ object: JSONValue) {
        let ports = object.list("spec", "ports").compactMap { $0.integer("port").map(String.init) }
        let address = object.text("spec", "clusterIP") ?? "no address"
        summary = ports.isEmpty ? address : "\(address), port \(ports.joined(separator: ", "))"
        if object[path: ["spec", "selector", MoorageLabels.quarantine]] != nil {
            summary += ", out of service"
            state = .bad
        }
    }

    private mutating func readConditions(_ object: JSONValue, _ catalogue: ReasonCatalogue) {
        let health = Health(object, catalogue: catalogue)
        (summary, state) = (health.text, health.state)
        if state != .good, let message = health.message { notes.append(message) }
        if let position = object.integer("status", "queuePosition") {
            summary += ", number \(position) in the queue"
        }
    }

    var node: TreeNode {
        TreeNode("\(kind) \(name)", summary: summary, state: state, notes: notes, children: children.map(\.node))
    }

    var json: JSONValue {
        .fields(
            ("kind", .string(kind)),
            ("name", .string(name)),
            ("summary", summary.isEmpty ? nil : .string(summary)),
            ("state", .string(state.rawValue)),
            ("notes", JSONValue(nonEmpty: notes.map { .string($0) })),
            ("children", JSONValue(nonEmpty: children.map(\.json)))
        )
    }
}

/// Whether an object of Moorage is Ready, in few words.
struct Health {
    var text: String
    var state: TreeNode.State
    var message: String?

    init(_ object: JSONValue, catalogue: ReasonCatalogue) {
        let facts = object.list("status", "conditions").compactMap { ConditionFact($0, catalogue: catalogue) }
        let ready = facts.first { $0.type == ConditionType.ready }
        guard let ready else {
            (text, state) = ("no status yet", .waiting)
            return
        }
        let isStalled = facts.contains { $0.type == ConditionType.stalled && $0.status == "True" }
        if ready.status == "True" {
            text = catalogue[ready.reason]?.needsNothing ?? false ? "Ready" : "Ready (\(ready.reason))"
            let isWaiting = facts.contains { $0.state == .waiting || $0.state == .bad }
            state = isStalled || isWaiting ? .waiting : .good
            if let review = facts.first(where: { $0.type == ConditionType.reviewRequired && $0.status == "True" }) {
                text += ", \(review.reason)"
                message = review.message
            } else if let other = facts.first(where: { $0.state == .bad }) {
                text += ", \(other.reason)"
                message = other.message
            }
        } else {
            text = "not ready: \(ready.reason.isEmpty ? "no reason given" : ready.reason)"
            state = isStalled || ready.state == .bad ? .bad : .waiting
            message = ready.message.isEmpty ? nil : ready.message
        }
    }
}
