import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers
@testable import SandboxCluster

/// An override of a server, and the field that is refused; `nil` if it is accepted.
private struct TemplateCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var field: String?
    var template: JSONValue
    /// Whether the sandbox, which has its own checks, refuses it too.
    var isTwin: Bool

    init(_ name: String, _ field: String?, _ template: JSONValue, isTwin: Bool = false) {
        testDescription = name
        self.field = field
        self.template = template
        self.isTwin = isTwin
    }
}

private func pod(_ spec: JSONValue) -> JSONValue { ["spec": spec] }
private func container(_ members: JSONValue) -> JSONValue {
    ["spec": ["containers": [members.overlaid(with: ["name": "mcp"])]]]
}
private func volume(_ members: JSONValue) -> JSONValue {
    ["spec": ["volumes": [JSONValue.object(["name": "v"]).overlaid(with: members)]]]
}
private func side(_ members: JSONValue) -> JSONValue {
    let hardened = Hardening.securityContext(for: Hardening.podSecurityContext)
    let base: JSONValue = ["name": "side", "image": .string(Sample.image), "securityContext": hardened]
    return base.overlaid(with: members)
}

private let mcp = "pod spec.containers[0]"
private let override = "spec.podTemplate"

/// Fields that do not exist in Kubernetes, values of the wrong type, and null.
private let schemaCases: [TemplateCase] = [
    TemplateCase("an unknown field of a pod", "\(override).spec.replicas", pod(["replicas": 2])),
    TemplateCase("a field in lower case", "\(override).spec.hostnetwork", pod(["hostnetwork": true])),
    TemplateCase(
        "an unknown field of a container",
        "\(override).spec.containers[0].environment",
        container(["environment": [:]])
    ),
    TemplateCase("an unknown field of the template", "\(override).template", ["template": [:]]),
    TemplateCase(
        "an unknown nested field",
        "\(override).spec.containers[0].livenessProbe.httpGet.url",
        container(["livenessProbe": ["httpGet": ["url": "/"]]])
    ),
    TemplateCase("text instead of a number", "\(override).spec.priority", pod(["priority": "high"])),
    TemplateCase(
        "a number instead of text",
        "\(override).spec.containers[0].env[0].value",
        container(["env": [["name": "A", "value": 1]]])
    ),
    TemplateCase("an object instead of a list", "\(override).spec.tolerations", pod(["tolerations": ["key": "a"]])),
    TemplateCase(
        "an invalid quantity",
        "\(override).spec.containers[0].resources.limits[cpu]",
        container(["resources": ["limits": ["cpu": "much"]]])
    ),
    TemplateCase(
        "null, which kubectl apply drops",
        "\(override).spec.securityContext.runAsUser",
        pod(["securityContext": ["runAsUser": nil]])
    ),
    TemplateCase("null in a map", "\(override).metadata.labels[a]", ["metadata": ["labels": ["a": nil]]]),
    TemplateCase(
        "a directive of a strategic merge",
        nil,
        container(["securityContext": ["$patch": "merge"], "args": ["x"]])
    ),
]

/// What the API server would refuse about the finished pod, and what it would accept.
private let podCases: [TemplateCase] = [
    TemplateCase(
        "a name of a container",
        "pod spec.containers[1].name",
        pod(["containers": [side(["name": "Side"])]]),
        isTwin: true
    ),
    TemplateCase(
        "no image",
        "pod spec.containers[1].image",
        pod([
            "containers": [
                ["name": "side", "securityContext": Hardening.securityContext(for: Hardening.podSecurityContext)]
            ]
        ]),
        isTwin: true
    ),
    TemplateCase(
        "two containers with the same name",
        "pod spec.initContainers[0].name",
        pod(["initContainers": [side(["name": "mcp"])]]),
        isTwin: true
    ),
    TemplateCase(
        "a name of a port",
        "\(mcp).ports[1].name",
        container(["ports": [["containerPort": 9090, "name": "Metrics"]]]),
        isTwin: true
    ),
    TemplateCase(
        "an invalid port",
        "\(mcp).ports[1].containerPort",
        container(["ports": [["containerPort": 70_000, "name": "m"]]]),
        isTwin: true
    ),
    TemplateCase(
        "two ports with the same name",
        "\(mcp).ports[2].name",
        container(["ports": [["containerPort": 1, "name": "m"], ["containerPort": 2, "name": "m"]]]),
        isTwin: true
    ),
    TemplateCase(
        "an invalid protocol",
        "\(mcp).ports[1].protocol",
        container(["ports": [["containerPort": 1, "protocol": "HTTP"]]]),
        isTwin: true
    ),
    TemplateCase(
        "a variable's name",
        "\(mcp).env[1].name",
        container(["env": [["name": "A=B", "value": "x"]]]),
        isTwin: true
    ),
    TemplateCase(
        "a variable with two sources",
        "\(mcp).env[1].valueFrom",
        container(["env": [["name": "A", "value": "x", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]]]),
        isTwin: true
    ),
    TemplateCase(
        "a variable without a source",
        "\(mcp).env[1].valueFrom",
        container(["env": [["name": "A", "valueFrom": [:]]]]),
        isTwin: true
    ),
    TemplateCase(
        "an unsupported field",
        "\(mcp).env[1].valueFrom.fieldRef.fieldPath",
        container(["env": [["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "spec.containers"]]]]]),
        isTwin: true
    ),
    TemplateCase("envFrom without a source", "\(mcp).envFrom[0]", container(["envFrom": [["prefix": "A_"]]])),
    TemplateCase(
        "a mount without a volume",
        "\(mcp).volumeMounts[1].name",
        container(["volumeMounts": [["name": "none", "mountPath": "/x"]]]),
        isTwin: true
    ),
    TemplateCase(
        "a mount with a colon",
        "\(mcp).volumeMounts[1].mountPath",
        container(["volumeMounts": [["name": "tmp", "mountPath": "/a:b"]]])
    ),
    TemplateCase(
        "a path outside the volume",
        "\(mcp).volumeMounts[1].subPath",
        container(["volumeMounts": [["name": "tmp", "mountPath": "/x", "subPath": "../a"]]])
    ),
    TemplateCase(
        "a volume's name",
        "pod spec.volumes[1].name",
        volume(["name": "My_Volume", "emptyDir": [:]]),
        isTwin: true
    ),
    TemplateCase(
        "a volume with two sources",
        "pod spec.volumes[1]",
        volume(["emptyDir": [:], "image": ["reference": .string(Sample.image)]]),
        isTwin: true
    ),
    TemplateCase("a volume without a source", "pod spec.volumes[1]", volume([:])),
    TemplateCase(
        "a claim without a name",
        "pod spec.volumes[1].persistentVolumeClaim.claimName",
        volume(["persistentVolumeClaim": ["claimName": ""]]),
        isTwin: true
    ),
    TemplateCase(
        "an invalid mode",
        "pod spec.volumes[1].projected.defaultMode",
        volume([
            "projected": [
                "defaultMode": 1000,
                "sources": [["downwardAPI": ["items": [["path": "a", "fieldRef": ["fieldPath": "metadata.name"]]]]]],
            ]
        ]),
        isTwin: true
    ),
    TemplateCase(
        "a file outside its directory",
        "pod spec.volumes[1].downwardAPI.items[0].path",
        volume(["downwardAPI": ["items": [["path": "../a", "fieldRef": ["fieldPath": "metadata.name"]]]]])
    ),
    TemplateCase(
        "a request above its limit",
        "\(mcp).resources.requests[memory]",
        container(["resources": ["requests": ["memory": "2Gi"], "limits": ["memory": "1Gi"]]]),
        isTwin: true
    ),
    TemplateCase(
        "a negative limit",
        "\(mcp).resources.limits[cpu]",
        container(["resources": ["limits": ["cpu": "-1"]]]),
        isTwin: true
    ),
    TemplateCase(
        "an invalid resource",
        "\(mcp).resources.limits[gpu]",
        container(["resources": ["limits": ["gpu": "1"]]]),
        isTwin: true
    ),
    TemplateCase(
        "a device without an equal limit",
        "\(mcp).resources.requests[nvidia.com/gpu]",
        container(["resources": ["requests": ["nvidia.com/gpu": 1]]])
    ),
    TemplateCase(
        "a resource claim that the pod does not have",
        "\(mcp).resources.claims[0].name",
        container(["resources": ["claims": [["name": "gpu"]]]])
    ),
    TemplateCase(
        "a probe with two actions",
        "\(mcp).livenessProbe",
        container(["livenessProbe": ["exec": ["command": ["true"]]]]),
        isTwin: true
    ),
    TemplateCase(
        "a probe without an action",
        "pod spec.containers[1].livenessProbe",
        pod(["containers": [side(["livenessProbe": ["periodSeconds": 5]])]]),
        isTwin: true
    ),
    TemplateCase(
        "a negative period",
        "\(mcp).livenessProbe.periodSeconds",
        container(["livenessProbe": ["periodSeconds": -1]]),
        isTwin: true
    ),
    TemplateCase(
        "a success threshold",
        "\(mcp).livenessProbe.successThreshold",
        container(["livenessProbe": ["successThreshold": 2]]),
        isTwin: true
    ),
    TemplateCase(
        "a probe of an init container",
        "pod spec.initContainers[0].livenessProbe",
        pod(["initContainers": [side(["livenessProbe": ["tcpSocket": ["port": 1]]])]]),
        isTwin: true
    ),
    TemplateCase(
        "a pause longer than the grace period",
        "\(mcp).lifecycle.preStop.sleep.seconds",
        container(["lifecycle": ["preStop": ["sleep": ["seconds": 60]]]])
    ),
    TemplateCase("a restart policy", "pod spec.restartPolicy", pod(["restartPolicy": "Never"]), isTwin: true),
    TemplateCase("a deadline", "pod spec.activeDeadlineSeconds", pod(["activeDeadlineSeconds": 60])),
    TemplateCase(
        "a container for debugging",
        "pod spec.ephemeralContainers",
        pod(["ephemeralContainers": [side([:])]])
    ),
    TemplateCase("a DNS policy", "pod spec.dnsPolicy", pod(["dnsPolicy": "Mine"]), isTwin: true),
    TemplateCase("no DNS server", "pod spec.dnsConfig.nameservers", pod(["dnsPolicy": "None"])),
    TemplateCase(
        "a DNS server that is not an address",
        "pod spec.dnsConfig.nameservers[0]",
        pod(["dnsConfig": ["nameservers": ["dns.example"]]])
    ),
    TemplateCase("a host name", "pod spec.hostname", pod(["hostname": "A_b"]), isTwin: true),
    TemplateCase(
        "a node selector's value",
        "pod spec.nodeSelector[disk]",
        pod(["nodeSelector": ["disk": "a b"]]),
        isTwin: true
    ),
    TemplateCase(
        "a toleration with a value for Exists",
        "pod spec.tolerations[0].value",
        pod(["tolerations": [["key": "a", "operator": "Exists", "value": "b"]]]),
        isTwin: true
    ),
    TemplateCase(
        "a maxSkew of 0",
        "pod spec.topologySpreadConstraints[0].maxSkew",
        pod([
            "topologySpreadConstraints": [["maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"]]
        ]),
        isTwin: true
    ),
    TemplateCase(
        "an affinity without values",
        "pod spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values",
        pod([
            "affinity": [
                "nodeAffinity": [
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        "nodeSelectorTerms": [["matchExpressions": [["key": "a", "operator": "In"]]]]
                    ]
                ]
            ]
        ])
    ),
    TemplateCase(
        "an invalid user",
        "pod spec.securityContext.runAsUser",
        pod(["securityContext": ["runAsUser": -1]]),
        isTwin: true
    ),
    TemplateCase(
        "a seccomp profile without a file",
        "pod spec.securityContext.seccompProfile.localhostProfile",
        pod(["securityContext": ["seccompProfile": ["type": "Localhost"]]]),
        isTwin: true
    ),
    TemplateCase("a label's value", "pod metadata.labels[team]", ["metadata": ["labels": ["team": "a b"]]]),
    TemplateCase("Windows", "pod spec.os.name", pod(["os": ["name": "windows"]])),
    TemplateCase(
        "the port renamed",
        "\(override).spec.containers[0].ports",
        container(["ports": [["containerPort": 8080, "name": "web"]]])
    ),
    TemplateCase(
        "the port replaced",
        "\(override).spec.containers[0].ports",
        container(["ports": [["$patch": "replace"], ["containerPort": 9090, "name": "http"]]])
    ),
    TemplateCase(
        "the port over UDP",
        "\(override).spec.containers[0].ports",
        container(["ports": [["containerPort": 8080, "protocol": "UDP"]]])
    ),
    TemplateCase(
        "another container with the port's name",
        "\(override).spec.containers[1].ports",
        pod(["containers": [side(["ports": [["containerPort": 9090, "name": "http"]]])]])
    ),
    TemplateCase(
        "everything that is allowed",
        nil,
        [
            "metadata": ["labels": ["team": "a"], "annotations": ["note": "x"]],
            "spec": [
                "containers": [
                    [
                        "name": "mcp", "ports": [["containerPort": 9090, "name": "metrics"]],
                        "env": [
                            ["name": "A B", "value": "x"],
                            ["name": "NODE", "valueFrom": ["fieldRef": ["fieldPath": "spec.nodeName"]]],
                            ["name": "L", "valueFrom": ["fieldRef": ["fieldPath": "metadata.labels['app']"]]],
                            ["name": "M", "valueFrom": ["resourceFieldRef": ["resource": "limits.memory"]]],
                        ],
                        "resources": ["limits": ["nvidia.com/gpu": 1, "memory": "1Gi"], "claims": [["name": "gpu"]]],
                        "lifecycle": [
                            "preStop": ["exec": ["command": ["true"]]], "postStart": ["exec": ["command": ["true"]]],
                        ],
                        "volumeMounts": [
                            [
                                "name": "p", "mountPath": "/p", "readOnly": true, "subPath": "a/b",
                                "recursiveReadOnly": "IfPossible",
                            ]
                        ],
                    ],
                    side([
                        "resizePolicy": [["resourceName": "cpu", "restartPolicy": "NotRequired"]], "stdin": true,
                        "tty": true,
                    ]),
                ],
                "initContainers": [
                    side(["name": "sidecar", "restartPolicy": "Always", "readinessProbe": ["grpc": ["port": 1]]])
                ],
                "volumes": [
                    [
                        "name": "p",
                        "projected": [
                            "sources": [
                                [
                                    "downwardAPI": [
                                        "items": [["path": "a", "fieldRef": ["fieldPath": "metadata.labels"]]]
                                    ]
                                ]
                            ]
                        ],
                    ],
                    [
                        "name": "e",
                        "ephemeral": [
                            "volumeClaimTemplate": [
                                "spec": [
                                    "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                                ]
                            ]
                        ],
                    ],
                    ["name": "m", "emptyDir": ["medium": "Memory", "sizeLimit": "1Gi"]],
                ],
                "resourceClaims": [["name": "gpu", "resourceClaimTemplateName": "gpu"]],
                "hostAliases": [["ip": "10.0.0.1", "hostnames": ["a.b"]]],
                "dnsConfig": ["options": [["name": "ndots", "value": "2"]], "nameservers": ["fd00::a"]],
                "tolerations": [["key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5]],
                "topologySpreadConstraints": [
                    ["maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "minDomains": 2]
                ],
                "readinessGates": [["conditionType": "a.b/c"]],
                "affinity": [
                    "podAntiAffinity": [
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            [
                                "weight": 100,
                                "podAffinityTerm": [
                                    "topologyKey": "zone",
                                    "labelSelector": ["matchExpressions": [["key": "a", "operator": "Exists"]]],
                                ],
                            ]
                        ]
                    ]
                ],
                "terminationGracePeriodSeconds": 60, "hostUsers": false, "os": ["name": "linux"],
            ],
        ]
    ),
]

@Suite("A pod template override")
struct PodTemplateTests {
    private func decision(_ template: JSONValue) -> Decision<ServerPlan> {
        decide(
            Sample.input(
                Sample.server { $0.podTemplate = template },
                tenants: [
                    Sample.tenant { $0.podSecurity = TenantPodSecurity(enforce: .privileged) }
                ]
            )
        )
    }

    @Test("a field that a pod does not have is refused with its path", arguments: schemaCases)
    fileprivate func schema(templateCase: TemplateCase) throws {
        let decision = decision(templateCase.template)
        guard let field = templateCase.field else {
            #expect(decision.plan != nil, "\(decision)")
            return
        }
        let refusal = try #require(decision.refusal)
        #expect(refusal.reason == .podTemplateInvalid)
        #expect(refusal.field == field, "\(refusal)")
        #expect(refusal.message.count > 20)
    }

    @Test("what the API server would refuse about the pod is refused with its path", arguments: podCases)
    fileprivate func pods(templateCase: TemplateCase) throws {
        let decision = decision(templateCase.template)
        guard let field = templateCase.field else {
            #expect(decision.plan != nil, "\(decision)")
            return
        }
        let refusal = try #require(decision.refusal, "\(decision)")
        #expect(refusal.reason == .podTemplateInvalid, "\(refusal)")
        #expect(refusal.field == field, "\(refusal)")
        #expect(refusal.message.count > 10)
    }

    @Test("the sandbox's own checks agree", arguments: podCases)
    fileprivate func twin(templateCase: TemplateCase) throws {
        let start = try #require(decide(Sample.input(Sample.server { $0.drainSeconds = 0 })).plan).podTemplate
        let template = try StrategicMerge.apply(templateCase.template, to: start)
        let deployment: JSONValue = [
            "spec": [
                "selector": ["matchLabels": ["moorage.dev/server": "weather"]], "strategy": ["type": "Recreate"],
                "template": template,
            ]
        ]
        let errors = Validation.builtIn(deployment, old: nil, kind: "Deployment")
        if templateCase.isTwin { #expect(!errors.isEmpty) }
        // What the sandbox refuses must be refused here too.
        if !errors.isEmpty { #expect(templateCase.field != nil, "\(errors)") }
    }

    @Test("two elements with the same key, which server-side apply refuses, are refused")
    func duplicates() {
        func problems(_ container: JSONValue) -> [String] {
            let spec: JSONValue = [
                "containers": [container.overlaid(with: ["name": "mcp", "image": "i"])],
                "volumes": [["name": "tmp", "emptyDir": [:]]],
            ]
            return PodChecks.problems(in: ["spec": spec]).map(\.field)
        }
        let ports: JSONValue = [["containerPort": 1], ["containerPort": 1, "protocol": "TCP"]]
        #expect(problems(["ports": ports]) == ["spec.containers[0].ports[1].containerPort"])
        let other: JSONValue = [["containerPort": 1], ["containerPort": 1, "protocol": "UDP"]]
        #expect(problems(["ports": other]).isEmpty)
        #expect(problems(["env": [["name": "A"], ["name": "A"]]]) == ["spec.containers[0].env[1].name"])
        let mounts: JSONValue = [["name": "tmp", "mountPath": "/x"], ["name": "tmp", "mountPath": "/x"]]
        #expect(problems(["volumeMounts": mounts]) == ["spec.containers[0].volumeMounts[1].mountPath"])
    }

    @Test("the fields are the same as in the sandbox's separate table of Kubernetes' types")
    func fields() {
        var compared = 0
        func visit(_ type: FieldType, _ own: PodSchema.FieldType, _ path: String, _ seen: Set<String>) {
            switch (type, own) {
            case (.list(let element, _), .list(let ownElement)): visit(element, ownElement, path + "[]", seen)
            case (.map(let value), .map(let ownValue)): visit(value, ownValue, path + "{}", seen)
            case (.object, .object(let name)), (.named, .object(let name)):
                guard !seen.contains(name) else { return }
                let fields = type.objectType?.fields ?? [:]
                let ownFields = PodSchema.current.objects[name] ?? [:]
                #expect(Set(fields.keys) == Set(ownFields.keys), "\(path) \(name)")
                for (key, field) in fields {
                    guard let ownField = ownFields[key] else { continue }
                    compared += 1
                    visit(field.type, ownField.type, "\(path).\(key)", seen.union([name]))
                }
            case (.scalar(let scalar), _):
                let expected: [PodSchema.FieldType] =
                    switch scalar {
                    case .string, .time, .microTime, .bytes: [.string]
                    case .integer: [.integer]
                    case .number: []
                    case .boolean: [.boolean]
                    case .quantity: [.quantity]
                    case .intOrString: [.intOrString]
                    }
                #expect(expected.contains(own), "\(path): \(scalar) and \(own)")
            case (.any, .any): break
            default: Issue.record("\(path): \(type) and \(own)")
            }
        }
        visit(.named("core.v1.PodTemplateSpec"), .object("PodTemplateSpec"), "", [])
        #expect(compared > 400)
    }

    @Test("every field of the typed pod is in the schema")
    func typed() {
        func visit(_ schema: Schema, _ type: PodSchema.FieldType, _ path: String) {
            switch type {
            case .list(let element): if let items = schema.items?.schema { visit(items, element, path + "[]") }
            case .object(let name):
                for key in schema.properties.names {
                    guard let property = schema.properties[key] else { continue }
                    guard let field = PodSchema.current.objects[name]?[key] else {
                        Issue.record("\(path).\(key) is not in \(name)")
                        continue
                    }
                    visit(property, field.type, "\(path).\(key)")
                }
            default: break
            }
        }
        visit(PodTemplateSpec.schema, .object("PodTemplateSpec"), "")
    }
}
