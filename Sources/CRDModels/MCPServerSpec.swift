public import KubernetesAPI

/// The desired state of an MCP server.
public struct MCPServerSpec: Sendable, Hashable, Codable {
    /// The MCPServerClass whose defaults apply. Defaults to the class that is marked as default.
    public var className: String?
    /// The image to run, such as ghcr.io/acme/search@sha256:…. It must be pinned by digest unless the tenant's policy
    /// allows tags. Optional if the class sets an image.
    public var image: String?
    /// A server that somebody else runs, in place of an image. Mutually exclusive with image.
    @Boxed public var remote: RemoteServer?
    /// When to pull the image. Defaults to the class's policy, or IfNotPresent for an image with a digest and Always
    /// for others.
    public var imagePullPolicy: String?
    /// Secrets in the same namespace with credentials for pulling the image, in addition to those of the class and the
    /// tenant.
    public var imagePullSecrets: [LocalObjectReference]?
    /// How the server speaks MCP: streamable-http and sse over HTTP, stdio over its standard input and output.
    public var transport: Transport?
    /// How the processes of a server with the transport stdio are run.
    public var stdio: StdioSettings?
    /// Bundles of files that the server loads. Each is checked by its digest and its signature before it is mounted.
    public var plugins: [ServerPlugin]?
    /// The port that the server listens on.
    public var port: Int?
    /// The path of the MCP endpoint, which is part of status.url. Defaults to /mcp, or to /sse for the transport sse.
    public var path: String?
    /// Whether the server is ready only once it speaks MCP. Defaults to the class's value, then to the platform's.
    public var handshake: HandshakeMode?
    /// What is published of single tools. The gateway enforces it.
    public var tools: [ToolCuration]?
    /// What is published of the tools that tools does not list.
    public var toolPolicy: ToolPolicy?
    /// Which new versions of the server need an approval, if it is stricter than the tenant's policy.
    public var review: ServerReview?
    /// The MCPServerRevision that serves, instead of what the spec says.
    public var rollbackTo: String?
    /// How many revisions are kept besides the one that serves. Defaults to 10.
    public var revisionHistoryLimit: Int?
    /// Additional ports of the server, such as one for metrics.
    public var ports: [ServerPort]?
    /// How Prometheus scrapes the server's metrics.
    @Boxed public var monitoring: ServerMonitoring?
    /// The command, which replaces the entry point of the image. It is not run in a shell.
    public var command: [String]?
    /// The arguments, which replace those of the image.
    public var args: [String]?
    /// The working directory, which replaces that of the image.
    public var workingDir: String?
    /// Environment variables. A variable listed here takes precedence over a variable with the same name from envFrom.
    public var env: [EnvVar]?
    /// ConfigMaps and Secrets in the same namespace. Each of their keys becomes an environment variable.
    public var envFrom: [EnvFromSource]?
    /// Configuration that Moorage stores in Secrets: variables, files under /files, and templates.
    public var config: ServerConfiguration?
    /// Additional volumes of the pods. /tmp is always writable, and so is /data if storage is set.
    public var volumes: [Volume]?
    /// Where the volumes are mounted.
    public var volumeMounts: [VolumeMount]?
    /// Storage that outlives the pods.
    @Boxed public var storage: Storage?
    /// The desired number of pods. Defaults to 1, or to the number that scaling chooses.
    public var replicas: Int?
    /// Lets a HorizontalPodAutoscaler choose the number of pods. Mutually exclusive with replicas.
    @Boxed public var scaling: Scaling?
    /// How existing pods are replaced by new ones.
    @Boxed public var strategy: UpdateStrategy?
    /// Resource requests and limits. Resources that are not listed here are taken from the class.
    public var resources: ResourceRequirements?
    /// How the kubelet probes the server.
    @Boxed public var probes: Probes?
    /// Seconds between SIGTERM and SIGKILL. Defaults to the class's value, or 30.
    public var terminationGracePeriodSeconds: Int64?
    /// Seconds that a terminating pod continues to serve requests, until load balancers have removed it: a preStop
    /// pause, which is part of terminationGracePeriodSeconds. Defaults to the class's value, or 5, or half of a grace
    /// period below 10; 0 disables the pause.
    public var drainSeconds: Int64?
    /// Labels and annotations of the Deployment.
    public var deployment: DeploymentSettings?
    /// Who can reach the server, and what it can reach, in addition to what the tenant allows.
    public var network: ServerNetwork?
    /// Makes the server reachable from outside the cluster, by an Ingress or an HTTPRoute.
    @Boxed public var exposure: Exposure?
    /// The Service in front of the pods.
    @Boxed public var service: ServiceSettings?
    /// The ServiceAccount of the pods. Defaults to a ServiceAccount for this server alone, without permissions.
    public var serviceAccount: ServiceAccountSettings?
    /// On which nodes the pods run.
    @Boxed public var scheduling: Scheduling?
    /// The security settings of the pod. Fields that are not set are taken from the class, and then from Moorage's
    /// hardened defaults.
    @Boxed public var podSecurityContext: PodSecurityContext?
    /// The security settings of the server's container. Fields that are not set are taken from the class, and then from
    /// Moorage's hardened defaults.
    @Boxed public var securityContext: SecurityContext?
    /// A pod template (metadata and spec) that is applied to the rendered one as a strategic merge patch. The container
    /// of the server is named mcp. Unknown fields are refused, and so is null: use $patch: delete, $patch: replace or
    /// $retainKeys. It cannot weaken the hardening unless the tenant allows it.
    public var podTemplate: JSONValue?
    /// How the gateway authenticates at the server on behalf of callers.
    public var upstreamAuth: UpstreamAuthentication?
    /// Whether the server is suspended: no pods run, and all other objects are kept.
    public var suspend: Bool?

    /// Creates a value from its fields.
    public init(
        className: String? = nil,
        image: String? = nil,
        remote: RemoteServer? = nil,
        imagePullPolicy: String? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        transport: Transport? = nil,
        stdio: StdioSettings? = nil,
        plugins: [ServerPlugin]? = nil,
        port: Int? = nil,
        path: String? = nil,
        handshake: HandshakeMode? = nil,
        tools: [ToolCuration]? = nil,
        toolPolicy: ToolPolicy? = nil,
        review: ServerReview? = nil,
        rollbackTo: String? = nil,
        revisionHistoryLimit: Int? = nil,
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
        upstreamAuth: UpstreamAuthentication? = nil,
        suspend: Bool? = nil
    ) {
        self.className = className
        self.image = image
        self.remote = remote
        self.imagePullPolicy = imagePullPolicy
        self.imagePullSecrets = imagePullSecrets
        self.transport = transport
        self.stdio = stdio
        self.plugins = plugins
        self.port = port
        self.path = path
        self.handshake = handshake
        self.tools = tools
        self.toolPolicy = toolPolicy
        self.review = review
        self.rollbackTo = rollbackTo
        self.revisionHistoryLimit = revisionHistoryLimit
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
        self.upstreamAuth = upstreamAuth
        self.suspend = suspend
    }
}

extension MCPServerSpec: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerSpec.self,
        """
        The desired state of the server. Only an image is required, and a port if it is not 8080, or the URL of a remote \
        server. Everything else has a default from the class or from Moorage.
        """,
        [
            "className": .string(
                "The MCPServerClass whose defaults apply. Defaults to the class that is marked as default."
            )
            .length(1...253),
            "image": .string(
                """
                The image to run, such as ghcr.io/acme/search@sha256:…. It must be pinned by digest unless the \
                tenant's policy allows tags. Optional if the class sets an image.
                """
            )
            .length(1...512)
            .pattern("^[^ \\t\\n\\r]+$"),
            "remote": RemoteServer.schema.described(
                """
                A server that somebody else runs, in place of an image: there are no pods and no Service, and the gateway calls \
                it at its URL. Fields about pods cannot be set with it. Mutually exclusive with image.
                """
            ),
            "imagePullPolicy": .string(
                """
                When to pull the image. Defaults to the class's policy, or IfNotPresent for an image with a digest and \
                Always for others.
                """
            )
            .values("Always", "IfNotPresent", "Never"),
            "imagePullSecrets": .array(
                """
                Secrets in the same namespace with credentials for pulling the image, in addition to those of the \
                class and the tenant.
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
            "stdio": StdioSettings.schema.described(
                "How the processes of a server with the transport stdio are run."
            ),
            "plugins": .array(
                """
                Bundles of files that the server loads. An init container checks the digest and the signature of each; the \
                server does not start with a bad one.
                """,
                of: ServerPlugin.schema
            )
            .items(0...16)
            .listMap("name"),
            "port": .integer("The port that the server listens on.").range(1...65535).default(8080),
            "path": .string(
                """
                The path of the MCP endpoint, which is part of status.url. Defaults to /mcp, or to /sse for the \
                transport sse.
                """
            )
            .length(1...1024)
            .pattern("^/[^ ?#]*$"),
            "handshake": .string(
                """
                Whether the server is ready only once it speaks MCP. Enabled lets the controller connect to the pods and \
                read what the server offers; Disabled relies on the readiness probe alone. Defaults to the class's \
                value, then to the platform's.
                """
            )
            .values(of: HandshakeMode.self),
            "tools": .array(
                """
                What is published of single tools: whether, under which title and description, and for which scope. It \
                is recorded in the server's revisions, and enforced by the gateway.
                """,
                of: ToolCuration.schema
            )
            .items(0...1000)
            .listMap("name"),
            "toolPolicy": ToolPolicy.schema,
            "review": ServerReview.schema.described(
                "Which new versions of the server need an approval. It can only be stricter than the tenant's policy."
            ),
            "rollbackTo": .string(
                """
                The MCPServerRevision that serves, instead of what the spec says. It must have served or been approved, and \
                needs no new approval. Changes of the spec have an effect when this field is removed.
                """
            )
            .length(1...253),
            "revisionHistoryLimit": .integer(
                "How many revisions are kept besides the one that serves. Defaults to 10."
            )
            .range(0...100),
            "ports": .array(
                """
                Additional ports of the server, such as one for metrics. They are opened on the container and the \
                Service, for the pods that the tenant allows to read metrics.
                """,
                of: ServerPort.schema
            )
            .items(0...16)
            .listMap("name"),
            "monitoring": ServerMonitoring.schema.described(
                "How Prometheus scrapes the server's metrics. Creates a ServiceMonitor of the Prometheus operator."
            ),
            "command": .array(
                "The command, which replaces the entry point of the image. It is not run in a shell.",
                of: .string().length(0...32768)
            )
            .items(0...64)
            .atomic(),
            "args": .array("The arguments, which replace those of the image.", of: .string().length(0...32768))
                .items(0...256)
                .atomic(),
            "workingDir": .string(
                """
                The working directory, which replaces that of the image.
                """
            ).length(1...4096).pattern("^/"),
            "env": .array(
                """
                Environment variables. A variable listed here takes precedence over a variable with the same name \
                from envFrom.
                """,
                of: EnvVar.schema
            )
            .items(0...256)
            .listMap("name"),
            "envFrom": .array(
                "ConfigMaps and Secrets in the same namespace. Each of their keys becomes an environment variable.",
                of: EnvFromSource.schema
            )
            .items(0...32)
            .atomic(),
            "config": ServerConfiguration.schema.described(
                "Configuration that Moorage stores in Secrets: variables, files under /files, and templates."
            ),
            "volumes": .array(
                "Additional volumes of the pods. /tmp is always writable, and so is /data if storage is set.",
                of: Volume.schema
            )
            .items(0...64)
            .listMap("name"),
            "volumeMounts": .array("Where the volumes are mounted.", of: VolumeMount.schema)
                .items(0...64)
                .listMap("mountPath"),
            "storage": Storage.schema.described("Storage that outlives the pods."),
            "replicas": .integer(
                """
                The desired number of pods. Defaults to 1, or to the number that scaling chooses.
                """
            ).range(0...1000),
            "scaling": Scaling.schema.described(
                "Lets a HorizontalPodAutoscaler choose the number of pods. Mutually exclusive with replicas."
            ),
            "strategy": UpdateStrategy.schema.described(
                "How existing pods are replaced by new ones. Defaults to the class's strategy."
            ),
            "resources": ResourceRequirements.schema.described(
                """
                Resource requests and limits. Resources that are not listed here are taken from the class.
                """
            ),
            "probes": Probes.schema.described("How the kubelet probes the server."),
            "terminationGracePeriodSeconds": .integer64(
                "Seconds between SIGTERM and SIGKILL. Defaults to the class's value, or 30."
            )
            .range(0...3600),
            "drainSeconds": .integer64(
                """
                Seconds that a terminating pod continues to serve requests, until load balancers have removed it: a \
                preStop pause, which is part of terminationGracePeriodSeconds. Defaults to the class's value, or 5, or \
                half of a grace period below 10; 0 disables the pause.
                """
            )
            .range(0...3600),
            "deployment": DeploymentSettings.schema.described("Labels and annotations of the Deployment."),
            "network": ServerNetwork.schema.described(
                "Who can reach the server, and what it can reach, in addition to what the tenant allows."
            ),
            "exposure": Exposure.schema.described(
                "Makes the server reachable from outside the cluster, by an Ingress or an HTTPRoute."
            ),
            "service": ServiceSettings.schema.described("The Service in front of the pods."),
            "serviceAccount": ServiceAccountSettings.schema.described(
                """
                The ServiceAccount of the pods. Defaults to a ServiceAccount for this server alone, without \
                permissions.
                """
            ),
            "scheduling": Scheduling.schema.described("On which nodes the pods run."),
            "podSecurityContext": PodSecurityContext.schema.described(
                """
                The security settings of the pod. Fields that are not set are taken from the class, and then from \
                Moorage's hardened defaults.
                """
            ),
            "securityContext": SecurityContext.schema.described(
                """
                The security settings of the server's container. Fields that are not set are taken from the class, and \
                then from Moorage's hardened defaults.
                """
            ),
            "podTemplate": .anyObject(
                """
                A pod template (metadata and spec) that is applied to the rendered one as a strategic merge patch. The \
                container of the server is named mcp. Unknown fields are refused, and so is null: use $patch: delete, \
                $patch: replace or $retainKeys. It cannot weaken the hardening unless the tenant allows it.
                """
            ),
            "upstreamAuth": UpstreamAuthentication.schema.described(
                "How the gateway authenticates at the server on behalf of callers."
            ),
            "suspend": .boolean("Whether the server is suspended: no pods run, and all other objects are kept.")
                .default(false),
        ],
        rules: [
            .atMostOneOf(
                "image",
                "remote",
                message:
                    "image and remote are mutually exclusive: remove remote to run an image, or image to call a URL"
            ),
            .atMostOneOf(
                "replicas",
                "scaling",
                message:
                    """
                    replicas and scaling are mutually exclusive: remove replicas to let scaling choose the number \
                    of pods
                    """
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
                message: "a variable is set in env and in config.env: remove one of the two"
            ) { spec, _ in
                let kept = spec[path: ["config", "env"]]?.objectValue ?? [:]
                return spec.elements("env").allSatisfy { kept[$0["name"]?.stringValue ?? ""] == nil }
            },
        ]
    )
}
