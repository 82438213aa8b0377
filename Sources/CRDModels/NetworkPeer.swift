public import KubernetesAPI

/// Addresses or pods at the other end of a connection, and the ports.
public struct NetworkPeer: Sendable, Hashable, Codable {
    /// A range of addresses, such as 10.1.2.0/24 or fd00::/64.
    public var cidr: String?
    /// The pods' namespace, by name.
    public var namespace: String?
    /// The pods' namespaces, by label; all namespaces when empty.
    public var namespaceSelector: LabelSelector?
    /// The pods, by label. Defaults to all pods of the namespaces. Without a namespace, the selector matches pods of
    /// the server's namespace.
    public var podSelector: LabelSelector?
    /// The ports. Defaults to all ports.
    public var ports: [NetworkPort]?

    /// Creates a value from its fields.
    public init(
        cidr: String? = nil,
        namespace: String? = nil,
        namespaceSelector: LabelSelector? = nil,
        podSelector: LabelSelector? = nil,
        ports: [NetworkPort]? = nil
    ) {
        self.cidr = cidr
        self.namespace = namespace
        self.namespaceSelector = namespaceSelector
        self.podSelector = podSelector
        self.ports = ports
    }
}

extension NetworkPeer: SchemaProviding {
    public static let schema = Schema.object(
        NetworkPeer.self,
        """
        Addresses or pods at the other end: either cidr, or pods by namespace (namespace or namespaceSelector) and \
        podSelector.
        """,
        [
            "cidr": .string("A range of addresses, such as 10.1.2.0/24 or fd00::/64.")
                .length(1...64)
                .pattern("^[0-9a-fA-F.:]+/[0-9]{1,3}$"),
            "namespace": .string("The pods' namespace, by name.")
                .length(1...63)
                .pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
            "namespaceSelector": LabelSelector.schema.described(
                "The pods' namespaces, by label; all namespaces when empty."
            ),
            "podSelector": LabelSelector.schema.described(
                """
                The pods, by label. Defaults to all pods of the namespaces. Without a namespace, the selector matches \
                pods of the server's namespace.
                """
            ),
            "ports": .array("The ports. Defaults to all ports.", of: NetworkPort.schema).items(0...32).atomic(),
        ],
        rules: [
            Rule(
                """
                has(self.cidr) ? !has(self.__namespace__) && !has(self.namespaceSelector) && !has(self.podSelector) : \
                has(self.__namespace__) || has(self.namespaceSelector) || has(self.podSelector)
                """,
                message: "set either cidr, or namespace, namespaceSelector or podSelector"
            ) { peer, _ in
                let selects = peer["namespace"] != nil || peer["namespaceSelector"] != nil || peer["podSelector"] != nil
                return (peer["cidr"] != nil) != selects
            },
            Rule(
                "!has(self.cidr) || isCIDR(self.cidr)",
                message: "cidr must be a range of addresses such as 10.1.2.0/24 or fd00::/64",
                fieldPath: ".cidr"
            ) { peer, _ in peer["cidr"]?.stringValue.map(CIDR.isValid) ?? true },
            .atMostOneOf(
                "namespace",
                "namespaceSelector",
                message: "namespace and namespaceSelector are mutually exclusive"
            ),
        ]
    )
}

/// A port, or a range of ports, and its protocol.
public struct NetworkPort: Sendable, Hashable, Codable {
    /// The protocol.
    public var `protocol`: String?
    /// The port, or the first of a range.
    public var port: Int
    /// The last port of a range.
    public var endPort: Int?

    /// Creates a value from its fields.
    public init(protocol: String? = nil, port: Int, endPort: Int? = nil) {
        self.protocol = `protocol`
        self.port = port
        self.endPort = endPort
    }
}

extension NetworkPort: SchemaProviding {
    public static let schema = Schema.object(
        NetworkPort.self,
        "A port, or a range of ports, and its protocol.",
        [
            "protocol": .string("The protocol.").values("TCP", "UDP", "SCTP").default("TCP"),
            "port": .integer("The port, or the first of a range.").range(1...65535).required(),
            "endPort": .integer("The last port of a range.").range(1...65535),
        ],
        rules: [
            Rule(
                "!has(self.endPort) || self.endPort >= self.port",
                message: "endPort must not be lower than port",
                fieldPath: ".endPort"
            ) { port, _ in
                guard let end = port["endPort"]?.integerValue, let start = port["port"]?.integerValue else {
                    return true
                }
                return end >= start
            }
        ]
    )
}
