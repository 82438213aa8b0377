internal import CRDModels
internal import KubernetesAPI
internal import Policy

extension ServerConditions {
    /// Whether the images that run were verified; `nil` if nothing requires it.
    func verification(_ result: SignatureResult) -> Entry? {
        if !result.problems.isEmpty {
            let texts = result.problems.map(\.message).joined(separator: "; ")
            return (
                ConditionType.imageVerified, .false,
                Finding(result.problems[0].reason, "\(texts); it runs because the rules only warn (mode: Warn)")
            )
        }
        guard !result.verifications.isEmpty else { return nil }
        let texts = result.verifications.map { record in
            let signers = (record.signedBy ?? []).joined(separator: "; ")
            let attestations = (record.attestations ?? []).joined(separator: ", ")
            return "\(record.image)@\(record.digest) is signed by \(signers)"
                + (attestations.isEmpty ? "" : "; attested: \(attestations)")
        }
        return (ConditionType.imageVerified, .true, Finding(.signatureVerified, texts.joined(separator: "; ")))
    }

    /// The same for a server that is refused; `nil` if something else is the reason.
    func refusedVerification(_ refusal: Refusal, _ finding: Finding) -> Entry? {
        guard refusal.reason.isAboutSignatures else { return nil }
        let isKnown = refusal.reason == .signatureRefused
        return (ConditionType.imageVerified, isKnown ? .false : .unknown, finding)
    }
}
