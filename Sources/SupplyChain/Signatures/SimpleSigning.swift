/// A signature of an image in the format that cosign stores at the tag `sha256-….sig`: a layer with a payload that names the image, and
/// annotations with the signature and what proves it (cosign's signature specification).
public struct SimpleSigning: Sendable, Hashable {
    private let payload: [UInt8]
    private let bundle: SigstoreBundle

    /// The media type of the layer.
    public static let mediaType = "application/vnd.dev.cosign.simplesigning.v1+json"
    /// The maximum size of the payload, in bytes.
    public static let maximumSize = 1 << 20

    /// Reads a layer.
    ///
    /// - Parameters:
    ///   - payload: the layer's content, which the caller has compared with its digest.
    ///   - annotations: the layer's annotations.
    /// - Throws: `VerificationError`.
    public init(payload: [UInt8], annotations: [String: String]) throws(VerificationError) {
        guard payload.count <= Self.maximumSize else {
            throw VerificationError(.limitExceeded, "the signature's payload is larger than \(Self.maximumSize) bytes")
        }
        self.payload = payload
        bundle = SigstoreBundle(
            try CosignAnnotations(annotations),
            content: .message(signature: try CosignAnnotations.signature(annotations), digest: nil)
        )
    }

    /// Verifies the signature, and that it is for an image.
    ///
    /// - Throws: `VerificationError`, the first check that fails.
    public func verify(
        _ digest: ImageDigest,
        root: TrustedRoot?,
        signer: ExpectedSigner,
        requiresLog: Bool
    ) async throws(VerificationError) -> VerifiedSignature {
        let verifier = BundleVerifier(root: root, signer: signer, requiresLog: requiresLog)
        let verified = try await verifier.verify(bundle, artifact: .content(payload))
        try Self.check(payload, digest)
        return verified
    }

    /// Checks that a payload is about an image.
    ///
    /// Programs in Go read names without regard to case, so a name that is there twice in that sense could be understood differently.
    private static func check(_ payload: [UInt8], _ digest: ImageDigest) throws(VerificationError) {
        let document = try JSONDocument(payload, "the signature's payload")
        let critical = try member("critical", of: document)
        guard try member("type", of: critical).text == "cosign container image signature" else {
            throw VerificationError(.unsupported, "critical.type of the signature's payload is not that of an image")
        }
        let image = try member("image", of: critical)
        guard try member("docker-manifest-digest", of: image).text == digest.description else {
            throw VerificationError(.digestMismatch, "the signature is for another image")
        }
    }

    private static func member(_ name: String, of document: JSONDocument) throws(VerificationError) -> JSONDocument {
        // Upper case first: only so does the long s (U+017F) become the s that Go takes it for.
        let found = (document.members ?? []).filter { $0.name.uppercased().lowercased() == name }
        guard found.count == 1 else {
            throw VerificationError(
                .malformed,
                "the signature's payload has \(found.count) members \"\(name)\", and needs exactly one"
            )
        }
        return found[0].value
    }
}
