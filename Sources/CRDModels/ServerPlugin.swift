public import KubernetesAPI

/// A bundle of files that a server loads, such as a connector: it is mounted after its digest and its signature have been checked.
public struct ServerPlugin: Sendable, Hashable, Codable {
    /// The name of the bundle, and of its directory.
    public var name: String
    /// An image that contains the bundle. The rules for images apply to it.
    public var image: String?
    /// A PersistentVolumeClaim in the same namespace that contains the bundle.
    public var claim: String?
    /// A ConfigMap in the same namespace that contains the bundle.
    public var configMap: String?
    /// The directory of the bundle in the image or the claim. Defaults to its root.
    public var path: String?
    /// The file that is signed. Defaults to SHA256SUMS.
    public var entry: String?
    /// The SHA-256 of the entry file, as 64 hexadecimal digits.
    public var sha256: String
    /// The detached signature of the entry file, in base64.
    public var signature: String
    /// Where the bundle is mounted. Defaults to /plugins/NAME.
    public var mountPath: String?

    /// Creates a value from its fields.
    public init(
        name: String,
        image: String? = nil,
        claim: String? = nil,
        configMap: String? = nil,
        path: String? = nil,
        entry: String? = nil,
        sha256: String,
        signature: String,
        mountPath: String? = nil
    ) {
        self.name = name
        self.image = image
        self.claim = claim
        self.configMap = configMap
        self.path = path
        self.entry = entry
        self.sha256 = sha256
        self.signature = signature
        self.mountPath = mountPath
    }
}

extension ServerPlugin: SchemaProviding {
    public static let schema = Schema.object(
        ServerPlugin.self,
        """
        A bundle of files that a server loads. An init container checks it before it is mounted; only files that the signature \
        covers are.
        """,
        [
            "name": .string("The name of the bundle, and of its directory.").dnsLabel().length(1...40).required(),
            "image": .string("An image that contains the bundle. The rules for images apply to it.")
                .length(1...512)
                .pattern("^[^ \\t\\n\\r]+$"),
            "claim": .string("A PersistentVolumeClaim in the same namespace that contains the bundle.").length(1...253),
            "configMap": .string("A ConfigMap in the same namespace that contains the bundle.").length(1...253),
            "path": .string("The directory of the bundle in the image or the claim. Defaults to its root.")
                .length(1...512)
                .pattern(relativePath),
            "entry": .string(
                """
                The file that is signed, as a path in the bundle. If it is named SHA256SUMS, it is a list as sha256sum writes it, \
                and the files that it lists are checked and mounted too; otherwise only this file is mounted. Defaults to \
                SHA256SUMS.
                """
            )
            .length(1...512)
            .pattern(relativePath),
            "sha256": .string("The SHA-256 of the entry file, as 64 hexadecimal digits.").pattern("^[0-9a-f]{64}$")
                .required(),
            "signature": .string(
                """
                The detached signature of the entry file, in base64, by a key of spec.plugins.publicKeys of the MCPTenant: ECDSA \
                or RSA over the SHA-256 of the file, or Ed25519 over the file.
                """
            )
            .length(1...2048)
            .pattern("^[A-Za-z0-9+/]+={0,2}$")
            .required(),
            "mountPath": .string("Where the bundle is mounted. Defaults to /plugins/NAME.")
                .length(1...512)
                .pattern("^/[^:]*$"),
        ],
        rules: [
            .exactlyOneOf(
                "image",
                "claim",
                "configMap",
                message: "set exactly one of image, claim and configMap: where the bundle is"
            )
        ]
    )

    /// A path without an empty component, `.` or `..`.
    private static let relativePath = "^([^/.][^/:]*|[.][^/.:][^/:]*)(/([^/.][^/:]*|[.][^/.:][^/:]*))*$"
}

/// Who signs the bundles that servers of a tenant load.
public struct TenantPlugins: Sendable, Hashable, Codable {
    /// The public keys in PEM. A bundle must be signed with one of them.
    public var publicKeys: [String]?

    /// Creates a value from its fields.
    public init(publicKeys: [String]? = nil) {
        self.publicKeys = publicKeys
    }
}

extension TenantPlugins: SchemaProviding {
    public static let schema = Schema.object(
        TenantPlugins.self,
        "Who signs the bundles that servers load with spec.plugins. Without a key, servers cannot load any.",
        [
            "publicKeys": .array(
                "The public keys in PEM: ECDSA, RSA or Ed25519. A bundle must be signed with one of them.",
                of: .string().length(1...16384)
            )
            .items(0...16)
            .atomic()
        ]
    )
}
