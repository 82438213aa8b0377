/// `core/v1.ContainerPort`: a port that a container serves.
public struct ContainerPort: Sendable, Hashable, Codable {
    /// The port's number.
    public var containerPort: Int
    /// A name for the port, unique in the pod.
    public var name: String?
    /// The protocol. Defaults to TCP.
    public var `protocol`: String?
    /// The port on the node. The Pod Security level baseline does not allow it.
    public var hostPort: Int?
    /// The node's address that the port is bound to.
    public var hostIP: String?

    /// Creates a value from its fields.
    public init(
        containerPort: Int,
        name: String? = nil,
        protocol: String? = nil,
        hostPort: Int? = nil,
        hostIP: String? = nil
    ) {
        self.containerPort = containerPort
        self.name = name
        self.protocol = `protocol`
        self.hostPort = hostPort
        self.hostIP = hostIP
    }
}

extension ContainerPort: SchemaProviding {
    public static let schema = Schema.object(
        ContainerPort.self,
        "A port that the container serves.",
        [
            "containerPort": .integer("The port's number.").range(1...65535).required(),
            "name": .string("A name for the port, unique in the pod.").length(1...15),
            "protocol": .string("The protocol. Defaults to TCP.").values("TCP", "UDP", "SCTP"),
            "hostPort": .integer("The port on the node. The Pod Security level baseline does not allow it.").range(
                0...65535
            ),
            "hostIP": .string("The node's address that the port is bound to.").length(0...64),
        ]
    )
}

/// `core/v1.Container`: one container of a pod.
public struct Container: Sendable, Hashable, Codable {
    /// The container's name: a DNS label that is unique in the pod.
    public var name: String
    /// The image to run.
    public var image: String?
    /// When to pull the image.
    public var imagePullPolicy: String?
    /// The command, which replaces the entry point of the image. It is not run in a shell.
    public var command: [String]?
    /// The arguments, which replace those of the image.
    public var args: [String]?
    /// The working directory, which replaces that of the image.
    public var workingDir: String?
    /// The ports that the container serves.
    public var ports: [ContainerPort]?
    /// Environment variables.
    public var env: [EnvVar]?
    /// ConfigMaps and Secrets. Each of their keys becomes an environment variable.
    public var envFrom: [EnvFromSource]?
    /// The requests and limits of the container.
    public var resources: ResourceRequirements?
    /// Always makes an init container a sidecar, which keeps running.
    public var restartPolicy: String?
    /// The volumes that are mounted in the container.
    public var volumeMounts: [VolumeMount]?
    /// The block devices of the container.
    public var volumeDevices: [VolumeDevice]?
    /// Whether the container must be restarted.
    public var livenessProbe: Probe?
    /// Whether the pod receives requests.
    public var readinessProbe: Probe?
    /// Whether the container has started; the other probes wait for it.
    public var startupProbe: Probe?
    /// What runs after the container starts and before it is terminated.
    public var lifecycle: Lifecycle?
    /// The security settings of the container.
    public var securityContext: SecurityContext?
    /// The file whose text becomes the termination message.
    public var terminationMessagePath: String?
    /// Whether the end of the log replaces an empty termination message.
    public var terminationMessagePolicy: String?
    /// Whether standard input stays open.
    public var stdin: Bool?
    /// Whether standard input closes after the first client disconnects.
    public var stdinOnce: Bool?
    /// Whether the container gets a terminal.
    public var tty: Bool?

    /// Creates a value from its fields.
    public init(
        name: String,
        image: String? = nil,
        imagePullPolicy: String? = nil,
        command: [String]? = nil,
        args: [String]? = nil,
        workingDir: String? = nil,
        ports: [ContainerPort]? = nil,
        env: [EnvVar]? = nil,
        envFrom: [EnvFromSource]? = nil,
        resources: ResourceRequirements? = nil,
        restartPolicy: String? = nil,
        volumeMounts: [VolumeMount]? = nil,
        volumeDevices: [VolumeDevice]? = nil,
        livenessProbe: Probe? = nil,
        readinessProbe: Probe? = nil,
        startupProbe: Probe? = nil,
        lifecycle: Lifecycle? = nil,
        securityContext: SecurityContext? = nil,
        terminationMessagePath: String? = nil,
        terminationMessagePolicy: String? = nil,
        stdin: Bool? = nil,
        stdinOnce: Bool? = nil,
        tty: Bool? = nil
    ) {
        self.name = name
        self.image = image
        self.imagePullPolicy = imagePullPolicy
        self.command = command
        self.args = args
        self.workingDir = workingDir
        self.ports = ports
        self.env = env
        self.envFrom = envFrom
        self.resources = resources
        self.restartPolicy = restartPolicy
        self.volumeMounts = volumeMounts
        self.volumeDevices = volumeDevices
        self.livenessProbe = livenessProbe
        self.readinessProbe = readinessProbe
        self.startupProbe = startupProbe
        self.lifecycle = lifecycle
        self.securityContext = securityContext
        self.terminationMessagePath = terminationMessagePath
        self.terminationMessagePolicy = terminationMessagePolicy
        self.stdin = stdin
        self.stdinOnce = stdinOnce
        self.tty = tty
    }
}

extension Container: SchemaProviding {
    public static let schema = Schema.object(
        Container.self,
        "One container of the pod.",
        [
            "name": .string("The container's name: a DNS label that is unique in the pod.").dnsLabel().required(),
            "image": .string("The image to run.").length(0...512),
            "imagePullPolicy": .string("When to pull the image.").values("Always", "IfNotPresent", "Never"),
            "command": .array(
                "The command, which replaces the entry point of the image. It is not run in a shell.",
                of: .string().length(0...32768)
            )
            .items(0...256)
            .atomic(),
            "args": .array("The arguments, which replace those of the image.", of: .string().length(0...32768))
                .items(0...1024)
                .atomic(),
            "workingDir": .string("The working directory, which replaces that of the image.").length(0...4096),
            "ports": .array("The ports that the container serves.", of: ContainerPort.schema).items(0...128).atomic(),
            "env": .array("Environment variables.", of: EnvVar.schema).items(0...1024).listMap("name"),
            "envFrom": .array(
                "ConfigMaps and Secrets. Each of their keys becomes an environment variable.",
                of: EnvFromSource.schema
            )
            .items(0...64)
            .atomic(),
            "resources": ResourceRequirements.schema.described(
                "The requests and limits of the container."
            ),
            "restartPolicy": .string("Always makes an init container a sidecar, which keeps running.")
                .values("Always", "OnFailure", "Never"),
            "volumeMounts": .array("The volumes that are mounted in the container.", of: VolumeMount.schema)
                .items(0...256)
                .listMap("mountPath"),
            "volumeDevices": .array("The block devices of the container.", of: VolumeDevice.schema)
                .items(0...64)
                .listMap("devicePath"),
            "livenessProbe": Probe.schema.described("Whether the container must be restarted."),
            "readinessProbe": Probe.schema.described("Whether the pod receives requests."),
            "startupProbe": Probe.schema.described("Whether the container has started; the other probes wait for it."),
            "lifecycle": Lifecycle.schema.described(
                "What runs after the container starts and before it is terminated."
            ),
            "securityContext": SecurityContext.schema.described("The security settings of the container."),
            "terminationMessagePath": .string("The file whose text becomes the termination message.").length(0...4096),
            "terminationMessagePolicy": .string("Whether the end of the log replaces an empty termination message.")
                .values("File", "FallbackToLogsOnError"),
            "stdin": .boolean("Whether standard input stays open."),
            "stdinOnce": .boolean("Whether standard input closes after the first client disconnects."),
            "tty": .boolean("Whether the container gets a terminal."),
        ]
    )
}

/// `core/v1.VolumeDevice`: a block device of a container.
public struct VolumeDevice: Sendable, Hashable, Codable {
    /// The name of the volume.
    public var name: String
    /// The path of the device in the container.
    public var devicePath: String

    /// Creates a value from its fields.
    public init(name: String, devicePath: String) {
        self.name = name
        self.devicePath = devicePath
    }
}

extension VolumeDevice: SchemaProviding {
    public static let schema = Schema.object(
        VolumeDevice.self,
        "A block device of the container.",
        [
            "name": .string("The name of the volume.").length(1...63).required(),
            "devicePath": .string("The path of the device in the container.").length(1...4096).required(),
        ]
    )
}
