public import KubernetesAPI

/// How a server is reached from outside of the cluster.
public struct Exposure: Sendable, Hashable, Codable {
    /// Makes an Ingress.
    public var ingress: IngressExposure?
    /// Makes an HTTPRoute of the Gateway API.
    public var httpRoute: HTTPRouteExposure?

    /// Makes one from its fields.
    public init(ingress: IngressExposure? = nil, httpRoute: HTTPRouteExposure? = nil) {
        self.ingress = ingress
        self.httpRoute = httpRoute
    }
}

extension Exposure: SchemaProviding {
    public static let schema = Schema.object(
        Exposure.self,
        "How the server is reached from outside of the cluster: by an Ingress or by an HTTPRoute.",
        [
            "ingress": IngressExposure.schema.described("Makes an Ingress."),
            "httpRoute": HTTPRouteExposure.schema.described("Makes an HTTPRoute of the Gateway API."),
        ],
        rules: [
            .exactlyOneOf("ingress", "httpRoute", message: "set exactly one of ingress and httpRoute")
        ]
    )
}

/// The Ingress of a server.
public struct IngressExposure: Sendable, Hashable, Codable {
    /// The IngressClass; the one that the tenant is allowed when left out, which must then be one alone.
    public var className: String?
    /// The host name under which the server is reached, such as mcp.example.com.
    public var host: String
    /// The path that is led to the server.
    public var path: String?
    /// How the path is compared.
    public var pathType: String?
    /// Serves the host over TLS.
    public var tls: IngressTLSExposure?
    /// Annotations of the Ingress, such as cert-manager.io/cluster-issuer: letsencrypt.
    public var annotations: [String: String]?
    /// Labels of the Ingress, besides Moorage's own.
    public var labels: [String: String]?

    /// Makes one from its fields.
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
                "The IngressClass; the one that the tenant is allowed when left out, which must then be one alone."
            )
            .length(1...253),
            "host": .string("The host name under which the server is reached, such as mcp.example.com.")
                .length(1...253)
                .pattern(TenantExposure.hostPattern)
                .required(),
            "path": .string("The path that is led to the server.").length(1...1024).pattern("^/").default("/"),
            "pathType": .string("How the path is compared.")
                .values("Prefix", "Exact", "ImplementationSpecific")
                .default("Prefix"),
            "tls": IngressTLSExposure.schema.described("Serves the host over TLS."),
            "annotations": .map(
                "Annotations of the Ingress, such as cert-manager.io/cluster-issuer: letsencrypt.",
                of: .string().length(0...65536)
            )
            .properties(0...64),
            "labels": .map("Labels of the Ingress, besides Moorage's own.", of: .string().length(0...63))
                .properties(0...64),
        ]
    )
}

/// The TLS settings of a server's Ingress.
public struct IngressTLSExposure: Sendable, Hashable, Codable {
    /// The Secret with the certificate; NAME-tls, after the server's name, when left out. An issuer such as cert-manager may
    /// fill it.
    public var secretName: String?

    /// Makes one from its fields.
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
                The Secret with the certificate; NAME-tls, after the server's name, when left out. An issuer such as \
                cert-manager may fill it.
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
    /// The host names under which the server is reached. A route without any takes every host of its Gateways, which only a
    /// tenant that is allowed every host (*) can have.
    public var hostnames: [String]?
    /// The path, with everything below it, that is led to the server.
    public var path: String?
    /// Whether path is removed before a request reaches the server: /weather/mcp then comes as /mcp. It is kept when left
    /// out.
    public var stripPath: Bool?
    /// How long a request may take, such as 30s. When left out it is 0s, without end, which streams need.
    public var requestTimeout: String?
    /// The scheme by which clients connect, for status.url; HTTPS when left out. TLS is a matter of the Gateway's listeners.
    public var scheme: String?
    /// Annotations of the HTTPRoute.
    public var annotations: [String: String]?
    /// Labels of the HTTPRoute, besides Moorage's own.
    public var labels: [String: String]?

    /// Makes one from its fields.
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
                The host names under which the server is reached. A route without any takes every host of its \
                Gateways, which only a tenant that is allowed every host (*) can have.
                """,
                of: .string().length(1...253).pattern(TenantExposure.hostPattern)
            )
            .items(0...16)
            .atomic(),
            "path": .string("The path, with everything below it, that is led to the server.")
                .length(1...1024)
                .pattern("^/")
                .default("/"),
            // No schema defaults: filled into stored objects, they would look like a change of the server's spec.
            "stripPath": .boolean(
                """
                Whether path is removed before a request reaches the server: /weather/mcp then comes as /mcp. It is \
                kept when left out.
                """
            ),
            "requestTimeout": .string(
                """
                How long a request may take, such as 30s. When left out it is 0s, without end, which streams need.
                """
            )
            .length(1...32)
            .pattern("^([0-9]{1,5}(h|m|s|ms)){1,4}$"),
            "scheme": .string(
                """
                The scheme by which clients connect, for status.url; HTTPS when left out. TLS is a matter of the \
                Gateway's listeners.
                """
            )
            .values("HTTP", "HTTPS"),
            "annotations": .map("Annotations of the HTTPRoute.", of: .string().length(0...65536)).properties(0...64),
            "labels": .map("Labels of the HTTPRoute, besides Moorage's own.", of: .string().length(0...63))
                .properties(0...64),
        ]
    )
}

/// A Gateway, or one listener of it.
public struct RouteParentReference: Sendable, Hashable, Codable {
    /// The Gateway's name.
    public var name: String
    /// The Gateway's namespace; the server's own when left out.
    public var namespace: String?
    /// The API group of the parent; gateway.networking.k8s.io when left out.
    public var group: String?
    /// The kind of the parent; Gateway when left out.
    public var kind: String?
    /// One listener by name.
    public var sectionName: String?
    /// One listener by port.
    public var port: Int?

    /// Makes one from its fields.
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
            "name": .string("The Gateway's name.").length(1...253).required(),
            "namespace": .string("The Gateway's namespace; the server's own when left out.").length(1...63),
            "group": .string("The API group of the parent; gateway.networking.k8s.io when left out.").length(0...253),
            "kind": .string("The kind of the parent; Gateway when left out.").length(1...63),
            "sectionName": .string("One listener by name.").length(1...253),
            "port": .integer("One listener by port.").range(1...65535),
        ]
    )
}
