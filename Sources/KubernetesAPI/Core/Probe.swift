/// `core/v1.Probe`: how the kubelet asks whether a container is well.
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
    /// Seconds between probes; 10 when left out.
    public var periodSeconds: Int?
    /// Seconds after which a probe fails; 1 when left out.
    public var timeoutSeconds: Int?
    /// Successes in a row that count as well; 1 when left out, and 1 for startup and liveness.
    public var successThreshold: Int?
    /// Failures in a row that count as unwell; 3 when left out.
    public var failureThreshold: Int?
    /// Seconds that the pod gets to end after this probe failed, in place of the pod's own.
    public var terminationGracePeriodSeconds: Int64?

    /// Makes one from its fields.
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

/// `core/v1.ExecAction`: a command that runs in the container.
public struct ExecAction: Sendable, Hashable, Codable {
    /// The command and its arguments, without a shell.
    public var command: [String]?

    /// Makes one from its fields.
    public init(command: [String]? = nil) {
        self.command = command
    }
}

/// `core/v1.HTTPGetAction`: an HTTP GET request.
public struct HTTPGetAction: Sendable, Hashable, Codable {
    /// The port, by number or name.
    public var port: IntOrString
    /// The path; / when left out.
    public var path: String?
    /// The host to connect to; the pod's address when left out.
    public var host: String?
    /// The scheme; HTTP when left out.
    public var scheme: String?
    /// Headers to send.
    public var httpHeaders: [HTTPHeader]?

    /// Makes one from its fields.
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

/// `core/v1.HTTPHeader`: one header of a probe.
public struct HTTPHeader: Sendable, Hashable, Codable {
    /// The header's name.
    public var name: String
    /// The header's value.
    public var value: String

    /// Makes one from its fields.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// `core/v1.TCPSocketAction`: a TCP connection.
public struct TCPSocketAction: Sendable, Hashable, Codable {
    /// The port, by number or name.
    public var port: IntOrString
    /// The host to connect to; the pod's address when left out.
    public var host: String?

    /// Makes one from its fields.
    public init(port: IntOrString, host: String? = nil) {
        self.port = port
        self.host = host
    }
}

/// `core/v1.GRPCAction`: a call of the gRPC health service.
public struct GRPCAction: Sendable, Hashable, Codable {
    /// The port.
    public var port: Int
    /// The service that is asked about; the whole server when left out.
    public var service: String?

    /// Makes one from its fields.
    public init(port: Int, service: String? = nil) {
        self.port = port
        self.service = service
    }
}
