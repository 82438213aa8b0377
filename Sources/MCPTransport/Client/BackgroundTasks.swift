/// Runs what outlives the call that starts it, within the scope of a connection: streams, a process, answers to the server.
final class BackgroundTasks: Sendable {
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let continuation: AsyncStream<@Sendable () async -> Void>.Continuation

    init() { (jobs, continuation) = AsyncStream.makeStream() }

    /// Starts something. After the end of the scope, nothing is started.
    func add(_ job: @escaping @Sendable () async -> Void) { continuation.yield(job) }

    /// Runs jobs until it is cancelled, and then cancels them and waits for their ends.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
            group.cancelAll()
        }
    }
}
