public import KubernetesAPI

/// Defaults for the servers of a class.
public struct MCPServerClassSpec: Sendable, Hashable, Codable {
    /// The image of servers that do not set one.
    public var image: String?
    /// When to pull images.
    public var imagePullPolicy: String?
    /// Secrets in the servers' namespaces with credentials for pulling images.
    public var imagePullSecrets: [LocalObjectReference]?
    /// The number of pods of servers that set neither replicas nor scaling.
    public var replicas: Int?
    /// How a HorizontalPodAutoscaler chooses the number of pods of servers that set neither replicas nor scaling.
    @Boxed public var scaling: Scaling?
    /// How existing pods are replaced by new ones, for servers that do not set a strategy.
    @Boxed public var strategy: UpdateStrategy?
    /// Resource requests and limits of servers, for each resource.
    public var resources: ResourceRequirements?
    /// Labels and annotations of pods. Unlike a server, a class may set any key.
    public var podMetadata: TemplateMetadata?
    /// On which nodes pods run. Each field applies if the server does not set it.
    @Boxed public var scheduling: Scheduling?
    /// The security settings of pods. Each field applies if the server does not set it.
    @Boxed public var podSecurityContext: PodSecurityContext?
    /// The security settings of the server's container. Each field applies if the server does not set it.
    @Boxed public var securityContext: SecurityContext?
    /// How the kubelet probes servers. Each field applies if the server does not set it.
    @Boxed public var probes: Probes?
    /// Environment variables of every server. A variable of the server with the same name takes precedence.
    public var env: [EnvVar]?
    /// Whether servers are ready only once they speak MCP, for servers that do not set it.
    public var handshake: HandshakeMode?
    /// The Services in front of the pods.
    @Boxed public var service: ClassServiceSettings?
    /// Seconds between SIGTERM and SIGKILL.
    public var terminationGracePeriodSeconds: Int64?
    /// Seconds that a terminating pod continues to serve requests, until load balancers have removed it.
    public var drainSeconds: Int64?
    /// Who chooses runAsUser, runAsGroup and fsGroup if neither the class nor the server sets them. Fixed, the default,
    /// sets 1000. Platform does not set them, for platforms that assign them, such as OpenShift.
    public var userAssignment: UserAssignment?
    /// What happens to running servers when this class changes.
    public var rollout: ClassRollout?

    /// Creates a value from its fields.
    public init(
        image: String? = nil,
        imagePullPolicy: String? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        replicas: Int? = nil,
        scaling: Scaling? = nil,
        strategy: UpdateStrategy? = nil,
        resources: ResourceRequirements? = nil,
        podMetadata: TemplateMetadata? = nil,
        scheduling: Scheduling? = nil,
        podSecurityContext: PodSecurityContext? = nil,
        securityContext: SecurityContext? = nil,
        probes: Probes? = nil,
        env: [EnvVar]? = nil,
        handshake: HandshakeMode? = nil,
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
        self.podMetadata = podMetadata
        self.scheduling = scheduling
        self.podSecurityContext = podSecurityContext
        self.securityContext = securityContext
        self.probes = probes
        self.env = env
        self.handshake = handshake
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
        "Defaults for the servers of the class. What a server sets itself always takes precedence.",
        [
            "image": .string("The image of servers that do not set one.").length(1...512).pattern("^[^ \\t\\n\\r]+$"),
            "imagePullPolicy": .string("When to pull images.").values("Always", "IfNotPresent", "Never"),
            "imagePullSecrets": .array(
                "Secrets in the servers' namespaces with credentials for pulling images.",
                of: LocalObjectReference.schema
            )
            .items(0...16)
            .listMap("name"),
            "replicas": .integer(
                """
                The number of pods of servers that set neither replicas nor scaling.
                """
            ).range(0...1000),
            "scaling": Scaling.schema.described(
                """
                How a HorizontalPodAutoscaler chooses the number of pods of servers that set neither replicas nor \
                scaling.
                """
            ),
            "strategy": UpdateStrategy.schema.described(
                "How existing pods are replaced by new ones, for servers that do not set a strategy."
            ),
            "resources": ResourceRequirements.schema.described(
                "Resource requests and limits of servers, for each resource."
            ),
            "podMetadata": TemplateMetadata.schema.described(
                "Labels and annotations of pods. Unlike a server, a class may set any key."
            ),
            "scheduling": Scheduling.schema.described(
                "On which nodes pods run. Each field applies if the server does not set it."
            ),
            "podSecurityContext": PodSecurityContext.schema.described(
                "The security settings of pods. Each field applies if the server does not set it."
            ),
            "securityContext": SecurityContext.schema.described(
                "The security settings of the server's container. Each field applies if the server does not set it."
            ),
            "probes": Probes.schema.described(
                "How the kubelet probes servers. Each field applies if the server does not set it."
            ),
            "env": .array(
                "Environment variables of every server. A variable of the server with the same name takes precedence.",
                of: EnvVar.schema
            )
            .items(0...128)
            .listMap("name"),
            "handshake": .string(
                """
                Whether servers are ready only once they speak MCP, for servers that do not set it. Defaults to the \
                platform's value.
                """
            )
            .values(of: HandshakeMode.self),
            "service": ClassServiceSettings.schema.described("The Services in front of the pods."),
            "terminationGracePeriodSeconds": .integer64("Seconds between SIGTERM and SIGKILL.")
                .range(0...3600),
            "drainSeconds": .integer64(
                "Seconds that a terminating pod continues to serve requests, until load balancers have removed it."
            )
            .range(0...3600),
            "userAssignment": .string(
                """
                Who chooses runAsUser, runAsGroup and fsGroup if neither the class nor the server sets them. Fixed, \
                the default, sets 1000. Platform does not set them, for platforms that assign them, such as OpenShift.
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
                    """
                    replicas and scaling are mutually exclusive: remove replicas to let scaling choose the number \
                    of pods
                    """
            )
        ]
    )
}

/// What happens to running servers when their class changes.
public struct ClassRollout: Sendable, Hashable, Codable {
    /// Automatic rolls a change out to all servers. Manual applies it to new servers, and to existing servers when
    /// their spec or their annotation moorage.dev/restart changes.
    public var policy: RolloutPolicy?

    /// Creates a value from its fields.
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
                Automatic rolls a change out to all servers. Manual applies it to new servers, and to existing servers \
                when their spec or their annotation moorage.dev/restart changes.
                """
            )
            .values(of: RolloutPolicy.self)
            .default("Manual")
        ]
    )
}
