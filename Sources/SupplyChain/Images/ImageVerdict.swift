/// The result of checking one image.
public struct ImageVerdict: Sendable, Hashable {
    /// The full reference as it was requested.
    public let requested: ImageReference
    /// The reference to pull, from a mirror if one applies; the digest is that of the request.
    public let resolved: ImageReference
    /// The mirror that was applied.
    public let mirror: RegistryMirror?
    /// Whether it is Moorage's own image, which the platform chooses, so that no rule and no signature is needed.
    public var isOwn = false
}

/// Why an image cannot run.
public struct ImageRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The rule that refuses it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case malformed
        case latestTag
        case digestRequired
        case registryNotAllowed
        case mirrorNotAllowed
        case notMirrored
    }

    /// The rule that refuses it.
    public let kind: Kind
    /// The image as written.
    public let image: String
    /// What is wrong and what to do about it.
    public let message: String

    public var description: String { message }
}

/// The rules for images: those of the platform, which always apply, and those of a tenant, which can only be stricter.
public struct ImageRules: Sendable, Hashable {
    /// The platform's rules.
    public var platform: ImagePolicy
    /// The tenant's rules, if there are any.
    public var tenant: ImagePolicy?
    /// Whether images can only be pulled from mirrors, because nothing else can be reached.
    public var mirrorsOnly: Bool
    /// Moorage's own image, exactly as the platform's configuration has it. It runs in pods of tenants anyway, as the adapter for stdio, so
    /// that a server can run it without a rule. Containers that a tenant adds cannot.
    public var ownImage: String?

    public init(
        platform: ImagePolicy,
        tenant: ImagePolicy? = nil,
        mirrorsOnly: Bool = false,
        ownImage: String? = nil
    ) {
        self.platform = platform
        self.tenant = tenant
        self.mirrorsOnly = mirrorsOnly
        self.ownImage = ownImage
    }

    /// Whether either policy requires a digest.
    public var requireDigest: Bool { platform.requireDigest || (tenant?.requireDigest ?? false) }

    /// Checks the image of a server, which can be Moorage's own.
    ///
    /// - Throws: `ImageRefusal`, the first rule that refuses it.
    public func judge(server image: String) throws(ImageRefusal) -> ImageVerdict {
        if image == ownImage, let reference = try? ImageReference(image) {
            return ImageVerdict(requested: reference, resolved: reference, mirror: nil, isOwn: true)
        }
        return try judge(image)
    }

    /// Checks one image.
    ///
    /// The lists of allowed registries apply to the reference as written; both must allow it. The platform's list must
    /// also allow a tenant's mirror, so that a mirror cannot bypass the list. The platform's own mirrors are always
    /// allowed.
    ///
    /// - Throws: `ImageRefusal`, the first rule that refuses it.
    public func judge(_ image: String) throws(ImageRefusal) -> ImageVerdict {
        let reference: ImageReference
        do {
            reference = try ImageReference(image)
        } catch {
            throw ImageRefusal(kind: .malformed, image: image, message: error.description)
        }
        if reference.isLatest {
            let written = reference.tag == nil ? "has no tag, which means latest" : "has the tag latest"
            throw ImageRefusal(
                kind: .latestTag,
                image: image,
                message: "image \"\(image)\" \(written), which can change with every push: "
                    + (reference.digest == nil
                        ? "pin it as \(reference.name)@sha256:…" : "remove the tag, the digest is enough")
            )
        }
        if requireDigest, reference.digest == nil {
            throw ImageRefusal(
                kind: .digestRequired,
                image: image,
                message: """
                    image "\(image)" has no digest, and the policy requires one: use \(reference.description)@sha256:… \
                    (crane digest \(reference.description) shows the digest)
                    """
            )
        }
        try check(reference, image: image)
        return try resolve(reference, image: image)
    }

    private func check(_ reference: ImageReference, image: String) throws(ImageRefusal) {
        let lists = [("platform", platform), ("tenant", tenant ?? ImagePolicy())]
        for (owner, policy) in lists where !policy.allows(reference) {
            let allowed = policy.allowedRegistries.map(\.text).joined(separator: ", ")
            throw ImageRefusal(
                kind: .registryNotAllowed,
                image: image,
                message: """
                    image "\(image)" is \(reference.name), which the \(owner)'s list of registries does not allow: use \
                    one of \(allowed), or ask an administrator to extend the list
                    """
            )
        }
    }

    private func resolve(_ reference: ImageReference, image: String) throws(ImageRefusal) -> ImageVerdict {
        let mirrors = (tenant?.mirrors ?? []) + platform.mirrors
        // The longest source is used; if both are equal, the tenant's, because it comes first.
        var chosen: (mirror: RegistryMirror, isTenants: Bool)?
        for (index, mirror) in mirrors.enumerated() where mirror.source.covers(reference.name) {
            if let current = chosen, current.mirror.source.text.count >= mirror.source.text.count { continue }
            chosen = (mirror, index < (tenant?.mirrors.count ?? 0))
        }
        guard let chosen, let resolved = chosen.mirror.rewrite(reference) else {
            if mirrorsOnly, !mirrors.contains(where: { $0.mirror.covers(reference.name) }) {
                throw ImageRefusal(
                    kind: .notMirrored,
                    image: image,
                    message:
                        """
                        image "\(image)" is not on a mirror and no mirror matches it, and this tenant is \
                        air-gapped: add a mirror for \(reference.registry) to the tenant's images.mirrors
                        """
                )
            }
            return ImageVerdict(requested: reference, resolved: reference, mirror: nil)
        }
        if chosen.isTenants, !platform.allows(resolved),
            !platform.mirrors.contains(where: { $0.mirror.covers(resolved.name) })
        {
            throw ImageRefusal(
                kind: .mirrorNotAllowed,
                image: image,
                message:
                    "image \"\(image)\" would be pulled as \(resolved.name) through the tenant's mirror, which the "
                        + """
                        platform's list of registries does not allow: ask an administrator to add \
                        \(chosen.mirror.mirror) to it
                        """
            )
        }
        return ImageVerdict(requested: reference, resolved: resolved, mirror: chosen.mirror)
    }
}
