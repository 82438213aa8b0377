/// How the kubelet asks whether a server is well.
public struct Probes: Sendable, Hashable, Codable {
    /// The path that answers 200 when the server is well, such as /health. Not the MCP endpoint, which need not answer
    /// GET.
    public var path: String?
    /// The port to ask; the server's port when left out.
    public var port: Int?
    /// HTTP or HTTPS; HTTP when left out.
    public var scheme: String?
    /// Whether the server has started; the other probes wait for it. By default every 5 seconds, 6 times.
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

/// The path and the timing of one probe.
public struct ProbeSettings: Sendable, Hashable, Codable {
    /// The path of this probe, where it differs from that of the others, such as /readyz.
    public var path: String?
    /// Seconds after the start before the first probe.
    public var initialDelaySeconds: Int?
    /// Seconds between probes.
    public var periodSeconds: Int?
    /// Seconds after which a probe fails.
    public var timeoutSeconds: Int?
    /// Failures in a row that count as unwell.
    public var failureThreshold: Int?
    /// Successes in a row that count as well; 1 for startup and liveness.
    public var successThreshold: Int?
    /// Whether this probe is left out.
    public var disabled: Bool?

    /// Makes one from its fields.
    public init(
        path: String? = nil,
        initialDelaySeconds: Int? = nil,
        periodSeconds: Int? = nil,
        timeoutSeconds: Int? = nil,
        failureThreshold: Int? = nil,
        successThreshold: Int? = nil,
        disabled: Bool? = nil
    ) {
        self.path = path
        self.initialDelaySeconds = initialDelaySeconds
        self.periodSeconds = periodSeconds
        self.timeoutSeconds = timeoutSeconds
        self.failureThreshold = failureThreshold
        self.successThreshold = successThreshold
        self.disabled = disabled
    }
}
