public import KubernetesAPI

/// What has become of one MCP server.
public struct MCPServerStatus: Sendable, Hashable, Codable {
    /// The generation of the server that this status is about.
    public var observedGeneration: Int64?
    /// How the server is, among others by Accepted, Programmed, Ready, Available, Reconciling and Stalled.
    public var conditions: [Condition]?
    /// Where clients connect: outside of the cluster where the server is exposed under one host, else inside. Absent until
    /// the server has served once.
    public var url: String?
    /// Where the server is reached inside the cluster.
    public var address: String?
    /// The tenant that the server counts for.
    public var tenant: String?
    /// The class whose defaults apply; empty where none does.
    public var className: String?
    /// The image that runs, after mirrors.
    public var image: String?
    /// How many pods there are.
    public var replicas: Int?
    /// How many pods are ready.
    public var readyReplicas: Int?
    /// The label selector of the pods, as text, for autoscalers and kubectl scale.
    public var selector: String?
    /// The place in the queue of servers that wait for the tenant's quota, from 1; absent where admitted.
    public var queuePosition: Int?

    /// Makes one from its fields.
    public init(
        observedGeneration: Int64? = nil,
        conditions: [Condition]? = nil,
        url: String? = nil,
        address: String? = nil,
        tenant: String? = nil,
        className: String? = nil,
        image: String? = nil,
        replicas: Int? = nil,
        readyReplicas: Int? = nil,
        selector: String? = nil,
        queuePosition: Int? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.url = url
        self.address = address
        self.tenant = tenant
        self.className = className
        self.image = image
        self.replicas = replicas
        self.readyReplicas = readyReplicas
        self.selector = selector
        self.queuePosition = queuePosition
    }
}

extension MCPServerStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerStatus.self,
        "What has become of the server.",
        [
            "observedGeneration": .integer64("The generation of the server that this status is about."),
            "conditions": .array(
                "How the server is, among others by Accepted, Programmed, Ready, Available, Reconciling and Stalled.",
                of: Condition.schema
            )
            .items(0...32)
            .listMap("type"),
            "url": .string(
                """
                Where clients connect: outside of the cluster where the server is exposed under one host, else \
                inside. Absent until the server has served once.
                """
            )
            .length(0...2048),
            "address": .string("Where the server is reached inside the cluster.").length(0...2048),
            "tenant": .string("The tenant that the server counts for.").length(0...253),
            "className": .string("The class whose defaults apply; empty where none does.").length(0...253),
            "image": .string("The image that runs, after mirrors.").length(0...512),
            "replicas": .integer("How many pods there are.").range(0...100000),
            "readyReplicas": .integer("How many pods are ready.").range(0...100000),
            "selector": .string("The label selector of the pods, as text, for autoscalers and kubectl scale.")
                .length(0...4096),
            "queuePosition": .integer(
                "The place in the queue of servers that wait for the tenant's quota, from 1; absent where admitted."
            )
            .range(1...1000000),
        ]
    )
    // Without a status, kstatus takes an object that nobody has looked at yet for done; a generation that never is tells it
    // to wait (Flux's kinds do the same).
    .default(["observedGeneration": -1])
}
