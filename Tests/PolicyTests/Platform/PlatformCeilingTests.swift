import CRDModels
import KubernetesAPI
import SupplyChain
import Testing

@testable import Policy

@Suite("The platform's settings are a limit")
struct PlatformCeilingTests {
    /// A tenant as the API server returns it, with the defaults of the schema.
    private static func tenant(_ yaml: String) throws -> MCPTenant {
        var value: JSONValue = [
            "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPTenant", "metadata": ["name": "acme"],
        ]
        value["spec"] = try YAML.documents(in: yaml)[0].value
        MCPTenant.schema.applyDefaults(to: &value)
        return try value.decode(MCPTenant.self)
    }

    private static func effective(_ yaml: String, _ platform: PlatformConfiguration) throws -> EffectiveTenant {
        try EffectiveTenant(
            namespace: "mcp-acme",
            claims: NamespaceClaims(tenants: [try tenant(yaml)]),
            platform: platform
        )
    }

    @Test("fields that a tenant does not set are inherited, even if it sets others in the same block")
    func inherits() throws {
        let closed = PlatformConfiguration(
            images: TenantImages(requireDigest: false),
            network: PlatformNetwork(enabled: false, internet: false),
            airgapped: true
        )
        let tenant = try Self.effective(
            "network: {blockedCIDRs: [203.0.113.0/24]}\nimages: {allowedRegistries: [ghcr.io]}",
            closed
        )
        #expect(!tenant.network.internet)
        #expect(!tenant.network.enabled)
        #expect(tenant.network.airgapped)
        #expect(tenant.images.tenant?.requireDigest == false)
        #expect(tenant.withoutEffect == [])
    }

    /// A tenant's setting, the platform's stricter setting, and the option that allows it.
    struct Loosening: Sendable, CustomTestStringConvertible {
        var spec: String
        var platform: PlatformConfiguration
        var setting: LoosenableSetting
        var field: String
        var isLoose: @Sendable (EffectiveTenant) -> Bool

        var testDescription: String { spec }
    }

    static let loosenings: [Loosening] = [
        Loosening(
            spec: "network: {internet: true}",
            platform: PlatformConfiguration(network: PlatformNetwork(internet: false)),
            setting: .internet,
            field: "spec.network.internet",
            isLoose: { $0.network.internet }
        ),
        Loosening(
            spec: "network: {enabled: false}",
            platform: PlatformConfiguration(),
            setting: .networkPolicies,
            field: "spec.network.enabled",
            isLoose: { !$0.network.enabled }
        ),
        Loosening(
            spec: "airgapped: false",
            platform: PlatformConfiguration(airgapped: true),
            setting: .airgapped,
            field: "spec.airgapped",
            isLoose: { !$0.network.airgapped }
        ),
        Loosening(
            spec: "images: {requireDigest: false}",
            platform: PlatformConfiguration(),
            setting: .requireDigest,
            field: "spec.images.requireDigest",
            isLoose: { (try? $0.images.judge("ghcr.io/acme/weather:1.0")) != nil }
        ),
        Loosening(
            spec: "podSecurity: {enforce: baseline}",
            platform: PlatformConfiguration(),
            setting: .podSecurity,
            field: "spec.podSecurity.enforce",
            isLoose: { $0.podSecurity.enforce == .baseline }
        ),
        Loosening(
            spec: "podSecurity: {enabled: false}",
            platform: PlatformConfiguration(),
            setting: .podSecurity,
            field: "spec.podSecurity.enabled",
            isLoose: { $0.podSecurity.enabled == false }
        ),
        Loosening(
            spec: "podSecurity: {enforceVersion: v1.24}",
            platform: PlatformConfiguration(podSecurity: TenantPodSecurity(enforceVersion: "v1.30")),
            setting: .podSecurity,
            field: "spec.podSecurity.enforceVersion",
            isLoose: { $0.podSecurity.enforceVersion == "v1.24" }
        ),
        Loosening(
            spec: "quotas: {mode: Unbounded}",
            platform: PlatformConfiguration(),
            setting: .quotaMode,
            field: "spec.quotas.mode",
            isLoose: { $0.quotaMode == .unbounded }
        ),
    ]

    @Test(
        "a less strict setting of a tenant has no effect and is reported, unless the platform allows it",
        arguments: loosenings
    )
    func loosening(_ loosening: Loosening) throws {
        let held = try Self.effective(loosening.spec, loosening.platform)
        #expect(!loosening.isLoose(held))
        #expect(held.withoutEffect.count == 1)
        #expect(held.withoutEffect.first?.hasPrefix(loosening.field) == true)
        #expect(held.withoutEffect.first?.contains(loosening.setting.rawValue) == true)

        var lenient = loosening.platform
        lenient.tenantsMayLoosen = [loosening.setting]
        let free = try Self.effective(loosening.spec, lenient)
        #expect(loosening.isLoose(free))
        #expect(free.withoutEffect == [])

        lenient.tenantsMayLoosen = LoosenableSetting.allCases.filter { $0 != loosening.setting }
        #expect(!loosening.isLoose(try Self.effective(loosening.spec, lenient)), "one setting does not allow another")
    }

    @Test("a tenant can always be stricter")
    func stricter() throws {
        let open = PlatformConfiguration(
            podSecurity: TenantPodSecurity(enabled: false, enforce: .privileged, enforceVersion: "v1.24"),
            images: TenantImages(requireDigest: false),
            quotas: PlatformQuotas(mode: .unbounded),
            network: PlatformNetwork(enabled: false, internet: true)
        )
        let tenant = try Self.effective(
            """
            airgapped: true
            podSecurity: {enabled: true, enforce: restricted, enforceVersion: v1.30}
            images: {requireDigest: true}
            quotas: {mode: Enforced}
            network: {enabled: true, internet: false}
            """,
            open
        )
        #expect(tenant.network.airgapped)
        #expect(tenant.network.enabled)
        #expect(!tenant.network.internet)
        #expect(tenant.podSecurity.enabled == true)
        #expect(tenant.podSecurity.enforce == .restricted)
        #expect(tenant.podSecurity.enforceVersion == "v1.30")
        #expect(tenant.quotaMode == .enforced)
        #expect(throws: (any Error).self) { try tenant.images.judge("ghcr.io/acme/weather:1.0") }
        #expect(tenant.withoutEffect == [])
    }
}
