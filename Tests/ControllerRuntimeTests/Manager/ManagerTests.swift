import KubernetesAPI
import Logging
import Observability
import ServiceLifecycle
import Testing

@testable import ControllerRuntime

/// A service that records its end.
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
    var log: Recorder<String>?

    func run() async throws {
        started.raise()
        try? await Signal().wait()
        log?.record("-stubborn")
    }
}

/// A service that never ends.
private struct Deaf: Service {
    var started: Signal

    func run() async throws {
        started.raise()
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
}

/// The group in which a program would run a manager.
private func serviceGroup(of manager: Manager) -> ServiceGroup {
    ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: [.init(service: ManagerService(manager: manager))],
            logger: .silent
        )
    )
}

@Suite("Manager", .timeLimit(.minutes(1)))
struct ManagerTests {
    @Test("services end in reverse order, and the lease is released after the controllers have stopped")
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
        let group = serviceGroup(of: manager)
        let run = Task { try await group.run() }
        _ = try await cache.sync()
        controller.queue.add(NamespacedName(name: "a"))
        try await running.wait()
        #expect(Set(log.all) == ["+server", "+events"])
        await group.triggerGracefulShutdown()
        await expectEventually("the queue is closed") { controller.queue.isShutDown }
        finish.raise()
        try await run.value
        #expect(log.all.dropFirst(2) == ["reconciled, held by one", "-events", "-server"])
        #expect(lease.record?.holderIdentity == "")
    }

    @Test(
        "a service that ignores a graceful shutdown is cancelled within the grace period, and the others end after it"
    )
    func cancels() async throws {
        let log = Recorder<String>()
        let started = Signal()
        let manager = Manager(
            servers: [Marker(name: "server", log: log)],
            background: [Stubborn(started: started, log: log)],
            // A tenth of it is for the cancellation, which can take that long on a busy machine.
            gracePeriod: .seconds(10),
            handlesSignals: false,
            logger: .silent
        )
        let group = serviceGroup(of: manager)
        let run = Task { try await group.run() }
        try await started.wait()
        await group.triggerGracefulShutdown()
        // Only a cancellation ends it, and only the manager cancels it.
        try? await run.value
        #expect(log.all.contains("-stubborn"))
        #expect(log.all.contains("-server"))
    }

    @Test("a service that ignores its cancellation does not keep the process running")
    func ends() async {
        await #expect(processExitsWith: .failure) {
            let started = Signal()
            let manager = Manager(
                servers: [Deaf(started: started)],
                gracePeriod: .milliseconds(500),
                handlesSignals: false,
                logger: .silent
            )
            let group = serviceGroup(of: manager)
            let run = Task { try await group.run() }
            try await started.wait()
            await group.triggerGracefulShutdown()
            try? await run.value
            // This is reached only on success, so the test then fails.
        }
    }

    @Test("losing leadership stops everything with that error")
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
            servers: [Marker(name: "server", log: log), Stubborn(started: started, log: log)],
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
        #expect(log.all.first == "+server")
        #expect(Set(log.all) == ["+server", "-server", "-stubborn"])
    }
}

/// Lets a test shut a manager down like a signal.
private struct ManagerService: Service {
    var manager: Manager

    func run() async throws { try await manager.run() }
}
