import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

private let platformImage = "registry.example.com/moorage:1"
private let key = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE112uG70OxywAKLtUPg5lkZSMVfcn
    o8ZuuKDa1p6xmcVeqEaOjtAHWSRVpcLjiPAZW00eve9GAE2D1n73bkxl4A==
    -----END PUBLIC KEY-----
    """
private let digest = String(repeating: "b", count: 64)

private func input(
    keys: [String] = [key],
    images: TenantImages? = nil,
    _ plugins: [ServerPlugin],
    _ change: (inout MCPServerSpec) -> Void = { _ in }
) -> ServerInput {
    let server = Sample.server {
        $0.plugins = plugins
        change(&$0)
    }
    let tenant = Sample.tenant {
        $0.plugins = TenantPlugins(publicKeys: keys)
        $0.images = images
    }
    return Sample.input(server, tenants: [tenant]) { $0.platform.stdio = PlatformStdio(image: platformImage) }
}

private func spec(_ input: ServerInput) throws -> JSONValue {
    switch decide(input) {
    case .run(let plan): return try #require(plan.podTemplate["spec"])
    case .refused(let refusal):
        Issue.record("\(refusal)")
        throw refusal
    }
}

private func refusal(_ input: ServerInput) -> Refusal? {
    if case .refused(let refusal) = decide(input) { refusal } else { nil }
}

private func named(_ name: String, in list: JSONValue?) -> JSONValue? {
    list?.arrayValue?.first { $0["name"]?.stringValue == name }
}

private let metrics = ServerPlugin(
    name: "metrics",
    claim: "bundles",
    path: "metrics/1",
    sha256: digest,
    signature: "c2ln"
)

@Suite("Servers with plug-in bundles")
struct PluginTests {
    @Test("an init container checks the bundle, and the server mounts only what it has copied")
    func pod() throws {
        let spec = try spec(input([metrics]))
        let check = try #require(named("moorage-plugin-metrics", in: spec["initContainers"]))
        #expect(check["image"]?.stringValue == platformImage)
        #expect(check["command"] == ["/usr/bin/moorage"])
        #expect(
            check["args"]
                == .strings([
                    "plugin", "install", "--from=/bundle/metrics/1", "--to=/plugins/metrics", "--sha256=\(digest)",
                    "--signature=c2ln", "--public-key=\(key)",
                ])
        )
        #expect(check["terminationMessagePolicy"] == "FallbackToLogsOnError")
        let source = named("moorage-plugin-metrics", in: spec["volumes"])
        #expect(source?["persistentVolumeClaim"] == ["claimName": "bundles", "readOnly": true])
        let container = try #require(spec["containers"]?.arrayValue?.first)
        let mounts = container["volumeMounts"]?.arrayValue?.filter {
            $0["name"]?.stringValue?.contains("plugin") == true
        }
        #expect(
            mounts == [
                ["name": "moorage-plugins", "subPath": "metrics", "readOnly": true, "mountPath": "/plugins/metrics"]
            ]
        )
        #expect(Hardening.weakenings(of: spec, allowsToken: false).isEmpty)
        #expect(PodSecurity.violations(of: spec, annotations: [:], level: .restricted).isEmpty)
    }

    @Test("a bundle comes from an image, a claim or a ConfigMap, at a place of its own")
    func sources() throws {
        let image = "ghcr.io/acme/bundle@sha256:" + digest
        let plugins = [
            ServerPlugin(
                name: "a",
                image: image,
                entry: "index.js",
                sha256: digest,
                signature: "c2ln",
                mountPath: "/app/a"
            ),
            ServerPlugin(name: "b", configMap: "connectors", sha256: digest, signature: "c2ln"),
        ]
        var input = input(plugins)
        input.contents[ContentReference(kind: .configMap, name: "connectors")] = .digests(["x": "1"])
        let spec = try spec(input)
        #expect(named("moorage-plugin-a", in: spec["volumes"])?["image"] == ["reference": .string(image)])
        #expect(named("moorage-plugin-b", in: spec["volumes"])?["configMap"]?["name"] == "connectors")
        #expect(
            named("moorage-plugin-a", in: spec["initContainers"])?["args"]?.arrayValue?.contains("--entry=index.js")
                == true
        )
        let mounts = spec["containers"]?.arrayValue?.first?["volumeMounts"]?.arrayValue ?? []
        #expect(mounts.contains { $0["mountPath"] == "/app/a" && $0["subPath"] == "a" })
    }

    @Test("a tenant that trusts nobody runs no server with bundles")
    func untrusted() {
        let refused = refusal(input(keys: [], [metrics]))
        #expect(refused?.reason == .pluginUntrusted)
        #expect(refused?.field == "spec.plugins")
        #expect(refusal(input(keys: ["not a key"], [metrics]))?.reason == .tenantInvalid)
    }

    @Test("the image rules of the tenant apply to the image of a bundle")
    func images() {
        let tagged = ServerPlugin(name: "a", image: "ghcr.io/acme/bundle:1", sha256: digest, signature: "c2ln")
        let refused = refusal(input([tagged]))
        #expect(refused?.reason == .imageDigestRequired)
        #expect(refused?.field == "spec.plugins[0].image")
    }

    @Test("a ConfigMap that does not exist is named")
    func missing() {
        let plugin = ServerPlugin(name: "b", configMap: "connectors", sha256: digest, signature: "c2ln")
        let refused = refusal(input([plugin]))
        #expect(refused?.reason == .referenceNotFound)
        #expect(refused?.field?.hasPrefix("spec.plugins") == true)
    }

    @Test(
        "an override cannot change, remove or add what checks bundles",
        arguments: [
            ["initContainers": [["name": "moorage-plugin-metrics", "args": ["version"]]]],
            ["initContainers": [["name": "moorage-plugin-metrics", "$patch": "delete"]]],
            ["initContainers": [["name": "moorage-plugin-other", "image": "evil.example.com/x:1"]]],
            ["volumes": [["name": "moorage-plugins", "hostPath": ["path": "/"], "emptyDir": .null]]],
            ["volumes": [["name": "moorage-plugin-metrics", "$patch": "delete"]]],
        ] as [JSONValue]
    )
    func overrides(_ override: JSONValue) {
        let refused = refusal(input([metrics]) { $0.podTemplate = ["spec": override] })
        #expect(refused?.reason == .podTemplateInvalid)
    }

    @Test("a bundle that is refused is named in the condition, with what the check said")
    func diagnosis() throws {
        func find(_ container: String) -> Finding? {
            let ended = ContainerState(terminated: .init(exitCode: 1, message: "error: the bundle is refused\n"))
            let status = ContainerStatus(
                name: container,
                ready: false,
                restartCount: 2,
                state: ContainerState(waiting: .init(reason: "CrashLoopBackOff")),
                lastState: ended
            )
            let pod = Pod(
                metadata: ObjectMeta(name: "weather-1"),
                status: PodStatus(initContainerStatuses: [status])
            )
            return PodDiagnosis.find([pod], image: nil, now: Timestamp(secondsSinceEpoch: 0))
        }
        let finding = try #require(find("moorage-plugin-metrics"))
        #expect(finding.reason == .pluginRefused)
        #expect(
            finding.message.hasPrefix(
                "plug-in metrics is refused, and the server does not start: error: the bundle is refused;"
            )
        )
        #expect(find("other")?.reason == .containerCrashing)
    }
}
