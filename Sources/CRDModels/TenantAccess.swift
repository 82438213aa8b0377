public import KubernetesAPI

/// Which callers of a tenant can use which of its servers through the gateway.
public struct TenantAccess: Sendable, Hashable, Codable {
    /// Who may call what. A call is allowed if one rule allows it; with an empty list, nobody may call anything.
    public var allow: [AccessRule]?

    /// Creates a value from its fields.
    public init(allow: [AccessRule]? = nil) {
        self.allow = allow
    }
}

extension TenantAccess: SchemaProviding {
    public static let schema = Schema.object(
        TenantAccess.self,
        """
        Which callers of the tenant can use which of its servers through the gateway. Callers of other tenants never can.
        """,
        [
            "allow": .array(
                """
                Who may call what. A call is allowed if one rule allows it. Without this field, every caller of the tenant \
                may call all of its servers; with an empty list, nobody may call anything.
                """,
                of: AccessRule.schema
            )
            .items(0...64)
            .atomic()
        ]
    )
}

/// Callers, and what they may call.
public struct AccessRule: Sendable, Hashable, Codable {
    /// The callers. A caller must match one entry.
    public var from: [AccessSource]
    /// What they may call. Defaults to all servers of the tenant with everything that they offer.
    public var to: [AccessTarget]?

    /// Creates a value from its fields.
    public init(from: [AccessSource], to: [AccessTarget]? = nil) {
        self.from = from
        self.to = to
    }
}

extension AccessRule: SchemaProviding {
    public static let schema = Schema.object(
        AccessRule.self,
        "Callers, and what they may call.",
        [
            "from": .array("The callers. A caller must match one entry.", of: AccessSource.schema)
                .items(1...32)
                .atomic()
                .required(),
            "to": .array(
                """
                What they may call. Defaults to all servers of the tenant with everything that they offer; an empty list \
                allows nothing.
                """,
                of: AccessTarget.schema
            )
            .items(0...32)
            .atomic(),
        ]
    )
}

/// Callers of the tenant that match all fields.
public struct AccessSource: Sendable, Hashable, Codable {
    /// Whether this matches every caller of the tenant.
    public var anyCaller: Bool?
    /// The issuer of the caller's token.
    public var issuer: String?
    /// Claims of the caller's token, all of which must match.
    public var claims: [ClaimRequirement]?
    /// The OAuth clients, one of which the token must be issued to.
    public var clients: [String]?
    /// The ServiceAccounts in the tenant's namespace, one of which the caller must be.
    public var serviceAccounts: [String]?

    /// Creates a value from its fields.
    public init(
        anyCaller: Bool? = nil,
        issuer: String? = nil,
        claims: [ClaimRequirement]? = nil,
        clients: [String]? = nil,
        serviceAccounts: [String]? = nil
    ) {
        self.anyCaller = anyCaller
        self.issuer = issuer
        self.claims = claims
        self.clients = clients
        self.serviceAccounts = serviceAccounts
    }
}

extension AccessSource: SchemaProviding {
    public static let schema = Schema.object(
        AccessSource.self,
        "Callers of the tenant that match all fields. At least one is required.",
        [
            "anyCaller": .boolean(
                "Whether this matches every caller of the tenant. It is only valid without other fields."
            ),
            "issuer": .string("The issuer of the caller's token.").length(1...2048),
            "claims": .array("Claims of the caller's token, all of which must match.", of: ClaimRequirement.schema)
                .items(1...16)
                .atomic(),
            "clients": .array(
                "The OAuth clients, one of which the token must be issued to.",
                of: .string().length(1...512)
            )
            .items(1...64)
            .set(),
            "serviceAccounts": .array(
                """
                The ServiceAccounts in the tenant's namespace, one of which the caller must be. * stands for any number of \
                characters.
                """,
                of: .string().length(1...253).pattern("^[-a-z0-9.*]+$")
            )
            .items(1...64)
            .set(),
        ],
        rules: [
            Rule(
                """
                has(self.anyCaller) && self.anyCaller ? \
                !has(self.issuer) && !has(self.claims) && !has(self.clients) && !has(self.serviceAccounts) : \
                has(self.issuer) || has(self.claims) || has(self.clients) || has(self.serviceAccounts)
                """,
                message: """
                    must have issuer, claims, clients or serviceAccounts, or only anyCaller: true for every caller of the tenant
                    """
            ) { source, _ in
                let others = ["issuer", "claims", "clients", "serviceAccounts"].contains { source[$0] != nil }
                return (source["anyCaller"] == true) != others
            }
        ]
    )
}

/// Values of a claim.
public struct ClaimRequirement: Sendable, Hashable, Codable {
    /// The claim: its name, or a JSON Pointer such as /realm_access/roles.
    public var claim: String
    /// The values, one of which the claim must have or contain.
    public var values: [String]

    /// Creates a value from its fields.
    public init(claim: String, values: [String]) {
        self.claim = claim
        self.values = values
    }
}

extension ClaimRequirement: SchemaProviding {
    public static let schema = Schema.object(
        ClaimRequirement.self,
        "Values of a claim.",
        [
            "claim": .string(
                """
                The claim: its name, such as groups, or a JSON Pointer (RFC 6901) such as /realm_access/roles.
                """
            )
            .length(1...256)
            .pattern("^([^/].*|(/([^/~]|~[01])+)+)$")
            .required(),
            "values": .array(
                "The values, one of which the claim must have or contain.",
                of: .string().length(0...1024)
            )
            .items(1...64)
            .set()
            .required(),
        ]
    )
}

/// Servers and tools.
public struct AccessTarget: Sendable, Hashable, Codable {
    /// The servers by name. Defaults to all servers of the tenant.
    public var servers: [String]?
    /// The servers by label. Defaults to all servers of the tenant.
    public var serverSelector: LabelSelector?
    /// The tools. Defaults to all tools, prompts and resources.
    public var tools: [String]?

    /// Creates a value from its fields.
    public init(servers: [String]? = nil, serverSelector: LabelSelector? = nil, tools: [String]? = nil) {
        self.servers = servers
        self.serverSelector = serverSelector
        self.tools = tools
    }
}

extension AccessTarget: SchemaProviding {
    public static let schema = Schema.object(
        AccessTarget.self,
        "Servers and tools. Servers must match both servers and serverSelector, if both are set.",
        [
            "servers": .array(
                """
                The servers by name, with * for any number of characters. Defaults to all servers of the tenant.
                """,
                of: .string().length(1...253).pattern("^[-a-z0-9.*]+$")
            )
            .items(1...64)
            .set(),
            "serverSelector": LabelSelector.schema.described(
                "The servers by label. Defaults to all servers of the tenant."
            ),
            "tools": .array(
                """
                The tools by the names that clients see, with * for any number of characters. If set, prompts and resources \
                are not allowed. Defaults to all tools, prompts and resources.
                """,
                of: .string().length(1...256)
            )
            .items(1...256)
            .set(),
        ]
    )
}
