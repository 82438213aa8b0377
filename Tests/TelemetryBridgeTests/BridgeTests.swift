import KubernetesAPI
import MCPProtocol
import MCPTransport
import SandboxCluster
import Testing

@testable import TelemetryBridge

/// The whole bridge over Streamable HTTP, with the objects of a sandbox and the permissions of the example.
@Suite("The bridge on a cluster")
struct BridgeTests {
    @Test("the inventory shows nodes, workloads and pods with problems")
    func inventory() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                let answer = try await lab.call("inventory.snapshot", client: client)
                #expect(!answer.isError, "\(answer.text)")
                let node = answer["nodes"]?.elements?.first { $0["name"]?.stringValue == "n1" }
                #expect(node?["problems"]?.text == #"["DiskPressure: KubeletHasDiskPressure"]"#)
                #expect(answer[path: "counts", "nodes"]?.integerValue == Int64(answer["nodes"]?.elements?.count ?? 0))
                let bad = answer["podsWithProblems"]?.elements ?? []
                #expect(
                    bad.contains {
                        $0["name"]?.stringValue == "web-crash" && $0["problem"]?.stringValue == "CrashLoopBackOff"
                    }
                )
                #expect(answer["workloads"]?.elements?.contains { $0["name"]?.stringValue == "web" } == true)
                #expect(answer["unavailable"]?.members?.isEmpty == true, "\(answer.text)")
                let one = try await lab.call("inventory.snapshot", ["namespace": "default"], client: client)
                #expect(one["podsWithProblems"]?.elements?.isEmpty == true)
            }
        }
    }

    @Test("objects are read by any name of their kind, as tables or whole, and without secret values")
    func get() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                let table = try await lab.call("k8s.get", ["kind": "po", "namespace": "shop"], client: client)
                let names = table["rows"]?.elements?.compactMap { $0["name"]?.stringValue } ?? []
                #expect(Set(names).isSuperset(of: ["web-crash", "web-good"]), "\(table.text)")
                let pod = try await lab.call(
                    "k8s.get",
                    ["kind": "Pod", "namespace": "shop", "name": "web-crash"],
                    client: client
                )
                #expect(pod["object"]?[path: ["spec", "nodeName"]]?.stringValue == "n1", "\(pod.text)")
                #expect(pod.notes.contains { $0.contains("[redacted]") })
                let objects = try await lab.call(
                    "k8s.get",
                    ["kind": "pods", "labelSelector": "app=web", "output": "objects", "limit": 1],
                    client: client
                )
                #expect(
                    objects["objects"]?.elements?.count == 1 && objects["complete"]?.boolValue == false,
                    "\(objects.text)"
                )
                #expect(objects.leftOut.first?.contains("set namespace, labelSelector") == true)
                let map = try await lab.call(
                    "k8s.get",
                    ["kind": "cm", "namespace": "shop", "name": "settings"],
                    client: client
                )
                #expect(
                    map["object"]?[path: ["data", "application.yaml"]]?.stringValue?.hasPrefix("[redacted], ") == true
                )
            }
        }
    }

    @Test(
        "what cannot be read is an error that says what to change",
        arguments: [
            ("k8s.get", #"{"kind":"secrets"}"#, "is never shown"),
            ("k8s.get", #"{"kind":"Secret","namespace":"shop","name":"database"}"#, "is never shown"),
            ("k8s.get", #"{"kind":"pods","namespace":"../secrets"}"#, "must be a name"),
            ("k8s.get", #"{"kind":"pods","namespace":"shop","name":"x/log"}"#, "must be a name"),
            ("k8s.get", #"{"kind":"pods","name":"web-good"}"#, "the argument namespace is missing"),
            ("k8s.get", #"{"kind":"nodes","namespace":"shop"}"#, "leave out the argument namespace"),
            ("k8s.get", #"{"kind":"pods","namespace":"shop","name":"none"}"#, "not found"),
            ("k8s.get", #"{"kind":"roles"}"#, "moorage.dev/aggregate-to-telemetry"),
            ("k8s.get", #"{"kind":"unicorns"}"#, "no kind"),
            ("k8s.get", #"{}"#, "the argument kind is missing"), ("k8s.top", #"{}"#, "no metrics API"),
            ("k8s.top", #"{"of":"nodes","namespace":"a"}"#, "leave out the argument namespace"),
            ("k8s.events", #"{"involvedName":"a,type=Normal"}"#, "must be one name"),
            ("tail.pod_logs", #"{"namespace":"shop","pod":"none"}"#, "not found"),
            ("tail.pod_logs", #"{"namespace":"shop"}"#, "the argument pod is missing"),
            ("promql.query", #"{"expr":"up"}"#, "no Prometheus is configured"),
            ("loki.query", #"{"logql":"{a=\"b\"}"}"#, "no Loki is configured"),
            ("alerts.active", #"{}"#, "no Alertmanager is configured"),
            ("systemd.status", #"{}"#, "no Prometheus is configured"),
        ]
    )
    func errors(tool: String, arguments: String, message: String) async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                let answer = try await lab.call(tool, try RawJSON(parsing: arguments), client: client)
                #expect(answer.isError && answer.text.contains(message), "\(answer.text)")
            }
        }
    }

    @Test("events are filtered by type, object and time, the newest first")
    func events() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                func reasons(_ arguments: RawJSON) async throws -> [String] {
                    let answer = try await lab.call("k8s.events", arguments, client: client)
                    #expect(!answer.isError, "\(answer.text)")
                    return (answer["events"]?.elements ?? []).compactMap { $0["reason"]?.stringValue }
                }
                #expect(try await reasons(["namespace": "shop", "involvedName": "web-crash"]) == ["BackOff"])
                let all = try await reasons(["namespace": "shop", "involvedName": "web-crash", "type": "all"])
                #expect(Set(all) == ["BackOff", "Pulled"])
                #expect(try await reasons(["involvedKind": "Node"]).isEmpty)
            }
        }
    }

    @Test("logs of a pod are lines with times, marked as data")
    func logs() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                let answer = try await lab.call(
                    "tail.pod_logs",
                    ["namespace": "shop", "pod": "web-good", "tailLines": 5],
                    client: client
                )
                #expect(!answer.isError, "\(answer.text)")
                #expect(answer["lines"]?.elements != nil && answer["previous"]?.boolValue == false)
            }
        }
    }

    @Test("prompts gather live data", arguments: [SupportedVersions([.v2025_11_25]), .all])
    func prompts(versions: SupportedVersions) async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient(versions) { client in
                func text(_ name: String, _ arguments: RawJSON = [:]) async throws -> String {
                    let result = try await client.request(
                        .promptsGet,
                        params: ["name": .string(name), "arguments": arguments]
                    )
                    return result["messages"]?.elements?.first?[path: ["content", "text"]]?.stringValue ?? ""
                }
                let triage = try await text("Triage-Now")
                #expect(
                    triage.contains("The pod shop/web-crash: CrashLoopBackOff (back-off 5m0s), 9 restarts."),
                    "\(triage)"
                )
                #expect(
                    triage.contains("The node n1 has problems: DiskPressure")
                        && triage.contains("no Alertmanager is configured")
                )
                let crash = try await text("CrashLoop-Playbook", ["namespace": "shop"])
                #expect(crash.contains("It used more memory than its limit of 64Mi."), "\(crash)")
                #expect(crash.contains("Warning BackOff, 4 times"))
                let capacity = try await text("Capacity-Check")
                #expect(capacity.contains("n1: 2000m processor time and 4096 MiB of memory allocatable"), "\(capacity)")
                #expect(capacity.contains("no metrics API"))
                for prompt in [triage, crash, capacity] { #expect(!prompt.contains(TestObjects.secret)) }
                await #expect(throws: MCPClientError.self) {
                    try await text("CrashLoop-Playbook", ["pod": "web-crash"])
                }
                await #expect(throws: MCPClientError.self) { try await text("Triage-Now", ["namespace": "a/b"]) }
            }
        }
    }

    @Test("resources: the inventory, saved queries, and templates for queries and objects")
    func resources() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                func text(_ uri: String) async throws -> String {
                    let result = try await client.request(.resourcesRead, params: ["uri": .string(uri)])
                    return result["contents"]?.elements?.first?["text"]?.stringValue ?? ""
                }
                let inventory = try RawJSON(parsing: try await text("res://snapshots/cluster-inventory.json"))
                #expect(inventory[path: ["counts", "pods"]]?.integerValue == 2)
                #expect(try await text("res://dashboards/top-pods-by-cpu.promql").hasPrefix("topk(10,"))
                let filled = try await text("res://dashboards/pod-cpu.promql/sh%22op/5m")
                #expect(filled.contains(#"namespace="sh\"op""#) && filled.contains("[5m]"), "\(filled)")
                let pod = try await text("res://objects/Pod/shop/web-crash")
                #expect(pod.contains(#""nodeName":"n1""#) && !pod.contains(TestObjects.secret))
                #expect(try await text("res://objects/node/-/n1").contains("DiskPressure"))
                for missing in [
                    "res://objects/secrets/shop/database", "res://objects/Pod/shop/none",
                    "res://objects/Pod/-/web-crash",
                    "res://objects/Pod/shop/..%2fx", "res://dashboards/pod-cpu.promql/shop/5x", "res://metrics/up",
                    "res://nothing",
                ] {
                    await #expect(throws: MCPClientError.self, "\(missing)") { try await text(missing) }
                }
            }
        }
    }

    @Test("completions name namespaces, kinds and objects")
    func completions() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                func values(_ reference: RawJSON, _ argument: String, _ value: String, _ known: RawJSON? = nil)
                    async throws -> [String]
                {
                    let result = try await client.request(
                        .completionComplete,
                        params: [
                            "ref": reference, "argument": ["name": .string(argument), "value": .string(value)],
                            "context": known.map { ["arguments": $0] },
                        ]
                    )
                    return result[path: ["completion", "values"]]?.elements?.compactMap(\.stringValue) ?? []
                }
                let prompt: RawJSON = ["type": "ref/prompt", "name": "Triage-Now"]
                let template: RawJSON = ["type": "ref/resource", "uri": .string(BridgeResources.objectTemplate)]
                let namespaces = try await values(prompt, "namespace", "sh")
                #expect(namespaces == ["shop"])
                #expect(try await values(template, "kind", "dep") == ["Deployment"])
                #expect(try await values(template, "kind", "secr").isEmpty)
                let known: RawJSON = ["kind": "Pod", "namespace": "shop"]
                #expect(try await values(template, "name", "web-", known) == ["web-crash", "web-good"])
                #expect(try await values(template, "name", "", ["kind": "Secret", "namespace": "shop"]).isEmpty)
                #expect(
                    try await values(
                        ["type": "ref/resource", "uri": .string(BridgeResources.metricTemplate)],
                        "metric",
                        "u"
                    ).isEmpty
                )
            }
        }
    }

    @Test("without permissions, each part says so, and nothing fails as a whole")
    func noPermissions() async throws {
        try await TestLab.run(objects: TestObjects.all, grantsAccess: false) { lab in
            try await lab.withClient { client in
                let inventory = try await lab.call("inventory.snapshot", client: client)
                #expect(!inventory.isError, "\(inventory.text)")
                #expect(inventory["unavailable"]?["pods"]?.stringValue?.contains("no permission") == true)
                let get = try await lab.call("k8s.get", ["kind": "pods"], client: client)
                #expect(get.isError && get.text.contains("moorage.dev/aggregate-to-telemetry"))
            }
        }
    }

    @Test("the bridge only reads, and never shows a secret value: every tool, prompt, resource and completion")
    func readOnly() async throws {
        try await TestLab.run(objects: TestObjects.all) { lab in
            try await lab.withClient { client in
                var answers: [String] = []
                for kind in [
                    "pods", "nodes", "configmaps", "secrets", "statefulsets", "events", "controllerrevisions",
                    "namespaces",
                ] {
                    for output in ["table", "objects"] {
                        answers.append(
                            try await lab.call(
                                "k8s.get",
                                ["kind": .string(kind), "output": .string(output)],
                                client: client
                            ).text
                        )
                    }
                }
                for tool in BridgeTool.all {
                    let arguments = tool.parameters.filter(\.isRequired).map { ($0.name, $0.example) }
                    answers.append(try await lab.call(tool.name, .object(arguments), client: client).text)
                }
                answers.append(
                    try await lab.call("tail.pod_logs", ["namespace": "shop", "pod": "web-good"], client: client).text
                )
                for prompt in BridgePrompt.all {
                    answers.append(try await client.request(.promptsGet, params: ["name": .string(prompt.name)]).text)
                }
                for uri in [
                    BridgeResources.inventoryURI, "res://objects/Pod/shop/web-crash",
                    "res://objects/ConfigMap/shop/settings",
                    "res://objects/StatefulSet/shop/web", "res://objects/Node/-/n1",
                ] {
                    answers.append(try await client.request(.resourcesRead, params: ["uri": .string(uri)]).text)
                }
                #expect(answers.count > 30)
                for answer in answers { #expect(!answer.contains(TestObjects.secret), "\(answer)") }
            }
            let requests = lab.sandbox.requests.filter { $0.user.contains("telemetry-bridge") }
            #expect(requests.count > 40)
            for request in requests {
                #expect(["get", "list", "watch"].contains(request.verb), "\(request)")
                #expect(request.resource != "secrets" && !request.changed, "\(request)")
                #expect([nil, "log"].contains(request.subresource), "\(request)")
            }
        }
    }

    @Test("the example's ClusterRoles only get, list and watch, name every resource, and contain no Secrets")
    func clusterRoles() throws {
        let rules = try ExampleManifest.objects().filter { $0.text("kind") == "ClusterRole" }.flatMap {
            $0.array("rules")
        }
        #expect(rules.count > 10)
        for rule in rules {
            #expect(rule.array("verbs") == ["get", "list", "watch"])
            for resource in rule.array("resources").compactMap(\.stringValue) {
                #expect(resource != "secrets" && !resource.contains("*"), "\(resource)")
                #expect(!resource.contains("/") || resource == "pods/log", "\(resource)")
            }
            for group in rule.array("apiGroups").compactMap(\.stringValue) { #expect(!group.contains("*")) }
        }
    }
}

extension ToolAnswer {
    subscript(path path: String...) -> RawJSON? { structured?[path: path] }
}
