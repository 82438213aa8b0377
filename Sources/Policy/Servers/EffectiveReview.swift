public import CRDModels
internal import KubernetesAPI

/// How new versions of a server are reviewed: as the tenant says and, where it is stricter, the server. Pure.
public struct EffectiveReview: Sendable, Hashable {
    /// Which new versions need an approval. `never` if nothing can be read from the server.
    public var policy: ReviewPolicy
    /// What happens if the server offers something else than was approved.
    public var onDrift: DriftPolicy
    /// Whether nobody can approve what they deployed.
    public var separatesApprover: Bool
    /// How long a new version can take until it has been read, in seconds.
    public var startTimeout: Int64
    /// How long the pod of a version that waits for an approval is kept, in seconds.
    public var holdTimeout: Int64

    /// Whether new versions are compared before they serve.
    package var isEnforced: Bool { policy != .never }

    /// - Throws: `Refusal` if the server is less strict than its tenant, or cannot be read although a policy needs it.
    package init(spec: MCPServerSpec, tenant: TenantReview, handshake: HandshakeSetting) throws(Refusal) {
        let demanded = max(tenant.policy ?? .onContractChange, spec.review?.policy ?? .never)
        onDrift = max(tenant.onDrift ?? .report, spec.review?.onDrift ?? .report)
        separatesApprover = tenant.separateApprover ?? false
        startTimeout = Int64(tenant.startTimeoutSeconds ?? 600)
        holdTimeout = Int64(tenant.holdTimeoutSeconds ?? 604_800)
        policy = demanded
        if let own = spec.review?.policy, own < demanded {
            throw Refusal(
                .reviewTooLax,
                field: "spec.review.policy",
                """
                \(own.rawValue) is less strict than the tenant's policy \(demanded.rawValue): remove the field, or ask an \
                administrator to change spec.review.policy of the MCPTenant
                """
            )
        }
        if spec.review?.onDrift == .report, onDrift == .quarantine {
            throw Refusal(
                .reviewTooLax,
                field: "spec.review.onDrift",
                """
                Report is less strict than the tenant's policy Quarantine: remove the field, or ask an administrator to \
                change spec.review.onDrift of the MCPTenant
                """
            )
        }
        guard case .disabled(let field) = handshake else { return }
        guard tenant.policy ?? .never == .never, spec.review?.policy ?? .never == .never, onDrift == .report else {
            throw Refusal(
                .reviewNeedsHandshake,
                field: field,
                """
                the review policy \(demanded.rawValue) needs the controller to read what the server offers, and \
                \(field) is \(HandshakeMode.disabled.rawValue): enable it, or set the policy to Never
                """
            )
        }
        policy = .never
    }
}

extension TenantReview {
    /// Validates the platform's settings; the API server validates those of tenants.
    func validate() throws(Refusal) {
        for (value, field, range) in [
            (startTimeoutSeconds, "review.startTimeoutSeconds", 10...86_400),
            (holdTimeoutSeconds, "review.holdTimeoutSeconds", 60...31_536_000),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw Refusal(
                .specInvalid,
                field: field,
                "\(value) must be from \(range.lowerBound) to \(range.upperBound) seconds"
            )
        }
    }

    /// The settings with those that are missing from the platform's.
    func over(_ platform: TenantReview?) -> TenantReview {
        TenantReview(
            policy: policy ?? platform?.policy,
            onDrift: onDrift ?? platform?.onDrift,
            separateApprover: separateApprover ?? platform?.separateApprover,
            startTimeoutSeconds: startTimeoutSeconds ?? platform?.startTimeoutSeconds,
            holdTimeoutSeconds: holdTimeoutSeconds ?? platform?.holdTimeoutSeconds
        )
    }
}
