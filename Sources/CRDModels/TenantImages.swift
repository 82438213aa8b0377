public import KubernetesAPI

/// Which images a tenant may run.
public struct TenantImages: Sendable, Hashable, Codable {
    /// Whether images must be pinned by digest; as the platform has it when left out.
    public var requireDigest: Bool?
    /// Registries, or paths in them, that images may come from, such as ghcr.io/acme; any when left out. ghcr.io/acme
    /// does not allow ghcr.io/acme-evil.
    public var allowedRegistries: [String]?
    /// Where images are pulled from in place of where they say. The longest source that fits counts; the digest stays.
    public var mirrors: [ImageMirror]?

    /// Makes one from its fields.
    public init(requireDigest: Bool? = nil, allowedRegistries: [String]? = nil, mirrors: [ImageMirror]? = nil) {
        self.requireDigest = requireDigest
        self.allowedRegistries = allowedRegistries
        self.mirrors = mirrors
    }
}

extension TenantImages: SchemaProviding {
    public static let schema = Schema.object(
        TenantImages.self,
        "Which images the tenant may run.",
        [
            "requireDigest": .boolean(
                """
                Whether images must be pinned by digest; as the platform has it when left out. false has an effect only \
                where the platform requires none or lets tenants do without.
                """
            ),
            "allowedRegistries": .array(
                """
                Registries, or paths in them, that images may come from, such as ghcr.io/acme; any when left out. \
                ghcr.io/acme does not allow ghcr.io/acme-evil.
                """,
                of: .string().length(1...512).pattern("^[^ \t]+$")
            )
            .items(0...64)
            .set(),
            "mirrors": .array(
                """
                Where images are pulled from in place of where they say. The longest source that fits counts; the \
                digest stays.
                """,
                of: ImageMirror.schema
            )
            .items(0...64)
            .listMap("source"),
        ]
    )
}

/// A registry, or a path in it, and its mirror.
public struct ImageMirror: Sendable, Hashable, Codable {
    /// What images say, such as docker.io/library.
    public var source: String
    /// Where they are pulled from, such as registry.internal:5000/library.
    public var mirror: String

    /// Makes one from its fields.
    public init(source: String, mirror: String) {
        self.source = source
        self.mirror = mirror
    }
}

extension ImageMirror: SchemaProviding {
    public static let schema = Schema.object(
        ImageMirror.self,
        "A registry, or a path in it, and its mirror.",
        [
            "source": .string("What images say, such as docker.io/library.").length(1...512).required(),
            "mirror": .string("Where they are pulled from, such as registry.internal:5000/library.")
                .length(1...512)
                .required(),
        ]
    )
}
