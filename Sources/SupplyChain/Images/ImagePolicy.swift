/// Which images can run, and where they are pulled from.
public struct ImagePolicy: Sendable, Hashable {
    /// Whether a reference must have a digest.
    public var requireDigest: Bool
    /// Registries, each a host or a host and a path prefix, that images can be pulled from. `nil` or empty allows all.
    public var allowedRegistries: [RegistryPrefix]
    /// The mirrors that images are pulled from. The longest matching source is used.
    public var mirrors: [RegistryMirror]

    public init(
        requireDigest: Bool = true,
        allowedRegistries: [RegistryPrefix] = [],
        mirrors: [RegistryMirror] = []
    ) {
        self.requireDigest = requireDigest
        self.allowedRegistries = allowedRegistries
        self.mirrors = mirrors
    }

    /// Whether the list of allowed registries allows an image with this name.
    public func allows(_ reference: ImageReference) -> Bool {
        allowedRegistries.isEmpty || allowedRegistries.contains { $0.covers(reference.name) }
    }
}

/// A registry's host, or a host and a path prefix, which matches everything below it on path boundaries: `ghcr.io/acme`
/// matches `ghcr.io/acme/server` and not `ghcr.io/acme-evil/server`.
public struct RegistryPrefix: Sendable, Hashable, CustomStringConvertible {
    /// The prefix without a slash at its end, the host in lower case.
    public let text: String

    /// Parses a prefix of a policy. A trailing `/` or `/*` is ignored.
    ///
    /// - Throws: `ImageReferenceError`, if the text is not a host or a path.
    public init(_ text: String) throws(ImageReferenceError) {
        var prefix = text[...]
        if prefix.hasSuffix("/*") { prefix = prefix.dropLast(2) }
        if prefix.hasSuffix("/") { prefix = prefix.dropLast() }
        // A repository below the prefix must be a valid reference, so the prefix is checked by the grammar of
        // references.
        let slash = prefix.firstIndex(of: "/")
        let host = slash.map { prefix[..<$0] } ?? prefix
        guard !host.isEmpty, host.contains(".") || host.contains(":") || host == "localhost" else {
            throw ImageReferenceError(
                .registryHost,
                text,
                "an allowed registry or mirror must start with a host, such as ghcr.io or docker.io/library"
            )
        }
        let reference: ImageReference
        do {
            reference = try ImageReference("\(prefix)/x/x")
        } catch {
            throw ImageReferenceError(error.kind, text, error.message)
        }
        self.text = String(reference.name.dropLast("/x/x".count))
    }

    /// Whether a repository's full name is this prefix or below it.
    public func covers(_ name: String) -> Bool {
        name == text || name.hasPrefix(text + "/")
    }

    public var description: String { text }
}

/// Maps images below one prefix to another prefix.
public struct RegistryMirror: Sendable, Hashable {
    /// The prefix in specs.
    public let source: RegistryPrefix
    /// The prefix that images are pulled from.
    public let mirror: RegistryPrefix

    public init(source: RegistryPrefix, mirror: RegistryPrefix) {
        self.source = source
        self.mirror = mirror
    }

    /// The reference in the mirror: the same path below the prefix, the same tag and the same digest. `nil` if the
    /// source does not match.
    public func rewrite(_ reference: ImageReference) -> ImageReference? {
        guard source.covers(reference.name) else { return nil }
        var name = mirror.text + reference.name.dropFirst(source.text.count)
        guard let slash = name.firstIndex(of: "/") else { return nil }
        var result = reference
        result.registry = String(name[..<slash])
        name.removeSubrange(...slash)
        result.repository = name
        return result
    }
}
