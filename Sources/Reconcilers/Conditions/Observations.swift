public import KubernetesAPI

/// What of a server's children matters for its conditions.
public struct ObservedServer: Sendable, Hashable {
    /// The Deployment, `nil` where there is none.
    public var deployment: ObservedDeployment?
    /// The server's pods.
    public var pods: [Pod]
    /// What kept children from being written, most important first.
    public var problems: [WriteProblem]

    public init(deployment: ObservedDeployment? = nil, pods: [Pod] = [], problems: [WriteProblem] = []) {
        self.deployment = deployment
        self.pods = pods
        self.problems = problems
    }

    /// Whether a pod serves.
    public var isServing: Bool { (deployment?.status?.availableReplicas ?? 0) > 0 }
}

/// What of a Deployment matters for conditions.
public struct ObservedDeployment: Sendable, Hashable {
    /// The Deployment's generation.
    public var generation: Int64?
    /// How many pods it is to have; `nil` means 1.
    public var replicas: Int?
    /// What its controller reports.
    public var status: DeploymentStatus?

    public init(generation: Int64? = nil, replicas: Int? = nil, status: DeploymentStatus? = nil) {
        self.generation = generation
        self.replicas = replicas
        self.status = status
    }

    public init(_ deployment: Deployment) {
        self.init(
            generation: deployment.metadata.generation,
            replicas: deployment.spec?.replicas,
            status: deployment.status
        )
    }
}

/// What kept a child from being as it was rendered.
public struct WriteProblem: Sendable, Hashable {
    /// What kind of obstacle.
    public enum Kind: Sendable, Hashable {
        /// The name is taken by an object that is not ours; its controller, where it has one.
        case nameTaken(owner: String?)
        /// An object of that name is still being deleted.
        case beingDeleted
        /// The API server refuses the object as it is (422, or an admission policy).
        case refused
        /// The controller may not write it (403).
        case forbidden
        /// It failed in a way that a repetition may cure.
        case failed
    }

    /// What kind of obstacle.
    public var kind: Kind
    /// Which child.
    public var reference: ObjectReference
    /// What the API server said, or empty.
    public var message: String

    public init(_ kind: Kind, _ reference: ObjectReference, message: String = "") {
        self.kind = kind
        self.reference = reference
        self.message = message
    }

    /// The problem as a condition tells it.
    var finding: Finding {
        let child = "\(reference.type.kind) \"\(reference.name)\""
        let said = message.isEmpty ? "" : ": \(message)"
        switch kind {
        case .nameTaken(let owner):
            let holder = owner.map { ", it belongs to \($0)" } ?? ""
            return Finding(
                .nameTaken,
                "\(child) is there already and not Moorage's\(holder): rename or delete it, or rename this one",
                isStalled: true
            )
        case .beingDeleted:
            return Finding(.waitingForDeletion, "\(child) is still being deleted: it is made anew once it is gone")
        case .refused:
            return Finding(.applyRefused, "the API server refuses \(child)\(said)", isStalled: true)
        case .forbidden:
            return Finding(
                .applyForbidden,
                "Moorage may not write \(child)\(said): give its ServiceAccount the right",
                isStalled: true
            )
        case .failed:
            return Finding(.applyFailed, "writing \(child) failed and is tried again\(said)")
        }
    }
}

/// One thing that is found, before it becomes conditions.
struct Finding: Sendable, Hashable {
    var reason: Reason
    var message: String
    /// Whether nothing goes on until somebody acts.
    var isStalled: Bool

    init(_ reason: Reason, _ message: String, isStalled: Bool = false) {
        self.reason = reason
        self.message = message
        self.isStalled = isStalled
    }
}
