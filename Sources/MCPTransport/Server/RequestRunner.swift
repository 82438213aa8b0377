import MCPProtocol
import Synchronization

/// Runs the work on requests in tasks of their own, so that a request can outlive the connection that it came by, as it must in the
/// legacy era.
package final class RequestRunner: Sendable {
    package typealias Job = @Sendable () async -> Void
    private typealias Queue = AsyncStream<Job>.Continuation

    private struct State {
        /// Jobs for one executor are started on it, so that no thread has to be woken for them.
        var queues: [ObjectIdentifier: Queue] = [:]
        var isFinished = false
    }

    private let jobs: AsyncStream<Job>
    private let queue: Queue
    private let workers: AsyncStream<Worker>
    private let newWorker: AsyncStream<Worker>.Continuation
    private let state = Mutex(State())

    /// What starts the jobs for one executor.
    private struct Worker: Sendable {
        let jobs: AsyncStream<Job>
        let executor: any TaskExecutor
    }

    package init() {
        (jobs, queue) = AsyncStream.makeStream()
        (workers, newWorker) = AsyncStream.makeStream()
    }

    /// Runs jobs until ``finish()``, and then until all are done.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await Self.run(self.jobs) }
            for await worker in workers {
                group.addTask(executorPreference: worker.executor) { await Self.run(worker.jobs) }
            }
        }
    }

    private static func run(_ jobs: AsyncStream<Job>) async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
        }
    }

    /// Starts a job.
    ///
    /// - Parameter executor: where it runs; `nil` for anywhere.
    /// - Returns: `false` if no more jobs are taken.
    package func submit(on executor: (any TaskExecutor)? = nil, _ job: @escaping Job) -> Bool {
        let queue = executor.map { self.queue(for: $0) } ?? queue
        if case .terminated = queue.yield(job) { return false } else { return true }
    }

    private func queue(for executor: any TaskExecutor) -> Queue {
        state.withLock { state in
            let key = ObjectIdentifier(executor)
            if let queue = state.queues[key] { return queue }
            let (jobs, queue) = AsyncStream<Job>.makeStream()
            state.queues[key] = queue
            if state.isFinished { queue.finish() } else { newWorker.yield(Worker(jobs: jobs, executor: executor)) }
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
