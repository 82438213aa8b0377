import SandboxCluster
import TestSupport
import Testing

/// Common work with the real `helm`.
@Suite("helm against the sandbox")
struct HelmTests {
    private func write(_ tools: Kubectl) throws {
        for (name, text) in ProbeChart.files { try tools.write(text + "\n", to: "chart/\(name)") }
    }

    private func deployedImage(_ tools: Kubectl) async throws -> String {
        try await tools("get", "deployment", "rel", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    }

    @Test("a release is installed, upgraded, rolled back and uninstalled, waiting each time until all is ready")
    func release() async throws {
        try await Kubectl.run { tools, harness in
            try write(tools)
            let installed = try await tools.helm("install", "rel", "chart", "--wait", "--timeout=60s")
            #expect(installed.contains("STATUS: deployed"))
            let monitor = "servicemonitors.monitoring.example.com"
            #expect(try await tools("get", monitor, "rel", "-o", "jsonpath={..interval}") == "30s")
            #expect(try await tools("get", "crd", "gadgets.probe.example.com", "-o", "name") != "")
            #expect(try await tools.helm("list", "-q") == "rel\n")
            #expect(try await tools.helm("status", "rel").contains("STATUS: deployed"))
            #expect(try await tools.helm("get", "manifest", "rel").contains("kind: HorizontalPodAutoscaler"))
            #expect(try await tools.helm("get", "hooks", "rel").contains("kind: Job"))
            #expect(
                try await tools("get", "job", "rel-hook", "-o", "jsonpath={.status.succeeded}") == "1"
            )

            let second = ["--set", "image=registry.example/web:2", "--wait", "--timeout=60s"]
            #expect(try await tools.attemptHelm(["upgrade", "rel", "chart"] + second).status == 0)
            #expect(try await deployedImage(tools) == "registry.example/web:2")
            let revisions = try await tools.helm("history", "rel", "-o", "json")
            #expect(revisions.contains("superseded"))

            try await tools.helm("rollback", "rel", "1", "--wait", "--timeout=60s")
            #expect(try await deployedImage(tools) == "registry.example/web:1")

            try await tools.helm("uninstall", "rel", "--wait", "--timeout=60s")
            #expect(try await tools.helm("list", "-q") == "")
            #expect(
                try await tools(
                    "get",
                    "deployments,services,secrets,clusterroles,hpa,pdb",
                    "-l",
                    "kubernetes.io/bootstrapping!=rbac-defaults",
                    "-o",
                    "name"
                ) == ""
            )
            // The definitions in crds/ are kept, those in templates are deleted.
            #expect(try await tools("get", "crd", "servicemonitors.monitoring.example.com", "-o", "name") != "")
            #expect(try await tools.attempt(["get", "crd", "gadgets.probe.example.com"]).status == 1)
            try await harness.eventually("what the release owned is gone") {
                try await tools("get", "replicasets,pods", "-l", "app=rel", "-o", "name") == ""
            }
        }
    }

    @Test("a server-side dry run changes nothing, and reports what the server rejects")
    func dryRun() async throws {
        try await Kubectl.run { tools, harness in
            try write(tools)
            try await tools.helm("install", "rel", "chart", "--wait", "--timeout=60s")
            let revision = harness.sandbox.revision
            let dry = ["upgrade", "rel", "chart", "--dry-run=server"]
            #expect(try await tools.attemptHelm(dry + ["--set", "image=registry.example/web:3"]).status == 0)
            #expect(harness.sandbox.revision == revision)
            // A dry run does not send the Deployment. A real upgrade is rejected with the server's message.
            let refused = try await tools.attemptHelm(["upgrade", "rel", "chart", "--set", "replicas=-1"])
            #expect(refused.status == 1)
            #expect(refused.error.contains("must be greater than or equal to 0"), "\(refused.error)")
        }
    }

    @Test("an upgrade whose pods never become ready fails at the deadline, and --rollback-on-failure undoes it")
    func failedUpgrade() async throws {
        try await Kubectl.run { tools, harness in
            try write(tools)
            try await tools.helm("install", "rel", "chart", "--wait", "--timeout=60s")
            let failed = try await tools.attemptHelm([
                "upgrade", "rel", "chart", "--set", "image=registry.example/imagepullbackoff:1", "--wait",
                "--timeout=3s", "--rollback-on-failure",
            ])
            #expect(failed.status == 1)
            #expect(try await deployedImage(tools) == "registry.example/web:1")
            try await tools("rollout", "status", "deployment/rel", "--timeout=60s")
        }
    }
}
