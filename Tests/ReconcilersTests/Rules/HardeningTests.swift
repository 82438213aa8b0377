import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

/// A change of a server with Pod Security `privileged`, and the field that is refused; `nil` if it is accepted.
private struct HardeningCase: Sendable, CustomTestStringConvertible {
    var template: JSONValue
    var field: String?
    var testDescription: String { String(decoding: template.serialized(), as: UTF8.self) }

    init(_ template: JSONValue, _ field: String?) {
        self.template = template
        self.field = field
    }
}

private func pod(_ context: JSONValue) -> JSONValue { ["spec": ["securityContext": context]] }
private func container(_ context: JSONValue) -> JSONValue {
    ["spec": ["containers": [["name": "mcp", "securityContext": context]]]]
}
private func volume(_ source: JSONValue) -> JSONValue {
    ["spec": ["volumes": [source.overlaid(with: ["name": "v"])]]]
}

private let first = "containers[0].securityContext"

private let hardeningCases: [HardeningCase] = [
    HardeningCase(pod(["appArmorProfile": ["type": "Unconfined"]]), "securityContext.appArmorProfile.type"),
    HardeningCase(container(["appArmorProfile": ["type": "Unconfined"]]), "\(first).appArmorProfile.type"),
    HardeningCase(pod(["seLinuxOptions": ["type": "spc_t"]]), "securityContext.seLinuxOptions.type"),
    HardeningCase(container(["seLinuxOptions": ["user": "u"]]), "\(first).seLinuxOptions.user"),
    HardeningCase(
        pod(["sysctls": [["name": "kernel.msgmax", "value": "1"]]]),
        "securityContext.sysctls[0].name"
    ),
    HardeningCase(pod(["windowsOptions": ["hostProcess": true]]), "securityContext.windowsOptions.hostProcess"),
    HardeningCase(container(["windowsOptions": ["hostProcess": true]]), "\(first).windowsOptions.hostProcess"),
    HardeningCase(volume(["nfs": ["server": "s", "path": "/"]]), "volumes[1].nfs"),
    HardeningCase(volume(["iscsi": ["targetPortal": "p", "iqn": "q", "lun": 0]]), "volumes[1].iscsi"),
    HardeningCase(volume(["hostPath": ["path": "/"]]), "volumes[1].hostPath"),
    HardeningCase(volume(["rbd": ["image": "d", "monitors": ["m"]]]), "volumes[1].rbd"),
    HardeningCase(volume(["flexVolume": ["driver": "d/e"]]), "volumes[1].flexVolume"),
    HardeningCase(volume(["gitRepo": ["repository": "r"]]), "volumes[1].gitRepo"),
    HardeningCase(pod(["fsGroup": 0]), "securityContext.fsGroup"),
    HardeningCase(pod(["runAsGroup": 0]), "securityContext.runAsGroup"),
    HardeningCase(container(["runAsGroup": 0]), "\(first).runAsGroup"),
    HardeningCase(pod(["supplementalGroups": [5, 0]]), "securityContext.supplementalGroups[1]"),
    HardeningCase(pod(["runAsUser": 0]), "securityContext.runAsUser"),
    HardeningCase(pod(["runAsNonRoot": false]), "securityContext.runAsNonRoot"),
    HardeningCase(container(["procMount": "Unmasked"]), "\(first).procMount"),
    HardeningCase(
        ["spec": ["hostUsers": false, "containers": [["name": "mcp", "securityContext": ["runAsUser": 0]]]]],
        "\(first).runAsUser"
    ),
    HardeningCase(container(["capabilities": ["add": ["SYS_ADMIN"]]]), "\(first).capabilities.add"),
    HardeningCase(container(["capabilities": ["add": ["CHOWN"]]]), "\(first).capabilities.add"),
    HardeningCase(container(["capabilities": ["add": ["NET_BIND_SERVICE"]]]), nil),
    HardeningCase(container(["seccompProfile": ["type": "Localhost", "localhostProfile": "p.json"]]), nil),
    HardeningCase(pod(["supplementalGroups": [5]]), nil),
    HardeningCase(["spec": ["hostUsers": false]], nil),
    HardeningCase(volume(["csi": ["driver": "secrets-store.csi.k8s.io"]]), nil),
]

@Suite("Hardening")
struct HardeningTests {
    private func decision(_ template: JSONValue, allowWeakening: Bool) -> Decision<ServerPlan> {
        decide(
            Sample.input(
                Sample.server { $0.podTemplate = template },
                tenants: [
                    Sample.tenant {
                        $0.podSecurity = TenantPodSecurity(enforce: .privileged)
                        $0.hardening = TenantHardening(allowWeakening: allowWeakening)
                    }
                ]
            )
        )
    }

    @Test("also applies with Pod Security privileged, and only the tenant can loosen it", arguments: hardeningCases)
    fileprivate func privileged(hardeningCase: HardeningCase) throws {
        let closed = decision(hardeningCase.template, allowWeakening: false)
        guard let field = hardeningCase.field else {
            #expect(closed.plan != nil, "\(closed)")
            return
        }
        let refusal = try #require(closed.refusal)
        #expect(refusal.reason == .hardeningWeakened, "\(refusal)")
        let found = Hardening.weakenings(
            of: try StrategicMerge.apply(hardeningCase.template, to: try rendered())["spec"] ?? [:],
            allowsToken: false
        )
        #expect(found.map(\.field).contains(field), "\(found)")
        let opened = decision(hardeningCase.template, allowWeakening: true)
        #expect(opened.refusal?.reason != .hardeningWeakened, "\(opened)")
    }

    @Test("also applies to volumes of the spec, whatever the class weakens", arguments: [false, true])
    func specVolumes(isClassWeak: Bool) throws {
        let serverClass = Sample.serverClass(isDefault: true) {
            if isClassWeak { $0.securityContext = SecurityContext(readOnlyRootFilesystem: false) }
        }
        let volumes: [(String, Volume)] = [
            ("hostPath", Volume(name: "v", hostPath: HostPathVolumeSource(path: "/"))),
            ("nfs", Volume(name: "v", nfs: NFSVolumeSource(server: "s", path: "/"))),
            ("iscsi", Volume(name: "v", iscsi: ISCSIVolumeSource(targetPortal: "p", iqn: "q", lun: 0))),
        ]
        for (source, volume) in volumes {
            let input = Sample.input(
                Sample.server { $0.volumes = [volume] },
                tenants: [Sample.tenant { $0.podSecurity = TenantPodSecurity(enforce: .privileged) }]
            ) {
                $0.classes = [serverClass]
            }
            let decision = decide(input)
            #expect(decision.refusal?.reason == .hardeningWeakened, "\(decision)")
            #expect(decision.refusal?.field == "pod spec.volumes[1].\(source)")
        }
    }

    @Test("what a class weakens for the server's container does not apply to other containers, in any position")
    func otherContainer() throws {
        let serverClass = Sample.serverClass(isDefault: true) {
            $0.securityContext = SecurityContext(readOnlyRootFilesystem: false)
        }
        let hardened = Hardening.securityContext(for: Hardening.podSecurityContext)
        let side: JSONValue = [
            "name": "side", "image": .string(Sample.image),
            "securityContext": hardened.overlaid(with: ["readOnlyRootFilesystem": false]),
        ]
        let own: JSONValue = [
            "name": "mcp", "image": .string(Sample.image), "securityContext": hardened,
            "ports": [["name": "http", "containerPort": 8080]],
        ]
        let server = Sample.server {
            $0.podTemplate = ["spec": ["containers": [["$patch": "replace"], side, own]]]
        }
        let refusal = decide(Sample.input(server) { $0.classes = [serverClass] }).refusal
        #expect(refusal?.reason == .hardeningWeakened, "\(String(describing: refusal))")
        #expect(refusal?.field == "pod spec.containers[0].securityContext.readOnlyRootFilesystem")
    }

    private func rendered() throws -> JSONValue { try #require(decide(Sample.input()).plan).podTemplate }

    @Test("a class can leave users and groups to the platform, and all other settings are kept")
    func platformUsers() throws {
        let serverClass = Sample.serverClass(isDefault: true) { $0.userAssignment = .platform }
        let plan = try #require(decide(Sample.input { $0.classes = [serverClass] }).plan)
        for key in ["runAsUser", "runAsGroup", "fsGroup"] {
            #expect(plan.podTemplate.at("spec.securityContext")?[key] == nil)
            #expect(plan.podTemplate.at("spec.containers.0.securityContext")?[key] == nil)
        }
        #expect(plan.podTemplate.at("spec.securityContext.runAsNonRoot") == true)
        #expect(PodSecurity.violations(of: plan.podTemplate["spec"] ?? [:], level: .restricted).isEmpty)
        let own = Sample.server { $0.podSecurityContext = PodSecurityContext(runAsUser: 65_532) }
        let chosen = try #require(decide(Sample.input(own) { $0.classes = [serverClass] }).plan)
        #expect(chosen.podTemplate.at("spec.containers.0.securityContext.runAsUser") == 65_532)
        #expect(chosen.podTemplate.at("spec.securityContext")?["fsGroup"] == nil)
    }
}
