public import KubernetesAPI

/// What one MCP server is to be.
public struct MCPServerSpec: Sendable, Hashable, Codable {
    /// The MCPServerClass whose defaults apply; the class that is marked as default when left out.
    public var className: String?
    /// The image to run, pinned by digest unless the tenant's policy allows otherwise, such as
    /// ghcr.io/acme/search@sha256:…. May be left out where the class gives one.
    public var image: String?
    /// When to pull the image. When neither the server nor its class says: IfNotPresent for an image with a digest, else
    /// Always.
    public var imagePullPolicy: String?
    /// Secrets in the same namespace with credentials for pulling the image, besides the class's and the tenant's.
    public var imagePullSecrets: [LocalObjectReference]?
    /// How the server speaks MCP: streamable-http and sse over HTTP, stdio over its standard input and output.
    public var transport: Transport?
    /// The port that the server listens on.
    public var port: Int?
    /// The path of the MCP endpoint, which becomes part of status.url; /mcp, or /sse for the transport sse, when left out.
    public var path: String?
    /// Further ports of the server, such as one for metrics.
    public var ports: [ServerPort]?
    /// How Prometheus reads the server's metrics.
    public var monitoring: ServerMonitoring?
    /// The command, in place of the image's entry point; run without a shell.
    public var command: [String]?
    /// The arguments, in place of the image's own.
    public var args: [String]?
    /// The working directory, in place of the image's own.
    public var workingDir: String?
    /// Environment variables. A variable named here wins over one of the same name from envFrom.
    public var env: [EnvVar]?
    /// ConfigMaps and Secrets in the same namespace, every key of which becomes a variable.
    public var envFrom: [EnvFromSource]?
    /// Configuration that Moorage keeps in Secrets of its own: variables, files under /files, and templates.
    public var config: ServerConfiguration?
    /// Further volumes of the pods. /tmp is always there and writable, /data where storage is asked for.
    public var volumes: [Volume]?
    /// Where the server sees the volumes.
    public var volumeMounts: [VolumeMount]?
    /// Storage that outlives the pods.
    public var storage: Storage?
    /// How many pods run. When left out it is 1, or what scaling decides.
    public var replicas: Int?
    /// Lets a HorizontalPodAutoscaler choose the number of pods. Cannot be given together with replicas.
    public var scaling: Scaling?
    /// How pods are replaced by new ones.
    public var strategy: UpdateStrategy?
    /// What the server asks for, and what it may use at most. Resources that are not named here come from the class.
    public var resources: ResourceRequirements?
    /// How the kubelet asks whether the server is well.
    public var probes: Probes?
    /// Seconds between the signal to end and the kill; 30 when neither the server nor its class says.
    public var terminationGracePeriodSeconds: Int64?
    /// Seconds for which a pod that ends still serves, while load balancers learn that it ends: a preStop pause, part of
    /// terminationGracePeriodSeconds. When neither the server nor its class says, 5, or half of a grace period below 10; 0
    /// for none.
    public var drainSeconds: Int64?
    /// Labels and annotations of the Deployment.
    public var deployment: DeploymentSettings?
    /// Who may reach the server, and what it may reach, besides what the tenant allows.
    public var network: ServerNetwork?
    /// Makes the server reachable from outside of the cluster, by an Ingress or an HTTPRoute.
    public var exposure: Exposure?
    /// The Service in front of the pods.
    public var service: ServiceSettings?
    /// The ServiceAccount that the pods run as; one of the server's own, without any rights, when left out.
    public var serviceAccount: ServiceAccountSettings?
    /// On which nodes the pods run.
    public var scheduling: Scheduling?
    /// What holds for the whole pod. Fields left out come from the class, and then from Moorage's hardened defaults.
    public var podSecurityContext: PodSecurityContext?
    /// What the server's processes may do. Fields left out come from the class, and then from Moorage's hardened
    /// defaults.
    public var securityContext: SecurityContext?
    /// A pod template (metadata and spec) that is laid over the rendered one as a strategic merge; the server's own
    /// container is named mcp. Fields that Kubernetes does not have are refused, and so is null: use $patch: delete,
    /// $patch: replace or $retainKeys. It cannot weaken the hardening unless the tenant allows it.
    public var podTemplate: JSONValue?
    /// Whether the server is put to rest: no pod runs, and everything else stays.
    public var suspend: Bool?

    /// Makes one from its fields.
    public init(
        className: String? = nil,
        image: String? = nil,
        imagePullPolicy: String? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        transport: Transport? = nil,
        port: Int? = nil,
        path: String? = nil,
        ports: [ServerPort]? = nil,
        monitoring: ServerMonitoring? = nil,
        command: [String]? = nil,
        args: [String]? = nil,
        workingDir: String? = nil,
        env: [EnvVar]? = nil,
        envFrom: [EnvFromSource]? = nil,
        config: ServerConfiguration? = nil,
        volumes: [Volume]? = nil,
        volumeMounts: [VolumeMount]? = nil,
        storage: Storage? = nil,
        replicas: Int? = nil,
        scaling: Scaling? = nil,
        strategy: UpdateStrategy? = nil,
        resources: ResourceRequirements? = nil,
        probes: Probes? = nil,
        terminationGracePeriodSeconds: Int64? = nil,
        drainSeconds: Int64? = nil,
        deployment: DeploymentSettings? = nil,
        network: ServerNetwork? = nil,
        exposure: Exposure? = nil,
        service: ServiceSettings? = nil,
        serviceAccount: ServiceAccountSettings? = nil,
        scheduling: Scheduling? = nil,
        podSecurityContext: PodSecurityContext? = nil,
        securityContext: SecurityContext? = nil,
        podTemplate: JSONValue? = nil,
        suspend: Bool? = nil
    ) {
        self.className = className
        self.image = image
        self.imagePullPolicy = imagePullPolicy
        self.imagePullSecrets = imagePullSecrets
        self.transport = transport
        self.port = port
        self.path = path
        self.ports = ports
        self.monitoring = monitoring
        self.command = command
        self.args = args
        self.workingDir = workingDir
        self.env = env
        self.envFrom = envFrom
        self.config = config
        self.volumes = volumes
        self.volumeMounts = volumeMounts
        self.storage = storage
        self.replicas = replicas
        self.scaling = scaling
        self.strategy = strategy
        self.resources = resources
        self.probes = probes
        self.terminationGracePeriodSeconds = terminationGracePeriodSeconds
        self.drainSeconds = drainSeconds
        self.deployment = deployment
        self.network = network
        self.exposure = exposure
        self.service = service
        self.serviceAccount = serviceAccount
        self.scheduling = scheduling
        self.podSecurityContext = podSecurityContext
        self.securityContext = securityContext
        self.podTemplate = podTemplate
        self.suspend = suspend
    }
}

extension MCPServerSpec: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerSpec.self,
        """
        What the server is to be. Only an image and, where it is not 8080, a port are needed; everything else has \
        a default from the class or from Moorage.
        """,
        [
            "className": .string(
                "The MCPServerClass whose defaults apply; the class that is marked as default when left out."
            )
            .length(1...253),
            "image": .string(
                """
                The image to run, pinned by digest unless the tenant's policy allows otherwise, such as \
                ghcr.io/acme/search@sha256:…. May be left out where the class gives one.
                """
            )
            .length(1...512)
            .pattern("^[^ \\t\\n\\r]+$"),
            "imagePullPolicy": .string(
                """
                When to pull the image. When neither the server nor its class says: IfNotPresent for an image with a \
                digest, else Always.
                """
            )
            .values("Always", "IfNotPresent", "Never"),
            "imagePullSecrets": .array(
                """
                Secrets in the same namespace with credentials for pulling the image, besides the class's and the \
                tenant's.
                """,
                of: LocalObjectReference.schema
            )
            .items(0...16)
            .listMap("name"),
            "transport": .string(
                """
                How the server speaks MCP: streamable-http and sse over HTTP, stdio over its standard input and \
                output.
                """
            )
            .values(of: Transport.self)
            .default("streamable-http"),
            "port": .integer("The port that the server listens on.").range(1...65535).default(8080),
            "path": .string(
                """
                The path of the MCP endpoint, which becomes part of status.url; /mcp, or /sse for the transport sse, \
                when left out.
                """
            )
            .length(1...1024)
            .pattern("^/[^ ?#]*$"),
            "ports": .array(
                """
                Further ports of the server, such as one for metrics: on the container, on the Service, and open to those whom \
                the tenant lets read metrics.
                """,
                of: ServerPort.schema
            )
            .items(0...16)
            .listMap("name"),
            "monitoring": ServerMonitoring.schema.described(
                "Has Prometheus read the server's metrics, by a ServiceMonitor of the Prometheus operator."
            ),
            "command": .array(
                "The command, in place of the image's entry point; run without a shell.",
                of: .string().length(0...32768)
            )
            .items(0...64)
            .atomic(),
            "args": .array("The arguments, in place of the image's own.", of: .string().length(0...32768))
                .items(0...256)
                .atomic(),
            "workingDir": .string("The working directory, in place of the image's own.").length(1...4096).pattern("^/"),
            "env": .array(
                "Environment variables. A variable named here wins over one of the same name from envFrom.",
                of: EnvVar.schema
            )
            .items(0...256)
            .listMap("name"),
            "envFrom": .array(
                "ConfigMaps and Secrets in the same namespace, every key of which becomes a variable.",
                of: EnvFromSource.schema
            )
            .items(0...32)
            .atomic(),
            "config": ServerConfiguration.schema.described(
                "Configuration that Moorage keeps in Secrets of its own: variables, files under /files, and templates."
            ),
            "volumes": .array(
                "Further volumes of the pods. /tmp is always there and writable, /data where storage is asked for.",
                of: Volume.schema
            )
            .items(0...64)
            .listMap("name"),
            "volumeMounts": .array("Where the server sees the volumes.", of: VolumeMount.schema)
                .items(0...64)
                .listMap("mountPath"),
            "storage": Storage.schema.described("Storage that outlives the pods."),
            "replicas": .integer("How many pods run. When left out it is 1, or what scaling decides.").range(0...1000),
            "scaling": Scaling.schema.described(
                "Lets a HorizontalPodAutoscaler choose the number of pods. Cannot be given together with replicas."
            ),
            "strategy": UpdateStrategy.schema.described(
                "How pods are replaced by new ones; the class's when left out."
            ),
            "resources": ResourceRequirements.schema.described(
                """
                What the server asks for, and what it may use at most. Resources that are not named here come from \
                the class.
                """
            ),
            "probes": Probes.schema.described("How the kubelet asks whether the server is well."),
            "terminationGracePeriodSeconds": .integer64(
                "Seconds between the signal to end and the kill; 30 when neither the server nor its class says."
            )
            .range(0...3600),
            "drainSeconds": .integer64(
                """
                Seconds for which a pod that ends still serves, while load balancers learn that it ends: a preStop pause, \
                part of terminationGracePeriodSeconds. When neither the server nor its class says, 5, or half of a grace \
                period below 10; 0 for none.
                """
            )
            .range(0...3600),
            "deployment": DeploymentSettings.schema.described("Labels and annotations of the Deployment."),
            "network": ServerNetwork.schema.described(
                "Who may reach the server, and what it may reach, besides what the tenant allows."
            ),
            "exposure": Exposure.schema.described(
                "Makes the server reachable from outside of the cluster, by an Ingress or an HTTPRoute."
            ),
            "service": ServiceSettings.schema.described("The Service in front of the pods."),
            "serviceAccount": ServiceAccountSettings.schema.described(
                "The ServiceAccount that the pods run as; one of the server's own, without any rights, when left out."
            ),
            "scheduling": Scheduling.schema.described("On which nodes the pods run."),
            "podSecurityContext": PodSecurityContext.schema.described(
                """
                What holds for the whole pod. Fields left out come from the class, and then from Moorage's \
                hardened defaults.
                """
            ),
            "securityContext": SecurityContext.schema.described(
                """
                What the server's processes may do. Fields left out come from the class, and then from Moorage's \
                hardened defaults.
                """
            ),
            "podTemplate": .anyObject(
                """
                A pod template (metadata and spec) that is laid over the rendered one as a strategic merge; the \
                server's own container is named mcp. Fields that Kubernetes does not have are refused, and so is null: \
                use $patch: delete, $patch: replace or $retainKeys. It cannot weaken the hardening unless the tenant \
                allows it.
                """
            ),
            "suspend": .boolean("Whether the server is put to rest: no pod runs, and everything else stays.")
                .default(false),
        ],
        rules: [
            .atMostOneOf(
                "replicas",
                "scaling",
                message:
                    "replicas and scaling exclude each other: remove replicas to let scaling choose the number of pods"
            ),
            Rule(
                """
                !has(self.volumeMounts) || self.volumeMounts.all(m, \
                has(self.volumes) && self.volumes.exists(v, v.name == m.name))
                """,
                message: "each of volumeMounts must name one of volumes"
            ) { spec, _ in
                let volumes = Set(spec.elements("volumes").compactMap { $0["name"]?.stringValue })
                return spec.elements("volumeMounts").allSatisfy { volumes.contains($0["name"]?.stringValue ?? "") }
            },
            Rule(
                """
                !has(self.env) || !has(self.config) || !has(self.config.env) || self.env.all(e, !(e.name in self.config.env))
                """,
                message: "a variable stands in env and in config.env: keep one of the two"
            ) { spec, _ in
                let kept = spec[path: ["config", "env"]]?.objectValue ?? [:]
                return spec.elements("env").allSatisfy { kept[$0["name"]?.stringValue ?? ""] == nil }
            },
        ]
    )
}
