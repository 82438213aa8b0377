import ArgumentParser
import CRDModels
import Foundation
import KubernetesClient
import Synchronization

/// One run of either side of the benchmark `converge`, in a separate process.
struct MeasureConvergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "measure-converge", shouldDisplay: false)

    /// The results.
    struct Measurement: Codable {
        /// From the first creation to the last write, in seconds.
        var seconds: Double
        /// CPU time of the process, in seconds.
        var cpu: Double
        /// Resident memory at the end and its maximum, in MiB.
        var resident: Double
        var peak: Double
        /// Writes by verb and resource, without the creation of the servers.
        var writes: [String: Int]
        /// Reads other than watches.
        var reads: [String: Int]
        /// Requests after that, while nothing changes, by verb and resource.
        var resting: [String: Int] = [:]
    }

    @OptionGroup var cluster: ClusterOptions
    @Option var servers = 1000
    @Option var prefix = "bench"
    @Flag var bare = false
    @Flag var keep = false
    @Flag var suspended = false
    @Flag var cold = false
    @Flag var pending = false
    @Flag var handshake = false
    @Option var rest = 0

    func run() async throws {
        let connection = try Connection(cluster)
        let fleet = Fleet(servers: servers, prefix: prefix, isSuspended: suspended, isPending: pending)
        try await connection.withTransport { transport in
            let client = KubernetesClient(transport: transport, logger: Connection.logger)
            if bare {
                try printResult(
                    try await leaving(fleet, client) { try await measureBare(connection, fleet, client) }
                )
                return
            }
            if cold {
                try await connection.withOperator(handshake: handshake) { try await prepare($0, fleet, client) }
                try await fleet.forEachServer { _ = try await fleet.create($0, with: client) }
            }
            let before = ProcessUsage()
            let start = ContinuousClock.now
            try printResult(
                try await connection.withOperator(handshake: handshake) { running in
                    // While the operator runs, because its finalizer is on the tenants.
                    try await leaving(fleet, client) {
                        if cold {
                            return try await measureOperator(running, fleet, client, start: start, before: before)
                        }
                        try await prepare(running, fleet, client)
                        running.requests.reset()
                        let before = ProcessUsage()
                        let start = ContinuousClock.now
                        try await fleet.forEachServer { _ = try await fleet.create($0, with: client) }
                        return try await measureOperator(running, fleet, client, start: start, before: before)
                    }
                }
            )
        }
    }

    /// Leaves the cluster unchanged, whatever the result of a measurement.
    private func leaving(
        _ fleet: Fleet,
        _ client: KubernetesClient,
        _ measure: () async throws -> Measurement
    ) async throws -> Measurement {
        do {
            let result = try await measure()
            if !keep { try await fleet.remove(client) }
            return result
        } catch {
            if !keep { try? await fleet.remove(client) }
            throw error
        }
    }

    private func measureBare(
        _ connection: Connection,
        _ fleet: Fleet,
        _ client: KubernetesClient
    ) async throws -> Measurement {
        let tenants = try await BareLoop.prepare(fleet, client: client)
        return try await connection.withTransport { transport in
            let counting = CountingTransport(transport)
            let loop = BareLoop(
                client: KubernetesClient(transport: counting, logger: Connection.logger),
                fleet: fleet,
                tenants: tenants
            )
            let began = Mutex((usage: ProcessUsage(), instant: ContinuousClock.now))
            try await loop.run(isCold: cold) {
                began.withLock { $0 = (usage: ProcessUsage(), instant: ContinuousClock.now) }
            }
            let (before, start) = began.withLock { ($0.usage, $0.instant) }
            let seconds = start.duration(to: .now).seconds
            var counts = counting.counts
            counts.writes["POST mcpservers"] = nil
            return MeasureConvergeCommand.measurement(seconds, counts, since: before)
        }
    }

    /// Creates the tenants, and waits until the operator has created their namespaces.
    private func prepare(_ running: RunningOperator, _ fleet: Fleet, _ client: KubernetesClient) async throws {
        for namespace in fleet.namespaces {
            _ = try await client.create(MCPTenant.resourceType, fleet.tenant(namespace))
        }
        try await running.waitUntilQuiet()
    }

    private func measureOperator(
        _ running: RunningOperator,
        _ fleet: Fleet,
        _ client: KubernetesClient,
        start: ContinuousClock.Instant,
        before: ProcessUsage
    ) async throws -> Measurement {
        let deadline = ContinuousClock.now.advanced(by: .seconds(900))
        while true {
            try await running.waitUntilQuiet()
            let converged = try await fleet.converged(client)
            if converged == fleet.servers { break }
            guard ContinuousClock.now < deadline else {
                throw BenchmarkFailure("\(converged) of \(fleet.servers) servers have converged")
            }
        }
        let counts = running.requests.counts
        // Later writes report how pods come up, at the pace of the cluster's own controllers.
        let writes = suspended || pending ? counts.lastFirstWrites : counts.lastWrites
        guard let last = writes["mcpservers/status"] else {
            throw BenchmarkFailure("nothing was written")
        }
        var measurement = MeasureConvergeCommand.measurement(start.duration(to: last).seconds, counts, since: before)
        if rest > 0 {
            running.requests.reset()
            try await Task.sleep(for: .seconds(rest))
            let resting = running.requests.counts
            measurement.resting = resting.writes.merging(resting.reads) { $0 + $1 }
                .merging([Self.checks: resting.checks]) { $0 + $1 }
        }
        return measurement
    }

    /// The name of the requests of the handshake.
    private static let checks = "requests to pods"

    private static func measurement(
        _ seconds: Double,
        _ counts: CountingTransport.Counts,
        since before: ProcessUsage
    ) -> Measurement {
        let after = ProcessUsage()
        return Measurement(
            seconds: seconds,
            cpu: after.cpu - before.cpu,
            resident: after.resident,
            peak: after.peak,
            writes: counts.writes,
            reads: counts.reads.filter { $0.key.hasPrefix("GET") }.merging([checks: counts.checks]) { $0 + $1 }
        )
    }
}
