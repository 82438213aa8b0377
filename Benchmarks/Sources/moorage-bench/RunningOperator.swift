import ControllerRuntime
import CRDModels
import Foundation
import KubernetesAPI
import KubernetesClient
import Logging
import Observability
import Reconcilers
import ServiceLifecycle

/// The operator as in `moorage controller`, with its requests counted.
struct RunningOperator: Service {
    /// The operator's requests, except for the Lease.
    let requests: CountingTransport
    /// The requests for the Lease.
    let lease: CountingTransport
    /// The operator.
    let moorage: MoorageOperator
    private let manager: Manager
    private let identity: String

    init(requests: CountingTransport, lease: CountingTransport, handshake: Bool) async throws {
        let metrics = MetricsRegistry()
        self.requests = requests
        self.lease = lease
        identity = "bench-\(UUID().uuidString.lowercased())"
        let election = try LeaderElectionConfiguration(identity: identity, name: identity, namespace: "default")
        let elector = LeaderElector(
            configuration: election,
            lease: LeaseAccess(
                client: KubernetesClient(transport: lease, logger: Connection.logger),
                namespace: election.namespace,
                name: election.name
            ),
            metrics: metrics,
            logger: Connection.logger
        )
        moorage = try await MoorageOperator(
            client: KubernetesClient(
                transport: requests,
                observer: ClientMetrics(registry: metrics),
                logger: Connection.logger
            ),
            platform: Fleet.platform(handshake: handshake),
            options: OperatorOptions(workers: Fleet.concurrency, identity: identity),
            gate: elector.gate,
            metrics: metrics,
            logger: Connection.logger
        )
        manager = Manager(
            background: [moorage.recorder, moorage.listener],
            caches: moorage.caches,
            elector: elector,
            controllers: moorage.controllers,
            handlesSignals: false,
            logger: Connection.logger
        )
    }

    func run() async throws { try await manager.run() }

    /// Deletes the Lease, which has a unique name.
    func removeLease() async throws {
        let type = ResourceType(
            group: "coordination.k8s.io",
            version: "v1",
            kind: "Lease",
            plural: "leases",
            isNamespaced: true
        )
        try await KubernetesClient(transport: lease, logger: Connection.logger)
            .delete(type, name: identity, namespace: "default")
    }

    /// What the operator is working on, in words; `nil` if every cache is filled and every queue is empty.
    var work: String? {
        if let cache = moorage.caches.first(where: { !$0.hasSynced }) { return "a cache is not filled: \(cache)" }
        // The checks of servers never end.
        for controller in moorage.controllers where controller.name != "handshake" && controller.queue.count > 0 {
            return "\(controller.queue.count) keys are in the queue of \(controller.name)"
        }
        return nil
    }

    /// Returns when nothing was queued or answered for a while.
    ///
    /// - Throws: `BenchmarkFailure` with what the operator still does after the limit.
    func waitUntilQuiet(for quiet: Duration = .seconds(3), limit: Duration = .seconds(300)) async throws {
        let start = ContinuousClock.now
        var since = start
        var last = ""
        while since.duration(to: .now) < quiet {
            guard start.duration(to: .now) < limit else { throw BenchmarkFailure("not quiet after \(limit): \(last)") }
            try await Task.sleep(for: .milliseconds(50))
            if let work {
                since = .now
                last = work
            }
            if let answer = requests.counts.lastAnswer, answer.instant > since {
                since = answer.instant
                last = "the last request was \(answer.request)"
            }
        }
    }
}

extension Connection {
    /// Runs a body while the operator runs.
    func withOperator<Result: Sendable>(
        handshake: Bool = false,
        _ body: @Sendable (RunningOperator) async throws -> Result
    ) async throws -> Result {
        try await withTransport { transport in
            try await withTransport { leaseTransport in
                let running = try await RunningOperator(
                    requests: CountingTransport(transport),
                    lease: CountingTransport(leaseTransport),
                    handshake: handshake
                )
                let result = try await whileRunning([running]) { try await body(running) }
                try await running.removeLease()
                return result
            }
        }
    }
}
