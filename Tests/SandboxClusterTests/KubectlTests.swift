import FoundationEssentials
import HTTPTypes
import KubernetesAPI
import SandboxCluster
import TestSupport
import Testing

/// Common work with the real `kubectl`.
@Suite("kubectl against the sandbox")
struct KubectlTests {
    private static func server(_ name: String, replicas: Int = 2, label: String = "blue") -> String {
        """
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata:
          name: \(name)
          labels: {color: \(label)}
        spec:
          image: registry.example/mcp/echo@sha256:\(String(repeating: "a", count: 64))
          replicas: \(replicas)

        """
    }

    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: main, image: registry.example/web:1}]}

        """

    @Test("get prints tables with the columns of the definition, all of them with -o wide, and selects by label")
    func get() async throws {
        try await Kubectl.run { kubectl, _ in
            try await kubectl("apply", "-f", "-", input: Self.server("one"))
            try await kubectl("apply", "-f", "-", input: Self.server("two", label: "red"))
            let table = try await kubectl("get", "mcps").split(separator: "\n")
            #expect(table.count == 3)
            #expect(table.first?.hasPrefix("NAME   READY   REASON") == true)
            #expect(table.first?.contains("MESSAGE") == false)
            #expect(table[1].hasPrefix("one "))
            #expect(try await kubectl("get", "mcpservers", "-o", "wide").contains("MESSAGE"))
            #expect(
                try await kubectl("get", "mcpserver", "-l", "color=red", "-o", "name") == "mcpserver.moorage.dev/two\n"
            )
            #expect(try await kubectl("get", "mcps", "-l", "color notin (red,blue)", "-o", "name") == "")
            #expect(try await kubectl("get", "moorage", "-A", "-o", "name").split(separator: "\n").count == 2)
            let yaml = try await kubectl("get", "mcps", "one", "-o", "yaml")
            #expect(yaml.hasPrefix("apiVersion: moorage.dev/v1alpha1\nkind: MCPServer\n"))
            #expect(yaml.contains("\n  replicas: 2\n"))
            #expect(try await kubectl("get", "mcps", "one", "-o", "jsonpath={.spec.port}") == "8080")
            let missing = try await kubectl.attempt(["get", "mcps", "three"])
            #expect(missing.status == 1)
            #expect(missing.error.contains("Error from server (NotFound): mcpservers.moorage.dev \"three\" not found"))
        }
    }

    @Test("describe shows the object and its events")
    func describe() async throws {
        try await Kubectl.run { kubectl, harness in
            try await kubectl("apply", "-f", "-", input: Self.server("one"))
            let uid = try await kubectl("get", "mcps", "one", "-o", "jsonpath={.metadata.uid}")
            try await harness.call(
                .post,
                "/api/v1/namespaces/default/events",
                [
                    "metadata": ["name": "one.1"], "reason": "Noted", "message": "something was noted",
                    "type": "Normal",
                    "involvedObject": [
                        "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer", "name": "one",
                        "namespace": "default", "uid": .string(uid),
                    ],
                ]
            )
            let text = try await kubectl("describe", "mcpserver", "one")
            #expect(text.contains("API Version:  moorage.dev/v1alpha1"))
            #expect(text.contains("Replicas:   2"))
            #expect(text.contains("something was noted"))
        }
    }

    @Test("a client-side apply creates and changes objects, and does not write unchanged ones")
    func apply() async throws {
        try await Kubectl.run { kubectl, harness in
            let created = try await kubectl("apply", "-f", "-", input: Self.server("one"))
            #expect(created.hasSuffix("created\n"))
            let revision = harness.sandbox.revision
            let same = try await kubectl("apply", "-f", "-", input: Self.server("one"))
            #expect(same.hasSuffix("unchanged\n"))
            #expect(harness.sandbox.revision == revision)
            let changed = Self.server("one", replicas: 3)
            let configured = try await kubectl("apply", "-f", "-", input: changed)
            #expect(configured.hasSuffix("configured\n"))
            // Built-in kinds use a strategic merge patch.
            let builtIn = try await kubectl("apply", "-f", "-", input: Self.deployment)
            #expect(builtIn.hasSuffix("created\n"))
            let image = Self.deployment.replacing("web:1", with: "web:2")
            let patched = try await kubectl("apply", "-f", "-", input: image)
            #expect(patched.hasSuffix("configured\n"))
            #expect(
                try await kubectl(
                    "get",
                    "deployment",
                    "web",
                    "-o",
                    "jsonpath={.spec.template.spec.containers[*].image}"
                )
                    == "registry.example/web:2"
            )
        }
    }

    @Test("a server-side apply reports the owner of conflicting fields, and becomes the owner when forced")
    func serverSideApply() async throws {
        try await Kubectl.run { kubectl, _ in
            let first = ["apply", "--server-side", "--field-manager=one", "-f", "-"]
            let second = ["apply", "--server-side", "--field-manager=two", "-f", "-"]
            #expect(try await kubectl.attempt(first, input: Self.server("one")).status == 0)
            let conflict = try await kubectl.attempt(second, input: Self.server("one", replicas: 5))
            #expect(conflict.status == 1)
            #expect(conflict.error.contains("Apply failed with 1 conflict: conflict with \"one\": .spec.replicas"))
            let forced = try await kubectl.attempt(
                second + ["--force-conflicts"],
                input: Self.server("one", replicas: 5)
            )
            #expect(forced.output == "mcpserver.moorage.dev/one serverside-applied\n")
            #expect(try await kubectl("get", "mcps", "one", "-o", "jsonpath={.spec.replicas}") == "5")
        }
    }

    @Test("invalid objects are rejected with the API server's messages", arguments: [false, true])
    func invalid(serverSide: Bool) async throws {
        try await Kubectl.run { kubectl, _ in
            let options = serverSide ? ["--server-side"] : []
            let unknown = Self.server("one").replacing("replicas: 2", with: "replica: 2")
            let first = try await kubectl.attempt(["apply", "-f", "-"] + options, input: unknown)
            #expect(first.status == 1)
            #expect(
                first.error.contains("unknown field \"spec.replica\"") || first.error.contains("field not declared")
            )
            let negative = Self.server("one", replicas: -1)
            let second = try await kubectl.attempt(["apply", "-f", "-"] + options, input: negative)
            #expect(second.status == 1)
            #expect(second.error.contains("spec.replicas"), "\(second.error)")
            #expect(second.error.contains("is invalid"), "\(second.error)")
        }
    }

    @Test("diff exits with 0 if nothing would change, and with 1 and the changed lines otherwise")
    func diff() async throws {
        try await Kubectl.run { kubectl, harness in
            try await kubectl("apply", "-f", "-", input: Self.server("one"))
            let revision = harness.sandbox.revision
            #expect(try await kubectl.attempt(["diff", "-f", "-"], input: Self.server("one")).status == 0)
            for options in [[], ["--server-side", "--force-conflicts"]] {
                let changed = try await kubectl.attempt(
                    ["diff", "-f", "-"] + options,
                    input: Self.server("one", replicas: 7)
                )
                #expect(changed.status == 1)
                #expect(changed.output.contains("\n-  replicas: 2\n+  replicas: 7\n"))
            }
            #expect(try await kubectl.attempt(["diff", "-f", "-"], input: Self.server("new")).status == 1)
            #expect(harness.sandbox.revision == revision)
        }
    }

    @Test("explain prints the descriptions in the schema")
    func explain() async throws {
        try await Kubectl.run { kubectl, _ in
            let text = try await kubectl("explain", "mcpserver.spec")
            #expect(text.contains("GROUP:      moorage.dev\nKIND:       MCPServer\nVERSION:    v1alpha1"))
            #expect(text.contains("\n  image\t<string>\n"))
            #expect(try await kubectl("explain", "mcps.spec.replicas").contains("FIELD: replicas <integer>"))
            #expect(try await kubectl("explain", "mcps", "--recursive").contains("startupProbe") == false)
            #expect(try await kubectl("explain", "deployment.spec.template.spec").contains("containers\t<[]Container>"))
            #expect(try await kubectl.attempt(["explain", "mcps.spec.nothing"]).status == 1)
        }
    }

    @Test("wait ends when a condition becomes true, and times out otherwise")
    func wait() async throws {
        try await Kubectl.run { kubectl, harness in
            try await kubectl("apply", "-f", "-", input: Self.server("one"))
            let late = try await kubectl.attempt(["wait", "--for=condition=Ready", "mcps/one", "--timeout=100ms"])
            #expect(late.status == 1)
            async let waiting = kubectl("wait", "--for=condition=Ready", "mcps/one", "--timeout=60s")
            // The object is changed only after the watch is open, so that the watch reports it.
            try await harness.eventually("kubectl watches") { harness.sandbox.watchCount > 0 }
            try await kubectl(
                "patch",
                "mcps",
                "one",
                "--subresource=status",
                "--type=merge",
                "-p",
                #"""
                {"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","reason":"Serving",
                "message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
                """#
            )
            #expect(try await waiting == "mcpserver.moorage.dev/one condition met\n")
            try await kubectl("apply", "-f", "-", input: Self.deployment)
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            try await kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
        }
    }

    @Test("edit changes the object with an editor, and does nothing if the editor changes nothing")
    func edit() async throws {
        try await Kubectl.run { kubectl, _ in
            try await kubectl("apply", "-f", "-", input: Self.server("one"))
            let editor = try kubectl.write(
                "#!/bin/sh\nsed 's/^  replicas: 2$/  replicas: 4/' \"$1\" > \"$1.new\" && cat \"$1.new\" > \"$1\" && rm \"$1.new\"\n",
                to: "editor",
                executable: true
            )
            let environment = ["EDITOR": editor, "KUBE_EDITOR": editor]
            #expect(
                try await kubectl("edit", "mcpserver", "one", environment: environment)
                    == "mcpserver.moorage.dev/one edited\n"
            )
            #expect(try await kubectl("get", "mcps", "one", "-o", "jsonpath={.spec.replicas}") == "4")
            let again = try await kubectl.attempt(["edit", "mcpserver", "one"], environment: environment)
            #expect((again.output + again.error).contains("no changes made"))
        }
    }

    @Test("scale uses the scale subresource, of custom and built-in kinds")
    func scale() async throws {
        try await Kubectl.run { kubectl, harness in
            try await kubectl("apply", "-f", "-", input: Self.server("one") + "---\n" + Self.deployment)
            #expect(
                try await kubectl("scale", "mcpserver", "one", "--replicas=5") == "mcpserver.moorage.dev/one scaled\n"
            )
            try await kubectl("scale", "deployment", "web", "--current-replicas=1", "--replicas=3")
            #expect(try await kubectl("get", "mcps", "one", "-o", "jsonpath={.spec.replicas}") == "5")
            #expect(try await kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "3")
            #expect(harness.sandbox.requests.filter { $0.subresource == "scale" && $0.changed }.count == 2)
            let wrong = try await kubectl.attempt(["scale", "mcps/one", "--current-replicas=1", "--replicas=3"])
            #expect(wrong.status == 1)
        }
    }

    @Test("label, annotate, patch and replace change the object")
    func change() async throws {
        try await Kubectl.run { kubectl, _ in
            try await kubectl("apply", "-f", "-", input: Self.server("one") + "---\n" + Self.deployment)
            try await kubectl("label", "mcps", "one", "shape=round", "color-")
            try await kubectl("annotate", "mcps", "one", "note=here")
            #expect(try await kubectl("get", "mcps", "-l", "shape=round,!color", "-o", "name") != "")
            #expect(try await kubectl("get", "mcps", "one", "-o", "jsonpath={.metadata.annotations.note}") == "here")
            let again = try await kubectl.attempt(["label", "mcps", "one", "shape=square"])
            #expect(again.status == 1)
            try await kubectl("patch", "mcps", "one", "--type=merge", "-p", #"{"spec":{"port":9090}}"#)
            try await kubectl(
                "patch",
                "mcps",
                "one",
                "--type=json",
                "-p",
                #"[{"op":"test","path":"/spec/port","value":9090},{"op":"replace","path":"/spec/port","value":9091}]"#
            )
            #expect(try await kubectl("get", "mcps", "one", "-o", "jsonpath={.spec.port}") == "9091")
            try await kubectl(
                "patch",
                "deployment",
                "web",
                "-p",
                #"{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"registry.example/side:1"}]}}}}"#
            )
            #expect(
                try await kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[*].name}")
                    == "side main"
            )
            try await kubectl("set", "image", "deployment/web", "main=registry.example/web:9")
            try await kubectl("rollout", "restart", "deployment/web")
            try await kubectl("replace", "-f", "-", input: Self.deployment)
        }
    }

    @Test("delete waits until the object is gone, and deletes dependents as requested")
    func delete() async throws {
        try await Kubectl.run { kubectl, harness in
            try await kubectl("apply", "-f", "-", input: Self.server("one") + "---\n" + Self.deployment)
            #expect(try await kubectl("delete", "mcpserver", "one", "--timeout=60s").contains("deleted"))
            #expect(try await kubectl("get", "mcps", "-o", "name") == "")
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            try await kubectl("delete", "deployment", "web", "--cascade=foreground", "--timeout=60s")
            #expect(try await kubectl("get", "pods,replicasets", "-o", "name") == "")
            try await kubectl("apply", "-f", "-", input: Self.deployment)
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            try await kubectl("delete", "deployment", "web", "--cascade=orphan", "--timeout=60s")
            #expect(try await kubectl("get", "replicasets", "-o", "name") != "")
            try await kubectl("delete", "replicasets", "--all", "--timeout=60s")
            try await harness.eventually("the pods are gone") {
                try await kubectl("get", "pods", "-o", "name") == ""
            }
        }
    }

    @Test("create writes built-in kinds, which kubectl sends as Protocol Buffers")
    func create() async throws {
        try await Kubectl.run { kubectl, harness in
            #expect(try await kubectl("create", "ns", "fresh") == "namespace/fresh created\n")
            try await kubectl("create", "configmap", "map", "-n", "fresh", "--from-literal=key=value")
            #expect(try await kubectl("get", "cm", "map", "-n", "fresh", "-o", "jsonpath={.data.key}") == "value")
            try await kubectl("create", "secret", "generic", "hidden", "-n", "fresh", "--from-literal=key=value")
            #expect(
                try await kubectl("get", "secret", "hidden", "-n", "fresh", "-o", "jsonpath={.type} {.data.key}")
                    == "Opaque dmFsdWU="
            )
            try await kubectl("create", "serviceaccount", "robot", "-n", "fresh")
            try await kubectl("create", "role", "reader", "-n", "fresh", "--verb=get,list", "--resource=pods")
            #expect(
                try await kubectl("get", "role", "reader", "-n", "fresh", "-o", "jsonpath={.rules}")
                    == #"[{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}]"#
            )
            try await kubectl(
                "create",
                "rolebinding",
                "read",
                "-n",
                "fresh",
                "--role=reader",
                "--serviceaccount=fresh:robot"
            )
            try await kubectl("create", "quota", "small", "-n", "fresh", "--hard=pods=10,requests.memory=1Gi")
            #expect(
                try await kubectl("get", "quota", "small", "-n", "fresh", "-o", "jsonpath={.spec.hard}")
                    == #"{"pods":"10","requests.memory":"1Gi"}"#
            )
            try await kubectl(
                "create",
                "deployment",
                "idle",
                "-n",
                "fresh",
                "--image=registry.example/idle:1",
                "--replicas=0"
            )
            #expect(
                try await kubectl("get", "deployment", "idle", "-n", "fresh", "-o", "jsonpath={.spec.replicas}") == "0"
            )
            try await kubectl("create", "service", "clusterip", "entry", "-n", "fresh", "--tcp=80:http")
            #expect(
                try await kubectl(
                    "get",
                    "service",
                    "entry",
                    "-n",
                    "fresh",
                    "-o",
                    "jsonpath={.spec.ports[0].port} {.spec.ports[0].targetPort}"
                ) == "80 http"
            )
            #expect(try await kubectl("auth", "can-i", "get", "pods") == "yes\n")
            let twice = try await kubectl.attempt(["create", "ns", "fresh"])
            #expect(twice.error == "Error from server (AlreadyExists): namespaces \"fresh\" already exists\n")
            try await kubectl("delete", "ns", "fresh", "--timeout=60s")
            #expect(harness.sandbox.objects(Self.namespaces).contains { $0["metadata"]?["name"] == "fresh" } == false)
        }
    }

    private static let namespaces = ResourceType(
        group: "",
        version: "v1",
        kind: "Namespace",
        plural: "namespaces",
        isNamespaced: false
    )
}
