import KubernetesAPI

/// What the kubelet starts for a pod on this machine.
struct PodLaunch: Sendable, Hashable {
    var uid: String
    /// Only containers with a command. What the entry points of images are is not known.
    var containers: [ContainerLaunch]
    /// Whether containers are started again when they end.
    var restartPolicy: RestartPolicy

    enum RestartPolicy: String, Sendable, Hashable {
        case always = "Always"
        case onFailure = "OnFailure"
        case never = "Never"

        func restarts(_ exitCode: Int) -> Bool {
            switch self {
            case .always: true
            case .onFailure: exitCode != 0
            case .never: false
            }
        }
    }
}

/// A container with its variables resolved, but not yet with the ports of this machine.
struct ContainerLaunch: Sendable, Hashable {
    struct Variable: Sendable, Hashable {
        var name: String
        var value: String
    }

    var name: String
    /// The command and its arguments.
    var command: [String]
    /// In the order in which the pod has them: values refer to earlier ones.
    var variables: [Variable]
    /// The ports that the container opens, and their names.
    var ports: [Port]
    var startup: ContainerProbe?
    var readiness: ContainerProbe?
    var liveness: ContainerProbe?

    struct Port: Sendable, Hashable {
        var number: Int
        var name: String?
    }

    /// - Parameter variables: with the values of Secrets and ConfigMaps.
    init?(_ container: JSONValue, variables: [Variable]) {
        let command = ContainerLaunch.texts(container["command"])
        guard let program = command.first, !program.isEmpty else { return nil }
        name = container["name"]?.stringValue ?? ""
        self.command = command + ContainerLaunch.texts(container["args"])
        self.variables = variables
        ports = (container["ports"]?.arrayValue ?? []).compactMap { port in
            guard let number = port["containerPort"]?.integerValue else { return nil }
            return Port(number: Int(number), name: port["name"]?.stringValue)
        }
        startup = container["startupProbe"].map { ContainerProbe($0, ports: ports) }
        readiness = container["readinessProbe"].map { ContainerProbe($0, ports: ports) }
        liveness = container["livenessProbe"].map { ContainerProbe($0, ports: ports) }
    }

    private static func texts(_ value: JSONValue?) -> [String] {
        (value?.arrayValue ?? []).compactMap(\.stringValue)
    }
}

/// A probe of a container.
struct ContainerProbe: Sendable, Hashable {
    enum Check: Sendable, Hashable {
        case http(port: Int, path: String, headers: [String: String])
        case tcp(port: Int)
        /// Commands and gRPC are not checked, and count as success.
        case none
    }

    var check: Check
    var initialDelay: Duration
    var period: Duration
    var timeout: Duration
    var failureThreshold: Int

    init(_ probe: JSONValue, ports: [ContainerLaunch.Port]) {
        func seconds(_ field: String, _ standard: Int64) -> Duration {
            .seconds(probe[field]?.integerValue ?? standard)
        }
        func number(_ port: JSONValue?) -> Int? {
            port?.integerValue.map { Int($0) } ?? ports.first { $0.name != nil && $0.name == port?.stringValue }?.number
        }
        initialDelay = seconds("initialDelaySeconds", 0)
        period = max(.seconds(1), seconds("periodSeconds", 10))
        timeout = max(.seconds(1), seconds("timeoutSeconds", 1))
        failureThreshold = max(1, Int(probe["failureThreshold"]?.integerValue ?? 3))
        if let http = probe["httpGet"], let port = number(http["port"]) {
            var headers: [String: String] = [:]
            for header in http["httpHeaders"]?.arrayValue ?? [] {
                if let name = header["name"]?.stringValue { headers[name] = header["value"]?.stringValue ?? "" }
            }
            check = .http(port: port, path: http["path"]?.stringValue ?? "/", headers: headers)
        } else if let port = number(probe[path: ["tcpSocket", "port"]]) {
            check = .tcp(port: port)
        } else {
            check = .none
        }
    }
}
