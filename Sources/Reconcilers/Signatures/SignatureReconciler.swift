internal import CRDModels
internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesAPI
internal import Policy
internal import Registry
internal import SupplyChain

typealias SignatureTable = ImageReadTable<SignatureRequest, SignatureState, RegistryClient.ImageEvidence>

extension SignatureRequest: ImageReadRequest {}

extension SignatureState: ImageReadState {
    var isFailed: Bool {
        switch self {
        case .failed, .tolerated: true
        case .pending, .verified: false
        }
    }
}

/// Verifies the signatures of the images that servers wait for.
struct SignatureReconciler: Sendable {
    let table: SignatureTable
    let reader: any SignatureReader
    let roots: [String: TrustedRoot]
    let cluster: any ClusterAccess
    let metrics: OperatorMetrics
    let now: @Sendable () -> Timestamp

    /// Verifies what is due for one image of a server, unless the signatures of the same image are already being read.
    ///
    /// - Throws: `APIError` if a pull Secret cannot be read; `CancellationError`.
    func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        if let target = table.due(key) {
            let outcome = try await table.outcome(
                of: target,
                for: key,
                pullSecrets: PullSecretReader(cluster: cluster),
                count: metrics.countSignatureRead
            ) { image, keyring in
                try await reader.signatures(of: image, keyring: keyring)
            }
            guard let outcome else { return .done }
            await settle(key, target, outcome)
        }
        return table.delay(key).map { .requeueAfter($0) } ?? .done
    }

    private func settle(
        _ key: NamespacedName,
        _ target: SignatureTable.Target,
        _ outcome: SignatureTable.Cache.Outcome
    ) async {
        let state = await SignatureDecision(request: target.request, roots: roots, now: now()).state(outcome)
        metrics.countVerification(state)
        // A signature can be pushed at any time.
        table.settle(key, target, state, isFinal: !state.isFailed)
    }
}

/// Applies the rules for a server to what a registry has. It does no I/O.
struct SignatureDecision: Sendable {
    let request: SignatureRequest
    let roots: [String: TrustedRoot]
    let now: Timestamp

    /// What is known about the signatures of the image.
    func state(_ outcome: SignatureTable.Cache.Outcome) async -> SignatureState {
        let policies: [SignaturePolicy]
        do {
            policies = try request.rules.policies()
        } catch {
            return .failed(ImageFailure(.signatureRefused, "the rules for signatures are not valid: \(error.text)"))
        }
        switch outcome {
        case .failure(let error):
            let failure = ImageFailure(
                .signatureUnreadable,
                "the signatures of \(request.image) cannot be read: \(error.message); it is tried again automatically"
            )
            return request.rules.areEnforced ? .failed(failure) : .tolerated(failure)
        case .success(let found): return await judge(found.evidence, policies)
        }
    }

    private func judge(_ evidence: [SignatureEvidence], _ policies: [SignaturePolicy]) async -> SignatureState {
        let signatures = ImageSignatures(
            image: request.requested,
            digest: request.digest,
            evidence: evidence,
            roots: roots,
            now: Date(timeIntervalSince1970: Double(now.secondsSinceEpoch))
        )
        var record = ImageVerification(
            image: request.requested.name,
            digest: request.digest.description,
            rules: request.rulesDigest,
            time: now
        )
        var (refused, tolerated): ([String], [String]) = ([], [])
        for policy in policies {
            let verdict = await signatures.judge(policy)
            record.signedBy = (record.signedBy ?? []) + verdict.signatures.map(\.summary)
            if !verdict.attestations.isEmpty {
                record.attestations = (record.attestations ?? []) + verdict.attestations
            }
            if policy.mode == .enforce { refused += verdict.problems } else { tolerated += verdict.problems }
        }
        let problems = refused + tolerated
        guard !problems.isEmpty else { return .verified(record) }
        let failure = ImageFailure(
            .signatureRefused,
            "\(request.requested) does not have the signatures that are required: \(problems.joined(separator: "; "))"
        )
        return refused.isEmpty ? .tolerated(failure) : .failed(failure)
    }
}

extension SignatureVerdict.Accepted {
    /// Who signed, in one line.
    var summary: String {
        let signer =
            switch signature.signer {
            case .key(let fingerprint): "key \(fingerprint.prefix(16))"
            case .identity(let subject, let issuer): "\(subject), confirmed by \(issuer)"
            }
        let time = signature.times.first.map { ", at \(Timestamp($0))" } ?? ""
        let logs = signature.logs.isEmpty ? "" : ", recorded in \(signature.logs.joined(separator: " and "))"
        return "\(authority) (\(signer)\(time)\(logs))"
    }
}
