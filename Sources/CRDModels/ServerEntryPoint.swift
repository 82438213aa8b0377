public import KubernetesAPI

/// The entry point of the image of a server with the transport stdio whose spec has no command, as it was read from the registry.
///
/// The pods run the image by this digest, so the entry point stays the one that was read, even if the tag moves.
public struct ServerEntryPoint: Sendable, Hashable, Codable {
    /// The image that was read, as the pods pull it: after mirrors are applied, and with the digest only if the spec has one.
    public var image: String
    /// The digest of the image that was read.
    public var digest: String
    /// The image's ENTRYPOINT; not set if it has none.
    public var command: [String]?
    /// The image's CMD; not set if it has none.
    public var args: [String]?

    /// Creates a value from its fields.
    public init(image: String, digest: String, command: [String]? = nil, args: [String]? = nil) {
        self.image = image
        self.digest = digest
        self.command = command
        self.args = args
    }
}

extension ServerEntryPoint: SchemaProviding {
    public static let schema = Schema.object(
        ServerEntryPoint.self,
        "The entry point of the image, as it was read from the registry.",
        [
            "image": .string(
                """
                The image that was read, as the pods pull it: after mirrors are applied, and with the digest only if the \
                spec has one.
                """
            )
            .length(0...1024)
            .required(),
            "digest": .string("The digest of the image that was read. The pods run the image by it.")
                .length(0...256)
                .required(),
            "command": .array(
                "The image's ENTRYPOINT; not set if it has none.",
                of: .string().length(0...32768)
            )
            .items(0...256)
            .atomic(),
            "args": .array("The image's CMD; not set if it has none.", of: .string().length(0...32768))
                .items(0...256)
                .atomic(),
        ]
    )
}
