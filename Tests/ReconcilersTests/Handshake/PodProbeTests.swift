import CRDModels
import ControllerRuntime
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Logging
import MCPProtocol
import MCPTransport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("The check of a pod at its address")
struct PodProbeTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func target(
        port: Int,
        path: String = "/mcp",
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) throws -> HandshakeTarget {
        let server = Sample.server { spec in
            spec.path = path
            change(&spec)
        }
        let plan = try #require(decide(Sample.input(server)).plan)
        var metadata = ObjectMeta(name: "weather-1", namespace: "mcp-acme")
        metadata.uid = "pod-uid"
        metadata.labels = [MoorageLabels.server: "weather"]
        let pod = PodRecord(
            Pod(
                metadata: metadata,
                spec: PodPorts(containers: [
                    PodPorts.Container(name: "mcp", ports: [PodPorts.Port(name: "http", containerPort: port)])
                ]),
                status: PodStatus(podIP: "127.0.0.1", conditions: [PodCondition(type: "Ready", status: "True")])
            )
        )
        return try #require(HandshakeTarget(pods: [pod], endpoint: HandshakeEndpoint(plan.settings)))
    }

    private func probe(timeout: Duration = .seconds(10)) -> PodProbe {
        PodProbe(
            route: .podAddress,
            inbox: ContractInbox(),
            isStored: { _, _ in false },
            timeout: timeout,
            clock: .system,
            logger: Self.logger
        )
    }

    /// Runs a body while an MCP server listens on the loopback address.
    private func withServer<Result: Sendable>(
        versions: SupportedVersions = .all,
        tools: [ServiceTool] = [],
        name: String = "weather",
        _ body: @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        var configuration = StreamableHTTPConfiguration()
        configuration.versions = versions
        let server = StreamableHTTPServer(
            handler: MCPService(
                info: Implementation(name: name, version: "1.2"),
                versions: versions,
                content: ServiceContent(tools: tools)
            ),
            host: "127.0.0.1",
            port: 0,
            path: "/mcp",
            configuration: configuration,
            logger: Self.logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            return try await body(try await server.port())
        }
    }

    private func failure(_ verdict: ProtocolVerdict) -> ProtocolFailure? {
        if case .failed(let failure) = verdict { failure } else { nil }
    }

    @Test("a server of each era is verified, and what it says about itself is kept", arguments: [true, false])
    func verified(isModern: Bool) async throws {
        let version: ProtocolVersion = isModern ? .v2026_07_28 : .v2025_06_18
        let tool = try ServiceTool(try Tool(["name": "forecast", "inputSchema": ["type": "object"]])) { _ in
            .text("sun")
        }
        try await withServer(versions: SupportedVersions([version]), tools: [tool], name: "we\u{1B}[31mather") { port in
            let probe = probe()
            // The second check uses what was agreed in the first.
            for _ in 0..<2 {
                guard case .verified(let status) = try await probe.check(try target(port: port)) else {
                    Issue.record("not verified")
                    return
                }
                #expect(status.serverName == "we[31mather")
                #expect(status.protocolVersion == version.rawValue)
                #expect(status.tools == 1)
                #expect(status.prompts == 0)
                #expect(status.pod == "weather-1")
                #expect(status.podUID == "pod-uid")
                #expect(status.path == "/mcp")
            }
        }
    }

    @Test("two servers that offer the same have the same digest, and it is the SHA-256 of the canonical contract")
    func digest() async throws {
        let tool = try ServiceTool(try Tool(["name": "forecast", "inputSchema": ["type": "object"]])) { _ in
            .text("sun")
        }
        var digests: Set<String> = []
        for name in ["one", "two"] {
            let verdict = try await withServer(tools: [tool], name: name) {
                try await probe().check(try target(port: $0))
            }
            digests.insert(verdict.status?.contractDigest ?? "")
        }
        #expect(digests.count == 1)
        #expect(digests.first?.hasPrefix("sha256:") == true)
    }

    @Test("the path and the transport that work are named")
    func elsewhere() async throws {
        try await withServer { port in
            let path = failure(try await probe().check(try target(port: port, path: "/api")))
            #expect(path?.cause == .endpointNotFound)
            #expect(path?.message.hasSuffix("set spec.path to /mcp") == true, "\(path?.message ?? "")")
            let transport = failure(
                try await probe().check(try target(port: port, path: "/mcp") { $0.transport = .sse })
            )
            #expect(transport?.cause == .transportMismatch)
            #expect(transport?.message.hasSuffix("set spec.transport to streamable-http") == true)
        }
    }

    @Test("a server without TLS is reported where the spec says that it has TLS")
    func tls() async throws {
        try await withServer { port in
            let target = try target(port: port) { $0.service = ServiceSettings(appProtocol: "https") }
            #expect(failure(try await probe().check(target))?.cause == .tlsFailed)
        }
    }

    @Test("a port at which no program listens is reported, and so is a program that never answers")
    func silence() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)
        let late = failure(try await probe(timeout: .milliseconds(300)).check(try target(port: port)))
        #expect(late?.cause == .timedOut)
        try await silent.close()
        let refused = failure(try await probe().check(try target(port: port)))
        #expect(refused?.cause == .connectionFailed)
        #expect(refused?.message.contains("weather-1") == true)
    }

    @Test("a check that is cancelled ends with CancellationError, not with a verdict")
    func cancelled() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let target = try target(port: try #require(silent.localAddress?.port))
        let probe = probe()
        let task = Task { try await probe.check(target) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await silent.close()
    }
}

@Suite("The check of a pod through the API server")
struct PodProxyTests {
    @Test(
        "an address at the pod becomes a path of the proxy, without escapes",
        arguments: [
            ("http://10.0.0.1:8080/mcp", "/mcp", []), ("http://[fd00::1]:8080", "/", []),
            ("https://10.0.0.1:8080/a%20b?x=1&y=%2F&z", "/a b", [("x", "1"), ("y", "/"), ("z", "")]),
            ("http://h/%zz?", "/%zz", []),
        ] as [(String, String, [(String, String)])]
    )
    func parts(url: String, path: String, query: [(String, String)]) {
        let parts = PodProxyExchange.parts(of: url)
        #expect(parts.path == path)
        #expect(parts.query == query.map { APIRequest.QueryItem($0.0, $0.1) })
    }

    @Test("a subscription takes none of the connections for requests, in either era")
    func subscriptions() throws {
        let name = try #require(HTTPField.Name(HeaderName.method))
        func lasts(_ method: HTTPRequest.Method, _ operation: Method) -> Bool {
            let headers: HTTPFields = [name: operation.rawValue]
            return PodProxyExchange.lasts(
                HTTPExchangeRequest(method: method, url: "http://pod/mcp", headers: headers, body: [])
            )
        }
        #expect(lasts(.post, .subscriptionsListen))
        #expect(!lasts(.post, .toolsList))
        #expect(PodProxyExchange.lasts(HTTPExchangeRequest(method: .get, url: "http://pod/mcp")))
        #expect(!PodProxyExchange.lasts(HTTPExchangeRequest(method: .post, url: "http://pod/mcp")))
    }

    @Test("the API server's own errors are told apart from the pod's")
    func ownErrors() {
        let status = Array(
            #"{"kind":"Status","apiVersion":"v1","message":"error trying to reach service","code":503}"#.utf8
        )
        #expect(PodProxyExchange.apiServerError(status, status: 503)?.code == .connectionRefused)
        #expect(PodProxyExchange.apiServerError(status, status: 403)?.code == .forbidden)
        #expect(PodProxyExchange.apiServerError(Array(#"{"error":"x"}"#.utf8), status: 503) == nil)
        #expect(PodProxyExchange.apiServerError(Array("no JSON".utf8), status: 404) == nil)
    }
}
