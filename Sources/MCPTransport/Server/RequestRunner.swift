import MCPProtocol

/// Runs the work on requests in tasks of their own, so that a request can outlive the connection that it came by, as it must in the
/// legacy era.
package final class RequestRunner: Sendable {
    package typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation

    package init() { (jobs, continuation) = AsyncStream.makeStream() }

    /// Runs jobs until ``finish()``, and then until all are done.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
        }
    }

    /// Starts a job.
    ///
    /// - Returns: `false` if no more jobs are taken.
    package func submit(_ job: @escaping Job) -> Bool {
        if case .terminated = continuation.yield(job) { false } else { true }
    }

    /// Takes no more jobs.
    package func finish() { continuation.finish() }
}
