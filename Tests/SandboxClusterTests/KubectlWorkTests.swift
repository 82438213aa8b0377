import SandboxCluster
import TestSupport
import Testing

/// Rollouts, kustomizations, accounts and events with `kubectl`.
@Suite("kubectl's work with workloads in the sandbox")
struct KubectlWorkTests {
    private static func deployment(_ image: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: main, image: \(image)}]}

        """
    }

    private static func image(_ kubectl: Kubectl) async throws -> String {
        try await kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    }

    @Test("rollout shows the history, and undoes, restarts, pauses and resumes")
    func rollout() async throws {
        try await Kubectl.run { kubectl, _ in
            for number in 1...2 {
                try await kubectl("apply", "-f", "-", input: Self.deployment("registry.example/web:\(number)"))
                try await kubectl(
                    "annotate",
                    "deployment/web",
                    "--overwrite",
                    "kubernetes.io/change-cause=to \(number)"
                )
                try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            }
            let history = try await kubectl("rollout", "history", "deployment/web")
            #expect(history.contains("1         to 1\n2         to 2\n"), "\(history)")
            #expect(
                try await kubectl("rollout", "history", "deployment/web", "--revision=1")
                    .contains("registry.example/web:1")
            )
            try await kubectl("rollout", "undo", "deployment/web")
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            #expect(try await Self.image(kubectl) == "registry.example/web:1")
            let pods = try await kubectl("get", "pods", "-o", "name")
            try await kubectl("rollout", "restart", "deployment/web")
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            try await kubectl("wait", "--for=delete", "pods", "-l", "app=gone", "--timeout=60s")
            #expect(try await kubectl("get", "pods", "-o", "name") != pods)
            try await kubectl("rollout", "pause", "deployment/web")
            try await kubectl("set", "image", "deployment/web", "main=registry.example/web:4")
            #expect(try await !kubectl("get", "replicasets", "-o", "wide").contains("web:4"))
            try await kubectl("rollout", "resume", "deployment/web")
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        }
    }

    @Test("rollout status reports a rollout that exceeded its deadline")
    func deadline() async throws {
        try await Kubectl.run { kubectl, _ in
            let broken = Self.deployment("registry.example/imagepullbackoff:1")
                .replacing("  replicas: 2\n", with: "  replicas: 2\n  progressDeadlineSeconds: 1\n")
            try await kubectl("apply", "-f", "-", input: broken)
            let failed = try await kubectl.attempt(["rollout", "status", "deployment/web", "--timeout=60s"])
            #expect(failed.status == 1)
            #expect(failed.error.contains("deployment \"web\" exceeded its progress deadline"), "\(failed.error)")
        }
    }

    @Test("rollouts of StatefulSets and DaemonSets can be awaited and undone, and Jobs can be awaited")
    func otherKinds() async throws {
        try await Kubectl.run { kubectl, _ in
            for (kind, extra) in [("StatefulSet", "  serviceName: x\n"), ("DaemonSet", "")] {
                for number in 1...2 {
                    let text = """
                        apiVersion: apps/v1
                        kind: \(kind)
                        metadata: {name: it}
                        spec:
                        \(extra)  selector: {matchLabels: {app: \(kind)}}
                          template:
                            metadata: {labels: {app: \(kind)}}
                            spec: {containers: [{name: main, image: "registry.example/web:\(number)"}]}

                        """
                    try await kubectl("apply", "-f", "-", input: text)
                    try await kubectl("rollout", "status", "\(kind)/it", "--timeout=60s")
                }
                #expect(try await kubectl("rollout", "history", "\(kind)/it").contains("\n2 "))
                try await kubectl("rollout", "undo", "\(kind)/it")
                try await kubectl("rollout", "status", "\(kind)/it", "--timeout=60s")
                #expect(
                    try await kubectl("get", kind, "it", "-o", "jsonpath={..image}") == "registry.example/web:1"
                )
            }
            try await kubectl("create", "job", "task", "--image=registry.example/task:1")
            try await kubectl("wait", "--for=condition=Complete", "job/task", "--timeout=60s")
            #expect(try await kubectl("get", "job", "task").contains("Complete   1/1"))
            let all = try await kubectl("get", "all", "-o", "name")
            for name in ["statefulset.apps/it", "daemonset.apps/it", "job.batch/task", "pod/it-0"] {
                #expect(all.contains(name), "\(all)")
            }
        }
    }

    @Test(
        "a kustomization is applied, compared and deleted, with client-side and server-side apply",
        arguments: [false, true]
    )
    func kustomize(serverSide: Bool) async throws {
        try await Kubectl.run { kubectl, _ in
            let options = serverSide ? ["--server-side"] : []
            try kubectl.write(Self.deployment("registry.example/web:1"), to: "base/web.yaml")
            try kubectl.write(
                "resources: [web.yaml]\nconfigMapGenerator: [{name: c, literals: [a=b]}]\n",
                to: "base/kustomization.yaml"
            )
            try kubectl.write(
                "resources: [../base]\nnamePrefix: my-\nimages: [{name: registry.example/web, newTag: \"7\"}]\n",
                to: "over/kustomization.yaml"
            )
            #expect(try await kubectl.attempt(["apply", "-k", "over"] + options).status == 0)
            try await kubectl("rollout", "status", "deployment/my-web", "--timeout=60s")
            #expect(try await kubectl.attempt(["diff", "-k", "over"] + options).status == 0)
            #expect(try await kubectl("get", "deployment", "my-web", "-o", "jsonpath={..image}").hasSuffix("web:7"))
            #expect(try await kubectl.attempt(["apply", "-k", "over", "--dry-run=server"] + options).status == 0)
            try await kubectl("delete", "-k", "over", "--timeout=60s")
            #expect(try await kubectl("get", "deployments", "-o", "name") == "")
        }
    }

    @Test("auth can-i and create token are answered")
    func access() async throws {
        try await Kubectl.run { kubectl, _ in
            #expect(try await kubectl("auth", "can-i", "create", "deployments") == "yes\n")
            #expect(try await kubectl("auth", "can-i", "--list").contains("*.*"))
            #expect(try await kubectl("auth", "whoami").contains("sandbox"))
            try await kubectl("create", "serviceaccount", "robot")
            #expect(try await kubectl("create", "token", "robot").count > 10)
            let resources = try await kubectl("api-resources", "--categories=all", "-o", "name")
            #expect(resources.contains("deployments.apps\n"))
            #expect(try await kubectl("api-resources").contains("mcpservers"))
            #expect(try await kubectl("api-versions").contains("events.k8s.io/v1\n"))
        }
    }

    @Test("a drain evicts as budgets allow, and a cordoned node gets no pods until it is uncordoned")
    func drain() async throws {
        try await Kubectl.run { kubectl, harness in
            try await kubectl("apply", "-f", "-", input: Self.deployment("registry.example/web:1"))
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            try await kubectl("create", "poddisruptionbudget", "web", "--selector=app=web", "--min-available=1")
            try await harness.eventually("the budget is counted") {
                try await kubectl("get", "pdb", "web", "-o", "jsonpath={.status.disruptionsAllowed}") == "1"
            }
            // One pod is evicted. The other must stay, because the replacement of the first finds no node.
            let stuck = try await kubectl.attempt(["drain", "sandbox", "--ignore-daemonsets", "--timeout=2s"])
            #expect(stuck.status == 1)
            #expect(
                (stuck.output + stuck.error).contains("would violate the pod's disruption budget"),
                "\(stuck.output) \(stuck.error)"
            )
            #expect(try await kubectl("get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}") == "1")
            let waiting = try await kubectl("get", "pods", "--field-selector=status.phase=Pending", "-o", "yaml")
            #expect(waiting.contains("0/1 nodes are available: 1 node(s) were unschedulable."))
            try await kubectl("uncordon", "sandbox")
            try await kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        }
    }

    @Test("Events are listed in both groups, whichever they were written in")
    func events() async throws {
        try await Kubectl.run { kubectl, _ in
            for (version, fields) in [
                (
                    "v1",
                    "involvedObject: {kind: Pod, name: p, namespace: default}\nmessage: from the first\ntype: Normal\nreason: One\nlastTimestamp: 2026-01-01T00:00:00Z"
                ),
                (
                    "events.k8s.io/v1",
                    "regarding: {kind: Pod, name: p, namespace: default}\nnote: from the second\ntype: Warning\nreason: Two\n"
                        + "action: Do\nreportingController: moorage.dev/x\nreportingInstance: instance-1\n"
                        + "eventTime: 2026-01-01T00:00:00.000000Z"
                ),
            ] {
                let name = version == "v1" ? "first" : "second"
                try await kubectl(
                    "create",
                    "-f",
                    "-",
                    input: "apiVersion: \(version)\nkind: Event\nmetadata: {name: \(name)}\n\(fields)\n"
                )
            }
            for command in [["events"], ["get", "events"], ["get", "events.events.k8s.io"]] {
                let output = try await kubectl.attempt(command).output
                #expect(output.contains("from the first"), "\(output)")
                #expect(output.contains("from the second"), "\(output)")
            }
            #expect(try await kubectl("events", "--types=Warning").contains("from the first") == false)
        }
    }

    @Test("a foreign rule that the sandbox cannot check causes a warning at every write, and a condition")
    func foreignRule() async throws {
        try await Kubectl.run { kubectl, _ in
            let definition = """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: things.example.com}
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {kind: Thing, plural: things}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema:
                      openAPIV3Schema:
                        type: object
                        properties:
                          spec:
                            type: object
                            properties: {a: {type: integer}}
                            x-kubernetes-validations: [{rule: "self.a.unknown() > 2", message: too small}]

                """
            for options in [["--dry-run=server"], [], ["--server-side", "--force-conflicts"]] {
                let result = try await kubectl.attempt(["apply", "-f", "-"] + options, input: definition)
                #expect(result.status == 0)
                #expect(result.error.contains("Warning: the sandbox does not check this rule of things.example.com"))
                #expect(result.error.contains("self.a.unknown() > 2"))
            }
            let condition = #"jsonpath={.status.conditions[?(@.type=="RulesUnchecked")].message}"#
            #expect(
                try await kubectl("get", "crd", "things.example.com", "-o", condition).contains("self.a.unknown() > 2")
            )
        }
    }

    private static let list = """
        apiVersion: v1
        kind: List
        items:
        - apiVersion: v1
          kind: ConfigMap
          metadata: {name: one}
          data: {a: b}
        - apiVersion: moorage.dev/v1alpha1
          kind: MCPServer
          metadata: {name: two}
          spec: {image: registry.example/a:1}

        """

    @Test("a List is applied, created and deleted as a whole", arguments: [[], ["--server-side"]])
    func lists(options: [String]) async throws {
        try await Kubectl.run { kubectl, _ in
            let applied = try await kubectl.attempt(["apply", "-f", "-"] + options, input: Self.list)
            #expect(applied.status == 0, "\(applied.error)")
            #expect(try await kubectl("get", "configmap", "one", "-o", "jsonpath={.data.a}") == "b")
            #expect(try await kubectl("get", "mcpserver", "two", "-o", "name").contains("mcpserver.moorage.dev/two"))
            let servers = try await kubectl("get", "mcpservers", "-o", "yaml")
            let again = try await kubectl.attempt(["apply", "-f", "-"], input: servers)
            #expect(again.status == 0, "\(again.error)")
            let ofOneKind = """
                apiVersion: moorage.dev/v1alpha1
                kind: MCPServerList
                items:
                - apiVersion: moorage.dev/v1alpha1
                  kind: MCPServer
                  metadata: {name: three}
                  spec: {image: registry.example/a:1}

                """
            let typed = try await kubectl.attempt(["apply", "-f", "-"] + options, input: ofOneKind)
            #expect(typed.status == 0, "\(typed.error)")
            let wrong = Self.list.replacing("data: {a: b}", with: "nope: {a: b}")
            let refused = try await kubectl.attempt(["apply", "-f", "-"] + options, input: wrong)
            #expect(refused.status == 1)
            #expect(
                refused.error.contains("unknown field \"nope\" in io.k8s.api.core.v1.ConfigMap"),
                "\(refused.error)"
            )
            try await kubectl("delete", "-f", "-", input: Self.list)
            #expect(try await kubectl("get", "configmap", "one", "--ignore-not-found").isEmpty)
        }
    }
}
