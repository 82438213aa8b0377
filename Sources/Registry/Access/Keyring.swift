internal import FoundationEssentials
public import SupplyChain

/// The credentials of pull Secrets, which are looked up as the kubelet does (`pkg/credentialprovider/keyring.go`): more specific
/// entries first, and entries of several Secrets in the order of the Secrets.
public struct Keyring: Sendable, Hashable {
    /// Why a pull Secret cannot be read.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// The entries, in the order in which they were added. The pattern is a host and a path, without a scheme.
    private var entries: [(pattern: String, credential: RegistryCredential)] = []

    /// Creates a keyring without credentials.
    public init() {}

    public static func == (left: Keyring, right: Keyring) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.pattern == $1.pattern && $0.credential == $1.credential }
    }

    public func hash(into hasher: inout Hasher) {
        for entry in entries {
            hasher.combine(entry.pattern)
            hasher.combine(entry.credential)
        }
    }

    /// Adds the credentials of a `config.json`, the value of `.dockerconfigjson`.
    public mutating func add(dockerConfigJSON bytes: [UInt8]) throws(Failure) {
        guard let file = try? JSONDecoder().decode(ConfigurationFile.self, from: Data(bytes)) else {
            throw Failure(description: "it is not a valid config.json")
        }
        try add(file.auths ?? [:])
    }

    /// Adds the credentials of the older format, the value of `.dockercfg`.
    public mutating func add(dockerConfig bytes: [UInt8]) throws(Failure) {
        guard let entries = try? JSONDecoder().decode([String: Entry].self, from: Data(bytes)) else {
            throw Failure(description: "it is not a valid .dockercfg")
        }
        try add(entries)
    }

    private mutating func add(_ added: [String: Entry]) throws(Failure) {
        var valid: [(String, RegistryCredential)] = []
        for (location, entry) in added.sorted(by: { $0.key < $1.key }) {
            guard let credential = entry.credential else {
                throw Failure(description: "the auth of its entry for \(location) is not USER:PASSWORD in base64")
            }
            valid.append((Self.pattern(location), credential))
        }
        entries += valid
    }

    /// The credentials to try for an image, best first; empty if none match.
    public func credentials(for image: ImageReference) -> [RegistryCredential] {
        let patterns = Set(entries.map(\.pattern)).sorted(by: >)
        let found = patterns.filter { Self.matches($0, image.name) }
            .flatMap { pattern in entries.filter { $0.pattern == pattern }.map(\.credential) }
        guard found.isEmpty, image.registry == ImageReference.defaultRegistry else { return found }
        return entries.filter { $0.pattern == Self.defaultRegistryKey }.map(\.credential)
    }

    /// The key of Docker Hub in files that `docker login` writes, `https://index.docker.io/v1/`, as a pattern.
    private static let defaultRegistryKey = "index.docker.io"

    /// A location without its scheme, and without the API version that was part of old locations.
    private static func pattern(_ location: String) -> String {
        var text = location[...]
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) { text = text.dropFirst(scheme.count) }
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        var path = text[slash...]
        if path.hasPrefix("/v1/") || path.hasPrefix("/v2/") { path = path.dropFirst(3) }
        return path == "/" ? String(text[..<slash]) : String(text[..<slash] + path)
    }

    /// Whether a pattern matches the name of an image: an equal port, labels of the host that match one by one, and a path that
    /// starts with the path of the pattern.
    static func matches(_ pattern: String, _ name: String) -> Bool {
        let (host, port, path) = parts(pattern)
        let (imageHost, imagePort, imagePath) = parts(name)
        guard port == imagePort, imagePath.hasPrefix(path) else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let imageLabels = imageHost.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count == imageLabels.count else { return false }
        return zip(labels, imageLabels).allSatisfy { LabelPattern(String($0)).matches(String($1)) }
    }

    private static func parts(_ text: String) -> (host: Substring, port: Substring, path: Substring) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        let authority = text[..<slash]
        guard let colon = authority.lastIndex(of: ":"),
            authority.hasPrefix("[") ? authority[..<colon].hasSuffix("]") : authority.firstIndex(of: ":") == colon
        else { return (authority, "", text[slash...]) }
        let host = authority[..<colon]
        // Go's SplitHostPort removes the brackets of an IPv6 address with a port, which would be a pattern.
        let isAddress = host.hasPrefix("[")
        return (
            isAddress ? host.dropFirst().dropLast() : host, authority[authority.index(after: colon)...], text[slash...]
        )
    }

    private struct ConfigurationFile: Decodable {
        var auths: [String: Entry]?
    }

    private struct Entry: Decodable {
        var username: String?
        var password: String?
        var auth: String?

        /// The kubelet prefers `auth`; `nil` if it is not valid.
        var credential: RegistryCredential? {
            guard let auth, !auth.isEmpty else {
                return RegistryCredential(username: username ?? "", password: Redacted(password ?? ""))
            }
            // Some programs leave out the padding.
            let padding = String(repeating: "=", count: (4 - auth.utf8.count % 4) % 4)
            guard let decoded = Data(base64Encoded: auth) ?? Data(base64Encoded: auth + padding) else { return nil }
            let parts = decoded.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            var password = parts[1]
            while password.last == 0 { password = password.dropLast() }
            return RegistryCredential(
                username: String(decoding: parts[0], as: UTF8.self),
                password: Redacted(String(decoding: password, as: UTF8.self))
            )
        }
    }
}

extension Keyring {
    /// A digest of the credentials to try for an image, in order. What was read with them is only used for those who have them too.
    public func fingerprint(for image: ImageReference) -> String {
        var digest = ContentDigest()
        for credential in credentials(for: image) {
            digest.update(credential.username)
            digest.update(credential.password.reveal())
        }
        return digest.hexadecimal
    }
}
