import Foundation
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import MCPTransport
import SandboxCluster
import Testing

@testable import TelemetryBridge

@Suite("Changes that clients are notified of", .timeLimit(.minutes(2)))
struct ChangeTests {
    private static let eras = [SupportedVersions([.v2025_11_25]), .all]

    private func settings(queries folder: String? = nil) -> TelemetryBridgeSettings {
        var settings = TelemetryBridgeSettings(version: "test", queriesFolder: folder)
        settings.limits.queriesInterval = .milliseconds(20)
        settings.limits.subscriptionInterval = .milliseconds(20)
        return settings
    }

    /// Reads changes until one has this method and, if given, this URI.
    private func wait(
        for method: Method,
        uri: String? = nil,
        _ changes: inout AsyncThrowingStream<MCPChange, any Error>.Iterator
    ) async throws {
        while let change = try await changes.next() {
            guard case .changed(let notification) = change, notification.method == method.rawValue else { continue }
            if uri == nil || notification.params?["uri"]?.stringValue == uri { return }
        }
        throw DidNotHappen(description: "\(method) was not sent")
    }

    @Test("a file that is added changes the lists, and one that is edited updates its resource", arguments: eras)
    func folder(versions: SupportedVersions) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "queries-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        @Sendable func write(_ text: String) throws {
            // As a mounted ConfigMap changes: at once.
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/own.promql"), options: .atomic)
        }
        let uri = "res://dashboards/own.promql"
        try await TestLab.run(settings(queries: folder)) { lab in
            try await lab.withClient(versions) { client in
                try await client.withChanges(SubscriptionFilter(resourcesListChanged: true)) { changes in
                    var iterator = changes.makeAsyncIterator()
                    guard case .listening = try await iterator.next() else {
                        throw DidNotHappen(description: "no stream")
                    }
                    try write("# Own.\nup == 1\n")
                    try await wait(for: .resourcesListChanged, &iterator)
                }
                let uris = try await client.list(.resources).compactMap { $0["uri"]?.stringValue }
                #expect(uris.contains(uri))
                try await client.withChanges(SubscriptionFilter(resourceSubscriptions: [uri])) { changes in
                    var iterator = changes.makeAsyncIterator()
                    guard case .listening = try await iterator.next() else {
                        throw DidNotHappen(description: "no stream")
                    }
                    try write("# Own.\nup == 0\n")
                    try await wait(for: .resourcesUpdated, uri: uri, &iterator)
                }
                let read = try await client.request(.resourcesRead, params: ["uri": .string(uri)])
                #expect(read["contents"]?.elements?.first?["text"]?.stringValue == "up == 0")
            }
        }
    }

    @Test(
        "who subscribes to the inventory or an object is told of its changes, and the cluster is only read then",
        arguments: eras
    )
    func cluster(versions: SupportedVersions) async throws {
        let pod = "res://objects/Pod/shop/web-good"
        try await TestLab.run(settings(), objects: TestObjects.all) { lab in
            try await lab.withClient(versions) { client in
                #expect(lab.sandbox.requests.allSatisfy { $0.resource != "pods" })
                let filter = SubscriptionFilter(resourceSubscriptions: [BridgeResources.inventoryURI, pod])
                try await client.withChanges(filter) { changes in
                    var iterator = changes.makeAsyncIterator()
                    guard case .listening = try await iterator.next() else {
                        throw DidNotHappen(description: "no stream")
                    }
                    // Twice, so that there is a state to compare with.
                    try await eventually("both are read") {
                        lab.sandbox.requests.filter { $0.resource == "pods" && $0.name == "web-good" }.count >= 2
                    }
                    // Nothing would end a grace period.
                    let options = DeleteOptions(gracePeriodSeconds: 0)
                    try await lab.client.delete(.pod, name: "web-good", namespace: "shop", options: options)
                    try await wait(for: .resourcesUpdated, &iterator)
                    try await wait(for: .resourcesUpdated, &iterator)
                }
            }
        }
    }
}
