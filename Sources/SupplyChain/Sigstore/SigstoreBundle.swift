internal import X509

/// Everything that is needed to verify one signature (sigstore_bundle.proto, `Bundle`, versions 0.1 to 0.3, as JSON).
public struct SigstoreBundle: Sendable, Hashable {
    /// What signed.
    enum Material: Sendable, Hashable {
        case certificate(SigningCertificate)
        case publicKey
    }

    /// What is signed.
    enum Content: Sendable, Hashable {
        /// The artifact itself. The digest is only a hint.
        case message(signature: [UInt8], digest: HashedBytes?)
        /// A statement about artifacts.
        case envelope(DSSEEnvelope)
    }

    var material: Material
    var content: Content
    var entries: [TransparencyLogEntry]
    var timestamps: [SignedTimestamp]
    /// Whether it was read from one of cosign's older formats. Versions of cosign before 3 signed these with SHA-256, whatever the key.
    var isFromAnnotations = false

    /// The maximum size, in bytes.
    public static let maximumSize = 16 << 20
    /// The maximum numbers of log entries and of timestamps.
    static let maximumEntries = 32

    /// The signature's bytes.
    var signature: [UInt8] {
        switch content {
        case .message(let signature, _): signature
        case .envelope(let envelope): envelope.signature
        }
    }

    private enum Version {
        case v1, v2, v3
    }

    /// Reads a bundle.
    ///
    /// - Throws: `VerificationError`.
    public init(_ bytes: [UInt8]) throws(VerificationError) {
        guard bytes.count <= Self.maximumSize else {
            throw VerificationError(
                .limitExceeded,
                "the bundle has \(bytes.count) bytes, and \(Self.maximumSize) are read"
            )
        }
        let document = try JSONDocument(bytes, "the bundle")
        let version = try Self.version(document["mediaType"]?.text ?? "")
        guard let verification = document["verificationMaterial"] else {
            throw VerificationError(.malformed, "the bundle has no verificationMaterial")
        }
        material = try Self.material(verification, version)
        content = try Self.content(document)
        entries = try Self.entries(verification, version)
        timestamps = try Self.timestamps(verification)
    }

    /// A bundle of what cosign has in annotations.
    init(_ annotations: CosignAnnotations, content: Content) {
        material = annotations.material
        self.content = content
        entries = annotations.entries
        timestamps = annotations.timestamps
        isFromAnnotations = true
    }

    /// The hashes that its signature can be of, with a key.
    func hashes(_ key: VerificationKey) -> [HashAlgorithm] {
        isFromAnnotations && key.defaultHash != .sha256 ? [.sha256, key.defaultHash] : [key.defaultHash]
    }

    private static func version(_ mediaType: String) throws(VerificationError) -> Version {
        switch mediaType {
        case "application/vnd.dev.sigstore.bundle+json;version=0.1": .v1
        case "application/vnd.dev.sigstore.bundle+json;version=0.2": .v2
        case "application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.3":
            .v3
        default:
            throw VerificationError(
                .unsupported,
                "the bundle's mediaType is \"\(printable(mediaType))\"; the versions 0.1 to 0.3 are supported"
            )
        }
    }

    private static func material(
        _ document: JSONDocument,
        _ version: Version
    ) throws(VerificationError) -> Material {
        let certificate = document["certificate"]
        let chain = document["x509CertificateChain"]
        let publicKey = document["publicKey"]
        guard [certificate, chain, publicKey].count(where: { $0 != nil }) == 1 else {
            throw VerificationError(
                .malformed,
                "the bundle does not have exactly one of certificate, x509CertificateChain and publicKey"
            )
        }
        if publicKey != nil { return .publicKey }
        if chain != nil, version == .v3 {
            throw VerificationError(.malformed, "a bundle of version 0.3 has a certificate, not a x509CertificateChain")
        }
        let certificates = certificate.map { [$0] } ?? chain?["certificates"]?.elements ?? []
        guard certificates.count <= 16 else {
            throw VerificationError(.limitExceeded, "the bundle has more than 16 certificates")
        }
        var parsed: [SigningCertificate] = []
        for certificate in certificates {
            guard let der = certificate["rawBytes"]?.base64 else {
                throw VerificationError(.malformed, "a certificate of the bundle is not valid base64")
            }
            parsed.append(try SigningCertificate(der: der))
        }
        guard let leaf = parsed.first else { throw VerificationError(.malformed, "the bundle has no certificate") }
        // Who is trusted is never decided by the bundle; a root in it is a mistake or an attempt.
        guard !parsed.contains(where: { $0.certificate.issuer == $0.certificate.subject }) else {
            throw VerificationError(.malformed, "the bundle contains a root certificate")
        }
        return .certificate(leaf)
    }

    private static func content(_ document: JSONDocument) throws(VerificationError) -> Content {
        switch (document["messageSignature"], document["dsseEnvelope"]) {
        case (let message?, nil):
            guard let signature = message["signature"]?.base64, !signature.isEmpty else {
                throw VerificationError(.malformed, "the bundle's messageSignature.signature is not valid base64")
            }
            var digest: HashedBytes?
            if let given = message["messageDigest"] {
                guard let bytes = given["digest"]?.base64 else {
                    throw VerificationError(.malformed, "the bundle's messageDigest.digest is not valid base64")
                }
                let name = given["algorithm"]?.text ?? ""
                guard let algorithm = HashAlgorithm(protobuf: name) else {
                    throw VerificationError(
                        .unsupported,
                        "the bundle's messageDigest.algorithm is \"\(printable(name))\": use SHA2_256, SHA2_384 or SHA2_512"
                    )
                }
                digest = HashedBytes(algorithm: algorithm, bytes: bytes)
            }
            return .message(signature: signature, digest: digest)
        case (nil, let envelope?): return .envelope(try DSSEEnvelope(envelope))
        default:
            throw VerificationError(
                .malformed,
                "the bundle does not have exactly one of messageSignature and dsseEnvelope"
            )
        }
    }

    private static func entries(
        _ document: JSONDocument,
        _ version: Version
    ) throws(VerificationError) -> [TransparencyLogEntry] {
        let list = document["tlogEntries"]?.elements ?? []
        guard list.count <= maximumEntries else {
            throw VerificationError(
                .limitExceeded,
                "the bundle has \(list.count) log entries, and \(maximumEntries) are read"
            )
        }
        var entries: [TransparencyLogEntry] = []
        for element in list {
            let entry = try TransparencyLogEntry(element)
            guard !entries.contains(where: { $0.logIdentifier == entry.logIdentifier && $0.index == entry.index })
            else {
                throw VerificationError(.limitExceeded, "the bundle has the same log entry twice")
            }
            if version == .v1, entry.promise == nil {
                throw VerificationError(.logPromiseInvalid, "a log entry of a bundle of version 0.1 has no promise")
            }
            if version != .v1 {
                guard let proof = entry.proof else {
                    throw VerificationError(.logProofInvalid, "a log entry has no inclusion proof")
                }
                guard proof.checkpoint != nil else {
                    throw VerificationError(
                        .logCheckpointInvalid,
                        "the inclusion proof of a log entry has no checkpoint"
                    )
                }
            }
            entries.append(entry)
        }
        return entries
    }

    private static func timestamps(_ document: JSONDocument) throws(VerificationError) -> [SignedTimestamp] {
        let list = document["timestampVerificationData"]?["rfc3161Timestamps"]?.elements ?? []
        guard list.count <= maximumEntries else {
            throw VerificationError(
                .limitExceeded,
                "the bundle has \(list.count) timestamps, and \(maximumEntries) are read"
            )
        }
        var timestamps: [SignedTimestamp] = []
        for element in list {
            guard let response = element["signedTimestamp"]?.base64 else {
                throw VerificationError(.malformed, "a timestamp of the bundle is not valid base64")
            }
            let timestamp = try SignedTimestamp(response)
            guard !timestamps.contains(timestamp) else {
                throw VerificationError(.limitExceeded, "the bundle has the same timestamp twice")
            }
            timestamps.append(timestamp)
        }
        return timestamps
    }
}
