public import KubernetesAPI

/// The observed state of an MCP server.
public struct MCPServerStatus: Sendable, Hashable, Codable {
    /// The generation of the server that this status describes.
    public var observedGeneration: Int64?
    /// The conditions of the server, such as Accepted, Programmed, Ready, Available, Reconciling and Stalled.
    public var conditions: [Condition]?
    /// The URL that clients connect to: the external one if the server is exposed under one host, and otherwise the one
    /// inside the cluster. Not set until the server has been ready once. Of a remote server, the URL that the gateway calls.
    public var url: String?
    /// The URL of the server inside the cluster.
    public var address: String?
    /// The tenant that the server belongs to.
    public var tenant: String?
    /// The class whose defaults apply; empty if there is none.
    public var className: String?
    /// The image that the pods run, after mirrors are applied.
    public var image: String?
    /// The remote server that the gateway calls; not set for a server with an image, and while it must not be called.
    @Boxed public var remote: AcceptedRemoteServer?
    /// The entry point of the image, of a server with the transport stdio whose spec has no command.
    @Boxed public var entryPoint: ServerEntryPoint?
    /// The images of the server whose signatures were verified, the last one first; not set if no signatures are required.
    public var imageVerifications: [ImageVerification]?
    /// What the server said about itself in its last successful handshake.
    @Boxed public var mcp: ServerProtocolStatus?
    /// The revision that the server offers now.
    @Boxed public var revision: ServingRevision?
    /// The version that does not serve yet; not set if there is none.
    @Boxed public var candidate: CandidateStatus?
    /// The number of pods.
    public var replicas: Int?
    /// The number of ready pods.
    public var readyReplicas: Int?
    /// The label selector of the pods in string form, for autoscalers and kubectl scale.
    public var selector: String?
    /// The position in the queue of servers that wait for the tenant's quota, starting at 1. Not set if the server is
    /// admitted.
    public var queuePosition: Int?

    /// Creates a value from its fields.
    public init(
        observedGeneration: Int64? = nil,
        conditions: [Condition]? = nil,
        url: String? = nil,
        address: String? = nil,
        tenant: String? = nil,
        className: String? = nil,
        image: String? = nil,
        remote: AcceptedRemoteServer? = nil,
        entryPoint: ServerEntryPoint? = nil,
        imageVerifications: [ImageVerification]? = nil,
        mcp: ServerProtocolStatus? = nil,
        revision: ServingRevision? = nil,
        candidate: CandidateStatus? = nil,
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
        self.remote = remote
        self.entryPoint = entryPoint
        self.imageVerifications = imageVerifications
        self.mcp = mcp
        self.revision = revision
        self.candidate = candidate
        self.replicas = replicas
        self.readyReplicas = readyReplicas
        self.selector = selector
        self.queuePosition = queuePosition
    }
}

extension MCPServerStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerStatus.self,
        "The observed state of the server.",
        [
            "observedGeneration": .integer64("The generation of the server that this status describes."),
            "conditions": .array(
                """
                The conditions of the server, such as Accepted, Programmed, Ready, Available, Reconciling and \
                Stalled.
                """,
                of: Condition.schema
            )
            .items(0...32)
            .listMap("type"),
            "url": .string(
                """
                The URL that clients connect to: the external one if the server is exposed under one host, and \
                otherwise the one inside the cluster. Not set until the server has been ready once. Of a remote server, the \
                URL that the gateway calls.
                """
            )
            .length(0...2048),
            "address": .string("The URL of the server inside the cluster.").length(0...2048),
            "tenant": .string("The tenant that the server belongs to.").length(0...253),
            "className": .string("The class whose defaults apply; empty if there is none.").length(0...253),
            "image": .string("The image that the pods run, after mirrors are applied.").length(0...512),
            "remote": AcceptedRemoteServer.schema.described(
                """
                The remote server that the gateway calls. Not set for a server with an image, and while it must not be called, \
                because it was refused or nothing is approved yet.
                """
            ),
            "entryPoint": ServerEntryPoint.schema.described(
                """
                The entry point of the image, of a server with the transport stdio whose spec has no command. It was read \
                from the registry, and stays the same until the image in the spec, or the mirror of it, changes.
                """
            ),
            "imageVerifications": .array(
                """
                The images of the server whose signatures were verified, the last one first. Not set if no signatures are \
                required.
                """,
                of: ImageVerification.schema
            )
            .items(0...16),
            "mcp": ServerProtocolStatus.schema.described(
                "What the server said about itself in its last successful handshake."
            ),
            "revision": ServingRevision.schema.described("The revision that the server offers now."),
            "candidate": CandidateStatus.schema.described(
                "The version of the server that does not serve yet; not set if there is none."
            ),
            "replicas": .integer("The number of pods.").range(0...100000),
            "readyReplicas": .integer("The number of ready pods.").range(0...100000),
            "selector": .string("The label selector of the pods in string form, for autoscalers and kubectl scale.")
                .length(0...4096),
            "queuePosition": .integer(
                """
                The position in the queue of servers that wait for the tenant's quota, starting at 1. Not set if \
                the server is admitted.
                """
            )
            .range(1...1000000),
        ]
    )
    // Without a status, kstatus considers an object current that no controller has observed yet. A generation that
    // never exists makes it wait (Flux does the same).
    .default(["observedGeneration": -1])
}
