import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import Controller

@Suite("moorage verify isolation", .serialized)
struct VerifyIsolationTests {
    static let tenants = """
        apiVersion: moorage.dev/v1alpha1
        kind: MCPTenant
        metadata: {name: acme}
        spec: {namespace: {name: mcp-acme}}
        ---
        apiVersion: moorage.dev/v1alpha1
        kind: MCPTenant
        metadata: {name: umbrella}
        spec: {namespace: {name: mcp-umbrella}, network: {blockedCIDRs: [203.0.113.0/24]}}
        ---
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: time, namespace: mcp-acme}
        spec: {image: "ghcr.io/acme/time@\(RenderTests.digest)"}
        ---
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: search, namespace: mcp-umbrella}
        spec: {image: "ghcr.io/acme/search@\(RenderTests.digest)"}

        """

    /// Opens both servers to everybody, and acme's to everything.
    static let hole = """
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: debug, namespace: mcp-umbrella}
        spec: {podSelector: {}, ingress: [{}]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: debug-out, namespace: mcp-acme}
        spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 8080}]}]}

        """

    private static func verify(_ text: String, _ arguments: String...) async throws -> Tool.Result {
        let path = try #require(Binary.path)
        return try await Tool(path: path.string).attempt(
            ["verify", "isolation", "-f", "-", "--pod-cidr", "10.244.0.0/16"] + arguments,
            input: text,
            environment: ["NO_COLOR": "1"]
        )
    }

    @Test("tenants that Moorage renders are isolated")
    func isolated() async throws {
        let result = try await Self.verify(Self.tenants)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("isolated     2 tenants, 2 pods: no path between tenants"))
    }

    @Test("a hole results in status 1; the pods, the ports and the policies are named")
    func hole() async throws {
        let result = try await Self.verify(Self.tenants + Self.hole)
        #expect(result.status == 1)
        #expect(
            result.output.contains(
                "crossing     mcp-acme/Deployment/time (tenant acme) -> mcp-umbrella/Deployment/search (tenant umbrella): TCP 8080"
            ),
            "\(result.output)"
        )
        #expect(
            result.output.contains(
                "egress: NetworkPolicy mcp-acme/debug-out; ingress: NetworkPolicy mcp-umbrella/debug"
            ),
            "\(result.output)"
        )
        #expect(result.output.contains("blocked      mcp-acme/Deployment/time (tenant acme) -> "), "\(result.output)")
        #expect(result.error.contains("tenants are not isolated: 1 path between tenants, 1 path into blocked ranges"))
    }

    @Test("a crossing that is allowed is listed as allowed")
    func allowed() async throws {
        let result = try await Self.verify(
            Self.tenants + Self.hole,
            "--allow",
            "acme=umbrella",
            "--allow",
            "*=0.0.0.0/0",
            "--allow",
            "*=::/0"
        )
        #expect(result.status == 0, "\(result.output)\(result.error)")
        #expect(result.output.contains("allowed      mcp-acme/Deployment/time"))
    }

    @Test("JSON, a matrix and a diagram have the same crossing")
    func formats() async throws {
        let json = try await Self.verify(Self.tenants + Self.hole, "-o", "json")
        let value = try JSONValue(parsing: Array(json.output.utf8))
        #expect(value["isolated"] == false)
        #expect(value["complete"] == true)
        let crossing = value["paths"]?.arrayValue?.first
        #expect(crossing?["kind"] == "crossing")
        #expect(crossing?["ports"] == [["protocol": "TCP", "port": 8080, "endPort": 8080]])
        #expect(crossing?["ingress"] == ["reason": "Policies", "policies": ["mcp-umbrella/debug"]])
        #expect(json.status == 1)
        let matrix = try await Self.verify(Self.tenants + Self.hole, "-o", "matrix")
        #expect(matrix.output.contains("1 mcp-acme (acme)          . !  !"), "\(matrix.output)")
        #expect(matrix.output.contains("2 mcp-umbrella (umbrella)  . .  ."), "\(matrix.output)")
        let diagram = try await Self.verify(Self.tenants + Self.hole, "-o", "mermaid")
        #expect(diagram.output.hasPrefix("flowchart LR\n"))
        #expect(diagram.output.contains("n0 ==>|\"TCP 8080\"| n1"), "\(diagram.output)")
    }

    @Test("pods without a policy are reported as such, and pods on the network of their node with a warning")
    func open() async throws {
        let result = try await Self.verify(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: a, labels: {moorage.dev/tenant: a}}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: b, labels: {moorage.dev/tenant: b}}
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: agent, namespace: a}
            spec: {template: {spec: {hostNetwork: true, containers: []}}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: b}
            spec: {containers: []}
            """
        )
        #expect(result.status == 1)
        #expect(result.output.contains("NetworkPolicies do not apply to hostNetwork"), "\(result.output)")
        #expect(result.output.contains("egress: no NetworkPolicy selects the pod"), "\(result.output)")
        #expect(result.error.contains("warning: a/DaemonSet/agent: hostNetwork is true"), "\(result.error)")
    }

    @Test(
        "a policy that cannot be evaluated is an error with its line, and nothing passes",
        arguments: [
            ("egress: [{to: [{ipBlock: {cidr: 10.0.0.0/40}}]}]", "spec.egress[0].to[0].ipBlock.cidr: \"10.0.0.0/40\""),
            ("ingress: [{ports: [{port: 9, endPort: 8}]}]", "spec.ingress[0].ports[0].endPort: 8 is not the end"),
            ("ingres: [{}]", "spec.ingres: is not a field of a NetworkPolicy"),
            ("ingress: {}", "spec: cannot be read"),
        ]
    )
    func invalid(spec: String, message: String) async throws {
        let policy = """
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: bad, namespace: mcp-acme}
            spec:
              podSelector: {}
              \(spec)

            """
        let result = try await Self.verify(Self.tenants + policy)
        #expect(result.status == 1)
        #expect(result.error.contains("NetworkPolicy mcp-acme/bad: \(message)"), "\(result.error)")
        #expect(result.error.contains("<stdin>:"), "\(result.error)")
    }

    @Test("a policy that is defined twice, or that Moorage renders, is refused")
    func twice() async throws {
        let rendered = try await Binary.run("render", "-f", "-", input: Self.tenants)
        #expect(rendered.status == 0)
        let result = try await Self.verify(Self.tenants + "---\n" + rendered.output)
        #expect(result.status == 1)
        #expect(result.error.contains("defined twice; Moorage renders it as well"), "\(result.error)")
        let alone = try await Self.verify(rendered.output)
        #expect(alone.status == 0, "\(alone.error)")
        #expect(alone.output.contains("2 tenants, 2 pods"))
    }

    @Test("a refused server is an error: what is not rendered is not evaluated")
    func refused() async throws {
        let result = try await Self.verify(Self.tenants.replacing("@\(RenderTests.digest)\"", with: "\""))
        #expect(result.status == 1)
        #expect(result.error.contains("error: MCPServer"), "\(result.error)")
        #expect(result.error.contains("not everything was evaluated"), "\(result.error)")
        #expect(!result.output.contains("isolated"))
    }

    @Test(
        "wrong usage is status 2",
        arguments: [
            [], ["-f", "x.yaml", "--live"], ["-f", "x.yaml", "--allow", "a"], ["-f", "x.yaml", "--pod-cidr", "10"],
            ["-f", "x.yaml", "-o", "xml"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let path = try #require(Binary.path)
        let result = try await Tool(path: path.string).attempt(["verify", "isolation"] + arguments)
        #expect(result.status == 2, "\(result.error)")
    }

    @Test("a namespace that nothing describes, no tenant at all, and an unknown tenant are warnings")
    func warnings() async throws {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: a}\nspec: {containers: []}\n"
        let result = try await Self.verify(pod, "--allow", "acme=b")
        #expect(result.status == 0)
        #expect(result.error.contains("warning: Namespace a: the namespace is not in the files"), "\(result.error)")
        #expect(result.error.contains("warning: no namespace belongs to a tenant"), "\(result.error)")
        #expect(result.error.contains("warning: --allow: there is no tenant \"acme\""), "\(result.error)")
        #expect(try await Self.verify(pod, "-q").error == "")
    }

    @Test("the examples are isolated")
    func examples() async throws {
        let result = try await Binary.run("verify", "isolation", "-q", "-f", "examples")
        #expect(result.status == 0, "\(result.output)\(result.error)")
    }

    @Test("a cluster is read, with a hole that was made by hand")
    func live() async throws {
        let binary = try #require(Binary.path)
        let directory = try TemporaryDirectory()
        let kubeconfig = "\(directory.path)/kubeconfig"
        let applied = try directory.write(Self.tenants, to: "tenants.yaml")
        _ = try await Subprocess.run(
            .path(binary),
            arguments: ["sandbox", "--apply", applied, "--kubeconfig", kubeconfig],
            workingDirectory: FilePath(Binary.packageRoot),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        ) { execution in
            defer { try? execution.send(signal: .terminate) }
            try await eventually { FileManager.default.fileExists(atPath: kubeconfig) }
            let configuration = try KubernetesClientConfiguration.load(kubeconfig: kubeconfig)
            try await withClient(of: configuration) { client in
                try await eventually {
                    let pods = try await client.listAll(Pod.self).items
                    return pods.count == 2 && pods.allSatisfy { $0.status?.podIP != nil }
                }
                let closed = try await Binary.run("verify", "isolation", "--live", "--kubeconfig", kubeconfig)
                #expect(closed.status == 0, "\(closed.output)\(closed.error)")
                #expect(closed.output.contains("isolated     2 tenants, 2 pods"), "\(closed.output)")
                for document in try YAML.documents(in: Self.hole) {
                    _ = try await client.create(.networkPolicy, document.value)
                }
                let open = try await Binary.run("verify", "isolation", "--live", "--kubeconfig", kubeconfig)
                #expect(open.status == 1)
                #expect(open.output.contains("ingress: NetworkPolicy mcp-umbrella/debug"), "\(open.output)")
            }
        }
    }
}
