/// What images may run, and where they are pulled from.
public struct ImagePolicy: Sendable, Hashable {
    /// Whether a reference must carry a digest.
    public var requireDigest: Bool
    /// Registries, each a host or a host and a path prefix, from which images may come. `nil` or empty allows all.
    public var allowedRegistries: [RegistryPrefix]
    /// Where images are pulled from in place of what was written. The longest source that fits wins.
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

    /// Whether an image of this name may be used, by the allow-list alone.
    public func allows(_ reference: ImageReference) -> Bool {
        allowedRegistries.isEmpty || allowedRegistries.contains { $0.covers(reference.name) }
    }
}

/// A registry's host, or a host and the head of a path, that covers what lies below it on path boundaries:
/// `ghcr.io/acme` covers `ghcr.io/acme/server` and not `ghcr.io/acme-evil/server`.
public struct RegistryPrefix: Sendable, Hashable, CustomStringConvertible {
    /// The prefix without a slash at its end, the host in lower case.
    public let text: String

    /// Reads a prefix as a policy has it. A slash, or a slash and a star, at its end means the same as none.
    ///
    /// - Throws: `ImageReferenceError`, where the text is no host or path.
    public init(_ text: String) throws(ImageReferenceError) {
        var prefix = text[...]
        if prefix.hasSuffix("/*") { prefix = prefix.dropLast(2) }
        if prefix.hasSuffix("/") { prefix = prefix.dropLast() }
        // A repository below the prefix must be a reference; so the prefix is checked by the grammar of references.
        let slash = prefix.firstIndex(of: "/")
        let host = slash.map { prefix[..<$0] } ?? prefix
        guard !host.isEmpty, host.contains(".") || host.contains(":") || host == "localhost" else {
            throw ImageReferenceError(
                .registryHost,
                text,
                "an allowed registry or mirror starts with a host, such as ghcr.io or docker.io/library"
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

    /// Whether a repository's full name lies at or below this prefix.
    public func covers(_ name: String) -> Bool {
        name == text || name.hasPrefix(text + "/")
    }

    public var description: String { text }
}

/// Pulls what lies below one prefix from below another.
public struct RegistryMirror: Sendable, Hashable {
    /// What is written in specs.
    public let source: RegistryPrefix
    /// Where it is pulled from.
    public let mirror: RegistryPrefix

    public init(source: RegistryPrefix, mirror: RegistryPrefix) {
        self.source = source
        self.mirror = mirror
    }

    /// The reference as the mirror has it: the same path below the prefix, the same tag and the same digest. `nil` where
    /// the source does not cover it.
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
