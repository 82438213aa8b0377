public import KubernetesAPI

/// What a server said about itself in its last successful handshake.
public struct ServerProtocolStatus: Sendable, Hashable, Codable {
    /// The name that the server gives itself.
    public var serverName: String?
    /// The version that the server gives itself.
    public var serverVersion: String?
    /// The protocol version that the controller and the server use, such as 2026-07-28.
    public var protocolVersion: String?
    /// The protocol versions that the server supports, as far as it says.
    public var supportedVersions: [String]?
    /// The capabilities that the server advertises, such as tools and resources.
    public var capabilities: [String]?
    /// The number of tools.
    public var tools: Int?
    /// The number of prompts.
    public var prompts: Int?
    /// The number of resources.
    public var resources: Int?
    /// The number of resource templates.
    public var resourceTemplates: Int?
    /// The SHA-256 digest of everything that the server offers, in canonical JSON.
    public var contractDigest: String?
    /// The path of the endpoint that was checked.
    public var path: String?
    /// The pod that was checked.
    public var pod: String?
    /// The UID of the pod that was checked.
    public var podUID: String?
    /// The image of the pod that was checked, with its digest if it is known; of a remote server, its URL.
    public var image: String?
    /// The hash of the pod template that the pod was made from.
    public var podTemplateHash: String?
    /// When the server was last checked. A check that changes nothing else is written once an hour.
    public var lastCheckTime: Timestamp?

    /// Creates a value from its fields.
    public init(
        serverName: String? = nil,
        serverVersion: String? = nil,
        protocolVersion: String? = nil,
        supportedVersions: [String]? = nil,
        capabilities: [String]? = nil,
        tools: Int? = nil,
        prompts: Int? = nil,
        resources: Int? = nil,
        resourceTemplates: Int? = nil,
        contractDigest: String? = nil,
        path: String? = nil,
        pod: String? = nil,
        podUID: String? = nil,
        image: String? = nil,
        podTemplateHash: String? = nil,
        lastCheckTime: Timestamp? = nil
    ) {
        self.serverName = serverName
        self.serverVersion = serverVersion
        self.protocolVersion = protocolVersion
        self.supportedVersions = supportedVersions
        self.capabilities = capabilities
        self.tools = tools
        self.prompts = prompts
        self.resources = resources
        self.resourceTemplates = resourceTemplates
        self.contractDigest = contractDigest
        self.path = path
        self.pod = pod
        self.podUID = podUID
        self.image = image
        self.podTemplateHash = podTemplateHash
        self.lastCheckTime = lastCheckTime
    }
}

extension ServerProtocolStatus: SchemaProviding {
    public static let schema = Schema.object(
        ServerProtocolStatus.self,
        "What the server said about itself in its last successful handshake.",
        [
            "serverName": .string("The name that the server gives itself.").length(0...253),
            "serverVersion": .string("The version that the server gives itself.").length(0...253),
            "protocolVersion": .string(
                "The protocol version that the controller and the server use, such as 2026-07-28."
            )
            .length(0...64),
            "supportedVersions": .array(
                "The protocol versions that the server supports, as far as it says.",
                of: .string("A protocol version.").length(0...64)
            )
            .items(0...32)
            .atomic(),
            "capabilities": .array(
                "The capabilities that the server advertises, such as tools and resources.",
                of: .string("A capability.").length(0...64)
            )
            .items(0...64)
            .atomic(),
            "tools": .integer("The number of tools.").range(0...1000000),
            "prompts": .integer("The number of prompts.").range(0...1000000),
            "resources": .integer("The number of resources.").range(0...1000000),
            "resourceTemplates": .integer("The number of resource templates.").range(0...1000000),
            "contractDigest": .string(
                "The SHA-256 digest of everything that the server offers, in canonical JSON."
            )
            .length(0...128),
            "path": .string("The path of the endpoint that was checked.").length(0...1024),
            "pod": .string("The pod that was checked.").length(0...253),
            "podUID": .string("The UID of the pod that was checked.").length(0...64),
            "image": .string(
                "The image of the pod that was checked, with its digest if it is known; of a remote server, its URL."
            )
            .length(0...1024),
            "podTemplateHash": .string("The hash of the pod template that the pod was made from.").length(0...63),
            "lastCheckTime": .timestamp(
                "When the server was last checked. A check that changes nothing else is written once an hour."
            ),
        ]
    )
}
