/// `core/v1.Probe`: how the kubelet checks the health of a container.
public struct Probe: Sendable, Hashable, Codable {
    /// Runs a command in the container.
    public var exec: ExecAction?
    /// Sends an HTTP GET request.
    public var httpGet: HTTPGetAction?
    /// Opens a TCP connection.
    public var tcpSocket: TCPSocketAction?
    /// Calls the gRPC health service.
    public var grpc: GRPCAction?
    /// Seconds after the container's start before the first probe.
    public var initialDelaySeconds: Int?
    /// Seconds between probes. Defaults to 10.
    public var periodSeconds: Int?
    /// Seconds after which a probe times out. Defaults to 1.
    public var timeoutSeconds: Int?
    /// Consecutive successes after which the probe succeeds. Defaults to 1, and must be 1 except for readiness.
    public var successThreshold: Int?
    /// Consecutive failures after which the probe fails. Defaults to 3.
    public var failureThreshold: Int?
    /// The grace period after this probe fails, which replaces that of the pod.
    public var terminationGracePeriodSeconds: Int64?

    /// Creates a value from its fields.
    public init(
        exec: ExecAction? = nil,
        httpGet: HTTPGetAction? = nil,
        tcpSocket: TCPSocketAction? = nil,
        grpc: GRPCAction? = nil,
        initialDelaySeconds: Int? = nil,
        periodSeconds: Int? = nil,
        timeoutSeconds: Int? = nil,
        successThreshold: Int? = nil,
        failureThreshold: Int? = nil,
        terminationGracePeriodSeconds: Int64? = nil
    ) {
        self.exec = exec
        self.httpGet = httpGet
        self.tcpSocket = tcpSocket
        self.grpc = grpc
        self.initialDelaySeconds = initialDelaySeconds
        self.periodSeconds = periodSeconds
        self.timeoutSeconds = timeoutSeconds
        self.successThreshold = successThreshold
        self.failureThreshold = failureThreshold
        self.terminationGracePeriodSeconds = terminationGracePeriodSeconds
    }
}

extension Probe: SchemaProviding {
    public static let schema = Schema.object(
        Probe.self,
        "How the kubelet checks the health of the container.",
        [
            "exec": ExecAction.schema.described("Runs a command in the container."),
            "httpGet": HTTPGetAction.schema.described("Sends an HTTP GET request."),
            "tcpSocket": TCPSocketAction.schema.described("Opens a TCP connection."),
            "grpc": GRPCAction.schema.described("Calls the gRPC health service."),
            "initialDelaySeconds": .integer("Seconds after the container's start before the first probe.")
                .range(0...86400),
            "periodSeconds": .integer("Seconds between probes. Defaults to 10.").range(1...86400),
            "timeoutSeconds": .integer("Seconds after which a probe times out. Defaults to 1.").range(1...86400),
            "successThreshold": .integer(
                "Consecutive successes after which the probe succeeds. Defaults to 1, and must be 1 except for readiness."
            )
            .range(1...100),
            "failureThreshold": .integer("Consecutive failures after which the probe fails. Defaults to 3.")
                .range(1...10000),
            "terminationGracePeriodSeconds": .integer64(
                "The grace period after this probe fails, which replaces that of the pod."
            )
            .range(1...86400),
        ]
    )
}

/// `core/v1.ExecAction`: a command that runs in the container.
public struct ExecAction: Sendable, Hashable, Codable {
    /// The command and its arguments, without a shell.
    public var command: [String]?

    /// Creates a value from its fields.
    public init(command: [String]? = nil) {
        self.command = command
    }
}

extension ExecAction: SchemaProviding {
    public static let schema = Schema.object(
        ExecAction.self,
        "A command that runs in the container.",
        [
            "command": .array("The command and its arguments, without a shell.", of: .string().length(0...32768))
                .items(0...256)
                .atomic()
        ]
    )
}

/// `core/v1.HTTPGetAction`: an HTTP GET request.
public struct HTTPGetAction: Sendable, Hashable, Codable {
    /// The port, by number or name.
    public var port: IntOrString
    /// The path. Defaults to /.
    public var path: String?
    /// The host to connect to. Defaults to the pod's address.
    public var host: String?
    /// The scheme. Defaults to HTTP.
    public var scheme: String?
    /// Headers to send.
    public var httpHeaders: [HTTPHeader]?

    /// Creates a value from its fields.
    public init(
        port: IntOrString,
        path: String? = nil,
        host: String? = nil,
        scheme: String? = nil,
        httpHeaders: [HTTPHeader]? = nil
    ) {
        self.port = port
        self.path = path
        self.host = host
        self.scheme = scheme
        self.httpHeaders = httpHeaders
    }
}

extension HTTPGetAction: SchemaProviding {
    public static let schema = Schema.object(
        HTTPGetAction.self,
        "An HTTP GET request.",
        [
            "port": .intOrString("The port, by number or name.").required(),
            "path": .string("The path. Defaults to /.").length(0...4096),
            "host": .string("The host to connect to. Defaults to the pod's address.").length(0...253),
            "scheme": .string("The scheme. Defaults to HTTP.").values("HTTP", "HTTPS"),
            "httpHeaders": .array("Headers to send.", of: HTTPHeader.schema).items(0...64).atomic(),
        ]
    )
}

/// `core/v1.HTTPHeader`: one header of a probe.
public struct HTTPHeader: Sendable, Hashable, Codable {
    /// The header's name.
    public var name: String
    /// The header's value.
    public var value: String

    /// Creates a value from its fields.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPHeader: SchemaProviding {
    public static let schema = Schema.object(
        HTTPHeader.self,
        "One header of the request.",
        [
            "name": .string("The header's name.").length(1...253).required(),
            "value": .string("The header's value.").length(0...4096).required(),
        ]
    )
}

/// `core/v1.TCPSocketAction`: a TCP connection.
public struct TCPSocketAction: Sendable, Hashable, Codable {
    /// The port, by number or name.
    public var port: IntOrString
    /// The host to connect to. Defaults to the pod's address.
    public var host: String?

    /// Creates a value from its fields.
    public init(port: IntOrString, host: String? = nil) {
        self.port = port
        self.host = host
    }
}

extension TCPSocketAction: SchemaProviding {
    public static let schema = Schema.object(
        TCPSocketAction.self,
        "A TCP connection.",
        [
            "port": .intOrString("The port, by number or name.").required(),
            "host": .string("The host to connect to. Defaults to the pod's address.").length(0...253),
        ]
    )
}

/// `core/v1.GRPCAction`: a call of the gRPC health service.
public struct GRPCAction: Sendable, Hashable, Codable {
    /// The port.
    public var port: Int
    /// The service to check. Defaults to the server as a whole.
    public var service: String?

    /// Creates a value from its fields.
    public init(port: Int, service: String? = nil) {
        self.port = port
        self.service = service
    }
}

extension GRPCAction: SchemaProviding {
    public static let schema = Schema.object(
        GRPCAction.self,
        "A call of the gRPC health service.",
        [
            "port": .integer("The port.").range(1...65535).required(),
            "service": .string("The service to check. Defaults to the server as a whole.").length(0...253),
        ]
    )
}
