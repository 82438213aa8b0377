/// How registries are read.
public struct RegistryOptions: Sendable, Hashable {
    /// The registries that are reached over plain HTTP, as host and port, such as `registry.internal.example:5000`. None.
    public var plainHTTP: Set<String> = []
    /// Whether registries at loopback and link-local addresses are read that `plainHTTP` does not list. They are not: a node that pulls
    /// from `localhost` means itself.
    public var allowsLocalHosts = false
    /// The certificates of authorities that are trusted in addition to those of the system, as PEM text.
    public var additionalAuthorities: [UInt8]?
    /// How long reading one image can take, in all. 30 s.
    public var timeout: Duration = .seconds(30)
    /// How often a request is sent that fails for a reason that may pass. 3.
    public var attempts = 3
    /// The maximum size of a manifest, in bytes. 4 MiB, which registries accept too.
    public var manifestLimit = 4 << 20
    /// The maximum size of the configuration of an image, in bytes. 4 MiB.
    public var configurationLimit = 4 << 20
    /// How many redirects are followed. 5.
    public var redirectLimit = 5
    /// The header `User-Agent`.
    public var userAgent = "moorage/0.1.0"
    /// The proxies, from the environment.
    public var proxy = RegistryProxy()

    /// The defaults.
    public init() {}
}
