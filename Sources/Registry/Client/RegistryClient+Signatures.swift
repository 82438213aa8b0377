public import SupplyChain

extension RegistryClient {
    /// What a registry has about the signatures of an image.
    public struct ImageEvidence: Sendable, Hashable {
        /// The digest that it is about: of an index if the image has several platforms.
        public var digest: ImageDigest
        /// Signatures and attestations, which nobody has verified yet.
        public var evidence: [SignatureEvidence]

        /// Creates a value from its fields.
        public init(digest: ImageDigest, evidence: [SignatureEvidence]) {
            self.digest = digest
            self.evidence = evidence
        }
    }

    /// Reads the signatures and attestations of an image: from the list of referrers, from the tag that stands for that list if the
    /// registry has none, and from cosign's tags `.sig` and `.att`.
    ///
    /// Everything is compared with its digest. Something that cannot be understood is part of the result, so that it does not hide
    /// what can be.
    ///
    /// - Parameters:
    ///   - image: the image. Its digest is read if it has one, and otherwise what its tag names now.
    ///   - keyring: the credentials.
    /// - Throws: `RegistryError`, whose message names the registry; `CancellationError`.
    public func signatures(of image: ImageReference, keyring: Keyring = Keyring()) async throws -> ImageEvidence {
        try await withSession(image, keyring) { session in
            var digest = image.digest
            if digest == nil {
                digest = try await session.manifestContent(image.tag ?? "latest", digest: nil).digest
            }
            guard let digest else { throw RegistryError(.invalid, "the image has no digest") }
            var reader = EvidenceReader(session: session, digest: digest)
            try await reader.readReferrers()
            try await reader.readTag(suffix: "sig", mediaType: SimpleSigning.mediaType)
            try await reader.readTag(suffix: "att", mediaType: SigstoreBundle.envelopeMediaType)
            return ImageEvidence(digest: digest, evidence: reader.evidence)
        }
    }
}

/// Collects the signatures of one image.
private struct EvidenceReader {
    let session: RegistrySession
    let digest: ImageDigest
    var evidence: [SignatureEvidence] = []
    private var seen: Set<ImageDigest> = []

    init(session: RegistrySession, digest: ImageDigest) {
        self.session = session
        self.digest = digest
    }

    /// The tag that stands for an image in the tag schemes of OCI and cosign.
    private var tag: String { "\(digest.algorithm.rawValue)-\(digest.hexadecimal)" }

    /// Reads what refers to the image.
    mutating func readReferrers() async throws {
        for entry in try await referrers() {
            let type = entry.artifactType ?? ""
            guard type.hasPrefix(Self.bundlePrefix) || type == Self.signatureArtifact else { continue }
            guard hasRoom() else { return }
            let content = try await session.manifestContent(entry.digest.description, digest: entry.digest)
            let manifest: ArtifactManifest
            do {
                manifest = try ArtifactManifest(content.bytes)
            } catch {
                evidence.append(.unreadable(VerificationError(.malformed, error.message)))
                continue
            }
            guard manifest.subject == digest else {
                evidence.append(
                    .unreadable(VerificationError(.digestMismatch, "the registry lists a signature of another image"))
                )
                continue
            }
            try await readLayers(of: manifest)
        }
    }

    private func referrers() async throws -> [Descriptor] {
        if let entries = try await session.referrers(of: digest) { return entries }
        guard let content = try await optional({ try await session.manifestContent(tag, digest: nil) }),
            case .index(let entries) = try? Manifest(content.bytes, contentType: content.contentType)
        else { return [] }
        return entries
    }

    /// Reads the layers of one of cosign's tags.
    mutating func readTag(suffix: String, mediaType: String) async throws {
        let tag = "\(tag).\(suffix)"
        guard let content = try await optional({ try await session.manifestContent(tag, digest: nil) }) else { return }
        do {
            try await readLayers(of: try ArtifactManifest(content.bytes), only: mediaType)
        } catch let error as RegistryError where error.code == .invalid {
            evidence.append(.unreadable(VerificationError(.malformed, "\(tag): \(error.message)")))
        }
    }

    private mutating func readLayers(of manifest: ArtifactManifest, only mediaType: String? = nil) async throws {
        for layer in manifest.layers {
            let isSignature = layer.mediaType == SimpleSigning.mediaType
            let isEnvelope = layer.mediaType == SigstoreBundle.envelopeMediaType
            let isBundle = layer.mediaType.hasPrefix(Self.bundlePrefix)
            guard isSignature || isEnvelope || isBundle, mediaType == nil || mediaType == layer.mediaType else {
                continue
            }
            guard hasRoom() else { return }
            // The same payload can have several signatures, which only the annotations distinguish.
            guard isSignature || seen.insert(layer.digest).inserted else { continue }
            let content: [UInt8]
            do {
                content = try await session.blob(layer, limit: SigstoreBundle.maximumSize)
            } catch let error as RegistryError where error.code == .invalid {
                evidence.append(.unreadable(VerificationError(.malformed, error.message)))
                continue
            }
            evidence.append(Self.evidence(content, of: layer))
        }
    }

    private static func evidence(_ content: [UInt8], of layer: Descriptor) -> SignatureEvidence {
        do {
            switch layer.mediaType {
            case SimpleSigning.mediaType:
                return .simpleSigning(try SimpleSigning(payload: content, annotations: layer.annotations))
            case SigstoreBundle.envelopeMediaType:
                return .bundle(try SigstoreBundle(envelope: content, annotations: layer.annotations))
            default: return .bundle(try SigstoreBundle(content))
            }
        } catch {
            return .unreadable(error)
        }
    }

    /// Whether more is read. Anyone who can push can add entries, so there is a limit.
    private mutating func hasRoom() -> Bool {
        if evidence.count < ImageSignatures.maximumEvidence { return true }
        if evidence.count == ImageSignatures.maximumEvidence {
            let text =
                "the registry has more than \(ImageSignatures.maximumEvidence) signatures; the others are not read"
            evidence.append(.unreadable(VerificationError(.limitExceeded, text)))
        }
        return false
    }

    /// What a request returns; `nil` if the registry does not have it.
    private func optional<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch let error as RegistryError where error.code == .notFound {
            return nil
        }
    }

    /// The start of the types of bundles, which end with their version.
    private static let bundlePrefix = "application/vnd.dev.sigstore.bundle"
    /// cosign's type of signatures that are stored as referrers without a bundle.
    private static let signatureArtifact = "application/vnd.dev.cosign.artifact.sig.v1+json"
}
