/// `apps/v1.Deployment`.
public struct Deployment: KubernetesResource, Hashable {
    public static let resourceType = ResourceType.deployment
    /// The API version.
    public var apiVersion: String? = "apps/v1"
    /// The kind.
    public var kind: String? = "Deployment"
    /// The metadata.
    public var metadata: ObjectMeta
    /// The desired state.
    public var spec: DeploymentSpec?
    /// What the Deployment controller reports.
    public var status: DeploymentStatus?

    public init(metadata: ObjectMeta, spec: DeploymentSpec? = nil, status: DeploymentStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// `apps/v1.DeploymentSpec`.
public struct DeploymentSpec: Sendable, Hashable, Codable {
    /// How many pods; the API server's default is 1.
    public var replicas: Int?
    /// Which pods are the Deployment's.
    public var selector: LabelSelector?
    /// What a pod looks like.
    public var template: PodTemplateSpec?
    /// How old pods are replaced.
    public var strategy: DeploymentStrategy?
    /// How long a new pod must be ready before it counts, in seconds.
    public var minReadySeconds: Int?
    /// How many old ReplicaSets are kept.
    public var revisionHistoryLimit: Int?
    /// Whether roll-outs are halted.
    public var paused: Bool?
    /// After how many seconds without progress a roll-out counts as stuck.
    public var progressDeadlineSeconds: Int?

    public init(
        replicas: Int? = nil,
        selector: LabelSelector? = nil,
        template: PodTemplateSpec? = nil,
        strategy: DeploymentStrategy? = nil,
        minReadySeconds: Int? = nil,
        revisionHistoryLimit: Int? = nil,
        paused: Bool? = nil,
        progressDeadlineSeconds: Int? = nil
    ) {
        self.replicas = replicas
        self.selector = selector
        self.template = template
        self.strategy = strategy
        self.minReadySeconds = minReadySeconds
        self.revisionHistoryLimit = revisionHistoryLimit
        self.paused = paused
        self.progressDeadlineSeconds = progressDeadlineSeconds
    }
}

/// `apps/v1.DeploymentStrategy`.
public struct DeploymentStrategy: Sendable, Hashable, Codable {
    /// `RollingUpdate` or `Recreate`.
    public var type: String?
    /// The numbers of a rolling update.
    public var rollingUpdate: RollingUpdate?

    /// `apps/v1.RollingUpdateDeployment`.
    public struct RollingUpdate: Sendable, Hashable, Codable {
        /// How many pods may be missing.
        public var maxUnavailable: IntOrString?
        /// How many pods there may be in addition to the desired number.
        public var maxSurge: IntOrString?

        public init(maxUnavailable: IntOrString? = nil, maxSurge: IntOrString? = nil) {
            self.maxUnavailable = maxUnavailable
            self.maxSurge = maxSurge
        }
    }

    public init(type: String? = nil, rollingUpdate: RollingUpdate? = nil) {
        self.type = type
        self.rollingUpdate = rollingUpdate
    }
}

/// `apps/v1.DeploymentStatus`.
public struct DeploymentStatus: Sendable, Hashable, Codable {
    /// The generation that the controller has seen.
    public var observedGeneration: Int64?
    /// How many pods there are.
    public var replicas: Int?
    /// How many of them are of the newest template.
    public var updatedReplicas: Int?
    /// How many are ready.
    public var readyReplicas: Int?
    /// How many are ready and have been for long enough.
    public var availableReplicas: Int?
    /// How many are missing.
    public var unavailableReplicas: Int?
    /// `Available`, `Progressing` and `ReplicaFailure`.
    public var conditions: [DeploymentCondition]?

    public init(
        observedGeneration: Int64? = nil,
        replicas: Int? = nil,
        updatedReplicas: Int? = nil,
        readyReplicas: Int? = nil,
        availableReplicas: Int? = nil,
        unavailableReplicas: Int? = nil,
        conditions: [DeploymentCondition]? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.replicas = replicas
        self.updatedReplicas = updatedReplicas
        self.readyReplicas = readyReplicas
        self.availableReplicas = availableReplicas
        self.unavailableReplicas = unavailableReplicas
        self.conditions = conditions
    }
}

/// `apps/v1.DeploymentCondition`.
public struct DeploymentCondition: Sendable, Hashable, Codable {
    /// Which aspect.
    public var type: String
    /// `True`, `False` or `Unknown`.
    public var status: String
    /// Why, as one word.
    public var reason: String?
    /// Why, for people.
    public var message: String?

    public init(type: String, status: String, reason: String? = nil, message: String? = nil) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }
}
