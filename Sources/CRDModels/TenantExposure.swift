public import KubernetesAPI

/// What a tenant's servers may be reached by from outside of the cluster.
public struct TenantExposure: Sendable, Hashable, Codable {
    /// The host names, such as mcp.example.com, or *.t1.example.com for every name below t1.example.com. * allows every host,
    /// and routes that name none.
    public var hosts: [String]?
    /// The IngressClasses.
    public var ingressClasses: [String]?
    /// The Gateways that HTTPRoutes may attach to.
    public var gateways: [TenantGateway]?
    /// The annotations of Ingresses, HTTPRoutes and Services: keys, or prefixes that end in *.
    public var annotations: [String]?

    /// Makes one from its fields.
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
        "What the servers may be reached by from outside of the cluster. What is not listed is not allowed.",
        [
            "hosts": .array(
                """
                The host names, such as mcp.example.com, or *.t1.example.com for every name below t1.example.com. * \
                allows every host, and routes that name none.
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
                that can change what others are served, such as those that end in -snippet, are allowed by their \
                exact key alone.
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
    /// The Gateway's name; * for every Gateway of the namespace.
    public var name: String
    /// The Gateway's namespace; the tenant's own when left out.
    public var namespace: String?

    /// Makes one from its fields.
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
            "name": .string("The Gateway's name; * for every Gateway of the namespace.").length(1...253).required(),
            "namespace": .string("The Gateway's namespace; the tenant's own when left out.").length(1...63),
        ]
    )
}
