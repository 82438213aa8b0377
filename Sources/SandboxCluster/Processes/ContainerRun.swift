internal import KubernetesAPI
internal import Logging
internal import MCPTransport
internal import struct FoundationEssentials.Date
internal import class FoundationEssentials.FileManager

/// Runs one container as a process, again and again if its pod says so, until its pod ends.
struct ContainerRun: Sendable {
    let launch: ContainerLaunch
    let restartPolicy: PodLaunch.RestartPolicy
    let command: LocalCommand
    let ports: [Int: Int]
    let key: PodLogs.Key
    let logs: PodLogs
    let stop: StopRequest
    let clock: any Clock<Duration>
    let logger: Logger
    let report: @Sendable (ContainerEvent) -> Void

    /// How one run has ended.
    private enum Outcome: Sendable {
        case ended(OutputProcess.End)
        case notStarted(String)
    }

    func run() async {
        var restarts = 0
        while !stop.isRequested, !Task.isCancelled {
            logs.begin(key)
            let stopwatch = Stopwatch(clock)
            let outcome = await runOnce()
            if stopwatch.elapsed >= Self.goodRun { restarts = 0 }
            logs.end(key)
            guard !stop.isRequested, !Task.isCancelled else { return }
            switch outcome {
            case .notStarted(let message):
                report(.failed(reason: "RunContainerError", message: message))
            case .ended(let end):
                let (code, signal) = end.status
                let continues = restartPolicy.restarts(code)
                report(.ended(exitCode: code, signal: signal, restarts: continues))
                guard continues else { return }
            }
            await pause(Self.backoff(restarts))
            restarts += 1
        }
    }

    /// The time before a container is started again: 1 s, doubled each time, up to 30 s.
    static func backoff(_ restarts: Int) -> Duration { min(.seconds(30), .seconds(1) * (1 << min(restarts, 5))) }

    /// After a run of this time, the next one is started soon again, as the kubelet does.
    private static let goodRun = Duration.seconds(600)

    private func pause(_ duration: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(for: duration) }
            group.addTask { await stop.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func runOnce() async -> Outcome {
        for program in command.required where !exists(program) {
            let place = program.contains("/") ? "on this machine" : "in $PATH of this machine"
            let message = "exec: \"\(program)\": executable file not found \(place)"
            write(message)
            return .notStarted(message)
        }
        let process = OutputProcess(command.mcpCommand)
        return await withTaskGroup(of: Outcome?.self) { group in
            let (running, hasStarted) = AsyncStream<Void>.makeStream()
            group.addTask {
                defer { hasStarted.finish() }
                do {
                    let end = try await process.run {
                        report(.started)
                        hasStarted.yield()
                    } _: {
                        logs.append($0, to: key, at: MicroTimestamp(Date()))
                    }
                    return .ended(end)
                } catch {
                    write("\(error)")
                    return .notStarted("\(error)")
                }
            }
            group.addTask {
                await stop.wait()
                guard stop.isRequested else { return nil }
                process.terminate()
                await stop.waitForGrace(clock)
                if !Task.isCancelled { process.kill() }
                return nil
            }
            group.addTask {
                for await _ in running { await watch(process) }
                return nil
            }
            while let outcome = await group.next() {
                guard let outcome else { continue }
                group.cancelAll()
                return outcome
            }
            return .notStarted("the sandbox has ended")
        }
    }

    /// Adds a line of the sandbox itself to the log.
    private func write(_ text: String) {
        logs.append(Array("\(text)\n".utf8), to: key, at: MicroTimestamp(Date()))
    }

    private func exists(_ program: String) -> Bool {
        if program.contains("/") { return FileManager.default.isExecutableFile(atPath: program) }
        let folders = (command.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    // MARK: - Probes

    /// Checks the probes until the task ends. A container whose startup or liveness probe fails is ended, to be started again.
    private func watch(_ process: OutputProcess) async {
        var health = ContainerHealth(startup: launch.startup, readiness: launch.readiness, liveness: launch.liveness)
        let stopwatch = Stopwatch(clock)
        var reported: (Bool, Bool)?
        while !Task.isCancelled {
            for (kind, probe) in health.due(at: stopwatch.elapsed) {
                let isSuccess = await PodDialer.check(probe, ports: ports)
                if Task.isCancelled { return }
                health.record(kind, isSuccess, at: stopwatch.elapsed)
            }
            if let failed = health.failed {
                write("the \(failed.name) probe has failed; the sandbox restarts the container")
                process.terminate()
                try? await clock.sleep(for: Self.restartGrace)
                if !Task.isCancelled { process.kill() }
                return
            }
            if reported.map({ $0 != (health.isStarted, health.isReady) }) ?? true {
                reported = (health.isStarted, health.isReady)
                report(.probed(isStarted: health.isStarted, isReady: health.isReady))
            }
            guard let next = health.next else { return }
            try? await clock.sleep(for: max(.milliseconds(10), next - stopwatch.elapsed))
        }
    }

    /// The time for a container that is ended because of its probes.
    private static let restartGrace = Duration.seconds(5)
}

/// The time since it was made, by any clock.
private struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    init(_ clock: any Clock<Duration>) { read = Self.reader(clock) }

    private static func reader(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    var elapsed: Duration { read() }
}

extension OutputProcess.End {
    /// The exit status as a shell reports it, and the signal.
    fileprivate var status: (code: Int, signal: Int?) {
        switch self {
        case .exited(let code): (code, nil)
        case .signaled(let signal): (128 + signal, signal)
        }
    }
}
