import KubernetesAPI
import Logging
import ServiceLifecycle
import Testing

@testable import ControllerRuntime

/// A service that says when it ends.
private struct Marker: Service {
    var name: String
    var log: Recorder<String>

    func run() async throws {
        log.record("+\(name)")
        try? await gracefulShutdown()
        log.record("-\(name)")
    }
}

/// A service that ends only when it is cancelled.
private struct Stubborn: Service {
    var started: Signal

    func run() async throws {
        started.raise()
        try? await Signal().wait()
    }
}

@Suite("Manager", .timeLimit(.minutes(1)))
struct ManagerTests {
    @Test("everything ends in the reverse of its order, and the lease is given back after the controllers have stopped")
    func order() async throws {
        let log = Recorder<String>()
        let clock = ManualClock()
        let lease = FakeLease()
        let metrics = MetricsRegistry()
        let elector = LeaderElector(
            configuration: try LeaderElectionConfiguration(identity: "one", name: "moorage", namespace: "system"),
            lease: lease.access,
            metrics: metrics,
            clock: clock.runtimeClock(),
            logger: .silent
        )
        let cache = InformerFixture()
        let running = Signal()
        let finish = Signal()
        let controller = Controller(
            name: "servers",
            caches: [cache.informer],
            gate: elector.gate,
            metrics: metrics,
            clock: clock.runtimeClock(),
            logger: .silent
        ) { _ in
            running.raise()
            try await finish.wait()
            log.record("reconciled, held by \(lease.record?.holderIdentity ?? "")")
            return .done
        }
        let manager = Manager(
            servers: [Marker(name: "server", log: log)],
            background: [Marker(name: "events", log: log)],
            caches: [cache.informer],
            elector: elector,
            controllers: [controller],
            handlesSignals: false,
            logger: .silent
        )
        #expect(manager.services.map { "\(type(of: $0))" }.last == "Controller")
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: ManagerService(manager: manager))],
                logger: .silent
            )
        )
        let run = Task { try await group.run() }
        _ = try await cache.sync()
        controller.queue.add(NamespacedName(name: "a"))
        try await running.wait()
        #expect(Set(log.all) == ["+server", "+events"])
        await group.triggerGracefulShutdown()
        await expectEventually("the queue is closed") { controller.queue.isShutDown }
        await settle()
        #expect(lease.record?.holderIdentity == "one")
        #expect(log.count == 2)
        finish.raise()
        try await run.value
        #expect(log.all.dropFirst(2) == ["reconciled, held by one", "-events", "-server"])
        #expect(lease.record?.holderIdentity == "")
    }

    @Test("losing the lead ends everything with that error")
    func losesLead() async throws {
        let log = Recorder<String>()
        let clock = ManualClock()
        let lease = FakeLease()
        let metrics = MetricsRegistry()
        let elector = LeaderElector(
            configuration: try LeaderElectionConfiguration(identity: "one", name: "moorage", namespace: "system"),
            lease: lease.access,
            metrics: metrics,
            clock: clock.runtimeClock(),
            logger: .silent
        )
        let started = Signal()
        let manager = Manager(
            servers: [Stubborn(started: started)],
            elector: elector,
            handlesSignals: false,
            logger: .silent
        )
        let run = Task { try await manager.run() }
        try await elector.gate.waitUntilLeading()
        try await started.wait()
        await expectEventually("it sleeps") { clock.pending == [.seconds(2)] }
        clock.advance(by: .seconds(60))
        await #expect(throws: LeadershipLostError.self) { try await run.value }
        #expect(!elector.isLeader)
        #expect(log.all.isEmpty)
    }
}

/// Lets a test shut a manager down as a signal would.
private struct ManagerService: Service {
    var manager: Manager

    func run() async throws { try await manager.run() }
}
