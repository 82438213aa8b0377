import CRDModels
import ControllerRuntime
import KubernetesAPI
import Logging
import MCPProtocol
import MCPTransport
import Synchronization
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Listening to servers that report changes")
struct ChangeListenerTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let everything = ServerCapabilities(tools: true, listChanged: true)

    private static func target(_ name: String = "weather", pod: String = "weather-1", port: Int = 8080) throws
        -> HandshakeTarget
    {
        var metadata = ObjectMeta(name: pod, namespace: "mcp-acme")
        metadata.uid = "uid-\(pod)"
        metadata.labels = [MoorageLabels.server: name]
        let record = PodRecord(
            Pod(
                metadata: metadata,
                spec: PodPorts(containers: [
                    PodPorts.Container(name: "mcp", ports: [PodPorts.Port(name: "http", containerPort: port)])
                ]),
                status: PodStatus(podIP: "127.0.0.1", conditions: [PodCondition(type: "Ready", status: "True")])
            )
        )
        let plan = try #require(decide(Sample.input(Sample.server(name) { $0.path = "/mcp" })).plan)
        return try #require(HandshakeTarget(pods: [record], endpoint: HandshakeEndpoint(plan.settings)))
    }

    /// Counts calls.
    private final class Counter: Sendable {
        private let keys = Mutex<[NamespacedName]>([])
        var count: Int { keys.withLock { $0.count } }
        func add(_ key: NamespacedName) { keys.withLock { $0.append(key) } }
    }

    private func tool(_ name: String) throws -> ServiceTool {
        try ServiceTool(try Tool(["name": .string(name), "inputSchema": ["type": "object"]])) { _ in .text("") }
    }

    @Test("a change that a server reports is noticed at once, in each era", arguments: [true, false])
    func changes(isModern: Bool) async throws {
        let versions = SupportedVersions([isModern ? .v2026_07_28 : .v2025_06_18])
        var configuration = StreamableHTTPConfiguration()
        configuration.versions = versions
        let service = MCPService(
            info: Implementation(name: "weather", version: "1"),
            versions: versions,
            content: ServiceContent(tools: [try tool("forecast")])
        )
        let server = StreamableHTTPServer(
            handler: service,
            host: "127.0.0.1",
            port: 0,
            path: "/mcp",
            configuration: configuration,
            logger: Self.logger
        )
        let changes = Counter()
        let listener = ChangeListener(maximum: 2) { changes.add($0) }
        let probe = PodProbe(
            route: .podAddress,
            inbox: ContractInbox(),
            isStored: { _, _ in false },
            listener: listener,
            timeout: .seconds(10),
            clock: .system,
            logger: Self.logger
        )
        let added = try tool("shell")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await listener.run() }
            defer { group.cancelAll() }
            let target = try Self.target(port: try await server.port())
            guard case .verified = try await probe.check(target) else {
                Issue.record("not verified")
                return
            }
            #expect(listener.count == 1)
            // A second check does not open a second stream.
            _ = try await probe.check(target)
            #expect(listener.count == 1)
            try await eventually("the change arrives") {
                // The stream may not be open yet.
                service.update { $0.tools.append(added) }
                service.update { $0.tools.removeLast() }
                return changes.count > 0
            }
            listener.forget(target.server)
            try await eventually("the stream is closed") { listener.count == 0 }
        }
    }

    @Test("no more servers are listened to than the limit, and one pod of each")
    func limits() async throws {
        let started = Counter()
        let listener = ChangeListener(maximum: 2) { _ in }
        func follow(_ target: HandshakeTarget, _ capabilities: ServerCapabilities = Self.everything) {
            listener.follow(target, capabilities) { _, _ in
                started.add(target.server)
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            follow(try Self.target("quiet"), ServerCapabilities(tools: true))
            #expect(listener.count == 0)
            for name in ["a", "b", "c"] { follow(try Self.target(name)) }
            #expect(listener.count == 2)
            try await eventually("both are listened to") { started.count == 2 }
            // Another pod replaces the one before.
            follow(try Self.target("a", pod: "a-2"))
            #expect(listener.count == 2)
            try await eventually("the other pod is listened to") { started.count == 3 }
            listener.forget(NamespacedName(namespace: "mcp-acme", name: "b"))
            follow(try Self.target("c"))
            try await eventually("the place is taken") { started.count == 4 && listener.count == 2 }
            group.cancelAll()
        }
    }

    @Test("a stream that ends frees its place")
    func ended() async throws {
        let listener = ChangeListener(maximum: 1) { _ in }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            listener.follow(try Self.target(), Self.everything) { _, _ in }
            try await eventually("the place is free") { listener.count == 0 }
            group.cancelAll()
        }
    }
}
