public import KubernetesAPI

/// The Service in front of a server's pods.
public struct ServiceSettings: Sendable, Hashable, Codable {
    /// The port of the Service.
    public var port: Int?
    /// The appProtocol of the port, such as http or kubernetes.io/h2c. Defaults to the class's, or http.
    public var appProtocol: String?
    /// Whether all requests of a client go to the same pod: ClientIP or None. Defaults to ClientIP if there can be more
    /// than one pod, and otherwise to None.
    public var sessionAffinity: String?
    /// Annotations of the Service.
    public var annotations: [String: String]?
    /// Labels of the Service, in addition to Moorage's own.
    public var labels: [String: String]?

    /// Creates a value from its fields.
    public init(
        port: Int? = nil,
        appProtocol: String? = nil,
        sessionAffinity: String? = nil,
        annotations: [String: String]? = nil,
        labels: [String: String]? = nil
    ) {
        self.port = port
        self.appProtocol = appProtocol
        self.sessionAffinity = sessionAffinity
        self.annotations = annotations
        self.labels = labels
    }
}

extension ServiceSettings: SchemaProviding {
    public static let schema = Schema.object(
        ServiceSettings.self,
        "The Service in front of the pods.",
        [
            "port": .integer("The port of the Service.").range(1...65535).default(80),
            "appProtocol": .string(
                """
                The appProtocol of the port, such as http or kubernetes.io/h2c. Defaults to the class's, or http.
                """
            )
            .length(1...253),
            "sessionAffinity": .string(
                """
                Whether all requests of a client go to the same pod. Defaults to ClientIP if there can be more than \
                one pod, and otherwise to None.
                """
            )
            .values("ClientIP", "None"),
            "annotations": .map("Annotations of the Service.", of: .string().length(0...65536)).properties(0...64),
            "labels": .map("Labels of the Service, in addition to Moorage's own.", of: .string().length(0...63))
                .properties(0...64),
        ]
    )
}

/// Settings of the Services of a class.
public struct ClassServiceSettings: Sendable, Hashable, Codable {
    /// The appProtocol of the port if the server does not set it. Defaults to http. agentgateway.dev/mcp becomes
    /// agentgateway.dev/mcp-sse for servers with the transport sse.
    public var appProtocol: String?

    /// Creates a value from its fields.
    public init(appProtocol: String? = nil) {
        self.appProtocol = appProtocol
    }
}

extension ClassServiceSettings: SchemaProviding {
    public static let schema = Schema.object(
        ClassServiceSettings.self,
        "Settings of the Services of the class.",
        [
            "appProtocol": .string(
                """
                The appProtocol of the port if the server does not set it. Defaults to http. agentgateway.dev/mcp \
                becomes agentgateway.dev/mcp-sse for servers with the transport sse.
                """
            )
            .length(1...253)
        ]
    )
}

/// The ServiceAccount that a server's pods run as.
public struct ServiceAccountSettings: Sendable, Hashable, Codable {
    /// An existing ServiceAccount in the same namespace, which is not changed. The tenant must allow it, in
    /// spec.hardening.serviceAccounts.
    public var name: String?
    /// Annotations of the ServiceAccount that Moorage creates, such as those of a cloud's workload identity.
    public var annotations: [String: String]?
    /// Labels of the ServiceAccount that Moorage creates, in addition to Moorage's own.
    public var labels: [String: String]?
    /// Whether a token for the Kubernetes API is mounted.
    public var automountToken: Bool?

    /// Creates a value from its fields.
    public init(
        name: String? = nil,
        annotations: [String: String]? = nil,
        labels: [String: String]? = nil,
        automountToken: Bool? = nil
    ) {
        self.name = name
        self.annotations = annotations
        self.labels = labels
        self.automountToken = automountToken
    }
}

extension ServiceAccountSettings: SchemaProviding {
    public static let schema = Schema.object(
        ServiceAccountSettings.self,
        """
        The ServiceAccount of the pods: an existing one, by name, or one that Moorage creates, with annotations.
        """,
        [
            "name": .string(
                """
                An existing ServiceAccount in the same namespace, which is not changed. The tenant must allow it, in \
                spec.hardening.serviceAccounts.
                """
            )
            .length(1...253),
            "annotations": .map(
                "Annotations of the ServiceAccount that Moorage creates, such as those of a cloud's workload identity.",
                of: .string().length(0...65536)
            )
            .properties(0...64),
            "labels": .map(
                "Labels of the ServiceAccount that Moorage creates, in addition to Moorage's own.",
                of: .string().length(0...63)
            )
            .properties(0...64),
            "automountToken": .boolean("Whether a token for the Kubernetes API is mounted.").default(false),
        ],
        rules: [
            .atMostOneOf(
                "name",
                "annotations",
                message: "annotations are for the ServiceAccount that Moorage creates: remove them, or name"
            ),
            .atMostOneOf(
                "name",
                "labels",
                message: "labels are for the ServiceAccount that Moorage creates: remove them, or name"
            ),
        ]
    )
}

/// On which nodes pods run.
public struct Scheduling: Sendable, Hashable, Codable {
    /// Labels that a node must have.
    public var nodeSelector: [String: String]?
    /// Where the pods should and should not run.
    public var affinity: Affinity?
    /// Taints of nodes that the pods tolerate.
    public var tolerations: [Toleration]?
    /// How the pods are spread over zones or nodes.
    public var topologySpreadConstraints: [TopologySpreadConstraint]?
    /// The PriorityClass of the pods.
    public var priorityClassName: String?
    /// The RuntimeClass of the pods, such as gvisor.
    public var runtimeClassName: String?

    /// Creates a value from its fields.
    public init(
        nodeSelector: [String: String]? = nil,
        affinity: Affinity? = nil,
        tolerations: [Toleration]? = nil,
        topologySpreadConstraints: [TopologySpreadConstraint]? = nil,
        priorityClassName: String? = nil,
        runtimeClassName: String? = nil
    ) {
        self.nodeSelector = nodeSelector
        self.affinity = affinity
        self.tolerations = tolerations
        self.topologySpreadConstraints = topologySpreadConstraints
        self.priorityClassName = priorityClassName
        self.runtimeClassName = runtimeClassName
    }
}

extension Scheduling: SchemaProviding {
    public static let schema = Schema.object(
        Scheduling.self,
        "On which nodes the pods run.",
        [
            "nodeSelector": .map("Labels that a node must have.", of: .string().length(0...63)).properties(0...64),
            "affinity": Affinity.schema.described("Where the pods should and should not run."),
            "tolerations": .array("Taints of nodes that the pods tolerate.", of: Toleration.schema)
                .items(0...64)
                .atomic(),
            "topologySpreadConstraints": .array(
                "How the pods are spread over zones or nodes.",
                of: TopologySpreadConstraint.schema
            )
            .items(0...16)
            .listMap("topologyKey", "whenUnsatisfiable"),
            "priorityClassName": .string("The PriorityClass of the pods.").length(1...253),
            "runtimeClassName": .string("The RuntimeClass of the pods, such as gvisor.").length(1...253),
        ]
    )
}
