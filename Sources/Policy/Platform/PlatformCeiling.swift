internal import CRDModels

/// A security setting of the platform that applies to every tenant, unless `tenantsMayLoosen` lists it.
public enum LoosenableSetting: String, Sendable, Hashable, Codable, CaseIterable {
    /// Whether tenants are air-gapped.
    case airgapped
    /// Whether images must be pinned by digest.
    case requireDigest = "images.requireDigest"
    /// Whether NetworkPolicies are created.
    case networkPolicies = "network.enabled"
    /// Whether servers can reach the public internet.
    case internet = "network.internet"
    /// Whether namespaces get Pod Security labels, and with which level and version.
    case podSecurity
    /// Whether quotas are enforced.
    case quotaMode = "quotas.mode"
    /// Which new versions of servers need an approval.
    case review
}

/// Limits a tenant to the platform's security settings: a tenant can be stricter than the platform, and less strict
/// only if the platform allows it. Pure.
///
/// A less strict setting is not refused but has no effect, and is reported, so that stricter platform settings apply to
/// all tenants immediately.
struct PlatformCeiling {
    /// The tenant's spec, without settings that have no effect.
    private(set) var spec: MCPTenantSpec?
    /// The platform's settings that apply to this tenant.
    private(set) var platform: PlatformConfiguration
    /// The tenant's settings that have no effect, for its status.
    private(set) var withoutEffect: [String] = []

    init(_ spec: MCPTenantSpec?, platform: PlatformConfiguration) {
        self.spec = spec
        self.platform = platform
        guard spec != nil else { return }
        limitAirgapped()
        limitImages()
        limitNetwork()
        limitPodSecurity()
        limitQuotas()
        limitReview()
    }

    private func mayLoosen(_ setting: LoosenableSetting) -> Bool {
        platform.tenantsMayLoosen?.contains(setting) ?? false
    }

    private mutating func report(_ field: String, _ value: String, _ setting: LoosenableSetting) {
        withoutEffect.append(
            """
            \(field): \(value) is less strict than the platform's setting, which applies: remove it, or ask an \
            administrator to add \(setting.rawValue) to tenantsMayLoosen in the platform's configuration
            """
        )
    }

    private mutating func limitReview() {
        guard let floor = platform.review, !mayLoosen(.review) else { return }
        if let least = floor.policy, let own = spec?.review?.policy, own < least {
            report("spec.review.policy", own.rawValue, .review)
            spec?.review?.policy = least
        }
        if floor.onDrift == .quarantine, spec?.review?.onDrift == .report {
            report("spec.review.onDrift", DriftPolicy.report.rawValue, .review)
            spec?.review?.onDrift = .quarantine
        }
        if floor.separateApprover == true, spec?.review?.separateApprover == false {
            report("spec.review.separateApprover", "false", .review)
            spec?.review?.separateApprover = true
        }
    }

    private mutating func limitAirgapped() {
        guard platform.airgapped == true, spec?.airgapped == false else { return }
        if mayLoosen(.airgapped) {
            platform.airgapped = false
        } else {
            report("spec.airgapped", "false", .airgapped)
        }
    }

    private mutating func limitImages() {
        guard let images = spec?.images else { return }
        let isRequired = platform.images?.requireDigest ?? true
        guard images.requireDigest == false, isRequired else {
            spec?.images?.requireDigest = images.requireDigest ?? isRequired
            return
        }
        if mayLoosen(.requireDigest) {
            platform.images = platform.images ?? TenantImages()
            platform.images?.requireDigest = false
        } else {
            spec?.images?.requireDigest = true
            report("spec.images.requireDigest", "false", .requireDigest)
        }
    }

    private mutating func limitNetwork() {
        if spec?.network?.enabled == false, platform.network?.enabled ?? true, !mayLoosen(.networkPolicies) {
            spec?.network?.enabled = nil
            report("spec.network.enabled", "false", .networkPolicies)
        }
        if spec?.network?.internet == true, platform.network?.internet == false, !mayLoosen(.internet) {
            spec?.network?.internet = nil
            report("spec.network.internet", "true", .internet)
        }
    }

    private mutating func limitPodSecurity() {
        guard let own = spec?.podSecurity, !mayLoosen(.podSecurity) else { return }
        let limit = platform.podSecurity
        if own.enabled == false, limit?.enabled ?? true {
            spec?.podSecurity?.enabled = nil
            report("spec.podSecurity.enabled", "false", .podSecurity)
        }
        if let level = own.enforce, level < limit?.enforce ?? .restricted {
            spec?.podSecurity?.enforce = nil
            report("spec.podSecurity.enforce", level.rawValue, .podSecurity)
        }
        let version = limit?.enforceVersion ?? "latest"
        if let asked = own.enforceVersion, PlatformCeiling.minor(of: asked) < PlatformCeiling.minor(of: version) {
            spec?.podSecurity?.enforceVersion = nil
            report("spec.podSecurity.enforceVersion", asked, .podSecurity)
        }
    }

    private mutating func limitQuotas() {
        guard spec?.quotas?.mode == .unbounded, platform.quotas?.mode ?? .enforced == .enforced,
            !mayLoosen(.quotaMode)
        else { return }
        spec?.quotas?.mode = nil
        report("spec.quotas.mode", QuotaMode.unbounded.rawValue, .quotaMode)
    }

    /// The minor version of `v1.N`, and the highest number for `latest`. Newer versions of a level are stricter.
    private static func minor(of version: String) -> Int {
        version.hasPrefix("v1.") ? Int(version.dropFirst(3)) ?? 0 : .max
    }
}
