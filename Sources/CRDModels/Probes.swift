public import KubernetesAPI

/// How the kubelet asks whether a server is well.
public struct Probes: Sendable, Hashable, Codable {
    /// The path that answers 200 when the server is well, such as /health. Not the MCP endpoint, which need not answer
    /// GET.
    public var path: String?
    /// The port to ask; the server's port when left out.
    public var port: Int?
    /// HTTP or HTTPS; HTTP when left out.
    public var scheme: String?
    /// Whether the server has started; the other probes wait for it. By default every 5 seconds, 6 times, or 60 times
    /// where no path is given.
    public var startup: ProbeSettings?
    /// Whether the server must be restarted. By default every 30 seconds, 3 times.
    public var liveness: ProbeSettings?
    /// Whether the server gets requests. By default every 10 seconds, 3 times.
    public var readiness: ProbeSettings?

    /// Makes one from its fields.
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
        How the kubelet asks whether the server is well: by HTTP where a path is given, by opening a TCP \
        connection where not. A failing backend of the server is no reason to fail a probe.
        """,
        [
            "path": .string(
                """
                The path that answers 200 when the server is well, such as /health. Not the MCP endpoint, which \
                need not answer GET.
                """
            )
            .length(1...1024)
            .pattern("^/"),
            "port": .integer("The port to ask; the server's port when left out.").range(1...65535),
            "scheme": .string("HTTP or HTTPS; HTTP when left out.").values("HTTP", "HTTPS"),
            "startup": ProbeSettings.schema.described(
                """
                Whether the server has started; the other probes wait for it. By default every 5 seconds, 6 times, or \
                60 times where no path is given.
                """
            ),
            "liveness": ProbeSettings.schema.described(
                "Whether the server must be restarted. By default every 30 seconds, 3 times."
            ),
            "readiness": ProbeSettings.schema.described(
                "Whether the server gets requests. By default every 10 seconds, 3 times."
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

/// The timing of one probe, and its path where it has one of its own.
public struct ProbeSettings: Sendable, Hashable, Codable {
    /// Seconds after the start before the first probe.
    public var initialDelaySeconds: Int?
    /// Seconds between probes.
    public var periodSeconds: Int?
    /// Seconds after which a probe fails; 5 when left out.
    public var timeoutSeconds: Int?
    /// Failures in a row that count as unwell.
    public var failureThreshold: Int?
    /// Successes in a row that count as well; 1 for startup and liveness.
    public var successThreshold: Int?
    /// The path for this probe alone, in place of the one for all.
    public var path: String?
    /// Whether this probe is left out.
    public var disabled: Bool?

    /// Makes one from its fields.
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
        "The timing of one probe, and its path where it has one of its own.",
        [
            "initialDelaySeconds": .integer("Seconds after the start before the first probe.").range(0...3600),
            "periodSeconds": .integer("Seconds between probes.").range(1...3600),
            "timeoutSeconds": .integer("Seconds after which a probe fails; 5 when left out.").range(1...3600),
            "failureThreshold": .integer("Failures in a row that count as unwell.").range(1...1000),
            "successThreshold": .integer("Successes in a row that count as well; 1 for startup and liveness.")
                .range(1...100),
            "path": .string("The path for this probe alone, in place of the one for all.")
                .length(1...1024)
                .pattern("^/"),
            "disabled": .boolean("Whether this probe is left out."),
        ]
    )
}
