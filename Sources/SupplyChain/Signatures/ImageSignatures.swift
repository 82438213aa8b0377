public import FoundationEssentials

/// A signature or attestation that a registry has for an image.
public enum SignatureEvidence: Sendable, Hashable {
    /// A signature in cosign's format.
    case simpleSigning(SimpleSigning)
    /// A Sigstore bundle.
    case bundle(SigstoreBundle)
    /// Something that could not be read, and why.
    case unreadable(VerificationError)
}

/// What was found out about an image.
public struct SignatureVerdict: Sendable, Hashable {
    /// A signature that the policy accepts.
    public struct Accepted: Sendable, Hashable {
        /// The name of the authority.
        public var authority: String
        /// The signature.
        public var signature: VerifiedSignature
    }

    /// The signatures that satisfy the policy; empty if it is not satisfied.
    public var signatures: [Accepted]
    /// The names of the attestations that were required and found.
    public var attestations: [String]
    /// Why the policy is not satisfied; empty if it is.
    public var problems: [String]

    /// Whether the policy is satisfied.
    public var isVerified: Bool { problems.isEmpty }
}

/// Decides whether what a registry has for an image satisfies a policy. It does no I/O.
public struct ImageSignatures: Sendable {
    private let image: ImageReference
    private let digest: ImageDigest
    private let evidence: [SignatureEvidence]
    private let roots: [String: TrustedRoot]
    private let now: Date

    /// The maximum number of signatures and attestations of an image that are read.
    public static let maximumEvidence = 64

    /// - Parameters:
    ///   - image: the image.
    ///   - digest: the digest that runs: of an index if there are several platforms.
    ///   - evidence: what the registry has.
    ///   - roots: the trusted roots by name.
    ///   - now: the current time, for the age of scans.
    public init(
        image: ImageReference,
        digest: ImageDigest,
        evidence: [SignatureEvidence],
        roots: [String: TrustedRoot],
        now: Date
    ) {
        self.image = image
        self.digest = digest
        self.evidence = evidence
        self.roots = roots
        self.now = now
    }

    /// Applies a policy.
    public func judge(_ policy: SignaturePolicy) async -> SignatureVerdict {
        var verdict = SignatureVerdict(signatures: [], attestations: [], problems: [])
        let authorities = policy.authorities(for: image.name)
        guard !authorities.isEmpty else {
            verdict.problems = ["no authority may sign \(image.name)"]
            return verdict
        }
        var problems: [String] = []
        for authority in authorities {
            switch await signatures(of: authority) {
            case .success(let signatures):
                verdict.signatures = signatures.map { .init(authority: authority.name, signature: $0) }
            case .failure(let error): problems.append("\(authority.name): \(error.message)")
            }
            if !verdict.signatures.isEmpty { break }
        }
        if verdict.signatures.isEmpty { verdict.problems = problems }
        for rule in policy.attestations {
            if let problem = await problem(with: rule, authorities) {
                verdict.problems.append("attestation \(rule.name): \(problem)")
            } else {
                verdict.attestations.append(rule.name)
            }
        }
        return verdict
    }

    // MARK: Signatures

    /// The signatures of an authority, as many as it needs.
    private func signatures(of authority: SignatureAuthority) async -> Result<[VerifiedSignature], VerificationError> {
        var found: [VerifiedSignature] = []
        var failures: [VerificationError] = []
        for signer in authority.expectedSigners {
            switch await signature(by: signer, authority) {
            case .success(let signature):
                // Two entries with the same key are one signer.
                if !found.contains(where: { $0.signer == signature.signer }) { found.append(signature) }
            case .failure(let error): failures.append(error)
            }
            if found.count >= authority.threshold { return .success(found) }
        }
        let reason = Self.mostTelling(failures)
        guard authority.threshold > 1 else { return .failure(reason) }
        return .failure(
            VerificationError(
                reason.code,
                "\(found.count) of the \(authority.threshold) keys that are needed have signed (\(reason.message))"
            )
        )
    }

    private func signature(
        by signer: ExpectedSigner,
        _ authority: SignatureAuthority
    ) async -> Result<VerifiedSignature, VerificationError> {
        var failures: [VerificationError] = []
        for candidate in evidence {
            do {
                let verified = try await verify(candidate, signer, authority)
                guard let statement = verified.statement else { return .success(verified) }
                if statement.predicateType == InTotoStatement.signaturePredicate { return .success(verified) }
            } catch {
                failures.append(error)
            }
        }
        return .failure(Self.mostTelling(failures))
    }

    private func verify(
        _ candidate: SignatureEvidence,
        _ signer: ExpectedSigner,
        _ authority: SignatureAuthority
    ) async throws(VerificationError) -> VerifiedSignature {
        var root: TrustedRoot?
        if let name = authority.trustedRoot {
            guard let known = roots[name] else {
                throw VerificationError(.trustedRootMalformed, "the trusted root \"\(name)\" is not there")
            }
            root = known
        }
        switch candidate {
        case .unreadable(let error): throw error
        case .simpleSigning(let signature):
            return try await signature.verify(
                digest,
                root: root,
                signer: signer,
                requiresLog: authority.requiresLog
            )
        case .bundle(let bundle):
            guard let hash = HashedBytes(digest) else {
                throw VerificationError(.malformed, "the digest of the image is not valid")
            }
            let verifier = BundleVerifier(root: root, signer: signer, requiresLog: authority.requiresLog)
            return try await verifier.verify(bundle, artifact: .hash(hash))
        }
    }

    /// The failure that says most about what to do: that of a signature that came furthest.
    private static func mostTelling(_ failures: [VerificationError]) -> VerificationError {
        let order: [VerificationError.Code] = [.materialMismatch, .signatureInvalid, .malformed]
        func rank(_ error: VerificationError) -> Int { order.firstIndex(of: error.code) ?? order.count }
        return failures.max { rank($0) < rank($1) }
            ?? VerificationError(.signatureInvalid, "the registry has no signature of the image")
    }

    // MARK: Attestations

    /// Why no attestation of the authorities satisfies a rule; `nil` if one does.
    private func problem(with rule: AttestationRule, _ authorities: [SignatureAuthority]) async -> String? {
        var reasons: [VerificationError] = []
        for authority in authorities {
            for signer in authority.expectedSigners {
                for candidate in evidence {
                    do {
                        let verified = try await verify(candidate, signer, authority)
                        guard let statement = verified.statement,
                            statement.predicateType != InTotoStatement.signaturePredicate
                        else { continue }
                        try rule.check(statement, now: now)
                        return nil
                    } catch {
                        reasons.append(error)
                    }
                }
            }
        }
        // That there are statements of other types is only interesting if there is nothing else to say.
        let telling = reasons.filter { $0.code == .predicateMismatch }.last ?? reasons.last
        return telling?.message ?? "the registry has none for the image"
    }
}

extension HashedBytes {
    /// The digest of an image, or of a file.
    public init?(_ digest: ImageDigest) {
        let algorithm: HashAlgorithm =
            switch digest.algorithm {
            case .sha256: .sha256
            case .sha512: .sha512
            }
        guard let bytes = ContentDigest.bytes(digest.hexadecimal) else { return nil }
        self.init(algorithm: algorithm, bytes: bytes)
    }
}
