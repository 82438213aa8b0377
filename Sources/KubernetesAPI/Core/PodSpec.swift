/// `core/v1.PodTemplateSpec`: the template of a workload's pods.
public struct PodTemplateSpec: Sendable, Hashable, Codable {
    /// Labels and annotations of the pods.
    public var metadata: TemplateMetadata?
    /// What runs in the pods.
    public var spec: PodSpec?

    /// Creates a value from its fields.
    public init(metadata: TemplateMetadata? = nil, spec: PodSpec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }
}

extension PodTemplateSpec: SchemaProviding {
    public static let schema = Schema.object(
        PodTemplateSpec.self,
        "The template of the workload's pods.",
        [
            "metadata": TemplateMetadata.schema.described("Labels and annotations of the pods."),
            "spec": PodSpec.schema.described("What runs in the pods."),
        ]
    )
}

/// `core/v1.PodSpec`: what runs in a pod, and how.
public struct PodSpec: Sendable, Hashable, Codable {
    /// The containers.
    public var containers: [Container]
    /// Containers that run to completion, in order, before the others start.
    public var initContainers: [Container]?
    /// The volumes that containers can mount.
    public var volumes: [Volume]?
    /// When containers are restarted. Defaults to Always.
    public var restartPolicy: String?
    /// Seconds between SIGTERM and SIGKILL. Defaults to 30.
    public var terminationGracePeriodSeconds: Int64?
    /// Seconds after which the pod is terminated.
    public var activeDeadlineSeconds: Int64?
    /// How names are resolved. Defaults to ClusterFirst.
    public var dnsPolicy: String?
    /// DNS servers and options in addition to those of dnsPolicy.
    public var dnsConfig: PodDNSConfig?
    /// Labels that a node must have.
    public var nodeSelector: [String: String]?
    /// The node on which the pod runs. It bypasses the scheduler.
    public var nodeName: String?
    /// The ServiceAccount that the pod runs as.
    public var serviceAccountName: String?
    /// Whether a token of the ServiceAccount is mounted.
    public var automountServiceAccountToken: Bool?
    /// Whether the pod shares the node's network. The Pod Security level baseline does not allow it.
    public var hostNetwork: Bool?
    /// Whether the pod sees the node's processes. The Pod Security level baseline does not allow it.
    public var hostPID: Bool?
    /// Whether the pod shares the node's IPC. The Pod Security level baseline does not allow it.
    public var hostIPC: Bool?
    /// Whether the pod shares the node's user namespace. Defaults to true.
    public var hostUsers: Bool?
    /// Whether the containers see each other's processes.
    public var shareProcessNamespace: Bool?
    /// Settings for all containers, and for the volumes.
    public var securityContext: PodSecurityContext?
    /// Secrets with credentials for pulling images.
    public var imagePullSecrets: [LocalObjectReference]?
    /// The pod's host name. Defaults to the pod's name.
    public var hostname: String?
    /// The subdomain of the host name.
    public var subdomain: String?
    /// Whether the host name is the fully qualified one.
    public var setHostnameAsFQDN: Bool?
    /// Where the pod should and should not run.
    public var affinity: Affinity?
    /// The scheduler that places the pod.
    public var schedulerName: String?
    /// Taints of nodes that the pod tolerates.
    public var tolerations: [Toleration]?
    /// Lines added to /etc/hosts.
    public var hostAliases: [HostAlias]?
    /// The PriorityClass of the pod.
    public var priorityClassName: String?
    /// The priority of the class. It is set by the API server.
    public var priority: Int?
    /// Whether the pod can preempt pods with lower priority.
    public var preemptionPolicy: String?
    /// Additional conditions that must be true for the pod to be ready.
    public var readinessGates: [PodReadinessGate]?
    /// The RuntimeClass that runs the pod.
    public var runtimeClassName: String?
    /// Whether the namespace's Services are available as environment variables. Defaults to true.
    public var enableServiceLinks: Bool?
    /// The resources of the runtime itself. They are set by the API server.
    public var overhead: [String: Quantity]?
    /// How the pods are spread over zones or nodes.
    public var topologySpreadConstraints: [TopologySpreadConstraint]?
    /// The operating system that the pod is for.
    public var os: PodOS?

    /// Creates a value from its fields.
    public init(
        containers: [Container],
        initContainers: [Container]? = nil,
        volumes: [Volume]? = nil,
        restartPolicy: String? = nil,
        terminationGracePeriodSeconds: Int64? = nil,
        activeDeadlineSeconds: Int64? = nil,
        dnsPolicy: String? = nil,
        dnsConfig: PodDNSConfig? = nil,
        nodeSelector: [String: String]? = nil,
        nodeName: String? = nil,
        serviceAccountName: String? = nil,
        automountServiceAccountToken: Bool? = nil,
        hostNetwork: Bool? = nil,
        hostPID: Bool? = nil,
        hostIPC: Bool? = nil,
        hostUsers: Bool? = nil,
        shareProcessNamespace: Bool? = nil,
        securityContext: PodSecurityContext? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        hostname: String? = nil,
        subdomain: String? = nil,
        setHostnameAsFQDN: Bool? = nil,
        affinity: Affinity? = nil,
        schedulerName: String? = nil,
        tolerations: [Toleration]? = nil,
        hostAliases: [HostAlias]? = nil,
        priorityClassName: String? = nil,
        priority: Int? = nil,
        preemptionPolicy: String? = nil,
        readinessGates: [PodReadinessGate]? = nil,
        runtimeClassName: String? = nil,
        enableServiceLinks: Bool? = nil,
        overhead: [String: Quantity]? = nil,
        topologySpreadConstraints: [TopologySpreadConstraint]? = nil,
        os: PodOS? = nil
    ) {
        self.containers = containers
        self.initContainers = initContainers
        self.volumes = volumes
        self.restartPolicy = restartPolicy
        self.terminationGracePeriodSeconds = terminationGracePeriodSeconds
        self.activeDeadlineSeconds = activeDeadlineSeconds
        self.dnsPolicy = dnsPolicy
        self.dnsConfig = dnsConfig
        self.nodeSelector = nodeSelector
        self.nodeName = nodeName
        self.serviceAccountName = serviceAccountName
        self.automountServiceAccountToken = automountServiceAccountToken
        self.hostNetwork = hostNetwork
        self.hostPID = hostPID
        self.hostIPC = hostIPC
        self.hostUsers = hostUsers
        self.shareProcessNamespace = shareProcessNamespace
        self.securityContext = securityContext
        self.imagePullSecrets = imagePullSecrets
        self.hostname = hostname
        self.subdomain = subdomain
        self.setHostnameAsFQDN = setHostnameAsFQDN
        self.affinity = affinity
        self.schedulerName = schedulerName
        self.tolerations = tolerations
        self.hostAliases = hostAliases
        self.priorityClassName = priorityClassName
        self.priority = priority
        self.preemptionPolicy = preemptionPolicy
        self.readinessGates = readinessGates
        self.runtimeClassName = runtimeClassName
        self.enableServiceLinks = enableServiceLinks
        self.overhead = overhead
        self.topologySpreadConstraints = topologySpreadConstraints
        self.os = os
    }
}

extension PodSpec: SchemaProviding {
    public static let schema = Schema.object(
        PodSpec.self,
        "What runs in the pod, and how.",
        [
            "containers": .array("The containers.", of: Container.schema).items(0...64).listMap("name").required(),
            "initContainers": .array(
                "Containers that run to completion, in order, before the others start.",
                of: Container.schema
            )
            .items(0...64)
            .listMap("name"),
            "volumes": .array("The volumes that containers can mount.", of: Volume.schema)
                .items(0...256)
                .listMap("name"),
            "restartPolicy": .string("When containers are restarted. Defaults to Always.")
                .values("Always", "OnFailure", "Never"),
            "terminationGracePeriodSeconds": .integer64(
                "Seconds between SIGTERM and SIGKILL. Defaults to 30."
            )
            .range(0...86400),
            "activeDeadlineSeconds": .integer64("Seconds after which the pod is terminated.").range(1...2147483647),
            "dnsPolicy": .string("How names are resolved. Defaults to ClusterFirst.")
                .values("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
            "dnsConfig": PodDNSConfig.schema.described("DNS servers and options in addition to those of dnsPolicy."),
            "nodeSelector": .map("Labels that a node must have.", of: .string().length(0...63)).properties(0...64),
            "nodeName": .string("The node on which the pod runs. It bypasses the scheduler.").length(0...253),
            "serviceAccountName": .string("The ServiceAccount that the pod runs as.").length(0...253),
            "automountServiceAccountToken": .boolean("Whether a token of the ServiceAccount is mounted."),
            "hostNetwork": .boolean(
                "Whether the pod shares the node's network. The Pod Security level baseline does not allow it."
            ),
            "hostPID": .boolean(
                "Whether the pod sees the node's processes. The Pod Security level baseline does not allow it."
            ),
            "hostIPC": .boolean(
                "Whether the pod shares the node's IPC. The Pod Security level baseline does not allow it."
            ),
            "hostUsers": .boolean("Whether the pod shares the node's user namespace. Defaults to true."),
            "shareProcessNamespace": .boolean("Whether the containers see each other's processes."),
            "securityContext": PodSecurityContext.schema.described(
                "Settings for all containers, and for the volumes."
            ),
            "imagePullSecrets": .array("Secrets with credentials for pulling images.", of: LocalObjectReference.schema)
                .items(0...32)
                .listMap("name"),
            "hostname": .string("The pod's host name. Defaults to the pod's name.").length(0...63),
            "subdomain": .string("The subdomain of the host name.").length(0...63),
            "setHostnameAsFQDN": .boolean("Whether the host name is the fully qualified one."),
            "affinity": Affinity.schema.described("Where the pod should and should not run."),
            "schedulerName": .string("The scheduler that places the pod.").length(0...253),
            "tolerations": .array("Taints of nodes that the pod tolerates.", of: Toleration.schema)
                .items(0...64)
                .atomic(),
            "hostAliases": .array("Lines added to /etc/hosts.", of: HostAlias.schema).items(0...64).listMap("ip"),
            "priorityClassName": .string("The PriorityClass of the pod.").length(0...253),
            "priority": .integer("The priority of the class. It is set by the API server."),
            "preemptionPolicy": .string("Whether the pod can preempt pods with lower priority.")
                .values("Never", "PreemptLowerPriority"),
            "readinessGates": .array(
                "Additional conditions that must be true for the pod to be ready.",
                of: PodReadinessGate.schema
            )
            .items(0...16)
            .atomic(),
            "runtimeClassName": .string("The RuntimeClass that runs the pod.").length(0...253),
            "enableServiceLinks": .boolean(
                "Whether the namespace's Services are available as environment variables. Defaults to true."
            ),
            "overhead": .map("The resources of the runtime itself. They are set by the API server.", of: .quantity())
                .properties(0...32),
            "topologySpreadConstraints": .array(
                "How the pods are spread over zones or nodes.",
                of: TopologySpreadConstraint.schema
            )
            .items(0...16)
            .listMap("topologyKey", "whenUnsatisfiable"),
            "os": PodOS.schema.described("The operating system that the pod is for."),
        ]
    )
}
