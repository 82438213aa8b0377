internal import CRDModels
internal import KubernetesAPI
internal import Policy

extension ServerConditions {
    /// Whether the image that runs was verified; `nil` if nothing requires it.
    func verification(_ result: SignatureResult) -> Entry? {
        if let problem = result.problem {
            return (
                ConditionType.imageVerified, .false,
                Finding(problem.reason, "\(problem.message); it runs because the rules only warn (mode: Warn)")
            )
        }
        guard let record = result.verification else { return nil }
        let signers = (record.signedBy ?? []).joined(separator: "; ")
        let attestations = (record.attestations ?? []).joined(separator: ", ")
        return (
            ConditionType.imageVerified, .true,
            Finding(
                .signatureVerified,
                "\(record.digest) is signed by \(signers)" + (attestations.isEmpty ? "" : "; attested: \(attestations)")
            )
        )
    }

    /// The same for a server that is refused; `nil` if something else is the reason.
    func refusedVerification(_ refusal: Refusal, _ finding: Finding) -> Entry? {
        guard refusal.reason.isAboutSignatures else { return nil }
        let isKnown = refusal.reason == .signatureRefused
        return (ConditionType.imageVerified, isKnown ? .false : .unknown, finding)
    }
}
