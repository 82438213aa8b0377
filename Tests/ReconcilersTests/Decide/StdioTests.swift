import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

private let adapterImage = "registry.example.com/moorage:1"

private func input(_ change: (inout MCPServerSpec) -> Void = { _ in }, tenants: [MCPTenant] = [Sample.tenant()])
    -> ServerInput
{
    let server = Sample.server {
        $0.transport = .stdio
        $0.command = ["mcp-server-time"]
        $0.args = ["--local-timezone", "UTC"]
        change(&$0)
    }
    return Sample.input(server, tenants: tenants) { $0.platform.stdio = PlatformStdio(image: adapterImage) }
}

private func plan(_ input: ServerInput) throws -> ServerPlan {
    switch decide(input) {
    case .run(let plan): return plan
    case .refused(let refusal):
        Issue.record("\(refusal)")
        throw refusal
    }
}

private func refusal(_ input: ServerInput) -> Refusal? {
    if case .refused(let refusal) = decide(input) { refusal } else { nil }
}

@Suite("Servers with the transport stdio")
struct StdioTests {
    @Test("the pod runs the adapter, which runs the command, and an init container brings it")
    func pod() throws {
        let spec = try #require(try plan(input()).podTemplate["spec"])
        let container = try #require(spec["containers"]?.arrayValue?.first)
        #expect(container["image"]?.stringValue == Sample.image)
        #expect(container["command"] == ["/moorage-adapter/moorage-adapter"])
        #expect(
            container["args"] == [
                "adapt", "--bind-address=:8080", "--path=/mcp", "--processes=PerSession", "--max-processes=100",
                "--idle-time=600s", "--shutdown-timeout=24s", "--", "mcp-server-time", "--local-timezone", "UTC",
            ]
        )
        #expect(container["readinessProbe"]?["httpGet"]?["path"]?.stringValue == "/healthz")
        #expect(container["startupProbe"]?["httpGet"]?["path"]?.stringValue == "/healthz")
        #expect(container["livenessProbe"]?["httpGet"]?["path"]?.stringValue == "/livez")
        let mount = container["volumeMounts"]?.arrayValue?.first { $0["name"]?.stringValue == "moorage-adapter" }
        #expect(mount?["readOnly"]?.boolValue == true)
        let adapter = try #require(spec["initContainers"]?.arrayValue?.first)
        #expect(adapter["image"]?.stringValue == adapterImage)
        #expect(adapter["command"] == ["/usr/bin/moorage-adapter"])
        #expect(adapter["args"] == ["install", "/moorage-adapter"])
        #expect(spec["volumes"]?.arrayValue?.contains { $0["name"]?.stringValue == "moorage-adapter" } == true)
        #expect(Hardening.weakenings(of: spec, allowsToken: false).isEmpty)
        #expect(PodSecurity.violations(of: spec, annotations: [:], level: .restricted).isEmpty)
    }

    @Test("with an image volume, the adapter is mounted and not copied, and an override cannot change the volume")
    func imageVolume() throws {
        func mounted(_ change: @escaping (inout MCPServerSpec) -> Void = { _ in }) -> ServerInput {
            let strict = Sample.tenant { $0.images = TenantImages(allowedRegistries: ["ghcr.io/acme"]) }
            var mounted = input(change, tenants: [strict])
            mounted.platform.stdio = PlatformStdio(
                image: adapterImage,
                imagePullPolicy: "Always",
                adapterMount: .imageVolume
            )
            return mounted
        }
        let spec = try #require(try plan(mounted()).podTemplate["spec"])
        let container = try #require(spec["containers"]?.arrayValue?.first)
        #expect(container["command"] == ["/moorage-adapter/usr/bin/moorage-adapter"])
        #expect(spec["initContainers"] == nil)
        func named(_ list: JSONValue?) -> JSONValue? {
            list?.arrayValue?.first { $0["name"]?.stringValue == "moorage-adapter" }
        }
        #expect(
            named(spec["volumes"]) == [
                "name": "moorage-adapter", "image": ["reference": .string(adapterImage), "pullPolicy": "Always"],
            ]
        )
        #expect(named(container["volumeMounts"])?["readOnly"]?.boolValue == true)
        #expect(Hardening.weakenings(of: spec, allowsToken: false).isEmpty)
        #expect(PodSecurity.violations(of: spec, annotations: [:], level: .restricted).isEmpty)
        // The name excuses nothing that the platform did not write.
        let other: JSONValue = ["name": "moorage-adapter", "image": ["reference": "evil.example.com/x:1"]]
        for volume in [other, ["name": "moorage-adapter", "$patch": "delete"]] {
            let refused = refusal(mounted { $0.podTemplate = ["spec": ["volumes": [volume]]] })
            #expect(refused?.reason == .podTemplateInvalid)
            #expect(refused?.field == "spec.podTemplate.spec.volumes")
        }
        let side: JSONValue = ["name": "side", "image": ["reference": .string(adapterImage)]]
        let judged = refusal(mounted { $0.podTemplate = ["spec": ["volumes": [side]]] })
        #expect(judged?.reason == .imageDigestRequired)
        let unreserved = refusal(
            mounted {
                $0.transport = .streamableHTTP
                $0.podTemplate = ["spec": ["volumes": [other]]]
            }
        )
        #expect(unreserved?.reason == .imageDigestRequired)
    }

    @Test("the settings of the spec reach the adapter")
    func settings() throws {
        let plan = try plan(
            input {
                $0.stdio = StdioSettings(processes: .shared, maxProcesses: 7, idleSeconds: 30)
                $0.port = 9000
                $0.path = "/time"
                $0.terminationGracePeriodSeconds = 60
                $0.drainSeconds = 10
                $0.probes = Probes(path: "/health", readiness: ProbeSettings(periodSeconds: 3))
            }
        )
        let container = plan.podTemplate["spec"]?["containers"]?.arrayValue?.first
        let arguments = container?["args"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(
            arguments.prefix(7) == [
                "adapt", "--bind-address=:9000", "--path=/time", "--processes=Shared", "--max-processes=7",
                "--idle-time=30s", "--shutdown-timeout=49s",
            ]
        )
        // The server has no HTTP path of its own; the timings hold.
        #expect(container?["readinessProbe"]?["httpGet"]?["path"]?.stringValue == "/healthz")
        #expect(container?["readinessProbe"]?["periodSeconds"]?.integerValue == 3)
        #expect(HandshakeEndpoint(plan.settings).transport == .streamableHTTP)
    }

    @Test("what is missing or does not fit is refused with the field")
    func refused() {
        // Nothing is read from registries for files.
        #expect(refusal(input { $0.command = nil })?.reason == .commandMissing)
        #expect(refusal(input { $0.command = [] })?.field == "spec.command")
        #expect(refusal(input { $0.command = [""] })?.message.contains("name of the program is empty") == true)
        #expect(refusal(input { $0.path = "/healthz" })?.field == "spec.path")
        let other = refusal(
            input {
                $0.transport = .streamableHTTP
                $0.stdio = StdioSettings(processes: .shared)
            }
        )
        #expect(other?.field == "spec.stdio")
        var withoutImage = input()
        withoutImage.platform.stdio = nil
        #expect(refusal(withoutImage)?.reason == .transportUnsupported)
    }

    @Test("the tenant's image policy holds for its images and not for the adapter's, which an override cannot change")
    func images() throws {
        let strict = Sample.tenant { $0.images = TenantImages(allowedRegistries: ["ghcr.io/acme"]) }
        _ = try plan(input(tenants: [strict]))
        func overridden(_ spec: JSONValue, _ change: @escaping (inout MCPServerSpec) -> Void = { _ in }) -> Refusal? {
            refusal(
                input(
                    {
                        $0.podTemplate = ["spec": spec]
                        change(&$0)
                    },
                    tenants: [strict]
                )
            )
        }
        let own: JSONValue = ["name": "moorage-adapter", "image": "evil.example.com/x:1"]
        #expect(overridden(["initContainers": [own]])?.reason == .podTemplateInvalid)
        #expect(
            overridden(["initContainers": [["name": "moorage-adapter", "args": ["version"]]]])?.reason
                == .podTemplateInvalid
        )
        #expect(
            overridden(["initContainers": [["name": "moorage-adapter", "$patch": "delete"]]])?.reason
                == .podTemplateInvalid
        )
        // The name alone excuses nothing: not the image elsewhere, and not without the transport.
        let context = Hardening.securityContext(for: Hardening.podSecurityContext)
        let side: JSONValue = ["name": "side", "image": .string(adapterImage), "securityContext": context]
        #expect(overridden(["initContainers": [side]])?.reason == .imageDigestRequired)
        #expect(overridden(["containers": [side]])?.reason == .imageDigestRequired)
        let http = overridden(["initContainers": [own.overlaid(with: ["securityContext": context])]]) {
            $0.transport = .streamableHTTP
        }
        #expect(http?.reason == .imageDigestRequired)
        #expect(refusal(input({ $0.volumes = [Volume(name: "moorage-adapter")] }))?.reason == .specInvalid)
    }
}
