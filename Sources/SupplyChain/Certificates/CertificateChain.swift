internal import FoundationEssentials
internal import SwiftASN1
@_spi(FixedExpiryValidationTime) internal import X509

/// Whether a certificate was issued by an authority of a trusted root.
enum CertificateChain {
    /// The chain from a certificate to the root of an authority, at a time at which both the authority and every certificate were valid.
    ///
    /// - Parameters:
    ///   - leaf: the certificate.
    ///   - authorities: the authorities that are trusted.
    ///   - purpose: what the certificate is used for.
    ///   - time: the moment at which all must have been valid.
    /// - Throws: `VerificationError` with `certificateUntrusted`.
    static func verified(
        _ leaf: Certificate,
        by authorities: [TrustedRoot.Authority],
        for purpose: ExtendedKeyUsage.Usage,
        at time: Date
    ) async throws(VerificationError) -> [Certificate] {
        guard leaf.notValidBefore <= time, time <= leaf.notValidAfter else {
            throw VerificationError(
                .certificateUntrusted,
                """
                the certificate was valid from \(leaf.notValidBefore.formatted(.iso8601)) to \
                \(leaf.notValidAfter.formatted(.iso8601)), and the signature was made at \(time.formatted(.iso8601))
                """
            )
        }
        for authority in authorities where authority.validFor.contains(time) {
            if let chain = await chain(from: leaf, to: authority, for: purpose, at: time) { return chain }
        }
        let period =
            authorities.isEmpty
            ? "the trusted root has no authority" : "no authority that is trusted at that time issued it"
        throw VerificationError(
            .certificateUntrusted,
            "the certificate of \(time.formatted(.iso8601)) does not lead to the trusted root: \(period)"
        )
    }

    private static func chain(
        from leaf: Certificate,
        to authority: TrustedRoot.Authority,
        for purpose: ExtendedKeyUsage.Usage,
        at time: Date
    ) async -> [Certificate]? {
        // A certificate of the authority itself does not sign artifacts.
        guard let root = authority.chain.last, !authority.chain.contains(leaf) || authority.chain.first == leaf else {
            return nil
        }
        var verifier = Verifier(rootCertificates: CertificateStore([root])) {
            RFC5280Policy(fixedExpiryValidationTime: time)
            PurposePolicy(purpose: purpose)
        }
        let intermediates = CertificateStore(authority.chain.dropLast())
        guard case .validCertificate(let chain) = await verifier.validate(leaf: leaf, intermediates: intermediates),
            chain.count > 1
        else { return nil }
        return Array(chain)
    }
}

/// The purpose of a chain: each certificate below the root that limits what it is for must include it.
private struct PurposePolicy: VerifierPolicy {
    let purpose: ExtendedKeyUsage.Usage

    /// Names are checked by the caller, which decides whose signature it needs.
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        for certificate in chain.dropLast() {
            let purposes: ExtendedKeyUsage?
            do {
                purposes = try certificate.extensions.extendedKeyUsage
            } catch {
                return .failsToMeetPolicy(reason: "the extended key usage is not valid")
            }
            guard let purposes else { continue }
            if !purposes.contains(purpose), !purposes.contains(.any) {
                return .failsToMeetPolicy(reason: "the extended key usage does not allow the purpose")
            }
        }
        return .meetsPolicy
    }
}
