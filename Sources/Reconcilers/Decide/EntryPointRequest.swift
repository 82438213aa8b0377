public import CRDModels
internal import KubernetesAPI
public import Policy
public import SupplyChain

/// What has to be read from a registry before a server can run: the entry point of its image, because the transport is stdio and the
/// spec has no command.
public struct EntryPointRequest: Sendable, Hashable {
    /// The image, as the pods pull it: after mirrors are applied.
    public var image: ImageReference
    /// The pull Secrets of the pods, in order.
    public var pullSecrets: [String]
    /// The ServiceAccount of the pods, whose pull Secrets they get if they name none.
    public var serviceAccount: String

    /// - Returns: `nil` if nothing has to be read. That is also the case if the image may not run, so that no registry is asked that
    ///   the tenant's policy does not allow.
    public init?(_ input: ServerInput) {
        guard StdioAdapterTemplate.needsEntryPoint(input.server.spec, platform: input.platform),
            let pull = ImagePull(input)
        else { return nil }
        image = pull.image
        pullSecrets = pull.secrets
        serviceAccount = pull.serviceAccount
    }

    /// The entry point that a status has for this image. It stays valid, so that nothing is read again and a tag that moves changes
    /// nothing.
    public func recorded(in status: MCPServerStatus?) -> ServerEntryPoint? {
        guard let record = status?.entryPoint, record.image == image.description,
            let digest = try? ImageDigest(record.digest), image.digest == nil || image.digest == digest,
            !(record.command ?? []).isEmpty || !(record.args ?? []).isEmpty
        else { return nil }
        return record
    }
}

/// What is known about the entry point of a server's image.
public enum EntryPointState: Sendable, Hashable {
    /// Nobody reads it: it is not needed, or the input is from files.
    case notRead
    /// The platform disables it.
    case disabled
    /// It is being read.
    case pending
    /// It was read.
    case read(ServerEntryPoint)
    /// It cannot be read.
    case failed(ImageFailure)
    /// Nobody reads it, and the image is assumed to have one, for files. A marker stands for it, and the image is not pinned.
    case assumed
}

/// Why what has to be read about an image is not known, or not accepted.
public struct ImageFailure: Error, Sendable, Hashable {
    /// The reason for the condition.
    public var reason: Reason
    /// What is wrong, with the image, the registry and the way out.
    public var message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension EntryPointState {
    /// The entry point of a server that needs it.
    ///
    /// - Throws: `Refusal` if it is not known.
    func required(for image: ImageReference) throws(Refusal) -> ServerEntryPoint {
        let wayOut = "set spec.command to the command that runs the server, such as [\"mcp-server-time\"]"
        switch self {
        // That of another image must not run with this one.
        case .read(let entryPoint) where entryPoint.image == image.description: return entryPoint
        case .assumed:
            return ServerEntryPoint(image: image.description, digest: "", command: ["<entry point of \(image)>"])
        case .failed(let failure): throw Refusal(failure.reason, field: "spec.image", failure.message)
        case .pending, .read:
            throw Refusal(
                .entryPointPending,
                "the entry point of \(image) is being read from \(image.registry), because spec.command is not set"
            )
        case .disabled:
            throw Refusal(
                .commandMissing,
                field: "spec.command",
                """
                the transport stdio needs the command that runs the server, and the platform does not read entry points from \
                registries (registries.mode): \(wayOut)
                """
            )
        case .notRead:
            throw Refusal(
                .commandMissing,
                field: "spec.command",
                """
                the transport stdio needs the command that runs the server. The controller reads the entry point of the image \
                from its registry, but nothing is read from registries here: \(wayOut)
                """
            )
        }
    }
}

extension ServerPlan {
    /// The spec with what was read from the registry: the command, and the image with its digest. It runs the same without a
    /// registry, so that a version can serve while another one is reviewed, and after a rollback.
    var completeSpec: MCPServerSpec {
        guard let entryPoint, let digest = try? ImageDigest(entryPoint.digest),
            let requested = try? ImageReference(image.requested)
        else { return server.spec }
        var spec = server.spec
        spec.image = requested.pinned(to: digest).description
        spec.command = entryPoint.commandLine(arguments: spec.args)
        spec.args = nil
        return spec
    }
}

extension ServerEntryPoint {
    /// What the container would run, with the arguments of the spec, which replace those of the image unless they are empty.
    ///
    /// The kubelet replaces `$(NAME)` in arguments of a container, and does not in the entry point of an image. `$$` stands for `$`.
    func commandLine(arguments own: [String]?) -> [String] {
        func escaped(_ parts: [String]?) -> [String] {
            (parts ?? []).map { String($0.flatMap { $0 == "$" ? "$$" : String($0) }) }
        }
        return escaped(command) + (own.flatMap { $0.isEmpty ? nil : $0 } ?? escaped(args))
    }
}
