import Foundation
import MCPProtocol
import Subprocess
import Testing

@testable import TelemetryBridge

/// Prometheus, Alertmanager and node-exporter of Debian, on loopback ports.
struct RealPrograms: Sendable {
    let prometheus: BackendEndpoint
    let alertmanager: BackendEndpoint
    /// The label `instance` of node-exporter.
    let instance: String

    private static let programs = ["prometheus", "prometheus-alertmanager", "prometheus-node-exporter"]

    /// In CI a missing program fails the tests; elsewhere they are skipped.
    static let canRun =
        ProcessInfo.processInfo.environment["CI"] != nil
        || programs.allSatisfy { program in
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
                .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
    static let comment: Comment = "\(programs.joined(separator: ", ")) are not installed: run `make packages`"

    /// A unit that the systemd collector would measure. There is no systemd where tests run, so node-exporter's textfile collector
    /// exposes these series in the form of the systemd collector.
    private static let units = """
        # HELP node_systemd_unit_state Systemd unit
        # TYPE node_systemd_unit_state gauge
        node_systemd_unit_state{name="kubelet.service",state="active",type="notify"} 1
        node_systemd_unit_state{name="kubelet.service",state="failed",type="notify"} 0
        node_systemd_unit_state{name="backup.service",state="active",type="oneshot"} 0
        node_systemd_unit_state{name="backup.service",state="failed",type="oneshot"} 1

        """

    private static let rules = """
        groups:
        - name: test
          rules:
          - alert: BridgeTest
            expr: up{job="node"} == 1
            labels: {severity: critical, namespace: shop}
            annotations: {summary: "node-exporter is up", other: "not shown"}
          - alert: Minor
            expr: vector(1)
            labels: {severity: warning}

        """

    /// Runs a body while the programs run, once Prometheus has data and Alertmanager has alerts.
    static func run(_ body: @escaping @Sendable (RealPrograms) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: "\(folder)/textfile", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Outside of the range from which the kernel takes the local ports of connections.
        let first = Int.random(in: 20_000..<31_000)
        let (node, alerts, prometheus) = (first, first + 1, first + 2)
        try write(units, to: "\(folder)/textfile/units.prom")
        try write(rules, to: "\(folder)/rules.yml")
        try write(
            "route: {receiver: none, group_wait: 1s}\nreceivers: [{name: none}]\n",
            to: "\(folder)/alertmanager.yml"
        )
        try write(
            """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [rules.yml]
            alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:\(alerts)"]}]}]}
            scrape_configs:
            - job_name: node
              static_configs: [{targets: ["127.0.0.1:\(node)"]}]

            """,
            to: "\(folder)/prometheus.yml"
        )
        let commands: [[String]] = [
            [
                "prometheus-node-exporter", "--web.listen-address=127.0.0.1:\(node)", "--collector.disable-defaults",
                "--collector.textfile", "--collector.textfile.directory=\(folder)/textfile", "--collector.uname",
                "--log.level=error",
            ],
            [
                "prometheus-alertmanager", "--config.file=\(folder)/alertmanager.yml",
                "--storage.path=\(folder)/alertmanager",
                "--web.listen-address=127.0.0.1:\(alerts)", "--cluster.listen-address=", "--log.level=error",
            ],
            [
                "prometheus", "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/prometheus",
                "--web.listen-address=127.0.0.1:\(prometheus)", "--log.level=error",
                // Alerts of the first evaluation are lost if Prometheus does not know Alertmanager yet.
                "--rules.alert.resend-delay=1s",
            ],
        ]
        let programs = RealPrograms(
            prometheus: BackendEndpoint(url: try RemoteURL("http://127.0.0.1:\(prometheus)")),
            alertmanager: BackendEndpoint(url: try RemoteURL("http://127.0.0.1:\(alerts)/")),
            instance: "127.0.0.1:\(node)"
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for command in commands { group.addTask { try await keepRunning(command) } }
            group.addTask { try await body(programs) }
            defer { group.cancelAll() }
            // Whatever ends first: the body, or a program that could not start.
            try await group.next()
        }
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private static func keepRunning(_ command: [String]) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let result = try await Subprocess.run(
            .name(command[0]),
            arguments: Subprocess.Arguments(Array(command.dropFirst())),
            platformOptions: options,
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        if Task.isCancelled { return }
        throw DidNotHappen(description: "\(command[0]) has ended: \(result.standardError)")
    }
}
