internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// What the pods of a server with the transport stdio contain in addition: a volume with the adapter from the platform's image, and
/// an init container that copies it there unless the volume is the image. The adapter runs the server's command.
struct StdioAdapterTemplate {
    /// The platform's image, which contains the adapter.
    var image: String
    var imagePullPolicy: String
    /// How it comes into the pod.
    var adapterMount: AdapterMount
    /// The server's command with its arguments.
    var command: [String]
    var stdio: StdioSettings

    /// The name of the init container and of the volume.
    static let name = "moorage-adapter"
    /// Where the volume is mounted.
    static let folder = "/moorage-adapter"
    /// How long the adapter has to stop itself before the kubelet sends SIGKILL, in seconds.
    private static let margin: Int64 = 1
    /// How much the volume may hold: the adapter, with room for two of them.
    private static let volumeSize: JSONValue = "128Mi"

    /// The paths of the adapter's probes.
    static let readyPath = "/healthz"
    static let livePath = "/livez"

    var volume: JSONValue {
        switch adapterMount {
        case .initContainer: ["name": .string(Self.name), "emptyDir": ["sizeLimit": Self.volumeSize]]
        case .imageVolume:
            [
                "name": .string(Self.name),
                "image": ["reference": .string(image), "pullPolicy": .string(imagePullPolicy)],
            ]
        }
    }

    var mount: JSONValue {
        ["name": .string(Self.name), "mountPath": .string(Self.folder), "readOnly": true]
    }

    /// The init container. It is hardened as the server's container is, and uses no more than that.
    ///
    /// - Returns: `nil` if none is needed.
    func initContainer(_ settings: EffectiveSettings) -> JSONValue? {
        guard adapterMount == .initContainer else { return nil }
        return [
            "name": .string(Self.name),
            "image": .string(image),
            "imagePullPolicy": .string(imagePullPolicy),
            "command": [.string(AdapterProgram.pathInImage)],
            "args": ["install", .string(Self.folder)],
            "securityContext": Hardening.securityContext(for: settings.podSecurityContext),
            "resources": JSONValue(settings.resources),
            "volumeMounts": [["name": .string(Self.name), "mountPath": .string(Self.folder)]],
        ]
    }

    /// The command of the server's container.
    var entryPoint: [String] { [AdapterProgram.path(adapterMount)] }

    /// The arguments of the server's container.
    func arguments(_ settings: EffectiveSettings) -> [String] {
        let time = settings.terminationGracePeriodSeconds - settings.drainSeconds - Self.margin
        return [
            "adapt", "--bind-address=:\(settings.port)", "--path=\(settings.path)",
            "--processes=\((stdio.processes ?? .perSession).rawValue)", "--max-processes=\(stdio.maxProcesses ?? 100)",
            "--idle-time=\(stdio.idleSeconds ?? 600)s", "--shutdown-timeout=\(max(1, time))s", AdapterProgram.separator,
        ] + command
    }
}

extension StdioAdapterTemplate {
    /// Whether a server is run with the entry point of its image. If the platform has no adapter, it is not run at all.
    static func needsEntryPoint(_ spec: MCPServerSpec, platform: PlatformConfiguration) -> Bool {
        spec.transport == .stdio && (spec.command ?? []).isEmpty && platform.stdio?.image?.isEmpty == false
    }

    /// - Parameter entryPoint: the entry point of the image, if the spec has no command.
    /// - Returns: `nil` for a server with another transport.
    init?(spec: MCPServerSpec, platform: PlatformConfiguration, entryPoint: ServerEntryPoint?) throws(Refusal) {
        guard spec.transport == .stdio else { return nil }
        guard let image = platform.stdio?.image, !image.isEmpty else {
            throw Refusal(
                .transportUnsupported,
                field: "spec.transport",
                """
                no image with the adapter for stdio is configured: set stdio.image in the platform's configuration to \
                the image of Moorage, as its chart does
                """
            )
        }
        let command =
            entryPoint?.commandLine(arguments: spec.args) ?? (spec.command ?? []) + (spec.args ?? [])
        guard let program = command.first, !program.isEmpty else {
            throw Refusal(
                .commandMissing,
                field: "spec.command",
                "the name of the program is empty: set spec.command to the command that runs the server"
            )
        }
        self.init(
            image: image,
            imagePullPolicy: platform.stdio?.imagePullPolicy ?? "IfNotPresent",
            adapterMount: platform.stdio?.adapterMount ?? .initContainer,
            command: command,
            stdio: spec.stdio ?? StdioSettings()
        )
    }
}
