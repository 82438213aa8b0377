public import KubernetesAPI

/// How the kubelet probes a server.
public struct Probes: Sendable, Hashable, Codable {
    /// The path that returns status 200 when the server is healthy, such as /health. Do not use the MCP endpoint: it is
    /// not required to answer GET.
    public var path: String?
    /// The port to probe. Defaults to the server's port.
    public var port: Int?
    /// HTTP or HTTPS. Defaults to HTTP.
    public var scheme: String?
    /// Whether the server has started; the other probes wait for it. By default, it runs every 5 seconds and fails
    /// after 6 failures, or after 60 if no path is set.
    public var startup: ProbeSettings?
    /// Whether the server must be restarted. By default, it runs every 30 seconds and fails after 3 failures.
    public var liveness: ProbeSettings?
    /// Whether the server receives requests. By default, it runs every 10 seconds and fails after 3 failures.
    public var readiness: ProbeSettings?

    /// Creates a value from its fields.
    public init(
        path: String? = nil,
        port: Int? = nil,
        scheme: String? = nil,
        startup: ProbeSettings? = nil,
        liveness: ProbeSettings? = nil,
        readiness: ProbeSettings? = nil
    ) {
        self.path = path
        self.port = port
        self.scheme = scheme
        self.startup = startup
        self.liveness = liveness
        self.readiness = readiness
    }
}

extension Probes: SchemaProviding {
    public static let schema = Schema.object(
        Probes.self,
        """
        How the kubelet checks the health of the server: by HTTP if a path is set, and otherwise by opening a TCP \
        connection. A probe should not fail because a backend of the server fails.
        """,
        [
            "path": .string(
                """
                The path that returns status 200 when the server is healthy, such as /health. Do not use the MCP \
                endpoint: it is not required to answer GET.
                """
            )
            .length(1...1024)
            .pattern("^/"),
            "port": .integer("The port to probe. Defaults to the server's port.").range(1...65535),
            "scheme": .string("HTTP or HTTPS. Defaults to HTTP.").values("HTTP", "HTTPS"),
            "startup": ProbeSettings.schema.described(
                """
                Whether the server has started; the other probes wait for it. By default, it runs every 5 seconds and \
                fails after 6 failures, or after 60 if no path is set.
                """
            ),
            "liveness": ProbeSettings.schema.described(
                "Whether the server must be restarted. By default, it runs every 30 seconds and fails after 3 failures."
            ),
            "readiness": ProbeSettings.schema.described(
                "Whether the server receives requests. By default, it runs every 10 seconds and fails after 3 failures."
            ),
        ],
        rules: [
            Rule(
                """
                !has(self.scheme) || has(self.path) || (has(self.startup) && has(self.startup.path)) || \
                (has(self.liveness) && has(self.liveness.path)) || (has(self.readiness) && has(self.readiness.path))
                """,
                message: "scheme needs a path: without one the probes open a TCP connection",
                fieldPath: ".scheme"
            ) { probes, _ in
                probes["scheme"] == nil || probes["path"] != nil
                    || ["startup", "liveness", "readiness"].contains { probes[path: [$0, "path"]] != nil }
            },
            Rule(
                """
                (!has(self.startup) || !has(self.startup.successThreshold) || self.startup.successThreshold == 1) && \
                (!has(self.liveness) || !has(self.liveness.successThreshold) || self.liveness.successThreshold == 1)
                """,
                message: "successThreshold must be 1 for startup and liveness"
            ) { probes, _ in
                ["startup", "liveness"].allSatisfy { probes[path: [$0, "successThreshold"]]?.integerValue ?? 1 == 1 }
            },
        ]
    )
}

/// The timing of one probe, and optionally its own path.
public struct ProbeSettings: Sendable, Hashable, Codable {
    /// Seconds between the start of the container and the first probe.
    public var initialDelaySeconds: Int?
    /// Seconds between probes.
    public var periodSeconds: Int?
    /// Seconds after which the probe times out. Defaults to 5.
    public var timeoutSeconds: Int?
    /// Consecutive failures after which the probe fails.
    public var failureThreshold: Int?
    /// Consecutive successes after which the probe succeeds. Must be 1 for startup and liveness.
    public var successThreshold: Int?
    /// The path for this probe, instead of the path for all probes.
    public var path: String?
    /// Whether this probe is disabled.
    public var disabled: Bool?

    /// Creates a value from its fields.
    public init(
        initialDelaySeconds: Int? = nil,
        periodSeconds: Int? = nil,
        timeoutSeconds: Int? = nil,
        failureThreshold: Int? = nil,
        successThreshold: Int? = nil,
        path: String? = nil,
        disabled: Bool? = nil
    ) {
        self.initialDelaySeconds = initialDelaySeconds
        self.periodSeconds = periodSeconds
        self.timeoutSeconds = timeoutSeconds
        self.failureThreshold = failureThreshold
        self.successThreshold = successThreshold
        self.path = path
        self.disabled = disabled
    }
}

extension ProbeSettings: SchemaProviding {
    public static let schema = Schema.object(
        ProbeSettings.self,
        "The timing of one probe, and optionally its own path.",
        [
            "initialDelaySeconds": .integer(
                """
                Seconds between the start of the container and the first probe.
                """
            ).range(0...3600),
            "periodSeconds": .integer("Seconds between probes.").range(1...3600),
            "timeoutSeconds": .integer("Seconds after which the probe times out. Defaults to 5.").range(1...3600),
            "failureThreshold": .integer("Consecutive failures after which the probe fails.").range(1...1000),
            "successThreshold": .integer(
                """
                Consecutive successes after which the probe succeeds. Must be 1 for startup and liveness.
                """
            )
            .range(1...100),
            "path": .string("The path for this probe, instead of the path for all probes.")
                .length(1...1024)
                .pattern("^/"),
            "disabled": .boolean("Whether this probe is disabled."),
        ]
    )
}
