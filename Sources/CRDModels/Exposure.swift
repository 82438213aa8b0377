public import KubernetesAPI

/// How a server is reached from outside the cluster.
public struct Exposure: Sendable, Hashable, Codable {
    /// Creates an Ingress.
    public var ingress: IngressExposure?
    /// Creates an HTTPRoute of the Gateway API.
    public var httpRoute: HTTPRouteExposure?

    /// Creates a value from its fields.
    public init(ingress: IngressExposure? = nil, httpRoute: HTTPRouteExposure? = nil) {
        self.ingress = ingress
        self.httpRoute = httpRoute
    }
}

extension Exposure: SchemaProviding {
    public static let schema = Schema.object(
        Exposure.self,
        "How the server is reached from outside the cluster: by an Ingress or by an HTTPRoute.",
        [
            "ingress": IngressExposure.schema.described("Creates an Ingress."),
            "httpRoute": HTTPRouteExposure.schema.described("Creates an HTTPRoute of the Gateway API."),
        ],
        rules: [
            .exactlyOneOf("ingress", "httpRoute", message: "set exactly one of ingress and httpRoute")
        ]
    )
}

/// The Ingress of a server.
public struct IngressExposure: Sendable, Hashable, Codable {
    /// The IngressClass. Defaults to the IngressClass that the tenant allows; required if the tenant allows several.
    public var className: String?
    /// The host name of the server, such as mcp.example.com.
    public var host: String
    /// The path that is routed to the server.
    public var path: String?
    /// How the path is matched.
    public var pathType: String?
    /// Serves the host over TLS.
    public var tls: IngressTLSExposure?
    /// Annotations of the Ingress, such as cert-manager.io/cluster-issuer: letsencrypt.
    public var annotations: [String: String]?
    /// Labels of the Ingress, in addition to Moorage's own.
    public var labels: [String: String]?

    /// Creates a value from its fields.
    public init(
        className: String? = nil,
        host: String,
        path: String? = nil,
        pathType: String? = nil,
        tls: IngressTLSExposure? = nil,
        annotations: [String: String]? = nil,
        labels: [String: String]? = nil
    ) {
        self.className = className
        self.host = host
        self.path = path
        self.pathType = pathType
        self.tls = tls
        self.annotations = annotations
        self.labels = labels
    }
}

extension IngressExposure: SchemaProviding {
    public static let schema = Schema.object(
        IngressExposure.self,
        "The Ingress of the server.",
        [
            "className": .string(
                """
                The IngressClass. Defaults to the IngressClass that the tenant allows; required if the tenant \
                allows several.
                """
            )
            .length(1...253),
            "host": .string("The host name of the server, such as mcp.example.com.")
                .length(1...253)
                .pattern(TenantExposure.hostPattern)
                .required(),
            "path": .string("The path that is routed to the server.").length(1...1024).pattern("^/").default("/"),
            "pathType": .string("How the path is matched.")
                .values("Prefix", "Exact", "ImplementationSpecific")
                .default("Prefix"),
            "tls": IngressTLSExposure.schema.described("Serves the host over TLS."),
            "annotations": .map(
                "Annotations of the Ingress, such as cert-manager.io/cluster-issuer: letsencrypt.",
                of: .string().length(0...65536)
            )
            .properties(0...64),
            "labels": .map("Labels of the Ingress, in addition to Moorage's own.", of: .string().length(0...63))
                .properties(0...64),
        ]
    )
}

/// The TLS settings of a server's Ingress.
public struct IngressTLSExposure: Sendable, Hashable, Codable {
    /// The Secret that contains the certificate. Defaults to NAME-tls, where NAME is the name of the server. An issuer
    /// such as cert-manager can create it.
    public var secretName: String?

    /// Creates a value from its fields.
    public init(secretName: String? = nil) {
        self.secretName = secretName
    }
}

extension IngressTLSExposure: SchemaProviding {
    public static let schema = Schema.object(
        IngressTLSExposure.self,
        "The TLS settings of the Ingress.",
        [
            "secretName": .string(
                """
                The Secret that contains the certificate. Defaults to NAME-tls, where NAME is the name of the server. \
                An issuer such as cert-manager can create it.
                """
            )
            .length(1...253)
        ]
    )
}

/// The HTTPRoute of a server.
public struct HTTPRouteExposure: Sendable, Hashable, Codable {
    /// The Gateways that the route attaches to.
    public var parentRefs: [RouteParentReference]
    /// The host names of the server. A route without host names matches every host of its Gateways; this requires a
    /// tenant that allows every host (*).
    public var hostnames: [String]?
    /// The path prefix that is routed to the server.
    public var path: String?
    /// Whether path is removed before a request is forwarded to the server: /weather/mcp is then forwarded as /mcp.
    /// Defaults to false.
    public var stripPath: Bool?
    /// The timeout of a request, such as 30s. Defaults to 0s, which disables the timeout; streams need this.
    public var requestTimeout: String?
    /// The scheme that clients use, for status.url. Defaults to HTTPS. TLS is configured on the listeners of the
    /// Gateway.
    public var scheme: String?
    /// Annotations of the HTTPRoute.
    public var annotations: [String: String]?
    /// Labels of the HTTPRoute, in addition to Moorage's own.
    public var labels: [String: String]?

    /// Creates a value from its fields.
    public init(
        parentRefs: [RouteParentReference],
        hostnames: [String]? = nil,
        path: String? = nil,
        stripPath: Bool? = nil,
        requestTimeout: String? = nil,
        scheme: String? = nil,
        annotations: [String: String]? = nil,
        labels: [String: String]? = nil
    ) {
        self.parentRefs = parentRefs
        self.hostnames = hostnames
        self.path = path
        self.stripPath = stripPath
        self.requestTimeout = requestTimeout
        self.scheme = scheme
        self.annotations = annotations
        self.labels = labels
    }
}

extension HTTPRouteExposure: SchemaProviding {
    public static let schema = Schema.object(
        HTTPRouteExposure.self,
        "The HTTPRoute of the server.",
        [
            "parentRefs": .array("The Gateways that the route attaches to.", of: RouteParentReference.schema)
                .items(1...32)
                .atomic()
                .required(),
            "hostnames": .array(
                """
                The host names of the server. A route without host names matches every host of its Gateways; this \
                requires a tenant that allows every host (*).
                """,
                of: .string().length(1...253).pattern(TenantExposure.hostPattern)
            )
            .items(0...16)
            .atomic(),
            "path": .string("The path prefix that is routed to the server.")
                .length(1...1024)
                .pattern("^/")
                .default("/"),
            // No schema defaults: the API server would add them to stored objects, and that would look like a change of
            // the server's spec.
            "stripPath": .boolean(
                """
                Whether path is removed before a request is forwarded to the server: /weather/mcp is then forwarded as \
                /mcp. Defaults to false.
                """
            ),
            "requestTimeout": .string(
                """
                The timeout of a request, such as 30s. Defaults to 0s, which disables the timeout; streams need this.
                """
            )
            .length(1...32)
            .pattern("^([0-9]{1,5}(h|m|s|ms)){1,4}$"),
            "scheme": .string(
                """
                The scheme that clients use, for status.url. Defaults to HTTPS. TLS is configured on the listeners of \
                the Gateway.
                """
            )
            .values("HTTP", "HTTPS"),
            "annotations": .map("Annotations of the HTTPRoute.", of: .string().length(0...65536)).properties(0...64),
            "labels": .map("Labels of the HTTPRoute, in addition to Moorage's own.", of: .string().length(0...63))
                .properties(0...64),
        ]
    )
}

/// A Gateway, or one listener of it.
public struct RouteParentReference: Sendable, Hashable, Codable {
    /// The name of the Gateway.
    public var name: String
    /// The namespace of the Gateway. Defaults to the server's namespace.
    public var namespace: String?
    /// The API group of the parent. Defaults to gateway.networking.k8s.io.
    public var group: String?
    /// The kind of the parent. Defaults to Gateway.
    public var kind: String?
    /// The name of a listener.
    public var sectionName: String?
    /// The port of a listener.
    public var port: Int?

    /// Creates a value from its fields.
    public init(
        name: String,
        namespace: String? = nil,
        group: String? = nil,
        kind: String? = nil,
        sectionName: String? = nil,
        port: Int? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.group = group
        self.kind = kind
        self.sectionName = sectionName
        self.port = port
    }
}

extension RouteParentReference: SchemaProviding {
    public static let schema = Schema.object(
        RouteParentReference.self,
        "A Gateway, or one listener of it.",
        [
            "name": .string("The name of the Gateway.").length(1...253).required(),
            "namespace": .string("The namespace of the Gateway. Defaults to the server's namespace.").length(1...63),
            "group": .string("The API group of the parent. Defaults to gateway.networking.k8s.io.").length(0...253),
            "kind": .string("The kind of the parent. Defaults to Gateway.").length(1...63),
            "sectionName": .string("The name of a listener.").length(1...253),
            "port": .integer("The port of a listener.").range(1...65535),
        ]
    )
}
