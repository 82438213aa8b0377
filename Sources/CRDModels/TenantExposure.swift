public import KubernetesAPI

/// How a tenant's servers can be exposed outside the cluster.
public struct TenantExposure: Sendable, Hashable, Codable {
    /// The host names, such as mcp.example.com, or *.t1.example.com for every name below t1.example.com. * allows every
    /// host, and routes without host names.
    public var hosts: [String]?
    /// The IngressClasses.
    public var ingressClasses: [String]?
    /// The Gateways that HTTPRoutes may attach to.
    public var gateways: [TenantGateway]?
    /// The annotations of Ingresses, HTTPRoutes and Services: keys, or prefixes that end in *.
    public var annotations: [String]?

    /// Creates a value from its fields.
    public init(
        hosts: [String]? = nil,
        ingressClasses: [String]? = nil,
        gateways: [TenantGateway]? = nil,
        annotations: [String]? = nil
    ) {
        self.hosts = hosts
        self.ingressClasses = ingressClasses
        self.gateways = gateways
        self.annotations = annotations
    }
}

extension TenantExposure: SchemaProviding {
    /// A host name in lower case, with or without a wildcard in front.
    static let hostPattern = "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"

    public static let schema = Schema.object(
        TenantExposure.self,
        "How the servers can be exposed outside the cluster. What is not listed is not allowed.",
        [
            "hosts": .array(
                """
                The host names, such as mcp.example.com, or *.t1.example.com for every name below t1.example.com. * \
                allows every host, and routes without host names.
                """,
                of: .string().length(1...253).pattern("^\\*$|\(hostPattern)")
            )
            .items(0...256)
            .set(),
            "ingressClasses": .array("The IngressClasses.", of: .string().length(1...253)).items(0...32).set(),
            "gateways": .array("The Gateways that HTTPRoutes may attach to.", of: TenantGateway.schema)
                .items(0...32)
                .atomic(),
            "annotations": .array(
                """
                The annotations of Ingresses, HTTPRoutes and Services: keys, or prefixes that end in *. Annotations \
                that can affect other servers, such as those that end in -snippet, must be listed by their exact key.
                """,
                of: .string().length(1...317).pattern("^[^*]*\\*?$")
            )
            .items(0...128)
            .set(),
        ]
    )
}

/// A Gateway that a tenant's HTTPRoutes may attach to.
public struct TenantGateway: Sendable, Hashable, Codable {
    /// The name of the Gateway; * matches every Gateway of the namespace.
    public var name: String
    /// The namespace of the Gateway. Defaults to the tenant's namespace.
    public var namespace: String?

    /// Creates a value from its fields.
    public init(name: String, namespace: String? = nil) {
        self.name = name
        self.namespace = namespace
    }
}

extension TenantGateway: SchemaProviding {
    public static let schema = Schema.object(
        TenantGateway.self,
        "A Gateway that HTTPRoutes may attach to.",
        [
            "name": .string(
                """
                The name of the Gateway; * matches every Gateway of the namespace.
                """
            ).length(1...253).required(),
            "namespace": .string("The namespace of the Gateway. Defaults to the tenant's namespace.").length(1...63),
        ]
    )
}
