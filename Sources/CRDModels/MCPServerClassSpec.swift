public import KubernetesAPI

/// Defaults for the servers of a class.
public struct MCPServerClassSpec: Sendable, Hashable, Codable {
    /// The image of servers that name none.
    public var image: String?
    /// When to pull images.
    public var imagePullPolicy: String?
    /// Secrets in the servers' namespaces with credentials for pulling images.
    public var imagePullSecrets: [LocalObjectReference]?
    /// How many pods a server has that says neither replicas nor scaling.
    public var replicas: Int?
    /// How a HorizontalPodAutoscaler chooses the number of pods of servers that say neither replicas nor scaling.
    public var scaling: Scaling?
    /// How pods of servers that do not say are replaced by new ones.
    public var strategy: UpdateStrategy?
    /// What servers ask for, and what they may use at most, by resource.
    public var resources: ResourceRequirements?
    /// On which nodes pods run; each field counts where the server leaves it out.
    public var scheduling: Scheduling?
    /// What holds for whole pods; each field counts where the server leaves it out.
    public var podSecurityContext: PodSecurityContext?
    /// What processes may do; each field counts where the server leaves it out.
    public var securityContext: SecurityContext?
    /// How the kubelet asks whether servers are well; each field counts where the server leaves it out.
    public var probes: Probes?
    /// Environment variables of every server; a server's own of the same name wins.
    public var env: [EnvVar]?
    /// The Services in front of the pods.
    public var service: ClassServiceSettings?
    /// Seconds between the signal to end and the kill.
    public var terminationGracePeriodSeconds: Int64?
    /// Seconds for which a pod that ends still serves, while load balancers learn that it ends.
    public var drainSeconds: Int64?
    /// Who chooses runAsUser, runAsGroup and fsGroup where neither the class nor the server sets them. Fixed, when left
    /// out: 1000. Platform leaves them out of the pods, for platforms that assign them, such as OpenShift.
    public var userAssignment: UserAssignment?
    /// What happens to running servers when this class changes.
    public var rollout: ClassRollout?

    /// Makes one from its fields.
    public init(
        image: String? = nil,
        imagePullPolicy: String? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        replicas: Int? = nil,
        scaling: Scaling? = nil,
        strategy: UpdateStrategy? = nil,
        resources: ResourceRequirements? = nil,
        scheduling: Scheduling? = nil,
        podSecurityContext: PodSecurityContext? = nil,
        securityContext: SecurityContext? = nil,
        probes: Probes? = nil,
        env: [EnvVar]? = nil,
        service: ClassServiceSettings? = nil,
        terminationGracePeriodSeconds: Int64? = nil,
        drainSeconds: Int64? = nil,
        userAssignment: UserAssignment? = nil,
        rollout: ClassRollout? = nil
    ) {
        self.image = image
        self.imagePullPolicy = imagePullPolicy
        self.imagePullSecrets = imagePullSecrets
        self.replicas = replicas
        self.scaling = scaling
        self.strategy = strategy
        self.resources = resources
        self.scheduling = scheduling
        self.podSecurityContext = podSecurityContext
        self.securityContext = securityContext
        self.probes = probes
        self.env = env
        self.service = service
        self.terminationGracePeriodSeconds = terminationGracePeriodSeconds
        self.drainSeconds = drainSeconds
        self.userAssignment = userAssignment
        self.rollout = rollout
    }
}

extension MCPServerClassSpec: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerClassSpec.self,
        "Defaults for the servers of the class. What a server says itself always wins.",
        [
            "image": .string("The image of servers that name none.").length(1...512).pattern("^[^ \\t\\n\\r]+$"),
            "imagePullPolicy": .string("When to pull images.").values("Always", "IfNotPresent", "Never"),
            "imagePullSecrets": .array(
                "Secrets in the servers' namespaces with credentials for pulling images.",
                of: LocalObjectReference.schema
            )
            .items(0...16)
            .listMap("name"),
            "replicas": .integer("How many pods a server has that says neither replicas nor scaling.").range(0...1000),
            "scaling": Scaling.schema.described(
                """
                How a HorizontalPodAutoscaler chooses the number of pods of servers that say neither replicas nor \
                scaling.
                """
            ),
            "strategy": UpdateStrategy.schema.described(
                "How pods of servers that do not say are replaced by new ones."
            ),
            "resources": ResourceRequirements.schema.described(
                "What servers ask for, and what they may use at most, by resource."
            ),
            "scheduling": Scheduling.schema.described(
                "On which nodes pods run; each field counts where the server leaves it out."
            ),
            "podSecurityContext": PodSecurityContext.schema.described(
                "What holds for whole pods; each field counts where the server leaves it out."
            ),
            "securityContext": SecurityContext.schema.described(
                "What processes may do; each field counts where the server leaves it out."
            ),
            "probes": Probes.schema.described(
                "How the kubelet asks whether servers are well; each field counts where the server leaves it out."
            ),
            "env": .array(
                "Environment variables of every server; a server's own of the same name wins.",
                of: EnvVar.schema
            )
            .items(0...128)
            .listMap("name"),
            "service": ClassServiceSettings.schema.described("The Services in front of the pods."),
            "terminationGracePeriodSeconds": .integer64("Seconds between the signal to end and the kill.")
                .range(0...3600),
            "drainSeconds": .integer64(
                "Seconds for which a pod that ends still serves, while load balancers learn that it ends."
            )
            .range(0...3600),
            "userAssignment": .string(
                """
                Who chooses runAsUser, runAsGroup and fsGroup where neither the class nor the server sets them. Fixed, \
                when left out: 1000. Platform leaves them out of the pods, for platforms that assign them, such as \
                OpenShift.
                """
            )
            .values(of: UserAssignment.self),
            "rollout": ClassRollout.schema.described("What happens to running servers when this class changes."),
        ],
        rules: [
            .atMostOneOf(
                "replicas",
                "scaling",
                message:
                    "replicas and scaling exclude each other: remove replicas to let scaling choose the number of pods"
            )
        ]
    )
}

/// What happens to running servers when their class changes.
public struct ClassRollout: Sendable, Hashable, Codable {
    /// Automatic rolls a change out to all servers. Manual gives it to new servers, and to others when they change or
    /// carry a new value of the annotation moorage.dev/restart.
    public var policy: RolloutPolicy?

    /// Makes one from its fields.
    public init(policy: RolloutPolicy? = nil) {
        self.policy = policy
    }
}

extension ClassRollout: SchemaProviding {
    public static let schema = Schema.object(
        ClassRollout.self,
        "What happens to running servers when the class changes.",
        [
            "policy": .string(
                """
                Automatic rolls a change out to all servers. Manual gives it to new servers, and to others when \
                they change or carry a new value of the annotation moorage.dev/restart.
                """
            )
            .values(of: RolloutPolicy.self)
            .default("Manual")
        ]
    )
}
