import CRDModels
import FoundationEssentials
import KubernetesAPI
import Policy
import Testing

@testable import CommandSupport
@testable import Controller

@Suite("The platform's settings")
struct PlatformLoaderTests {
    static func read(_ text: String) throws -> PlatformConfiguration {
        try PlatformLoader.read(ManifestSource(name: "platform.yaml", text: text))
    }

    @Test("settings are read from a file, and an error in it names file, line and field")
    func file() throws {
        let platform = try Self.read(
            """
            apiVersion: moorage.dev/v1alpha1
            kind: MoorageConfiguration
            podSecurity:
              enforce: baseline
            network:
              gateway:
                namespaces: [gateway]
            """
        )
        #expect(platform.podSecurity?.enforce == .baseline)
        #expect(platform.network?.gateway?.namespaces == ["gateway"])
        let wrong = #expect(throws: CommandFailure.self) {
            try Self.read("apiVersion: moorage.dev/v1alpha1\nkind: MoorageConfiguration\nnetwork:\n  gatway: {}\n")
        }
        #expect(wrong?.message == "platform.yaml:4: network.gatway: unknown field")
        let two = #expect(throws: CommandFailure.self) { try Self.read("a: 1\n---\nb: 2\n") }
        #expect(two?.message.contains("one document of kind MoorageConfiguration is expected, not 2") == true)
    }

    @Test("the environment takes precedence over the file, and does not change what it does not set")
    func environment() throws {
        let base = PlatformConfiguration(
            podSecurity: TenantPodSecurity(enforce: .baseline, warn: .baseline),
            images: TenantImages(allowedRegistries: ["ghcr.io/acme"])
        )
        let platform = try PlatformLoader.apply(
            EnvironmentReader([
                "MOORAGE_POD_SECURITY_ENABLED": "true",
                "MOORAGE_POD_SECURITY_ENFORCE": "restricted",
                "MOORAGE_POD_SECURITY_ENFORCE_VERSION": "v1.36",
                "MOORAGE_POD_SECURITY_AUDIT": "privileged",
                "MOORAGE_POD_SECURITY_AUDIT_VERSION": "v1.35",
                "MOORAGE_POD_SECURITY_WARN_VERSION": "v1.34",
                "MOORAGE_NETWORK_POLICY_ENABLED": "false",
                "MOORAGE_GATEWAY_NAMESPACES": "knative-serving, kourier-system",
                "MOORAGE_GATEWAY_CALLBACK_PORTS": "8080,9090",
                "MOORAGE_DNS_NAMESPACE": "dns",
                "MOORAGE_REQUIRE_DIGEST": "false",
                "MOORAGE_QUOTA_MODE": "Unbounded",
                "MOORAGE_AIRGAPPED": "true",
                "MOORAGE_CLUSTER_DOMAIN": "cluster.example",
            ]),
            to: base
        )
        #expect(
            platform.podSecurity
                == TenantPodSecurity(
                    enabled: true,
                    enforce: .restricted,
                    enforceVersion: "v1.36",
                    audit: .privileged,
                    auditVersion: "v1.35",
                    warn: .baseline,
                    warnVersion: "v1.34"
                )
        )
        #expect(platform.network?.enabled == false)
        #expect(platform.network?.gateway?.namespaces == ["knative-serving", "kourier-system"])
        #expect(platform.network?.gateway?.callbackPorts == [8080, 9090])
        #expect(platform.network?.dns?.namespace == "dns")
        #expect(platform.images?.requireDigest == false)
        #expect(platform.images?.allowedRegistries == ["ghcr.io/acme"])
        #expect(platform.quotas?.mode == .unbounded)
        #expect(platform.airgapped == true)
        #expect(platform.clusterDomain == "cluster.example")
    }

    @Test("an environment that sets nothing changes nothing")
    func nothing() throws {
        #expect(
            try PlatformLoader.apply(EnvironmentReader([:]), to: PlatformConfiguration()) == PlatformConfiguration()
        )
    }

    @Test("an invalid value is refused, with its variable or the field that it sets")
    func wrong() {
        let level = #expect(throws: CommandFailure.self) {
            try PlatformLoader.apply(
                EnvironmentReader(["MOORAGE_POD_SECURITY_ENFORCE": "strict"]),
                to: PlatformConfiguration()
            )
        }
        #expect(
            level?.message
                == "environment variable MOORAGE_POD_SECURITY_ENFORCE: \"strict\" must be one of privileged, baseline, restricted"
        )
        #expect(throws: CommandFailure.self) {
            try PlatformLoader.apply(
                EnvironmentReader(["MOORAGE_GATEWAY_CALLBACK_PORTS": "http"]),
                to: PlatformConfiguration()
            )
        }
        #expect(throws: CommandFailure.self) {
            try PlatformLoader.apply(
                EnvironmentReader(["MOORAGE_ALLOWED_REGISTRIES": "https://ghcr.io"]),
                to: PlatformConfiguration()
            )
        }
    }
}

@Suite("The controller's settings")
struct ControllerSettingsTests {
    static func settings(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ControllerSettings {
        try ControllerSettings.parse(arguments, environment: EnvironmentReader(environment))
    }

    @Test("the defaults are client-go's and controller-runtime's")
    func defaults() throws {
        let settings = try Self.settings([])
        #expect(settings.workers == 8)
        #expect(settings.isLeaderElectionEnabled)
        #expect(settings.leaseDuration == .seconds(15))
        #expect(settings.renewDeadline == .seconds(10))
        #expect(settings.retryPeriod == .seconds(2))
        #expect(settings.metricsAddress.description == ":8080")
        #expect(settings.healthAddress.description == ":8081")
        #expect(settings.namespaces == [])
        #expect(settings.shutdownTimeout < .seconds(30))
    }

    @Test("a flag takes precedence over the environment, and the environment over the default")
    func order() throws {
        let environment = [
            "MOORAGE_WORKERS": "4", "MOORAGE_LEADER_ELECT": "false", "MOORAGE_NAMESPACES": "a,b",
            "MOORAGE_LEADER_ELECTION_LEASE_DURATION": "30s", "MOORAGE_METRICS_BIND_ADDRESS": "0",
            "MOORAGE_LEADER_ELECTION_ID": "one",
        ]
        let fromEnvironment = try Self.settings([], environment)
        #expect(fromEnvironment.workers == 4)
        #expect(!fromEnvironment.isLeaderElectionEnabled)
        #expect(fromEnvironment.namespaces == ["a", "b"])
        #expect(fromEnvironment.leaseDuration == .seconds(30))
        #expect(fromEnvironment.metricsAddress.port == nil)
        #expect(fromEnvironment.leaseName == "one")
        let fromFlags = try Self.settings(
            [
                "--workers", "2", "--leader-elect", "--namespaces", "c,d", "--namespaces", "e",
                "--leader-election-lease-duration", "1m", "--metrics-bind-address", ":9000",
            ],
            environment
        )
        #expect(fromFlags.workers == 2)
        #expect(fromFlags.isLeaderElectionEnabled)
        #expect(fromFlags.namespaces == ["c", "d", "e"])
        #expect(fromFlags.leaseDuration == .seconds(60))
        #expect(fromFlags.metricsAddress.port == 9000)
        #expect(try Self.settings(["--no-leader-elect"]).isLeaderElectionEnabled == false)
    }

    @Test("the controller's namespace is the pod's, unless a flag sets another")
    func controllerNamespace() throws {
        #expect(try Self.settings([]).controllerNamespace == "moorage-system")
        let pod = ["POD_NAMESPACE": "platform"]
        #expect(try Self.settings([], pod).controllerNamespace == "platform")
        #expect(try Self.settings(["--controller-namespace", "other"], pod).controllerNamespace == "other")
    }

    @Test("an invalid value is an error that names the setting")
    func wrong() {
        #expect(throws: CommandFailure.self) { try Self.settings(["--workers", "0"]) }
        #expect(throws: CommandFailure.self) { try Self.settings([], ["MOORAGE_METRICS_BIND_ADDRESS": "8080"]) }
        #expect(throws: (any Error).self) { try Self.settings(["--leader-election-retry-period", "2"]) }
    }
}

@Suite("docs/configuration.md")
struct ConfigurationPageTests {
    static func page() throws -> String {
        let path = "\(Binary.packageRoot)/docs/configuration.md"
        return String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    }

    /// The first YAML block.
    static func example() throws -> String {
        let lines = try page().split(separator: "\n", omittingEmptySubsequences: false)
        let block = lines.drop { $0 != "```yaml" }.dropFirst().prefix { $0 != "```" }
        return block.joined(separator: "\n")
    }

    @Test("its example is valid, and has every field")
    func complete() throws {
        let platform = try PlatformLoaderTests.read(try Self.example())
        let value = try JSONValue(encoding: platform)
        for field in ["podSecurity", "images", "quotas", "network", "airgapped", "clusterDomain"] {
            #expect(value[field] != nil, "docs/configuration.md does not contain \(field)")
        }
        #expect(platform.plans == PlatformConfiguration().plans)
        // The label of a boxed property begins with an underscore.
        let labels = Mirror(reflecting: platform).children.compactMap(\.label)
        let fields = Set(labels.map { String($0.trimmingPrefix("_")) })
        #expect(fields == Set(value.objectValue?.keys ?? [:].keys))
    }

    @Test("its defaults are the real ones")
    func defaults() throws {
        var platform = try PlatformLoaderTests.read(try Self.example())
        platform.images = nil
        platform.network?.blockedCIDRs = nil
        let server = RenderTests.server("hello", spec: "image: ghcr.io/acme/hello@\(RenderTests.digest)")
        let tenant = "---\napiVersion: moorage.dev/v1alpha1\nkind: MCPTenant\nmetadata: {name: acme}\n"
        let reader = ManifestReader(sources: [ManifestSource(name: "a.yaml", text: server + tenant)])
        let spelled = RenderSession(FileGather(reader, platform: platform, assumesSecrets: false))
        let silent = RenderSession(FileGather(reader, platform: nil, assumesSecrets: false))
        #expect(spelled.objects == silent.objects)
        #expect(!silent.objects.isEmpty)
    }
}
