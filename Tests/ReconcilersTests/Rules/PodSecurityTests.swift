import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

/// A change of a pod that satisfies `restricted`, and the field of the expected violation.
private struct PodCase: Sendable, CustomTestStringConvertible {
    var patch: JSONValue
    var baseline: String?
    var restricted: String?
    var testDescription: String { String(decoding: patch.serialized(), as: UTF8.self) }
}

private let good: JSONValue = [
    "spec": [
        "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
        "containers": [
            [
                "name": "mcp",
                "securityContext": ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]],
            ]
        ],
    ]
]

private func container(_ context: JSONValue) -> JSONValue {
    ["spec": ["containers": [["name": "mcp", "securityContext": context]]]]
}

private func both(_ patch: JSONValue, _ field: String) -> PodCase {
    PodCase(patch: patch, baseline: field, restricted: field)
}

private func restricted(_ patch: JSONValue, _ field: String) -> PodCase {
    PodCase(patch: patch, baseline: nil, restricted: field)
}

private func fine(_ patch: JSONValue) -> PodCase { PodCase(patch: patch) }

private let first = "containers[0].securityContext"

private let podCases: [PodCase] = [
    fine([:]),
    both(["spec": ["hostNetwork": true]], "hostNetwork"),
    both(["spec": ["hostPID": true]], "hostPID"),
    both(["spec": ["hostIPC": true]], "hostIPC"),
    fine(["spec": ["hostNetwork": false]]),
    both(container(["privileged": true]), "\(first).privileged"),
    both(container(["capabilities": ["add": ["SYS_ADMIN"]]]), "\(first).capabilities.add"),
    both(container(["capabilities": ["add": ["NET_RAW"]]]), "\(first).capabilities.add"),
    restricted(container(["capabilities": ["add": ["CHOWN"]]]), "\(first).capabilities.add"),
    fine(container(["capabilities": ["add": ["NET_BIND_SERVICE"]]])),
    both(["spec": ["volumes": [["name": "h", "hostPath": ["path": "/"]]]]], "volumes[0].hostPath"),
    restricted(["spec": ["volumes": [["name": "n", "nfs": ["server": "s", "path": "/"]]]]], "volumes[0].nfs"),
    fine(["spec": ["volumes": [["name": "e", "emptyDir": [:]], ["name": "i", "image": ["reference": "r"]]]]]),
    both(
        ["spec": ["containers": [["name": "mcp", "ports": [["containerPort": 80, "hostPort": 80]]]]]],
        "containers[0].ports[0].hostPort"
    ),
    fine(["spec": ["containers": [["name": "mcp", "ports": [["containerPort": 80, "hostPort": 0]]]]]]),
    both(container(["procMount": "Unmasked"]), "\(first).procMount"),
    both(container(["seLinuxOptions": ["type": "spc_t"]]), "\(first).seLinuxOptions.type"),
    fine(container(["seLinuxOptions": ["type": "container_t", "level": "s0"]])),
    both(container(["seLinuxOptions": ["user": "u"]]), "\(first).seLinuxOptions.user"),
    both(["spec": ["securityContext": ["seLinuxOptions": ["role": "r"]]]], "securityContext.seLinuxOptions.role"),
    both(container(["seccompProfile": ["type": "Unconfined"]]), "\(first).seccompProfile.type"),
    both(
        ["spec": ["securityContext": ["seccompProfile": ["type": "Unconfined"]]]],
        "securityContext.seccompProfile.type"
    ),
    restricted(["spec": ["securityContext": ["seccompProfile": nil]]], "\(first).seccompProfile.type"),
    fine(container(["seccompProfile": ["type": "Localhost", "localhostProfile": "p"]])),
    both(container(["appArmorProfile": ["type": "Unconfined"]]), "\(first).appArmorProfile.type"),
    fine(container(["appArmorProfile": ["type": "RuntimeDefault"]])),
    both(
        ["metadata": ["annotations": ["container.apparmor.security.beta.kubernetes.io/mcp": "unconfined"]]],
        "metadata.annotations[container.apparmor.security.beta.kubernetes.io/mcp]"
    ),
    both(
        ["spec": ["securityContext": ["sysctls": [["name": "kernel.msgmax", "value": "1"]]]]],
        "securityContext.sysctls[0].name"
    ),
    fine(["spec": ["securityContext": ["sysctls": [["name": "net.ipv4.tcp_syncookies", "value": "1"]]]]]),
    both(
        ["spec": ["securityContext": ["windowsOptions": ["hostProcess": true]]]],
        "securityContext.windowsOptions.hostProcess"
    ),
    both(
        ["spec": ["containers": [["name": "mcp", "livenessProbe": ["httpGet": ["port": 1, "host": "10.0.0.1"]]]]]],
        "containers[0].livenessProbe.httpGet.host"
    ),
    both(
        [
            "spec": [
                "containers": [["name": "mcp", "lifecycle": ["preStop": ["tcpSocket": ["port": 1, "host": "h"]]]]]
            ]
        ],
        "containers[0].lifecycle.preStop.tcpSocket.host"
    ),
    restricted(container(["allowPrivilegeEscalation": true]), "\(first).allowPrivilegeEscalation"),
    restricted(container(["allowPrivilegeEscalation": nil]), "\(first).allowPrivilegeEscalation"),
    restricted(container(["runAsNonRoot": false]), "\(first).runAsNonRoot"),
    restricted(["spec": ["securityContext": ["runAsNonRoot": nil]]], "\(first).runAsNonRoot"),
    restricted(container(["runAsUser": 0]), "\(first).runAsUser"),
    restricted(["spec": ["securityContext": ["runAsUser": 0]]], "securityContext.runAsUser"),
    fine(container(["runAsUser": 65_534])),
    // A real cluster, Kubernetes 1.36, gives the same results for these four.
    restricted(
        [
            "spec": [
                "securityContext": ["runAsNonRoot": false],
                "containers": [["name": "mcp", "securityContext": ["runAsNonRoot": true]]],
            ]
        ],
        "securityContext.runAsNonRoot"
    ),
    restricted(
        [
            "spec": [
                "securityContext": ["runAsUser": 0],
                "containers": [["name": "mcp", "securityContext": ["runAsUser": 1000]]],
            ]
        ],
        "securityContext.runAsUser"
    ),
    fine([
        "spec": [
            "hostUsers": false,
            "containers": [["name": "mcp", "securityContext": ["runAsUser": 0, "runAsNonRoot": false]]],
        ]
    ]),
    restricted(
        [
            "spec": [
                "hostUsers": false, "containers": [["name": "mcp", "securityContext": ["procMount": "Unmasked"]]],
            ]
        ],
        "\(first).procMount"
    ),
    restricted(container(["capabilities": nil]), "\(first).capabilities.drop"),
    restricted(container(["capabilities": ["drop": ["NET_RAW"]]]), "\(first).capabilities.drop"),
    restricted(
        ["spec": ["initContainers": [["name": "i"]]]],
        "initContainers[0].securityContext.allowPrivilegeEscalation"
    ),
]

@Suite("Pod Security")
struct PodSecurityTests {
    @Test("each control is reported with its field, at the levels that have it", arguments: podCases)
    fileprivate func controls(podCase: PodCase) throws {
        let template = try StrategicMerge.apply(podCase.patch, to: good)
        for (level, expected) in [(PodSecurityLevel.baseline, podCase.baseline), (.restricted, podCase.restricted)] {
            let found = PodSecurity.violations(
                of: template["spec"] ?? [:],
                annotations: template["metadata"]?["annotations"]?.objectValue ?? [:],
                level: level
            )
            #expect(found.first?.field == expected, "\(level): \(found)")
        }
        #expect(PodSecurity.violations(of: template["spec"] ?? [:], level: .privileged).isEmpty)
    }

    @Test("our own hardening refuses everything that restricted refuses, at every level", arguments: podCases)
    fileprivate func hardening(podCase: PodCase) throws {
        guard let field = podCase.restricted else { return }
        let hardened: JSONValue = [
            "spec": [
                "automountServiceAccountToken": false, "enableServiceLinks": false,
                "securityContext": ["runAsUser": 1000],
                "containers": [["name": "mcp", "securityContext": ["readOnlyRootFilesystem": true]]],
            ]
        ]
        let start = try StrategicMerge.apply(hardened, to: good)
        #expect(Hardening.weakenings(of: start["spec"] ?? [:], allowsToken: false).isEmpty)
        let template = try StrategicMerge.apply(podCase.patch, to: start)
        let found = Hardening.weakenings(
            of: template["spec"] ?? [:],
            annotations: template["metadata"]?["annotations"]?.objectValue ?? [:],
            allowsToken: false
        )
        #expect(found.contains { $0.field == field }, "\(found)")
    }

    @Test("rendered pods satisfy restricted and do not weaken anything")
    func rendered() throws {
        let plan = try #require(decide(Sample.input()).plan)
        let spec = plan.podTemplate["spec"] ?? [:]
        #expect(PodSecurity.violations(of: spec, level: .restricted).isEmpty)
        #expect(Hardening.weakenings(of: spec, allowsToken: false).isEmpty)
    }
}
