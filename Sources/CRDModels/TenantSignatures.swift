public import KubernetesAPI

/// What happens to an image without the signatures that it needs.
public enum SignatureMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// It does not run.
    case enforce = "Enforce"
    /// It runs, and the condition ImageVerified says what is missing.
    case warn = "Warn"
    /// Nothing is checked.
    case off = "Off"
}

/// Which signatures and attestations images must have.
public struct TenantSignatures: Sendable, Hashable, Codable {
    /// What happens to an image without them. Defaults to Enforce.
    public var mode: SignatureMode?
    /// Who may sign. An image needs the signature of one authority that is for it; an image that no authority is for is refused.
    public var authorities: [ImageAuthority]?
    /// What must be stated about every image, signed by one of its authorities.
    public var attestations: [ImageAttestation]?

    /// Creates a value from its fields.
    public init(
        mode: SignatureMode? = nil,
        authorities: [ImageAuthority]? = nil,
        attestations: [ImageAttestation]? = nil
    ) {
        self.mode = mode
        self.authorities = authorities
        self.attestations = attestations
    }
}

extension TenantSignatures: SchemaProviding {
    public static let schema = Schema.object(
        TenantSignatures.self,
        "Which signatures and attestations images must have.",
        [
            "mode": .string(
                """
                What happens to an image without them: it does not run (Enforce), it runs and the condition ImageVerified says \
                what is missing (Warn), or nothing is checked (Off). By default, Enforce.
                """
            ).values(of: SignatureMode.self),
            "authorities": .array(
                """
                Who may sign. An image needs the signature of one authority that is for it; an image that no authority is for is \
                refused.
                """,
                of: ImageAuthority.schema
            )
            .items(0...32)
            .listMap("name"),
            "attestations": .array(
                "What must be stated about every image, signed by one of its authorities.",
                of: ImageAttestation.schema
            )
            .items(0...16)
            .listMap("name"),
        ]
    )
}

/// Who may sign images: with keys, or with certificates for identities.
public struct ImageAuthority: Sendable, Hashable, Codable {
    /// The name, which conditions use.
    public var name: String
    /// The images that it may sign: registries, or paths in them, such as ghcr.io/acme. By default, all.
    public var images: [String]?
    /// Public keys in PEM: ECDSA (P-256, P-384, P-521), RSA or Ed25519.
    public var keys: [String]?
    /// How many of the keys must have signed. Defaults to 1.
    public var threshold: Int?
    /// Identities to which Fulcio issues certificates. One must have signed.
    public var identities: [ImageIdentity]?
    /// The trusted root of the platform's configuration that certificates and logs are checked against. Needed for identities.
    public var trustedRoot: String?
    /// Whether a transparency log must have recorded a signature with a key. One with a certificate always must be.
    public var requireTransparencyLog: Bool?

    /// Creates a value from its fields.
    public init(
        name: String,
        images: [String]? = nil,
        keys: [String]? = nil,
        threshold: Int? = nil,
        identities: [ImageIdentity]? = nil,
        trustedRoot: String? = nil,
        requireTransparencyLog: Bool? = nil
    ) {
        self.name = name
        self.images = images
        self.keys = keys
        self.threshold = threshold
        self.identities = identities
        self.trustedRoot = trustedRoot
        self.requireTransparencyLog = requireTransparencyLog
    }
}

extension ImageAuthority: SchemaProviding {
    public static let schema = Schema.object(
        ImageAuthority.self,
        "Who may sign images: with keys, or with certificates for identities.",
        [
            "name": .string("The name, which conditions use.").dnsLabel().required(),
            "images": .array(
                """
                The images that it may sign: registries, or paths in them, such as ghcr.io/acme. By default, all. ghcr.io/acme \
                does not include ghcr.io/acme-evil.
                """,
                of: .string().length(1...512).pattern("^[^ \t]+$")
            )
            .items(0...64)
            .set(),
            "keys": .array(
                "Public keys in PEM: ECDSA (P-256, P-384, P-521), RSA or Ed25519. Set either keys or identities.",
                of: .string().length(1...4_096)
            )
            .items(0...16)
            .set(),
            "threshold": .integer("How many of the keys must have signed.").range(1...16).default(1),
            "identities": .array(
                "Identities to which Fulcio issues certificates. One must have signed. Set either keys or identities.",
                of: ImageIdentity.schema
            )
            .items(0...32),
            "trustedRoot": .string(
                """
                The trusted root of the platform's configuration (trustedRoots) that certificates and logs are checked against. \
                Needed for identities.
                """
            ).dnsLabel(),
            "requireTransparencyLog": .boolean(
                """
                Whether a transparency log must have recorded a signature with a key. One with a certificate always must be. \
                Needs trustedRoot.
                """
            ).default(false),
        ]
    )
}

/// An identity, and who confirms it. Each is set as a value or as a pattern.
public struct ImageIdentity: Sendable, Hashable, Codable {
    /// The identity: an e-mail address, or the URI of a workflow.
    public var subject: String?
    /// A pattern for the whole identity: * is any text without /, and ** is any text.
    public var subjectPattern: String?
    /// The URL of the OpenID Connect issuer that confirms the identity.
    public var issuer: String?
    /// A pattern for the whole URL of the issuer.
    public var issuerPattern: String?

    /// Creates a value from its fields.
    public init(
        subject: String? = nil,
        subjectPattern: String? = nil,
        issuer: String? = nil,
        issuerPattern: String? = nil
    ) {
        self.subject = subject
        self.subjectPattern = subjectPattern
        self.issuer = issuer
        self.issuerPattern = issuerPattern
    }
}

extension ImageIdentity: SchemaProviding {
    public static let schema = Schema.object(
        ImageIdentity.self,
        "An identity, and who confirms it. Each is set as a value or as a pattern.",
        [
            "subject": .string("The identity: an e-mail address, or the URI of a workflow.").length(1...1_024),
            "subjectPattern": .string(
                "A pattern for the whole identity: * is any text without /, and ** is any text."
            ).length(1...1_024),
            "issuer": .string("The URL of the OpenID Connect issuer that confirms the identity.").length(1...1_024),
            "issuerPattern": .string("A pattern for the whole URL of the issuer.").length(1...1_024),
        ]
    )
}

/// A statement that every image must have.
public struct ImageAttestation: Sendable, Hashable, Codable {
    /// The name, which conditions use.
    public var name: String
    /// The type of the statement: its URI, or slsaprovenance, spdx, cyclonedx or vuln.
    public var predicateType: String
    /// A pattern for the builder of a SLSA provenance.
    public var builder: String?
    /// A pattern for the source repository of a SLSA provenance.
    public var source: String?
    /// How many hours ago the image may have been scanned for vulnerabilities.
    public var maximumAgeHours: Int?

    /// Creates a value from its fields.
    public init(
        name: String,
        predicateType: String,
        builder: String? = nil,
        source: String? = nil,
        maximumAgeHours: Int? = nil
    ) {
        self.name = name
        self.predicateType = predicateType
        self.builder = builder
        self.source = source
        self.maximumAgeHours = maximumAgeHours
    }
}

extension ImageAttestation: SchemaProviding {
    public static let schema = Schema.object(
        ImageAttestation.self,
        "A statement that every image must have.",
        [
            "name": .string("The name, which conditions use.").dnsLabel().required(),
            "predicateType": .string(
                "The type of the statement: its URI, or slsaprovenance, spdx, cyclonedx or vuln."
            ).length(1...512).required(),
            "builder": .string(
                "The builder of a SLSA provenance, as a pattern: * is any text without /, and ** is any text."
            ).length(1...1_024),
            "source": .string("The source repository of a SLSA provenance, as a pattern.").length(1...1_024),
            "maximumAgeHours": .integer(
                "How many hours ago the image may have been scanned for vulnerabilities."
            ).range(1...87_600),
        ]
    )
}
