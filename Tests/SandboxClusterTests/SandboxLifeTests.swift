import AsyncHTTPClient
import KubernetesAPI
import SandboxCluster
import Testing

/// Runs a sandbox for the length of a test body.
func withSandbox<Result: Sendable>(
    _ configuration: SandboxConfiguration = SandboxConfiguration(),
    _ body: @Sendable @escaping (SandboxCluster, String) async throws -> Result
) async throws -> Result {
    let sandbox = SandboxCluster(configuration: configuration)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await sandbox.run()
            return nil
        }
        let url = try await sandbox.url()
        defer { group.cancelAll() }
        return try await body(sandbox, url)
    }
}

@Suite("The sandbox's life")
struct SandboxLifeTests {
    @Test("a sandbox answers on the port that the kernel chose")
    func answers() async throws {
        try await withSandbox { sandbox, url in
            var request = HTTPClientRequest(url: "\(url)/version")
            request.headers.add(name: "User-Agent", value: "test")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            let body = try await response.body.collect(upTo: 1 << 20)
            let value = try JSONValue(parsing: Array(body.readableBytesView))
            #expect(value["minor"] == "36")
            #expect(sandbox.requests.map(\.path) == ["/version"])
        }
    }
}
