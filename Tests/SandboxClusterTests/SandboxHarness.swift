import HTTPTypes
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import TestSupport
import Testing

/// A sandbox that runs, and a way to send it requests.
struct SandboxHarness: Sendable {
    let sandbox: SandboxCluster
    let transport: HTTPTransport

    /// Sends a request, and gives the status and the answer as JSON.
    @discardableResult
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: JSONValue? = nil,
        query: [String: String] = [:],
        contentType: String = "application/json"
    ) async throws -> (code: Int, value: JSONValue) {
        var headers = HTTPFields()
        headers[.contentType] = contentType
        headers[.accept] = "application/json"
        let response = try await transport.execute(
            APIRequest(
                method: method,
                path: path,
                query: query.map { APIRequest.QueryItem($0.key, $0.value) },
                headers: headers,
                body: body?.serialized()
            )
        )
        let bytes = try await response.body.collect(upTo: 1 << 24)
        return (response.status.code, (try? JSONValue(parsing: bytes)) ?? .null)
    }

    /// Waits until something holds, for two minutes at most, since machines are busy.
    func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await !holds() {
            guard ContinuousClock.now < deadline else {
                Issue.record("not within two minutes: \(what)")
                return
            }
            await Task.yield()
        }
    }
}

/// Runs a sandbox for the length of a test body.
func withSandbox(
    _ configuration: SandboxConfiguration = SandboxConfiguration(),
    _ body: @Sendable @escaping (SandboxHarness) async throws -> Void
) async throws {
    let sandbox = SandboxCluster(configuration: configuration, logger: quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await sandbox.run() }
        let config = try Kubeconfig(text: try await sandbox.kubeconfig(), directory: nil, file: "kubeconfig")
        let transport = try HTTPTransport(try config.configuration())
        let failure: (any Error)?
        do {
            try await body(SandboxHarness(sandbox: sandbox, transport: transport))
            failure = nil
        } catch {
            failure = error
        }
        try await transport.shutdown()
        group.cancelAll()
        // The sandbox ends by being cancelled, which is no failure.
        while let result = await group.nextResult() { _ = result }
        if let failure { throw failure }
    }
}
