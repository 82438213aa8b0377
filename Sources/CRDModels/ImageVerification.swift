public import KubernetesAPI

/// That the signatures of an image of a server were verified. It stays valid for the same image and rules, so that a restart asks no
/// registry.
public struct ImageVerification: Sendable, Hashable, Codable {
    /// The name of the image in the spec: registry and repository. The rules for another name can be others.
    public var image: String
    /// The digest of the image.
    public var digest: String
    /// The digest of the rules and trusted roots that it was verified with.
    public var rules: String
    /// Who signed: the authorities with the key or identity, the time and the log.
    public var signedBy: [String]?
    /// The attestations that were found.
    public var attestations: [String]?
    /// When it was verified.
    public var time: Timestamp

    /// Creates a value from its fields.
    public init(
        image: String,
        digest: String,
        rules: String,
        signedBy: [String]? = nil,
        attestations: [String]? = nil,
        time: Timestamp
    ) {
        self.image = image
        self.digest = digest
        self.rules = rules
        self.signedBy = signedBy
        self.attestations = attestations
        self.time = time
    }
}

extension ImageVerification: SchemaProviding {
    public static let schema = Schema.object(
        ImageVerification.self,
        "That the signatures of the image were verified.",
        [
            "image": .string("The name of the image in the spec: registry and repository.").length(0...512).required(),
            "digest": .string("The digest of the image.").length(0...160).required(),
            "rules": .string("The digest of the rules and trusted roots that it was verified with.").length(0...64)
                .required(),
            "signedBy": .array(
                "Who signed, with which key or identity, when, and which log has recorded it.",
                of: .string().length(0...4_096)
            )
            .items(0...64),
            "attestations": .array("The names of the attestations that were found.", of: .string().length(0...63))
                .items(0...32),
            "time": .timestamp("When it was verified.").required(),
        ]
    )
}
