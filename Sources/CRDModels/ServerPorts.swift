public import KubernetesAPI

/// A port of a server in addition to the one that serves MCP.
public struct ServerPort: Sendable, Hashable, Codable {
    /// The name of the port, on the container and on the Service.
    public var name: String
    /// The port that the server listens on, which is also the port of the Service.
    public var port: Int

    /// Creates a value from its fields.
    public init(name: String, port: Int) {
        self.name = name
        self.port = port
    }
}

extension ServerPort: SchemaProviding {
    public static let schema = Schema.object(
        ServerPort.self,
        "A port of the server in addition to the one that serves MCP, such as one for metrics.",
        [
            "name": .string("The name of the port, on the container and on the Service. http is reserved.")
                .length(1...15)
                .pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
                .required(),
            "port": .integer("The port that the server listens on, which is also the port of the Service.")
                .range(1...65535)
                .required(),
        ],
        rules: [
            Rule(
                "self.name != 'http'",
                message: "http is reserved for the port that serves MCP: use another name",
                fieldPath: ".name"
            ) { port, _ in port["name"] != "http" }
        ]
    )
}

/// How Prometheus scrapes a server's metrics.
public struct ServerMonitoring: Sendable, Hashable, Codable {
    /// The port that serves metrics: one of spec.ports, or http.
    public var port: String?
    /// The path at which metrics are served.
    public var path: String?
    /// How often metrics are scraped, such as 30s. Defaults to the setting of Prometheus.
    public var interval: String?
    /// Labels of the ServiceMonitor, which Prometheus selects it by.
    public var labels: [String: String]?

    /// Creates a value from its fields.
    public init(port: String? = nil, path: String? = nil, interval: String? = nil, labels: [String: String]? = nil) {
        self.port = port
        self.path = path
        self.interval = interval
        self.labels = labels
    }
}

extension ServerMonitoring: SchemaProviding {
    public static let schema = Schema.object(
        ServerMonitoring.self,
        "How Prometheus scrapes the server's metrics, as a ServiceMonitor of the Prometheus operator.",
        [
            "port": .string("The port that serves metrics: the name of one of spec.ports, or http.")
                .length(1...15)
                .default("metrics"),
            "path": .string("The path at which metrics are served.")
                .length(1...1024)
                .pattern("^/")
                .default("/metrics"),
            "interval": .string("How often metrics are scraped, such as 30s. Defaults to the setting of Prometheus.")
                .length(1...32)
                .pattern("^([0-9]+(ms|[smhd]))+$"),
            "labels": .map(
                "Labels of the ServiceMonitor, which Prometheus selects it by.",
                of: .string().length(0...63)
            )
            .properties(0...64),
        ]
    )
}

/// Pods that read metrics.
public struct MonitoringPeers: Sendable, Hashable, Codable {
    /// Their namespaces, by name.
    public var namespaces: [String]?
    /// Their namespaces, by label.
    public var namespaceSelector: LabelSelector?
    /// The pods in those namespaces. Defaults to all pods.
    public var podSelector: LabelSelector?

    /// Creates a value from its fields.
    public init(
        namespaces: [String]? = nil,
        namespaceSelector: LabelSelector? = nil,
        podSelector: LabelSelector? = nil
    ) {
        self.namespaces = namespaces
        self.namespaceSelector = namespaceSelector
        self.podSelector = podSelector
    }
}

extension MonitoringPeers: SchemaProviding {
    public static let schema = Schema.object(
        MonitoringPeers.self,
        "Pods that read metrics.",
        [
            "namespaces": .array("Their namespaces, by name.", of: .string().length(1...63))
                .items(0...32)
                .set(),
            "namespaceSelector": LabelSelector.schema.described("Their namespaces, by label."),
            "podSelector": LabelSelector.schema.described("The pods in those namespaces. Defaults to all pods."),
        ],
        rules: [
            .atMostOneOf(
                "namespaces",
                "namespaceSelector",
                message: "namespaces and namespaceSelector are mutually exclusive"
            )
        ]
    )
}
