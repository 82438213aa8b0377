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
    /// The number of pods. Defaults to 1.
    public var replicas: Int?
    /// Selects the pods of the Deployment.
    public var selector: LabelSelector?
    /// The template of the pods.
    public var template: PodTemplateSpec?
    /// How old pods are replaced.
    public var strategy: DeploymentStrategy?
    /// Seconds that a new pod must be ready to be considered available.
    public var minReadySeconds: Int?
    /// The number of old ReplicaSets to keep.
    public var revisionHistoryLimit: Int?
    /// Whether rollouts are paused.
    public var paused: Bool?
    /// Seconds without progress after which a rollout is considered failed.
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
    /// The settings of a rolling update.
    public var rollingUpdate: RollingUpdate?

    /// `apps/v1.RollingUpdateDeployment`.
    public struct RollingUpdate: Sendable, Hashable, Codable {
        /// The maximum number of pods that can be unavailable.
        public var maxUnavailable: IntOrString?
        /// The maximum number of pods above the desired number.
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
    /// The number of pods.
    public var replicas: Int?
    /// The number of pods with the current template.
    public var updatedReplicas: Int?
    /// The number of ready pods.
    public var readyReplicas: Int?
    /// The number of pods that have been ready for at least `minReadySeconds`.
    public var availableReplicas: Int?
    /// The number of unavailable pods.
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
    /// The type of the condition.
    public var type: String
    /// `True`, `False` or `Unknown`.
    public var status: String
    /// The reason, as one word.
    public var reason: String?
    /// The reason in plain text.
    public var message: String?

    public init(type: String, status: String, reason: String? = nil, message: String? = nil) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }
}
