import MCPProtocol
import Synchronization

/// Runs the work on requests in tasks of their own, so that a request can outlive the connection that it came by, as it must in the
/// legacy era.
package final class RequestRunner: Sendable {
    package typealias Job = @Sendable () async -> Void

    private struct State {
        /// Jobs for one executor are started on it, so that no thread has to be woken for them.
        var queues: [ObjectIdentifier: JobQueue] = [:]
        var isFinished = false
    }

    private let queue = JobQueue()
    private let workers: AsyncStream<Worker>
    private let newWorker: AsyncStream<Worker>.Continuation
    private let state = Mutex(State())

    /// What starts the jobs for one executor.
    private struct Worker: Sendable {
        let queue: JobQueue
        let executor: any TaskExecutor
    }

    package init() { (workers, newWorker) = AsyncStream.makeStream() }

    /// Runs jobs until ``finish()`` or the task is cancelled, and then until all are done.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.queue.run() }
            for await worker in workers {
                group.addTask(executorPreference: worker.executor) { await worker.queue.run() }
            }
            // Also if the task is cancelled.
            finish()
        }
    }

    /// Starts a job.
    ///
    /// - Parameter executor: where it runs; `nil` for anywhere.
    /// - Returns: `false` if no more jobs are taken.
    package func submit(on executor: (any TaskExecutor)? = nil, _ job: @escaping Job) -> Bool {
        (executor.map { self.queue(for: $0) } ?? queue).submit(job)
    }

    private func queue(for executor: any TaskExecutor) -> JobQueue {
        state.withLock { state in
            let key = ObjectIdentifier(executor)
            if let queue = state.queues[key] { return queue }
            let queue = JobQueue()
            state.queues[key] = queue
            if state.isFinished { queue.finish() } else { newWorker.yield(Worker(queue: queue, executor: executor)) }
            return queue
        }
    }

    /// Takes no more jobs.
    package func finish() {
        let queues = state.withLock { state in
            state.isFinished = true
            return Array(state.queues.values)
        }
        for other in queues { other.finish() }
        queue.finish()
        newWorker.finish()
    }
}

/// Jobs that wait to be started.
private final class JobQueue: Sendable {
    private struct State {
        var jobs: [RequestRunner.Job] = []
        var isFinished = false
    }

    private let state = Mutex(State())
    private let signal = Signal()

    /// Adds a job.
    ///
    /// - Returns: `false` if no more jobs are taken.
    func submit(_ job: @escaping RequestRunner.Job) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isFinished else { return false }
            state.jobs.append(job)
            return true
        }
        if isTaken { signal.fire() }
        return isTaken
    }

    /// Takes no more jobs.
    func finish() {
        state.withLock { $0.isFinished = true }
        signal.finish()
    }

    /// Starts jobs until ``finish()`` or the task is cancelled, and returns when all are done. Those that were taken before are started
    /// in any case.
    func run() async {
        await withDiscardingTaskGroup { group in
            while await signal.wait() { start(in: &group) }
            finish()
            start(in: &group)
        }
    }

    private func start(in group: inout DiscardingTaskGroup) {
        let jobs = state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { group.addTask { await job() } }
    }
}
