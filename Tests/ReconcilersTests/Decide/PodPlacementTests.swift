import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

/// A setting for the placement or the metadata of pods, and whether a server is allowed to have it.
private struct PlacementCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var field: String?
    var change: @Sendable (inout MCPServerSpec) -> Void

    static func refused(_ name: String, _ field: String, _ template: JSONValue) -> PlacementCase {
        PlacementCase(testDescription: name, field: field) { $0.podTemplate = template }
    }

    static func refused(_ name: String, _ field: String, _ scheduling: Scheduling) -> PlacementCase {
        PlacementCase(testDescription: name, field: field) { $0.scheduling = scheduling }
    }

    static func fine(_ name: String, _ template: JSONValue) -> PlacementCase {
        PlacementCase(testDescription: name) { $0.podTemplate = template }
    }
}

private let required = "requiredDuringSchedulingIgnoredDuringExecution"
private let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

private func nodeTerm(_ key: String, _ verb: String, in list: String = "matchExpressions") -> JSONValue {
    var expression: JSONValue = ["key": .string(key), "operator": .string(verb)]
    if verb.hasSuffix("In") { expression["values"] = ["x"] }
    return .object([list: [expression]])
}

private func requiring(_ term: JSONValue) -> JSONValue {
    ["spec": ["affinity": ["nodeAffinity": .object([required: ["nodeSelectorTerms": [term]]])]]]
}

private func apart(_ term: JSONValue, weight: Bool = false) -> JSONValue {
    let list: JSONValue =
        weight
        ? .object([preferred: [["weight": 1, "podAffinityTerm": term]]]) : .object([required: [term]])
    return ["spec": ["affinity": ["podAntiAffinity": list]]]
}

private let zone: JSONValue = ["topologyKey": "topology.kubernetes.io/zone"]

private let cases: [PlacementCase] = [
    .refused("a node by its name", "pod spec.nodeName", ["spec": ["nodeName": "control-plane-1"]]),
    .refused(
        "a system priority",
        "pod spec.priorityClassName",
        Scheduling(priorityClassName: "system-node-critical")
    ),
    .refused(
        "the same in an override",
        "pod spec.priorityClassName",
        ["spec": ["priorityClassName": "system-cluster-critical"]]
    ),
    .refused("a priority as a number", "pod spec.priority", ["spec": ["priority": 2_000_000_000]]),
    .refused(
        "a toleration of every taint",
        "pod spec.tolerations[0].key",
        Scheduling(tolerations: [Toleration(operator: "Exists")])
    ),
    .refused(
        "the same in an override",
        "pod spec.tolerations[0].key",
        ["spec": ["tolerations": [["operator": "Exists", "effect": "NoSchedule"]]]]
    ),
    .refused(
        "the taint of the control plane",
        "pod spec.tolerations[0].key",
        Scheduling(tolerations: [Toleration(key: "node-role.kubernetes.io/control-plane", operator: "Exists")])
    ),
    .refused(
        "the taint of nodes that are not set up",
        "pod spec.tolerations[1].key",
        [
            "spec": [
                "tolerations": [
                    ["key": "gpu", "operator": "Exists"],
                    ["key": "node.cloudprovider.kubernetes.io/uninitialized", "operator": "Exists"],
                ]
            ]
        ]
    ),
    .refused(
        "nodes of the control plane",
        "pod spec.nodeSelector[node-role.kubernetes.io/control-plane]",
        Scheduling(nodeSelector: ["node-role.kubernetes.io/control-plane": ""])
    ),
    .refused(
        "the same with affinity",
        "pod spec.affinity.nodeAffinity.\(required).nodeSelectorTerms[0].matchExpressions[0].key",
        requiring(nodeTerm("node-role.kubernetes.io/master", "Exists"))
    ),
    .refused(
        "the same as a preference",
        "pod spec.affinity.nodeAffinity.\(preferred)[0].preference.matchExpressions[0].key",
        [
            "spec": [
                "affinity": [
                    "nodeAffinity": .object([
                        preferred: [
                            ["weight": 1, "preference": nodeTerm("node-role.kubernetes.io/etcd", "Exists")]
                        ]
                    ])
                ]
            ]
        ]
    ),
    .refused(
        "one node by its label",
        "pod spec.nodeSelector[kubernetes.io/hostname]",
        Scheduling(nodeSelector: ["kubernetes.io/hostname": "n"])
    ),
    .refused(
        "one node by its name in a field selector",
        "pod spec.affinity.nodeAffinity.\(required).nodeSelectorTerms[0].matchFields[0].key",
        requiring(nodeTerm("metadata.name", "In", in: "matchFields"))
    ),
    .refused(
        "anti-affinity to pods of all namespaces",
        "pod spec.affinity.podAntiAffinity.\(required)[0].namespaceSelector",
        apart(zone.overlaid(with: ["namespaceSelector": [:], "labelSelector": [:]]))
    ),
    .refused(
        "pods of a namespace by its name",
        "pod spec.affinity.podAntiAffinity.\(preferred)[0].podAffinityTerm.namespaces",
        apart(zone.overlaid(with: ["namespaces": ["other"]]), weight: true)
    ),
    .refused("another scheduler", "pod spec.schedulerName", ["spec": ["schedulerName": "mine"]]),
    .refused("a scheduling gate", "pod spec.schedulingGates", ["spec": ["schedulingGates": [["name": "a.b/c"]]]]),
    .refused(
        "an annotation that attaches networks",
        "spec.podTemplate.metadata.annotations[k8s.v1.cni.cncf.io/networks]",
        ["metadata": ["annotations": ["k8s.v1.cni.cncf.io/networks": "macvlan"]]]
    ),
    .refused(
        "an annotation that bypasses the mesh's proxy",
        "spec.podTemplate.metadata.annotations[traffic.sidecar.istio.io/excludeOutboundPorts]",
        ["metadata": ["annotations": ["traffic.sidecar.istio.io/excludeOutboundPorts": "443"]]]
    ),
    .refused(
        "an annotation of Kubernetes",
        "spec.podTemplate.metadata.annotations[kubernetes.io/egress-bandwidth]",
        ["metadata": ["annotations": ["kubernetes.io/egress-bandwidth": "10G"]]]
    ),
    .refused(
        "a label that an identity webhook reads",
        "spec.podTemplate.metadata.labels[azure.workload.identity/use]",
        ["metadata": ["labels": ["azure.workload.identity/use": "true"]]]
    ),
    .refused("a finalizer", "spec.podTemplate.metadata.finalizers", ["metadata": ["finalizers": ["a.b/c"]]]),
    .fine("a toleration of one taint", ["spec": ["tolerations": [["key": "gpu", "operator": "Exists"]]]]),
    .fine(
        "excluding the control plane",
        requiring(nodeTerm("node-role.kubernetes.io/control-plane", "DoesNotExist"))
    ),
    .fine("nodes of another role", ["spec": ["nodeSelector": ["node-role.kubernetes.io/gpu": ""]]]),
    .fine("apart from its own pods", apart(["topologyKey": "kubernetes.io/hostname", "labelSelector": [:]])),
    .fine("a PriorityClass of the tenant's", ["spec": ["priorityClassName": "low"]]),
    .fine(
        "host names and aliases",
        [
            "spec": [
                "hostname": "a", "subdomain": "b", "setHostnameAsFQDN": true, "schedulerName": "default-scheduler",
                "hostAliases": [["ip": "10.0.0.1", "hostnames": ["db"]]],
                "dnsPolicy": "None", "dnsConfig": ["nameservers": ["10.0.0.10"]],
                "runtimeClassName": "gvisor", "preemptionPolicy": "Never",
                "resourceClaims": [["name": "gpu", "resourceClaimTemplateName": "gpu"]],
            ]
        ]
    ),
    .fine(
        "keys without a domain, and listed keys",
        [
            "metadata": [
                "annotations": [
                    "prometheus.io/scrape": "true", "note": "x", "checksum/config": "y",
                    "kubectl.kubernetes.io/restartedAt": "z",
                ],
                "labels": ["team": "a", "app.kubernetes.io/version": "1", "app.kubernetes.io/part-of": "shop"],
            ]
        ]
    ),
]

@Suite("Placement and metadata of pods")
struct PodPlacementTests {
    @Test(
        "settings of the platform are refused, with their field, and settings that only affect the server are not",
        arguments: cases
    )
    fileprivate func placement(placementCase: PlacementCase) throws {
        let decision = decide(Sample.input(Sample.server("weather", placementCase.change)))
        guard let field = placementCase.field else {
            #expect(decision.plan != nil, "\(decision)")
            return
        }
        let refusal = try #require(decision.refusal)
        #expect(refusal.field == field, "\(refusal)")
        let isMetadata = field.contains(".metadata.")
        #expect(refusal.reason == (isMetadata ? .podMetadataNotPermitted : .schedulingNotPermitted), "\(refusal)")
    }

    @Test("a class can set all of it, and its servers can set the same")
    func byClass() throws {
        let scheduling = Scheduling(
            nodeSelector: ["node-role.kubernetes.io/control-plane": ""],
            tolerations: [Toleration(operator: "Exists")],
            priorityClassName: "system-node-critical"
        )
        let serverClass = Sample.serverClass(isDefault: true) { $0.scheduling = scheduling }
        let plan = try #require(decide(Sample.input { $0.classes = [serverClass] }).plan)
        #expect(plan.podTemplate.at("spec.tolerations") == [["operator": "Exists"]])
        let more = Sample.server { $0.podTemplate = ["spec": ["nodeSelector": ["disk": "ssd"]]] }
        #expect(decide(Sample.input(more) { $0.classes = [serverClass] }).plan != nil)
    }

    @Test("a class can set any label and annotation of pods, and a server cannot remove them")
    func metadataByClass() throws {
        let serverClass = Sample.serverClass(isDefault: true) {
            $0.podMetadata = TemplateMetadata(
                labels: ["sidecar.istio.io/inject": "true", "moorage.dev/server": "other"],
                annotations: ["k8s.v1.cni.cncf.io/networks": "storage"]
            )
        }
        let plan = try #require(decide(Sample.input { $0.classes = [serverClass] }).plan)
        #expect(plan.podTemplate.at("metadata.labels")?["sidecar.istio.io/inject"] == "true")
        #expect(plan.podTemplate.at("metadata.labels")?["moorage.dev/server"] == "weather")
        #expect(plan.podTemplate.at("metadata.annotations")?["k8s.v1.cni.cncf.io/networks"] == "storage")
        let changes: [JSONValue] = [
            ["metadata": ["labels": ["sidecar.istio.io/inject": "false"]]],
            ["metadata": ["annotations": ["$retainKeys": ["moorage.dev/config-hash"]]]],
        ]
        for change in changes {
            let server = Sample.server { $0.podTemplate = change }
            let refusal = decide(Sample.input(server) { $0.classes = [serverClass] }).refusal
            #expect(refusal?.reason == .podMetadataNotPermitted, "\(String(describing: refusal))")
        }
    }

    @Test("a server cannot replace the RuntimeClass of its class")
    func runtimeClass() throws {
        let serverClass = Sample.serverClass(isDefault: true) { $0.scheduling = Scheduling(runtimeClassName: "gvisor") }
        for change in [
            Sample.server { $0.scheduling = Scheduling(runtimeClassName: "runc") },
            Sample.server { $0.podTemplate = ["spec": ["runtimeClassName": "runc"]] },
            Sample.server { $0.podTemplate = ["spec": ["$retainKeys": ["containers", "volumes", "securityContext"]]] },
        ] {
            let refusal = try #require(decide(Sample.input(change) { $0.classes = [serverClass] }).refusal)
            #expect(refusal.reason == .schedulingNotPermitted, "\(refusal)")
            #expect(refusal.field == "pod spec.runtimeClassName")
        }
    }

    @Test("the platform's list replaces the built-in one")
    func allowedKeys() throws {
        let server = Sample.server { $0.podTemplate = ["metadata": ["annotations": ["mesh.example/inject": "true"]]] }
        #expect(decide(Sample.input(server)).refusal?.reason == .podMetadataNotPermitted)
        for pattern in ["mesh.example/*", "mesh.example/inject"] {
            let input = Sample.input(server) {
                $0.platform.podMetadata = PlatformPodMetadata(allowedKeys: [pattern])
            }
            #expect(decide(input).plan != nil)
        }
        let plain = Sample.server { $0.podTemplate = ["metadata": ["labels": ["team": "a"]]] }
        let closed = Sample.input(plain) { $0.platform.podMetadata = PlatformPodMetadata(allowedKeys: []) }
        #expect(decide(closed).refusal?.reason == .podMetadataNotPermitted)
        #expect(throws: ConfigurationError.self) {
            try PlatformConfiguration(podMetadata: PlatformPodMetadata(allowedKeys: ["a/b/*"])).validate()
        }
    }
}

@Suite("The ServiceAccount of pods")
struct PodIdentityTests {
    private func allowing(_ names: String...) -> MCPTenant {
        Sample.tenant { $0.hardening = TenantHardening(serviceAccounts: names) }
    }

    @Test("another ServiceAccount needs the tenant's permission, whichever field names it")
    func permission() throws {
        let named = Sample.server { $0.serviceAccount = ServiceAccountSettings(name: "deployer") }
        let overridden = Sample.server { $0.podTemplate = ["spec": ["serviceAccountName": "deployer"]] }
        for (server, field) in [
            (named, "spec.serviceAccount.name"), (overridden, "spec.podTemplate.spec.serviceAccountName"),
        ] {
            let refusal = try #require(decide(Sample.input(server)).refusal)
            #expect(refusal.reason == .serviceAccountNotPermitted)
            #expect(refusal.field == field)
            #expect(decide(ServerInput(server: server)).refusal?.reason == .serviceAccountNotPermitted)
            let plan = try #require(decide(Sample.input(server, tenants: [allowing("deployer")])).plan)
            #expect(plan.podTemplate.at("spec.serviceAccountName") == "deployer")
        }
        let old = Sample.server { $0.podTemplate = ["spec": ["serviceAccount": "deployer"]] }
        #expect(decide(Sample.input(old)).refusal?.reason == .podTemplateInvalid)
    }

    @Test("a missing ServiceAccount is reported, and looked up")
    func missing() throws {
        let server = Sample.server { $0.serviceAccount = ServiceAccountSettings(name: "deployer") }
        var input = Sample.input(server, tenants: [allowing("deployer")])
        #expect(ServerReferences.serviceAccounts(of: input) == ["deployer"])
        input.missingServiceAccounts = ["deployer"]
        let refusal = try #require(decide(input).refusal)
        #expect(refusal.reason == .serviceAccountNotFound)
        #expect(refusal.field == "spec.serviceAccount.name")
        #expect(refusal.message.contains("\"deployer\""))
        #expect(refusal.reason.curesItself)
        #expect(ServerReferences.serviceAccounts(of: Sample.input(server)).isEmpty)
    }

    @Test("an explicitly named ServiceAccount is someone else's, even if it has the server's name")
    func namesake() throws {
        let server = Sample.server { $0.serviceAccount = ServiceAccountSettings(name: "weather") }
        #expect(decide(Sample.input(server)).refusal?.reason == .serviceAccountNotPermitted)
        let plan = try #require(decide(Sample.input(server, tenants: [allowing("weather")])).plan)
        #expect(render(plan)["ServiceAccount"] == nil)
        let own = try #require(decide(Sample.input()).plan)
        #expect(render(own)["ServiceAccount", "weather"] != nil)
    }

    @Test(
        "everything that gives the pod an identity counts as a token, but not a trust bundle",
        arguments: ["serviceAccountToken", "podCertificate", "clusterTrustBundle"]
    )
    func projected(kind: String) throws {
        var source: JSONValue = ["path": "file"]
        if kind == "podCertificate" {
            source = ["signerName": "a.b/c", "keyType": "ED25519", "credentialBundlePath": "file"]
        }
        func server(token: Bool) -> MCPServer {
            Sample.server {
                $0.podTemplate = [
                    "spec": ["volumes": [["name": "id", "projected": ["sources": [.object([kind: source])]]]]]
                ]
                $0.serviceAccount = ServiceAccountSettings(automountToken: token)
            }
        }
        #expect(decide(Sample.input(server(token: true))).plan != nil)
        let refusal = decide(Sample.input(server(token: false))).refusal
        if kind == "clusterTrustBundle" {
            #expect(refusal == nil)
        } else {
            #expect(refusal?.reason == .hardeningWeakened)
            #expect(refusal?.field == "pod spec.volumes[1].projected.sources[0].\(kind)")
        }
    }
}
