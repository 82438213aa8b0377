public import KubernetesAPI

/// Which images a tenant may run.
public struct TenantImages: Sendable, Hashable, Codable {
    /// Whether images must be pinned by digest. Defaults to the platform's setting.
    public var requireDigest: Bool?
    /// Registries, or paths in them, that images can be pulled from, such as ghcr.io/acme. By default, all are allowed.
    /// ghcr.io/acme does not allow ghcr.io/acme-evil.
    public var allowedRegistries: [String]?
    /// Mirrors of registries that images are pulled from. The longest matching source is used; the digest is kept.
    public var mirrors: [ImageMirror]?
    /// Which signatures and attestations images must have, in addition to those that the platform requires.
    public var signatures: TenantSignatures?

    /// Creates a value from its fields.
    public init(
        requireDigest: Bool? = nil,
        allowedRegistries: [String]? = nil,
        mirrors: [ImageMirror]? = nil,
        signatures: TenantSignatures? = nil
    ) {
        self.requireDigest = requireDigest
        self.allowedRegistries = allowedRegistries
        self.mirrors = mirrors
        self.signatures = signatures
    }
}

extension TenantImages: SchemaProviding {
    public static let schema = Schema.object(
        TenantImages.self,
        "Which images the tenant may run.",
        [
            "requireDigest": .boolean(
                """
                Whether images must be pinned by digest. Defaults to the platform's setting; false has an effect only \
                if the platform does not require digests or allows tenants to turn this off.
                """
            ),
            "allowedRegistries": .array(
                """
                Registries, or paths in them, that images can be pulled from, such as ghcr.io/acme. By default, all \
                are allowed. ghcr.io/acme does not allow ghcr.io/acme-evil.
                """,
                of: .string().length(1...512).pattern("^[^ \t]+$")
            )
            .items(0...64)
            .set(),
            "mirrors": .array(
                """
                Mirrors of registries that images are pulled from. The longest matching source is used; the digest is \
                kept.
                """,
                of: ImageMirror.schema
            )
            .items(0...64)
            .listMap("source"),
            "signatures": TenantSignatures.schema.described(
                "Which signatures and attestations images must have, in addition to those that the platform requires."
            ),
        ]
    )
}

/// A registry, or a path in it, and its mirror.
public struct ImageMirror: Sendable, Hashable, Codable {
    /// The registry or path in the name of the image, such as docker.io/library.
    public var source: String
    /// The registry or path that the image is pulled from, such as registry.internal:5000/library.
    public var mirror: String

    /// Creates a value from its fields.
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
            "source": .string(
                """
                The registry or path in the name of the image, such as docker.io/library.
                """
            ).length(1...512).required(),
            "mirror": .string(
                """
                The registry or path that the image is pulled from, such as registry.internal:5000/library.
                """
            )
            .length(1...512)
            .required(),
        ]
    )
}
