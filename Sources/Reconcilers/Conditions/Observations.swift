public import CRDModels
public import KubernetesAPI
internal import Policy

/// The state of a server's children, as far as its conditions need it.
public struct ObservedServer: Sendable, Hashable {
    /// The Deployment, or `nil` if there is none.
    public var deployment: ObservedDeployment?
    /// The server's pods.
    public var pods: [Pod]
    /// The problems that prevented writes of children, most important first.
    public var problems: [WriteProblem]
    /// What is known about the server's protocol; `nil` if nobody checks it, as for files.
    public var protocolState: ProtocolState?
    /// The entry point of the image that the spec asks for, if it is needed. What serves may be another version.
    public var entryPoint: ServerEntryPoint?
    /// The images whose signatures were verified.
    public var verifications: [ImageVerification]?
    /// What is known about the server's revision; `nil` keeps what the status says.
    public var revision: RevisionReport?
    /// The version that does not serve yet.
    public var candidate: CandidateStatus?
    /// Whether what runs is left as it is, and is not what the decision is about.
    public var isFrozen = false

    public init(
        deployment: ObservedDeployment? = nil,
        pods: [Pod] = [],
        problems: [WriteProblem] = [],
        protocolState: ProtocolState? = nil,
        revision: RevisionReport? = nil,
        candidate: CandidateStatus? = nil
    ) {
        self.deployment = deployment
        self.pods = pods
        self.problems = problems
        self.protocolState = protocolState
        self.revision = revision
        self.candidate = candidate
    }

    /// Whether a pod serves requests.
    public var isServing: Bool { (deployment?.status?.availableReplicas ?? 0) > 0 }
}

/// The state of a Deployment, as far as conditions need it.
public struct ObservedDeployment: Sendable, Hashable {
    /// The Deployment's generation.
    public var generation: Int64?
    /// The desired number of pods; `nil` means 1.
    public var replicas: Int?
    /// The status that its controller reports.
    public var status: DeploymentStatus?

    /// Whether all pods run the current template.
    public var isRolledOut: Bool {
        guard let status, let generation, (status.observedGeneration ?? 0) >= generation else { return false }
        let total = status.replicas ?? 0
        return total > 0 && status.updatedReplicas ?? 0 == total
    }

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

/// What prevents a child from matching its render.
public struct WriteProblem: Sendable, Hashable {
    /// The kind of the problem.
    public enum Kind: Sendable, Hashable {
        /// An object with this name already exists and is not ours; its controller, if it has one.
        case nameTaken(owner: String?)
        /// An object with this name is still being deleted.
        case beingDeleted
        /// The namespace is being deleted, so that the object cannot be created in it.
        case namespaceTerminating
        /// The API server refuses the object (422, or an admission policy).
        case refused
        /// The controller is not allowed to write it (403).
        case forbidden
        /// It failed in a way that a retry can fix.
        case failed
    }

    /// The kind of the problem.
    public var kind: Kind
    /// Which child.
    public var reference: ObjectReference
    /// The message of the API server, or empty.
    public var message: String

    public init(_ kind: Kind, _ reference: ObjectReference, message: String = "") {
        self.kind = kind
        self.reference = reference
        self.message = message
    }

    /// The problem as the message of a condition.
    var finding: Finding {
        let child = "\(reference.type.kind) \"\(reference.name)\""
        let said = message.isEmpty ? "" : ": \(message)"
        switch kind {
        case .nameTaken(let owner):
            let holder = owner.map { "; it belongs to \($0)" } ?? ""
            return Finding(
                .nameTaken,
                """
                \(child) already exists and is not managed by Moorage\(holder): rename or delete it, or rename \
                this object
                """,
                isStalled: true
            )
        case .beingDeleted:
            return Finding(.waitingForDeletion, "\(child) is still being deleted: it is created again after that")
        case .namespaceTerminating:
            return Finding(
                .namespaceTerminating,
                "\(child) cannot be created because namespace \"\(reference.namespace ?? "")\" is being deleted"
            )
        case .refused:
            return Finding(.applyRefused, "the API server refuses \(child)\(said)", isStalled: true)
        case .forbidden:
            return Finding(
                .applyForbidden,
                "Moorage is not allowed to write \(child)\(said): grant the permission to its ServiceAccount",
                isStalled: true
            )
        case .failed:
            return Finding(.applyFailed, "writing \(child) failed and will be retried\(said)")
        }
    }
}

/// A finding, which becomes a condition.
struct Finding: Sendable, Hashable {
    var reason: Reason
    var message: String
    /// Whether work is blocked until someone acts.
    var isStalled: Bool

    init(_ reason: Reason, _ message: String, isStalled: Bool = false) {
        self.reason = reason
        self.message = message
        self.isStalled = isStalled
    }
}
