public import FoundationEssentials
internal import X509

/// Who must have signed.
public enum ExpectedSigner: Sendable, Hashable {
    /// The holder of a key.
    case key(VerificationKey)
    /// The holder of an identity, to whom an authority of the trusted root has issued a certificate.
    case identity(IdentityMatcher)
}

/// What is verified.
public enum SignedArtifact: Sendable, Hashable {
    /// The artifact itself.
    case content([UInt8])
    /// An artifact of which only the hash is known, such as an image's manifest.
    case hash(HashedBytes)

    /// The hash of the artifact.
    ///
    /// - Returns: `nil` if only another hash is known.
    func hash(_ algorithm: HashAlgorithm) -> HashedBytes? {
        switch self {
        case .content(let content): algorithm.hash(content)
        case .hash(let hash): hash.algorithm == algorithm ? hash : nil
        }
    }
}

/// A signature that was verified.
public struct VerifiedSignature: Sendable, Hashable {
    /// Who signed.
    public enum Signer: Sendable, Hashable {
        /// The holder of a key.
        case key(fingerprint: String)
        /// The holder of an identity.
        case identity(subject: String, issuer: String)
    }

    /// Who signed.
    public var signer: Signer
    /// The verified times of the signature, the earliest first. Empty if it was made with a key and has none.
    public var times: [Date]
    /// The URLs of the transparency logs that have recorded it.
    public var logs: [String]
    /// The statement; `nil` if the artifact itself is signed.
    public var statement: InTotoStatement?
}

/// Verifies Sigstore bundles, offline (Sigstore client specification, "Verification"). It does no I/O and takes no time from a clock.
public struct BundleVerifier: Sendable {
    private let root: TrustedRoot?
    private let signer: ExpectedSigner
    private let requiresLog: Bool

    /// Creates a verifier.
    ///
    /// - Parameters:
    ///   - root: who is trusted. Without one, only signatures with keys can be verified, and their logs are not checked.
    ///   - signer: who must have signed.
    ///   - requiresLog: whether a transparency log must have recorded a signature with a key. One with a certificate must always be
    ///     recorded.
    public init(root: TrustedRoot?, signer: ExpectedSigner, requiresLog: Bool = false) {
        self.root = root
        self.signer = signer
        self.requiresLog = requiresLog
    }

    /// Verifies a bundle.
    ///
    /// - Throws: `VerificationError`, the first check that fails.
    public func verify(
        _ bundle: SigstoreBundle,
        artifact: SignedArtifact
    ) async throws(VerificationError) -> VerifiedSignature {
        switch (signer, bundle.material) {
        case (.key(let key), .publicKey): return try await verify(bundle, artifact, key: key)
        case (.identity(let identity), .certificate(let certificate)):
            return try await verify(bundle, artifact, certificate: certificate, identity: identity)
        case (.key, .certificate):
            throw VerificationError(
                .materialMismatch,
                "the bundle is signed with a certificate, and a signature with a key is required"
            )
        case (.identity, .publicKey):
            throw VerificationError(
                .materialMismatch,
                "the bundle is signed with a key, and a signature with a certificate is required"
            )
        }
    }

    // MARK: With a key

    private func verify(
        _ bundle: SigstoreBundle,
        _ artifact: SignedArtifact,
        key: VerificationKey
    ) async throws(VerificationError) -> VerifiedSignature {
        var times: [Date] = []
        var logs: [String] = []
        if let root {
            times = try await verifiedTimes(of: bundle, root: root).times
            logs = try checkLogs(of: bundle, root: root, times: times)
        }
        if requiresLog, logs.isEmpty {
            throw VerificationError(.logEntryMissing, "no transparency log has recorded the signature")
        }
        if root != nil { try checkEntries(of: bundle, artifact, certificate: nil, key: key) }
        let statement = try checkSignature(of: bundle, artifact, key: key)
        return VerifiedSignature(
            signer: .key(fingerprint: key.fingerprint),
            times: times.sorted(),
            logs: logs,
            statement: statement
        )
    }

    // MARK: With a certificate

    private func verify(
        _ bundle: SigstoreBundle,
        _ artifact: SignedArtifact,
        certificate: SigningCertificate,
        identity: IdentityMatcher
    ) async throws(VerificationError) -> VerifiedSignature {
        guard let root else {
            throw VerificationError(.certificateUntrusted, "a trusted root is needed to verify a certificate")
        }
        guard !bundle.entries.isEmpty else {
            throw VerificationError(.logEntryMissing, "no transparency log has recorded the signature")
        }
        let (times, failure) = try await verifiedTimes(of: bundle, root: root)
        guard !times.isEmpty else {
            throw failure
                ?? VerificationError(
                    .timeMissing,
                    "neither a timestamp authority nor a log's promise says when the signature was made"
                )
        }
        var chain: [Certificate] = []
        for time in times {
            chain = try await CertificateChain.verified(
                certificate.certificate,
                by: root.certificateAuthorities,
                for: .codeSigning,
                at: time
            )
        }
        try CertificateTimestamp.verify(certificate.certificate, issuer: chain[1], logs: root.certificateLogs)
        try certificate.checkUsage()
        let (subject, issuer) = try identity.check(certificate)
        let logs = try checkLogs(of: bundle, root: root, times: times)
        try checkEntries(of: bundle, artifact, certificate: certificate.der, key: certificate.key)
        let statement = try checkSignature(of: bundle, artifact, key: certificate.key)
        return VerifiedSignature(
            signer: .identity(subject: subject, issuer: issuer),
            times: times.sorted(),
            logs: logs,
            statement: statement
        )
    }

    // MARK: Steps

    /// The times that trusted authorities and logs confirm, and why others are not confirmed.
    private func verifiedTimes(
        of bundle: SigstoreBundle,
        root: TrustedRoot
    ) async throws(VerificationError) -> (times: [Date], failure: VerificationError?) {
        var times: [Date] = []
        var failure: VerificationError?
        for timestamp in bundle.timestamps {
            do {
                try await timestamp.verify(for: bundle.signature, authorities: root.timestampAuthorities)
                times.append(timestamp.time)
            } catch {
                failure = failure ?? error
            }
        }
        for entry in bundle.entries {
            guard let time = entry.promisedTime else { continue }
            try entry.checkPromise(key: entry.log(in: root, times: []).key)
            times.append(time)
        }
        return (times, failure)
    }

    /// Checks the proofs of all log entries.
    ///
    /// - Returns: the URLs of the logs.
    private func checkLogs(
        of bundle: SigstoreBundle,
        root: TrustedRoot,
        times: [Date]
    ) throws(VerificationError) -> [String] {
        var logs: [String] = []
        for entry in bundle.entries {
            let (log, key) = try entry.log(in: root, times: times)
            try entry.checkPromise(key: key)
            try entry.checkProof(log: log, key: key)
            logs.append(log.baseURL)
        }
        return logs
    }

    private func checkEntries(
        of bundle: SigstoreBundle,
        _ artifact: SignedArtifact,
        certificate: [UInt8]?,
        key: VerificationKey
    ) throws(VerificationError) {
        let expected = LogEntryBody.Expected(
            content: bundle.content,
            artifact: bundle.hashes(key).compactMap { artifact.hash($0) },
            certificate: certificate,
            key: key
        )
        for entry in bundle.entries { try LogEntryBody.check(entry, expected) }
    }

    /// Checks the signature itself, and that it is for the artifact.
    private func checkSignature(
        of bundle: SigstoreBundle,
        _ artifact: SignedArtifact,
        key: VerificationKey
    ) throws(VerificationError) -> InTotoStatement? {
        switch bundle.content {
        case .message(let signature, let digest):
            if let digest, let own = artifact.hash(digest.algorithm), own != digest {
                throw VerificationError(.digestMismatch, "the bundle is for another artifact")
            }
            try Self.check(signature, artifact, key: key, hashes: bundle.hashes(key))
            return nil
        case .envelope(let envelope):
            guard envelope.payloadType == DSSEEnvelope.statementType else {
                throw VerificationError(
                    .unsupported,
                    "the payloadType is \"\(printable(envelope.payloadType))\": use \(DSSEEnvelope.statementType)"
                )
            }
            let signed = envelope.signedBytes
            let isValid = bundle.hashes(key).contains { key.verifies(envelope.signature, of: signed, hash: $0) }
            guard isValid else { throw Self.invalid }
            let statement = try InTotoStatement(envelope.payload)
            guard statement.isAbout(artifact) else {
                throw VerificationError(.digestMismatch, "the statement is about other artifacts")
            }
            return statement
        }
    }

    private static func check(
        _ signature: [UInt8],
        _ artifact: SignedArtifact,
        key: VerificationKey,
        hashes: [HashAlgorithm]
    ) throws(VerificationError) {
        switch artifact {
        case .content(let content):
            guard hashes.contains(where: { key.verifies(signature, of: content, hash: $0) }) else { throw invalid }
        case .hash(let hash):
            guard hashes.contains(hash.algorithm), let isValid = key.verifies(signature, ofHash: hash) else {
                throw VerificationError(
                    .unsupported,
                    """
                    a signature with \(key.algorithm) cannot be verified with the \(hash.algorithm.rawValue) of the artifact \
                    alone: the artifact itself is needed
                    """
                )
            }
            guard isValid else { throw invalid }
        }
    }

    private static let invalid = VerificationError(
        .signatureInvalid,
        "the signature is not valid for this content and key"
    )
}

extension InTotoStatement {
    /// Whether a subject has a digest of the artifact.
    func isAbout(_ artifact: SignedArtifact) -> Bool {
        HashAlgorithm.allCases.contains { algorithm in
            guard let hash = artifact.hash(algorithm) else { return false }
            return subjects.contains("\(algorithm.rawValue):\(ContentDigest.hexadecimal(hash.bytes))")
        }
    }
}
