internal import FoundationEssentials

/// Where a registry is reached: a host with a port, over TLS unless the platform lists it as one without.
struct RegistryAddress: Sendable, Hashable {
    /// The host and the port, as in a URL.
    var authority: String
    var isPlainHTTP: Bool

    /// The host of Docker Hub's API.
    private static let dockerHub = "registry-1.docker.io"

    /// - Parameters:
    ///   - registry: the registry of an image reference.
    ///   - plainHTTP: the registries that are reached over plain HTTP.
    init(registry: String, plainHTTP: Set<String>) {
        authority = ["docker.io", "index.docker.io"].contains(registry) ? Self.dockerHub : registry
        isPlainHTTP = plainHTTP.contains(registry)
    }

    /// Whether it is a loopback or link-local address.
    var isLocal: Bool {
        guard let host = URL(string: "https://\(authority)/")?.host() else { return true }
        return RegistryURL.isLocal(RegistryURL.withoutBrackets(host.lowercased()))
    }

    /// The URL of a part of a repository, such as `manifests/latest`.
    func url(repository: String, _ rest: String) -> String {
        "\(isPlainHTTP ? "http" : "https")://\(authority)/v2/\(repository)/\(rest)"
    }
}

/// A URL that a registry names, for a redirect or for tokens.
struct RegistryURL: Sendable, Hashable {
    /// The URL.
    var text: String
    /// The scheme, host and port, which decide whether credentials are sent along.
    var origin: String

    /// Resolves a URL that a registry names, against the URL that it was named for.
    ///
    /// - Parameters:
    ///   - location: the URL, which can be relative.
    ///   - base: the URL that was requested; `nil` for a URL that nobody but the image's name decides.
    ///   - plainHTTP: the registries that are reached over plain HTTP.
    /// - Throws: `RegistryError` with `invalid`, if it cannot be used.
    init(_ location: String, against base: String? = nil, plainHTTP: Set<String>) throws(RegistryError) {
        let resolved =
            base.flatMap { URL(string: $0) }.map { URL(string: location, relativeTo: $0) } ?? URL(string: location)
        guard let url = resolved?.absoluteURL, let scheme = url.scheme?.lowercased(), let host = url.host(),
            !host.isEmpty, url.user() == nil, url.password() == nil
        else { throw RegistryError(.invalid, "the registry names a URL that is not valid") }
        let name = Self.withoutBrackets(host.lowercased())
        let authority = (name.contains(":") ? "[\(name)]" : name) + (url.port.map { ":\($0)" } ?? "")
        guard scheme == "https" || scheme == "http" && plainHTTP.contains(authority) else {
            throw RegistryError(
                .invalid,
                """
                the registry names a URL at \(authority) that does not use https: if that host is to be reached over plain \
                HTTP, add it to registries.plainHTTP of the platform's configuration
                """
            )
        }
        text = url.absoluteString
        origin = "\(scheme)://\(authority)"
        guard let base else { return }
        let baseName = (URL(string: base)?.host()?.lowercased()).map(Self.withoutBrackets)
        if name != baseName, Self.isLocal(name) {
            throw RegistryError(.invalid, "the registry names a URL at \(authority), an address of the machine itself")
        }
    }

    /// An IPv6 address without its brackets.
    fileprivate static func withoutBrackets(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    /// Whether a host is a loopback or link-local address, under which machines offer what is meant for themselves, such as a cloud's
    /// metadata service. Names are not resolved.
    fileprivate static func isLocal(_ name: String) -> Bool {
        name == "localhost" || name.hasSuffix(".localhost") || name.hasPrefix("127.")
            || name.hasPrefix("169.254.")
            || name.hasPrefix("0.") || name == "0.0.0.0" || name == "::" || name == "::1" || name.hasPrefix("fe80:")
            || name.hasPrefix("::ffff:") || name == "fd00:ec2::254"
    }
}
