import CRDModels
import KubernetesAPI
import SupplyChain
import Testing

@testable import Policy

private let refusedConfigurations: [(String, String)] = [
    (#"{"kind":"Other"}"#, "kind"),
    (#"{"apiVersion":"v1"}"#, "apiVersion"),
    (#"{"netwrok":{}}"#, "netwrok"),
    (#"{"network":{"gateway":{"namespace":["x"]}}}"#, "network.gateway.namespace"),
    (#"{"network":{"enabled":"yes"}}"#, "network.enabled"),
    (#"{"network":{"blockedCIDRs":["10.0.0.0/8","10.0.0/8"]}}"#, "network.blockedCIDRs[1]"),
    (#"{"network":{"blockedCIDRs":["0.0.0.0/0"]}}"#, "network.blockedCIDRs[0]"),
    (#"{"images":{"allowedRegistries":["acme"]}}"#, "images.allowedRegistries[0]"),
    (#"{"images":{"mirrors":[{"source":"ghcr.io","mirror":""}]}}"#, "images.mirrors[0].mirror"),
    (#"{"images":{"mirrors":[{"source":"ghcr.io"}]}}"#, "images.mirrors[0].mirror"),
    (#"{"quotas":{"mode":"Loose"}}"#, "quotas.mode"),
    (#"{"quotas":{"defaultPlan":"gold"}}"#, "quotas.defaultPlan"),
    (#"{"quotas":{"plans":{"free":{"servers":1}}}}"#, "quotas.plans.free.servers"),
    (#"{"podSecurity":{"enforce":"strict"}}"#, "podSecurity.enforce"),
    (#"{"gateway":{"authentification":{}}}"#, "gateway.authentification"),
]

@Suite("Platform configuration")
struct PlatformConfigurationTests {
    @Test("an empty configuration has the built-in defaults")
    func defaults() throws {
        let configuration = try PlatformConfiguration(json: [:])
        let tenant = try EffectiveTenant(namespace: "x", claims: NamespaceClaims(), platform: configuration)
        #expect(tenant.plan == "standard")
        #expect(tenant.serverLimit == 10)
        #expect(tenant.limits.toolsPerServer == 50)
        #expect(tenant.limits.toolCallsPerMinutePerServer == 600)
        #expect(tenant.limits.toolCallsPerMinutePerClient == 300)
        #expect(tenant.podSecurity.enforce == .restricted)
        #expect(tenant.podSecurity.warnVersion == "latest")
        #expect(tenant.network.gateway.namespaces == ["moorage-system"])
        #expect(tenant.images.requireDigest)
        #expect(!tenant.isClaimed)
    }

    @Test("a plan's own numbers take precedence, and others are built in")
    func plans() throws {
        let configuration = try PlatformConfiguration(json: [
            "kind": "MoorageConfiguration",
            "quotas": [
                "defaultPlan": "gold", "plans": ["gold": ["serversPerTenant": 7], "free": ["toolsPerServer": 1]],
            ],
        ])
        #expect(configuration.plans["gold"]?.serversPerTenant == 7)
        #expect(configuration.plans["free"]?.toolsPerServer == 1)
        #expect(configuration.plans["free"]?.serversPerTenant == 3)
        #expect(
            try EffectiveTenant(namespace: "x", claims: NamespaceClaims(), platform: configuration).serverLimit == 7
        )
    }

    @Test("the gateway's settings are part of it")
    func gateway() throws {
        #expect(try PlatformConfiguration(json: ["gateway": [:]]).gateway == GatewaySettings())
        #expect(try PlatformConfiguration(json: [:]).gateway == nil)
    }

    @Test("an invalid value is refused with its field", arguments: refusedConfigurations)
    func mistakes(text: String, field: String) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        let error = #expect(throws: ConfigurationError.self) { _ = try PlatformConfiguration(json: json) }
        #expect(error?.field == field, "\(error?.description ?? "")")
    }

    @Test("a tenant can only make the platform's rules for images stricter")
    func floor() throws {
        let configuration = PlatformConfiguration(
            images: TenantImages(requireDigest: true, allowedRegistries: ["ghcr.io"])
        )
        let loose = MCPTenant(
            metadata: ObjectMeta(name: "acme"),
            spec: MCPTenantSpec(images: TenantImages(requireDigest: false, allowedRegistries: ["docker.io"]))
        )
        let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
        let rules = try EffectiveTenant(
            namespace: "mcp-acme",
            claims: NamespaceClaims(tenants: [loose]),
            platform: configuration
        ).images
        #expect(rules.requireDigest)
        #expect((try? rules.judge("docker.io/a/b@\(digest)")) == nil)
        #expect((try? rules.judge("ghcr.io/a/b@\(digest)")) == nil)
    }
}
