import ControllerRuntime
import KubernetesAPI
import Logging
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Writes the records of one queue to one sink.
final class AuditWriter: Sendable {
    /// How many records are written at once.
    private static let batch = 500
    /// How long the writer waits after a failure.
    private static let retryDelay = Duration.seconds(1)

    let sinkName: String
    private let sink: any AuditSink
    /// A thread of its own, because a sink can block for long.
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let queue: Mutex<AuditQueue>
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let isStopping = Signal()
    private let metrics: GatewayMetrics
    private let logger: Logger
    private let clock: RuntimeClock
    private let newChainID: @Sendable () -> String

    init(
        _ sink: any AuditSink,
        capacity: Int,
        metrics: GatewayMetrics,
        logger: Logger,
        clock: RuntimeClock,
        newChainID: @escaping @Sendable () -> String
    ) {
        self.sink = sink
        sinkName = sink.name
        queue = Mutex(AuditQueue(capacity: capacity))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        self.newChainID = newChainID
        metrics.setAudit(isFailing: false, sink: sink.name)
    }

    func reserve() -> Bool { queue.withLock { $0.reserve() } }

    func release() { queue.withLock { $0.release() } }

    func add(_ record: AuditRecord, hasReservation: Bool) {
        let (outcome, isFirstLost) = queue.withLock { queue in
            let outcome = queue.add(record, hasReservation: hasReservation)
            return (outcome, outcome == .lost && queue.lost == 1)
        }
        switch outcome {
        case .queued: wake.yield()
        case .lost:
            metrics.countLostAuditRecords(1, sink: sinkName)
            if isFirstLost {
                logger.error("audit records are lost because too many wait to be written", metadata: logMetadata)
            }
        }
    }

    /// Writes until shut down, and then what is left, as long as that works.
    func run() async {
        thread.start()
        await withTaskCancellationOrGracefulShutdownHandler {
            await write()
        } onCancelOrGracefulShutdown: {
            self.isStopping.raise()
            self.wake.yield()
        }
        try? await thread.shutdownGracefully()
    }

    private func write() async {
        guard var chain = await open() else {
            abandon(unwritten: 0)
            return
        }
        for await _ in wakes {
            while true {
                let items = queue.withLock { $0.takeBatch(maximum: Self.batch) }
                if items.isEmpty { break }
                guard await write(records(of: items), to: &chain) else {
                    abandon(unwritten: items.count)
                    return
                }
            }
            if isStopping.isRaised { break }
        }
        guard queue.withLock({ $0.isEmpty }) else {
            // The task was cancelled.
            abandon(unwritten: 0)
            return
        }
        if await write([AuditRecord(time: clock.wallTime, kind: .stop)], to: &chain) {
            try? await blocking { $0.close() }
        }
    }

    /// Opens the sink, however long it takes. Returns `nil` if the gateway stops before.
    private func open() async -> AuditChain? {
        while true {
            do {
                let start = try await blocking { try $0.open() }
                succeed()
                var chain = start.last.map { AuditChain(continuing: $0) } ?? AuditChain(id: newChainID())
                for gap in gaps(at: start) {
                    guard await write([gap], to: &chain) else { return nil }
                }
                return chain
            } catch {
                fail(error)
                guard await waitToRetry() else { return nil }
            }
        }
    }

    private func gaps(at start: AuditSinkStart) -> [AuditRecord] {
        var gaps: [AuditRecord] = []
        if let note = start.note {
            gaps.append(AuditRecord(time: clock.wallTime, kind: .gap, reason: note, lost: start.lost))
        }
        if let last = start.last, last.record.kind != .stop {
            gaps.append(
                AuditRecord(
                    time: clock.wallTime,
                    kind: .gap,
                    reason: "the gateway did not stop in order: records that waited in memory may be lost"
                )
            )
        }
        return gaps
    }

    private func records(of items: [AuditQueue.Item]) -> [AuditRecord] {
        items.map { item in
            switch item {
            case .record(let record): return record
            case .gap(let count):
                logger.error("audit records were lost", metadata: logMetadata.merging(["count": "\(count)"]) { $1 })
                return AuditRecord(
                    time: clock.wallTime,
                    kind: .gap,
                    reason: "too many records waited to be written",
                    lost: count
                )
            }
        }
    }

    /// Writes records, however long it takes. Returns `false` if the gateway stops and writing fails.
    private func write(_ records: [AuditRecord], to chain: inout AuditChain) async -> Bool {
        var rest: ArraySlice<UInt8> = []
        for record in records { rest += chain.seal(record) }
        while true {
            do {
                if !rest.isEmpty {
                    let bytes = rest
                    rest = rest.dropFirst(try await blocking { try $0.write(bytes) })
                    if !rest.isEmpty { continue }
                }
                // Not together with writing: if this fails, what was written must not be written again.
                try await blocking { try $0.endBatch() }
                succeed()
                metrics.countAuditRecords(records.count, sink: sinkName)
                return true
            } catch {
                fail(error)
                guard await waitToRetry() else { return false }
            }
        }
    }

    private func succeed() {
        guard queue.withLock({ $0.setFailing(false) }) else { return }
        metrics.setAudit(isFailing: false, sink: sinkName)
        logger.notice("audit records are written again", metadata: logMetadata)
    }

    private func fail(_ error: any Error) {
        guard queue.withLock({ $0.setFailing(true) }) else { return }
        metrics.setAudit(isFailing: true, sink: sinkName)
        logger.error(
            "audit records cannot be written",
            metadata: logMetadata.merging(["error": "\(error)"]) { $1 }
        )
    }

    /// Waits after a failure. Returns `false` if the gateway stops.
    private func waitToRetry() async -> Bool {
        if isStopping.isRaised { return false }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await self.isStopping.wait() }
            tasks.addTask { [clock] in try? await clock.sleep(until: clock.now.advanced(by: Self.retryDelay)) }
            await tasks.next()
            tasks.cancelAll()
        }
        // One more attempt is made when the gateway stops.
        return !Task.isCancelled
    }

    /// Counts what is left when the gateway stops and nothing can be written.
    private func abandon(unwritten: Int) {
        let left = queue.withLock { queue in unwritten + queue.takeBatch(maximum: .max).count }
        guard left > 0 else { return }
        metrics.countLostAuditRecords(left, sink: sinkName)
        logger.error(
            "audit records are lost because the gateway stops while they cannot be written",
            metadata: logMetadata.merging(["count": "\(left)"]) { $1 }
        )
    }

    private var logMetadata: Logger.Metadata { ["sink": "\(sinkName)"] }

    /// Runs a blocking call on the writer's thread.
    private func blocking<Result: Sendable>(
        _ body: @escaping @Sendable (any AuditSink) throws -> Result
    ) async throws -> Result {
        try await thread.runIfActive { [sink] in try body(sink) }
    }
}
