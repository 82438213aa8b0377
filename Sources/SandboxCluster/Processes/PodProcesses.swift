internal import KubernetesAPI
internal import Logging
internal import MCPTransport
internal import Synchronization

/// Runs the processes of pods, and reports what happens to them.
final class PodProcesses: Sendable {
    /// What is reported.
    enum Report: Sendable {
        case event(ContainerEvent, container: String, uid: String)
        /// All processes of a pod have ended.
        case ended(uid: String)
    }

    /// A pod whose processes run.
    private struct Running: Sendable {
        var stop = StopRequest()
        /// The port of this machine for each port of the pod.
        var ports: [Int: Int] = [:]
    }

    private let settings: SandboxProcesses
    private let clock: any Clock<Duration>
    private let logs: PodLogs
    private let logger: Logger
    private let pods = Mutex<[String: Running]>([:])
    private let launches: AsyncStream<PodLaunch>
    private let launchContinuation: AsyncStream<PodLaunch>.Continuation

    init(_ settings: SandboxProcesses, clock: any Clock<Duration>, logs: PodLogs, logger: Logger) {
        self.settings = settings
        self.clock = clock
        self.logs = logs
        self.logger = logger
        (launches, launchContinuation) = AsyncStream.makeStream()
    }

    /// Runs processes until ``stopAll()``, and until all have ended.
    func run(_ report: @escaping @Sendable (Report) -> Void) async {
        await withDiscardingTaskGroup { group in
            for await launch in launches {
                group.addTask { await self.run(launch, report) }
            }
            // A cancelled task leaves the loop without stopAll().
            self.stopAll()
        }
    }

    /// Starts the processes of a pod.
    func start(_ launch: PodLaunch) {
        pods.withLock { $0[launch.uid] = Running() }
        if case .terminated = launchContinuation.yield(launch) { pods.withLock { $0[launch.uid] = nil } }
    }

    /// Ends the processes of a pod: SIGTERM, and SIGKILL after the grace period.
    func stop(uid: String, grace: Duration) {
        pods.withLock { $0[uid]?.stop }?.request(grace: grace)
    }

    /// Ends all processes, and starts no more.
    func stopAll() {
        launchContinuation.finish()
        for running in pods.withLock({ Array($0.values) }) { running.stop.request(grace: Self.lastGrace) }
    }

    /// The time that processes have when the sandbox ends.
    private static let lastGrace = Duration.seconds(3)

    /// The port of this machine on which a pod serves one of its ports; `nil` if no process does.
    func port(_ port: Int, of uid: String) -> Int? { pods.withLock { $0[uid]?.ports[port] } }

    /// Chooses a port of this machine for a port of a pod: the same one, if neither another program nor another pod has it.
    private func choosePort(for number: Int, of uid: String) async {
        var preferred = number
        for _ in 0..<Self.attempts {
            let port = await LocalPort.free(preferred: preferred)
            let isChosen = pods.withLock { pods in
                guard !pods.values.contains(where: { $0.ports.values.contains(port) }) else { return false }
                pods[uid]?.ports[number] = port
                return true
            }
            if isChosen { return }
            preferred = 0
        }
    }

    private static let attempts = 100

    private func run(_ launch: PodLaunch, _ report: @escaping @Sendable (Report) -> Void) async {
        guard let stop = pods.withLock({ $0[launch.uid]?.stop }) else { return }
        for port in launch.containers.flatMap(\.ports) { await choosePort(for: port.number, of: launch.uid) }
        let chosen = pods.withLock { $0[launch.uid]?.ports } ?? [:]
        await withTaskGroup(of: Void.self) { group in
            for container in launch.containers {
                let run = ContainerRun(
                    launch: container,
                    restartPolicy: launch.restartPolicy,
                    command: LocalCommand(container, ports: chosen, settings: settings),
                    ports: chosen,
                    key: PodLogs.Key(uid: launch.uid, container: container.name),
                    logs: logs,
                    stop: stop,
                    clock: clock,
                    logger: logger
                ) { event in
                    report(.event(event, container: container.name, uid: launch.uid))
                }
                group.addTask { await run.run() }
            }
        }
        pods.withLock { $0[launch.uid] = nil }
        report(.ended(uid: launch.uid))
    }
}
