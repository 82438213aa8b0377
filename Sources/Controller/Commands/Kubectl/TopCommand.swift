import ArgumentParser
import ClusterTool
import CommandSupport
import KubernetesAPI
import KubernetesClient
import MCPTransport

extension GatewayUsage.Order: ExpressibleByArgument {}

/// `kubectl moorage top`.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show calls, failures and latencies of servers, as the gateway counts them.",
        discussion: """
            Reads the metrics of all pods of the gateway twice, through forwarded ports, and shows what was added in between. With \
            --prometheus, Prometheus is asked instead. P50 and P95 are estimated from the buckets of a histogram. FAILED are calls \
            that the server answered with an error, late or not at all; REFUSED those that the gateway refused.

            Examples:
              \(ProgramName.commands) top -A --period 30s
              \(ProgramName.commands) top weather -n mcp-acme --prometheus http://127.0.0.1:9090 --period 5m
            """
    )

    @Argument(
        help: ArgumentHelp("The MCPServers. (default: all that were called)", valueName: "server"),
        completion: NameCompletion.kind(.server)
    )
    var servers: [String] = []

    @Flag(name: [.customShort("A"), .long], help: "The servers of all namespaces.")
    var allNamespaces = false

    @Option(help: ArgumentHelp("The time in which calls are counted.", valueName: "duration"))
    var period = DurationArgument(.seconds(5))

    @Option(help: "By what the servers are sorted.")
    var sort = GatewayUsage.Order.calls

    @Flag(name: .shortAndLong, help: "Go on, and draw again after each period, until interrupted.")
    var watch = false

    @Option(help: ArgumentHelp("The base URL of a Prometheus that scrapes the gateway.", valueName: "url"))
    var prometheus: String?

    @OptionGroup
    var installation: InstallationOptions

    @OptionGroup
    var cluster: PluginClusterOptions

    @OptionGroup
    var format: FactOutputOptions

    func validate() throws {
        if period.duration < .seconds(1) { throw ValidationError("--period must be 1s or more.") }
        if let prometheus, !prometheus.hasPrefix("http://"), !prometheus.hasPrefix("https://") {
            throw ValidationError("--prometheus must be a URL that begins with http:// or https://.")
        }
        if watch, format.output != .text { throw ValidationError("--watch is for people: leave out -o.") }
    }

    func run() async throws {
        let exchange = try HTTPClientExchange()
        let metrics = GatewayMetricsReader(exchange: exchange)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await show(metrics))
        } catch {
            outcome = .failure(error)
        }
        await exchange.shutdown()
        do {
            try outcome.get()
        } catch let error as KubectlPortForward.Ended {
            throw error.failure
        }
    }

    private func show(_ metrics: GatewayMetricsReader) async throws {
        try await cluster.withCluster { reader in
            var before = prometheus == nil ? try await readings(metrics, reader) : [:]
            repeat {
                let increases: [MetricSample]
                if let prometheus {
                    increases = try await metrics.increases(prometheus, period: period.duration)
                } else {
                    try await Task.sleep(for: period.duration)
                    let now = try await readings(metrics, reader)
                    increases = Self.increases(from: before, to: now)
                    before = now
                }
                let usage = GatewayUsage(
                    increases,
                    period: period.duration,
                    namespace: allNamespaces ? nil : reader.namespace,
                    servers: Set(servers),
                    order: sort
                )
                if watch { Console.standard.clear() }
                format.write(usage.json) { usage.rendered(console: $0) }
                if watch, prometheus != nil { try await Task.sleep(for: period.duration) }
            } while watch && !Task.isCancelled
        }
    }

    /// What was added in gateways that were read twice, or have started since.
    private static func increases(
        from before: [String: GatewayUsage.Reading],
        to now: [String: GatewayUsage.Reading]
    ) -> [MetricSample] {
        now.flatMap { uid, reading in reading.increase(since: before[uid] ?? GatewayUsage.Reading([])) }
    }

    /// The metrics of all gateways, by the UID of the pod.
    private func readings(
        _ metrics: GatewayMetricsReader,
        _ reader: ClusterReader
    ) async throws -> [String: GatewayUsage.Reading] {
        let pods = ForwardedPod.ready(
            try await reader.gatewayPods(installation),
            portName: "metrics",
            fallback: nil
        )
        guard !pods.isEmpty else {
            throw CommandFailure(
                "no pod of the gateway is ready and serves metrics: \(ProgramName.commands) doctor says more; metrics.enabled of the "
                    + "chart serves them"
            )
        }
        let forward = cluster.portForward
        return try await withThrowingTaskGroup(of: (String, GatewayUsage.Reading).self) { group in
            for pod in pods { group.addTask { (pod.uid, try await metrics.reading(of: pod, forward)) } }
            var readings: [String: GatewayUsage.Reading] = [:]
            for try await (uid, reading) in group { readings[uid] = reading }
            return readings
        }
    }
}
