import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Logging
import MCPProtocol
import MCPTransport
import SandboxCluster
import ServiceLifecycle
import Testing

@testable import TelemetryBridge

/// A sandbox of a cluster, with a bridge that has the permissions of `examples/telemetry.yaml`.
struct TestLab: Sendable {
    let sandbox: SandboxCluster
    /// For the administrator.
    let client: KubernetesClient
    /// The URL of the bridge.
    let url: String

    static let quietLogger: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    /// Runs a body while a bridge serves the objects of a cluster.
    static func run(
        _ settings: TelemetryBridgeSettings = TelemetryBridgeSettings(version: "test"),
        objects: [JSONValue] = [],
        grantsAccess: Bool = true,
        _ body: @Sendable (TestLab) async throws -> Void
    ) async throws {
        var configuration = SandboxConfiguration()
        configuration.enforcesRBAC = true
        // The objects' status is that of the test.
        configuration.simulatesControllers = false
        let sandbox = SandboxCluster(configuration: configuration, logger: quietLogger)
        try await whileRunning([sandbox]) {
            let administrator = try HTTPTransport(try await Self.configuration(sandbox, token: nil))
            try await closing(administrator) {
                let client = KubernetesClient(transport: administrator)
                let token = try await Self.account(client, grantsAccess: grantsAccess)
                for object in objects { try await Self.create(object, client) }
                sandbox.clearRequests()
                let transport = try HTTPTransport(try await Self.configuration(sandbox, token: token))
                try await closing(transport) {
                    let bridge = try TelemetryBridge(
                        settings,
                        client: KubernetesClient(transport: transport),
                        logger: quietLogger
                    )
                    let server = StreamableHTTPServer(handler: bridge.handler, port: 0, logger: quietLogger)
                    try await whileRunning([bridge, server]) {
                        let port = try await server.port()
                        try await body(TestLab(sandbox: sandbox, client: client, url: "http://127.0.0.1:\(port)/mcp"))
                    }
                }
            }
        }
    }

    private static func configuration(_ sandbox: SandboxCluster, token: String?) async throws
        -> KubernetesClientConfiguration
    {
        let text = try await sandbox.kubeconfig(token: token)
        return try Kubeconfig(text: text, directory: nil, file: "the sandbox's kubeconfig").configuration()
    }

    /// The ServiceAccount of the bridge, with the ClusterRoles of the example. Returns its token.
    private static func account(_ client: KubernetesClient, grantsAccess: Bool) async throws -> String {
        try await create(["kind": "Namespace", "apiVersion": "v1", "metadata": ["name": "telemetry"]], client)
        let account: JSONValue = [
            "kind": "ServiceAccount", "apiVersion": "v1",
            "metadata": ["name": "telemetry-bridge", "namespace": "telemetry"],
        ]
        try await create(account, client)
        if grantsAccess {
            let objects = try ExampleManifest.objects()
            for var object in objects where object.text("kind")?.hasPrefix("ClusterRole") == true {
                // The controller for aggregated ClusterRoles is not simulated.
                if object["aggregationRule"] != nil {
                    let label = ["metadata", "labels", "moorage.dev/aggregate-to-telemetry"]
                    let parts = objects.filter { $0[path: label]?.stringValue == "true" }
                    object["rules"] = .array(parts.flatMap { $0.array("rules") })
                }
                try await create(object, client)
            }
        }
        let path = ResourceType.serviceAccount.path(
            namespace: "telemetry",
            name: "telemetry-bridge",
            subresource: "token"
        )
        let answer = try await client.data(APIRequest(method: .post, path: path, body: Array(#"{"spec":{}}"#.utf8)))
            .body
        return try #require(try JSONValue(parsing: answer).text("status", "token"))
    }

    /// Creates an object, with its status.
    private static func create(_ object: JSONValue, _ client: KubernetesClient) async throws {
        let kinds = try await ClusterReader(client, limits: BridgeLimits()).kinds()
        let type = try kinds.kind(object.text("kind") == "Secret" ? "configmaps" : object.text("kind") ?? "").type
        let real = object.text("kind") == "Secret" ? ResourceType.secret : type
        var created = try await client.create(real, object)
        guard let status = object["status"] else { return }
        created["status"] = status
        _ = try await client.replace(real, created, subresource: "status")
    }

    /// Calls a tool.
    ///
    /// - Returns: the structured content, or the text of an error.
    func call(_ tool: String, _ arguments: RawJSON = [:], client: MCPClient) async throws -> ToolAnswer {
        let result = try await client.request(.toolsCall, params: ["name": .string(tool), "arguments": arguments])
        return ToolAnswer(
            isError: result["isError"]?.boolValue ?? false,
            text: result["content"]?.elements?.first?["text"]?.stringValue ?? "",
            structured: result["structuredContent"]
        )
    }

    /// Runs a body with a client of an era.
    func withClient<Value: Sendable>(
        _ versions: SupportedVersions = .all,
        _ body: (MCPClient) async throws -> Value
    ) async throws -> Value {
        var options = MCPClientOptions()
        options.versions = versions
        return try await MCPClient.withConnection(to: .streamableHTTP(url), options: options) { try await body($0) }
    }
}

/// What a tool has answered.
struct ToolAnswer: Sendable {
    let isError: Bool
    let text: String
    let structured: RawJSON?

    subscript(name: String) -> RawJSON? { structured?[name] }
    var leftOut: [String] { structured?["leftOut"]?.elements?.compactMap(\.stringValue) ?? [] }
    var notes: [String] { structured?["notes"]?.elements?.compactMap(\.stringValue) ?? [] }
}

/// Runs services during a body, then shuts them down gracefully.
func whileRunning(_ services: [any Service], _ body: @Sendable () async throws -> Void) async throws {
    let group = ServiceGroup(services: services, logger: TestLab.quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            try await body()
        } catch {
            await group.triggerGracefulShutdown()
            try? await tasks.waitForAll()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// Runs a body, and closes a transport in any case.
func closing(_ transport: HTTPTransport, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        try? await transport.shutdown()
        throw error
    }
    try await transport.shutdown()
}

/// Something that a test waits for did not happen.
struct DidNotHappen: Error, CustomStringConvertible {
    let description: String
}

/// Waits until something is so, for at most 60 seconds, because it depends on another process.
func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    while clock.now < end {
        if try await isSo() { return }
        try await clock.sleep(for: .milliseconds(20))
    }
    throw DidNotHappen(description: "did not happen: \(what)")
}
