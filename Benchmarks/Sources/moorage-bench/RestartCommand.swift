import ArgumentParser
import ControllerRuntime
import Foundation
import HTTPTypes
import KubernetesClient
import Reconcilers

/// The benchmarks `restart` and `idle`, which use the same cluster.
struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "The operator started over converged servers, and an idle minute after that."
    )

    @OptionGroup var cluster: ClusterOptions
    @Option(help: "How many servers.") var servers = 5000
    @Option(help: "How many starts; the medians are reported.") var rounds = 3
    @Option(help: "How long to count requests when idle, in seconds.") var idle = 60

    func run() async throws {
        let environment = try BenchmarkCluster(cluster)
        defer { environment.stop() }
        let prefix = "bench-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        let seeding: MeasureConvergeCommand.Measurement = try ChildProcess.result(
            ["measure-converge", "--servers", "\(servers)", "--prefix", prefix, "--keep"] + environment.arguments
                + (cluster.kubeconfig == nil ? [] : ["--suspended"])
        )
        var runs: [MeasureRestartCommand.Measurement] = []
        for round in 0..<rounds {
            let seconds = round == rounds - 1 ? idle : 0
            runs.append(
                try ChildProcess.result(["measure-restart", "--idle", "\(seconds)"] + environment.arguments)
            )
        }
        if cluster.kubeconfig != nil {
            try await Connection(cluster).withTransport { transport in
                try await Fleet(servers: servers, prefix: prefix).remove(KubernetesClient(transport: transport))
            }
        }
        func median(_ value: (MeasureRestartCommand.Measurement) -> Double) -> String { runs.map(value).median.text(2) }
        print(
            """
            restart: over \(servers) converged servers on a \(environment.name), medians of \(rounds)
              converging them took \(seeding.seconds.text(1)) s, peak \(seeding.peak.text()) MiB
              writes: \(runs.map { $0.writes.values.reduce(0, +) }) \(runs.last?.writes ?? [:])
              caches synced after \(median(\.synced)) s, queues empty after \(median(\.ready)) s, \
            CPU \(median(\.cpu)) s
              resident \(median(\.resident)) MiB, peak \(median(\.peak)) MiB
              reference: a bare read of the same collections \(median(\.bareRead)) s, \
            \(median(\.bareMebibytes)) MiB of JSON
            """
        )
        guard let last = runs.last, idle > 0 else { return }
        let perMinute = Double(last.idleRequests.values.reduce(0, +)) * 60 / Double(idle)
        let leases = Double(last.leaseRequests.values.reduce(0, +)) * 60 / Double(idle)
        print(
            """
            idle: \(perMinute.text(1)) requests a minute, \((perMinute * 60).text(0)) an hour \(last.idleRequests)
              reference: the Lease alone \(leases.text(1)) a minute, \((leases * 60).text(0)) an hour
              CPU \((last.idleCPU * 60 / Double(idle)).text(2)) s a minute, resident \(last.idleResident.text()) MiB
            """
        )
    }
}

/// One start with existing servers, in a separate process.
struct MeasureRestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "measure-restart", shouldDisplay: false)

    /// The results; times in seconds, memory in MiB.
    struct Measurement: Codable {
        var writes: [String: Int]
        var reads: [String: Int]
        var synced: Double
        var ready: Double
        var cpu: Double
        var resident: Double
        var peak: Double
        var bareRead: Double
        var bareMebibytes: Double
        var idleRequests: [String: Int]
        var leaseRequests: [String: Int]
        var idleCPU: Double
        var idleResident: Double
    }

    @OptionGroup var cluster: ClusterOptions
    @Option var idle = 0

    func run() async throws {
        let connection = try Connection(cluster)
        let idle = idle
        let start = ContinuousClock.now
        var (measurement, watches) = try await connection.withOperator { running in
            for cache in running.moorage.caches { try await cache.waitForSync() }
            let synced = ContinuousClock.now
            let ready = try await readyTime(running)
            let counts = running.requests.counts
            let usage = ProcessUsage()
            var measurement = Measurement(
                writes: counts.writes,
                reads: counts.reads,
                synced: start.duration(to: synced).seconds,
                ready: start.duration(to: ready).seconds,
                cpu: usage.cpu,
                resident: usage.resident,
                peak: usage.peak,
                bareRead: 0,
                bareMebibytes: 0,
                idleRequests: [:],
                leaseRequests: [:],
                idleCPU: 0,
                idleResident: 0
            )
            if idle > 0 {
                running.requests.reset()
                running.lease.reset()
                let before = ProcessUsage()
                try await Task.sleep(for: .seconds(idle))
                let after = ProcessUsage()
                measurement.idleCPU = after.cpu - before.cpu
                measurement.idleResident = after.resident
                measurement.idleRequests = running.requests.counts.all
                measurement.leaseRequests = running.lease.counts.all
            }
            return (measurement, running.requests.watches)
        }
        let before = ContinuousClock.now
        let bytes = try await connection.withTransport { try await bareRead(watches, through: $0) }
        measurement.bareRead = before.duration(to: .now).seconds
        measurement.bareMebibytes = Double(bytes) / 1_048_576
        try printResult(measurement)
    }

    /// When the queues were finally empty: nothing was added for two seconds after that.
    private func readyTime(_ running: RunningOperator) async throws -> ContinuousClock.Instant {
        var since = ContinuousClock.now
        while since.duration(to: .now) < .seconds(2) {
            try await Task.sleep(for: .milliseconds(10))
            if running.work != nil { since = .now }
        }
        return max(since, running.requests.counts.lastAnswer?.instant ?? since)
    }

    /// Reads all collections that the operator watches, in pages and concurrently, and discards them.
    private func bareRead(_ watches: [APIRequest], through transport: HTTPTransport) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for watch in watches {
                group.addTask {
                    var token: String?
                    var total = 0
                    repeat {
                        var request = APIRequest(path: watch.path, query: [.init("limit", "500")])
                        request.headers[.accept] = watch.headers[.accept]?
                            .replacing("as=PartialObjectMetadata;", with: "as=PartialObjectMetadataList;")
                        if let selector = watch.queryValue("labelSelector") {
                            request.query.append(.init("labelSelector", selector))
                        }
                        if let token { request.query.append(.init("continue", token)) }
                        let bytes = try await transport.execute(request).body.collect(upTo: 1 << 30)
                        total += bytes.count
                        token = continueToken(bytes)
                    } while token != nil
                    return total
                }
            }
            return try await group.reduce(0, +)
        }
    }
}

/// The `metadata.continue` of a list, found without parsing the list, in its first or last bytes.
private func continueToken(_ bytes: [UInt8]) -> String? {
    for part in [bytes.prefix(2000), bytes.suffix(2000)] {
        let text = String(decoding: part, as: UTF8.self)
        guard let range = text.range(of: "\"continue\":\"") else { continue }
        let token = text[range.upperBound...].prefix { $0 != "\"" }
        if !token.isEmpty { return String(token) }
    }
    return nil
}

extension CountingTransport.Counts {
    /// The number of reads and writes.
    var all: [String: Int] { reads.merging(writes, uniquingKeysWith: +) }
}
