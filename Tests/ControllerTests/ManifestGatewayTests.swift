import CommandSupport
import FoundationEssentials
import Policy
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import Controller
@testable import Gateway

@Suite("moorage gateway --manifests")
struct ManifestGatewayTests {
    private static func routes(_ text: String, platform: PlatformConfiguration? = nil) -> ManifestRoutes {
        ManifestRoutes([ManifestSource(name: "a.yaml", text: text)], platform: platform)
    }

    private static func server(_ more: String = "", url: String = "https://mcp.example.com/mcp") -> String {
        """
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata: {name: partner}
        spec:
          remote:
            url: \(url)
            headers:
              - {name: Authorization, secretKeyRef: {name: partner, key: authorization}}
        \(more)
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: partner}
        stringData: {authorization: Bearer hush}

        """
    }

    private static func tenant(_ spec: String) -> String {
        "---\napiVersion: moorage.dev/v1alpha1\nkind: MCPTenant\nmetadata: {name: team}\n"
            + "spec:\n  namespace: {name: default, adopt: true}\n  \(spec)\n"
    }

    @Test("a remote server has the paths that it has in a cluster, with its credentials")
    func paths() throws {
        let routes = Self.routes(Self.server())
        #expect(routes.diagnostics.filter { $0.severity == .error } == [])
        #expect(routes.problems.isEmpty)
        #expect(routes.table.all.map(\.path) == ["/default/mcp", "/default/partner/mcp"])
        let route = try #require(routes.table["/default/partner/mcp"])
        let backend = try #require(route.single?.backend)
        #expect(route.rules == nil && backend.catalogue == nil && backend.unavailable == nil)
        #expect(backend.headers.map(\.value) == ["Bearer hush"])
        guard case .remote(let remote) = backend.target else {
            Issue.record("not remote: \(backend.target)")
            return
        }
        #expect(remote.url == "https://mcp.example.com/mcp" && remote.addresses.reachesLoopback)
        #expect(remote.connectTime == .seconds(10) && remote.requestTime == nil)
        #expect(!"\(backend)".contains("hush"))
    }

    @Test(
        "what cannot be served is an error with file, line and field",
        arguments: [
            (
                "apiVersion: moorage.dev/v1alpha1\nkind: MCPServer\nmetadata: {name: a}\nspec:\n  image: ghcr.io/acme/a:1\n",
                "a.yaml:5: error: MCPServer default/a: spec.image: images are not run here: use spec.remote"
            ),
            (
                "apiVersion: moorage.dev/v1alpha1\nkind: MCPServer\nmetadata: {name: a}\nspec:\n  remote: {url: \"http://93.184.216.34/\"}\n",
                "a.yaml:5: error: MCPServer default/a: RemoteAddressNotAllowed: spec.remote.url: 93.184.216.34 is not named"
            ),
            (
                server("  tools: [{name: forecast, enabled: true}]"),
                "spec.tools: needs an MCPServerRevision of the server"
            ),
            (
                "apiVersion: moorage.dev/v1alpha1\nkind: MCPServer\nmetadata: {name: a}\nspec:\n  remote:\n    url: https://a.example/\n"
                    + "    headers: [{name: X-Key, secretKeyRef: {name: gone, key: k}}]\n",
                "ReferenceNotFound"
            ),
            ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "there is no MCPServer in the files"),
        ]
    )
    func errors(text: String, message: String) {
        let errors = Self.routes(text).diagnostics.filter { $0.severity == .error }.map(\.description)
        #expect(errors.contains { $0.contains(message) }, "\(errors)")
    }

    private static func virtualServer(_ spec: String) -> String {
        "---\napiVersion: moorage.dev/v1alpha1\nkind: MCPVirtualServer\nmetadata: {name: all}\nspec: \(spec)\n"
    }

    @Test("a virtual server has the path that it has in a cluster, and reports what is missing")
    func virtualServer() throws {
        let routes = Self.routes(
            Self.server()
                + Self.virtualServer(
                    "{servers: [{name: partner, tools: [{name: get forecast, as: forecast}]}, {name: gone}], toolListing: Search}"
                )
        )
        #expect(routes.diagnostics.filter { $0.severity == .error } == [])
        #expect(routes.table.all.map(\.path) == ["/default/all/mcp", "/default/mcp", "/default/partner/mcp"])
        let route = try #require(routes.table["/default/all/mcp"])
        #expect(route.virtualServer == "all" && route.searchesTools && route.rules == nil)
        #expect(route.members.map(\.backend.id) == ["default/partner"])
        #expect(route.member(for: .tool, "forecast")?.name == "get forecast")
        #expect(route.member(for: .tool, "partner_other") == nil)
        #expect(routes.problems.map(\.reason) == [.notResolved])
        let wrong = Self.routes(Self.server() + Self.virtualServer("{prefixes: Always}"))
        #expect(
            wrong.diagnostics.contains {
                $0.severity == .error && $0.description.contains("a virtual server needs servers")
            },
            "\(wrong.diagnostics)"
        )
    }

    @Test("a review policy that is written down is enforced: without an approved revision nothing is called")
    func review() throws {
        for text in [
            Self.server("  review: {policy: OnContractChange}"),
            Self.server() + Self.tenant("review: {policy: Always}"),
        ] {
            let backend = try #require(Self.routes(text).table["/default/partner/mcp"]?.single?.backend)
            #expect(backend.unavailable == "what it offers is not approved", "\(backend)")
            #expect(backend.target == .pods([]))
        }
    }

    /// Reads the contract at a URL, once the server is there and offers a tool.
    private func contract(_ url: String, has tool: String) async throws -> String {
        var last = ""
        for _ in 0..<100 {
            let result = try await Binary.run("contract", "read", url, "-o", "summary")
            if result.status == 0, result.output.contains("tool \(tool)") { return result.output }
            last = result.output + result.error
        }
        Issue.record("no contract with \(tool): \(last)")
        return ""
    }

    @Test("files with an error are not served")
    func broken() throws {
        let good = ManifestSource(name: "a.yaml", text: Self.server())
        #expect(try ManifestGateway.routes(of: [good], platform: nil).table.all.count == 2)
        for bad in [
            "kind: MCPServer",
            "apiVersion: moorage.dev/v1alpha1\nkind: MCPServer\nmetadata: {name: b}\nspec: {image: a}\n",
        ] {
            let sources = [good, ManifestSource(name: "b.yaml", text: bad)]
            #expect(throws: CommandFailure.self) { try ManifestGateway.routes(of: sources, platform: nil) }
        }
    }

    @Test("a change of the files is in force within seconds")
    func reload() async throws {
        let path = try #require(Binary.path, "moorage is not built: run `swift build`")
        let folder = FileManager.default.temporaryDirectory.appending(path: "manifests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appending(path: "server.sh")
        try Data(AdaptCommandTests.server.utf8).write(to: script)
        let servers = folder.appending(path: "servers.json")
        try Data(#"{"mcpServers": {"shell": {"command": "/bin/sh", "args": ["\#(script.path())"]}}}"#.utf8).write(
            to: servers
        )
        let manifests = folder.appending(path: "manifests")
        try FileManager.default.createDirectory(at: manifests, withIntermediateDirectories: true)
        let file = manifests.appending(path: "a.yaml")
        let (behind, front) = (TestPort.random(), TestPort.random() + 1)
        func write(_ name: String, _ url: String) throws {
            let text = """
                apiVersion: moorage.dev/v1alpha1
                kind: MCPServer
                metadata: {name: \(name)}
                spec: {remote: {url: "\(url)"}}
                """
            try Data(text.utf8).write(to: file, options: .atomic)
        }
        let url = "http://127.0.0.1:\(behind)/shell/mcp"
        try write("one", url)
        let local = "127.0.0.1:\(front)"
        // The server that the manifests name is another gateway, with a process behind it.
        _ = try await Subprocess.run(
            .path(path),
            arguments: ["gateway", "--mcp-servers", .init(servers.path()), "--bind-address", "127.0.0.1:\(behind)"],
            input: .none,
            output: .discarded,
            error: .string(limit: 1 << 20)
        ) { remote in
            defer { try? remote.send(signal: .terminate) }
            let result = try await Subprocess.run(
                .path(path),
                arguments: ["gateway", "--manifests", .init(manifests.path()), "--bind-address", .init(local)],
                input: .none,
                output: .discarded,
                error: .string(limit: 1 << 20)
            ) { execution in
                defer { try? execution.send(signal: .terminate) }
                _ = try await contract("http://\(local)/default/one/mcp", has: "add")
                try write("two", url)
                _ = try await contract("http://\(local)/default/two/mcp", has: "add")
                let gone = try await Binary.run("contract", "read", "http://\(local)/default/one/mcp")
                #expect(gone.status != 0)
            }
            #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
        }
    }

    @Test("only loopback addresses are allowed, and no options of a cluster")
    func options() async throws {
        let address = try await Binary.run("gateway", "--manifests", "x", "--bind-address", ":8080")
        #expect(address.status == 2 && address.error.contains("must be a loopback address"), "\(address.error)")
        let both = try await Binary.run("gateway", "--manifests", "x", "--mcp-servers", "y")
        #expect(both.status == 2 && both.error.contains("mutually exclusive"), "\(both.error)")
        let namespaces = try await Binary.run("gateway", "--manifests", "x", "--namespaces", "a")
        #expect(namespaces.status == 2 && namespaces.error.contains("has no effect with --manifests"))
        let missing = try await Binary.run("gateway", "--manifests", "/does/not/exist")
        #expect(missing.status == 1 && missing.error.contains("no such file or directory"), "\(missing.error)")
    }
}
