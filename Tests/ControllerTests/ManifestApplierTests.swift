import KubernetesAPI
import Synchronization
import Testing

@testable import Controller

/// A cluster with predefined answers, which records what was applied.
final class FakeClusterAPI: ClusterAPI {
    let answers: [String: JSONValue]
    let applied = Mutex<[ObjectReference]>([])
    let failures: Mutex<[String: [ClusterAPIError]]>

    init(answers: [String: JSONValue], failures: [String: [ClusterAPIError]] = [:]) {
        self.answers = answers
        self.failures = Mutex(failures)
    }

    func get(_ path: String) async throws -> JSONValue? { answers[path] }

    func apply(_ object: JSONValue, to reference: ObjectReference) async throws(ClusterAPIError) {
        let failure = failures.withLock { failures in
            failures[reference.name]?.isEmpty == false ? failures[reference.name]?.removeFirst() : nil
        }
        if let failure { throw failure }
        applied.withLock { $0.append(reference) }
    }
}

@Suite("Applying files to the sandbox")
struct ManifestApplierTests {
    static func resources(_ entries: [(String, String, Bool)]) -> JSONValue {
        [
            "resources": .array(
                entries.map {
                    ["name": .string($0.0), "kind": .string($0.1), "namespaced": .bool($0.2)]
                }
            )
        ]
    }

    static let answers: [String: JSONValue] = [
        "/api/v1": resources([("secrets", "Secret", true), ("serviceaccounts", "ServiceAccount", true)]),
        "/apis/moorage.dev/v1alpha1": resources([
            ("mcpservers/status", "MCPServer", true), ("mcpservers", "MCPServer", true),
            ("mcptenants", "MCPTenant", false),
        ]),
    ]

    static let reader = ManifestReader(sources: [
        ManifestSource(
            name: "a.yaml",
            text: """
                apiVersion: moorage.dev/v1alpha1
                kind: MCPServer
                metadata: {name: hello, namespace: mcp-acme}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: tokens, namespace: mcp-acme}
                ---
                apiVersion: example.com/v1
                kind: Unknown
                metadata: {name: what}
                ---
                apiVersion: moorage.dev/v1alpha1
                kind: MCPTenant
                metadata: {name: acme}
                """
        )
    ])

    @Test("dependencies come first, and kinds that the server does not know are skipped")
    func order() async throws {
        let api = FakeClusterAPI(answers: Self.answers)
        let diagnostics = try await ManifestApplier(api: api) { _ in }.apply(Self.reader)
        #expect(
            api.applied.withLock { $0.map(\.description) } == [
                "MCPTenant.moorage.dev/acme", "Secret/mcp-acme/tokens", "MCPServer.moorage.dev/mcp-acme/hello",
            ]
        )
        #expect(
            diagnostics.map(\.description) == [
                "a.yaml:9: warning: Unknown what: the sandbox does not serve Unknown of example.com/v1; skipped"
            ]
        )
    }

    @Test("an object whose namespace does not exist yet is retried")
    func namespace() async throws {
        let missing = ClusterAPIError(reason: "NotFound", message: "namespaces not found", kind: "namespaces")
        let api = FakeClusterAPI(
            answers: Self.answers,
            failures: ["tokens": [missing, missing], "hello": Array(repeating: missing, count: 1000)]
        )
        let pauses = Mutex(0)
        let diagnostics = try await ManifestApplier(api: api) { _ in pauses.withLock { $0 += 1 } }.apply(Self.reader)
        #expect(api.applied.withLock { $0.map(\.name) } == ["acme", "tokens"])
        #expect(diagnostics.filter { $0.severity == .error }.map(\.reason) == ["NotFound"])
        #expect(pauses.withLock { $0 } == 2 + ManifestApplier.attempts - 1)
    }

    @Test("a refused object is reported with its line, and the others are applied")
    func refused() async throws {
        let invalid = ClusterAPIError(reason: "Invalid", message: "no good", kind: "secrets")
        let api = FakeClusterAPI(answers: Self.answers, failures: ["tokens": [invalid]])
        let diagnostics = try await ManifestApplier(api: api) { _ in }.apply(Self.reader)
        #expect(
            diagnostics.first { $0.severity == .error }?.description
                == "a.yaml:5: error: Secret mcp-acme/tokens: Invalid: no good"
        )
        #expect(api.applied.withLock { $0.map(\.name) } == ["acme", "hello"])
    }
}
