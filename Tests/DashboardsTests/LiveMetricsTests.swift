import Foundation
import Subprocess
import TestSupport
import Testing

@testable import Dashboards

/// The table, compared with what the programs of this build serve.
@Suite("Metrics of running programs")
struct LiveMetricsTests {
    @Test("a controller and a gateway serve every metric of the table, with its type")
    func served() async throws {
        let program = try Tool.moorage().path
        let folder = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let kubeconfig = folder.appending(path: "kubeconfig").path()
        let first = TestPort.random()
        let ports = (0..<6).map { "127.0.0.1:\(first + $0)" }
        let commands = [
            [
                "controller", "--kubeconfig", kubeconfig, "--metrics-bind-address", ports[0],
                "--health-probe-bind-address", ports[1], "--leader-election-namespace", "default",
            ],
            [
                "gateway", "--kubeconfig", kubeconfig, "--metrics-bind-address", ports[2],
                "--health-probe-bind-address", ports[3], "--bind-address", ports[4],
            ],
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await keepRunning(program, ["sandbox", "--kubeconfig", kubeconfig]) }
            try await eventually("the sandbox writes its kubeconfig") {
                FileManager.default.fileExists(atPath: kubeconfig)
            }
            for command in commands { group.addTask { try await keepRunning(program, command) } }
            group.addTask {
                let controller = try await metrics(ports[0])
                let gateway = try await metrics(ports[2])
                for metric in Metric.all {
                    let kinds = [controller, gateway].compactMap { $0.families[metric.name]?.kind }
                    #expect(
                        !kinds.isEmpty && kinds.allSatisfy { $0 == metric.kind.rawValue },
                        "\(metric.name): \(kinds)"
                    )
                }
                // What tells the two programs from others, and from each other, exists from the start.
                let identities = [Metric.protocolCheckDuration.name, Metric.limitReplicas.name]
                #expect(identities.map { controller.families[$0]?.hasSeries } == [true, nil])
                #expect(identities.map { gateway.families[$0]?.hasSeries } == [nil, true])
                let known = Set(Metric.all.map(\.name)).union(MetricTableTests.unused.keys)
                let served = Set(controller.families.keys).union(gateway.families.keys)
                #expect(served.subtracting(known).isEmpty, "show them, or say why not")
            }
            defer { group.cancelAll() }
            // Whatever ends first: the comparison, or a program that could not start.
            try await group.next()
        }
    }

    private func metrics(_ address: String) async throws -> Exposition {
        try await eventually("http://\(address)/metrics is served") {
            let result = try await Tool(path: "/usr/bin/env").attempt(["curl", "-sf", "http://\(address)/metrics"])
            return result.status == 0 ? Exposition(result.output) : nil
        }
    }

    private func keepRunning(_ program: String, _ arguments: [String]) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Subprocess.Arguments([program] + arguments),
            platformOptions: options,
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        if Task.isCancelled { return }
        throw NeverHappened(description: "moorage \(arguments.first ?? "") has ended: \(result.standardError)")
    }
}
