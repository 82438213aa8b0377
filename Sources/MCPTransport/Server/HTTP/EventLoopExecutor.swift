package import NIOCore
internal import Synchronization

/// Runs tasks on an event loop, so that what serves a connection does not change threads between reading and writing.
package final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    private init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    // Tasks do not keep their executor alive, so one is kept for each loop, of which a process has few.
    private static let known = Mutex<[ObjectIdentifier: EventLoopExecutor]>([:])

    /// The executor of an event loop.
    package static func on(_ loop: any EventLoop) -> EventLoopExecutor {
        known.withLock { known in
            let key = ObjectIdentifier(loop)
            if let executor = known[key] { return executor }
            let executor = EventLoopExecutor(loop)
            known[key] = executor
            return executor
        }
    }
}
