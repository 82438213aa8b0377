internal import ControllerRuntime
internal import KubernetesAPI
internal import MCPProtocol
public import ServiceLifecycle
import Synchronization

/// Listens to servers that report changes of what they offer, so that a change is read at once and not at the next regular check.
///
/// It listens to the pod that was checked last, and only to servers that say that they report changes. A stream that breaks is
/// opened again after the next check; what changed meanwhile is found by that check.
public final class ChangeListener: Service, CustomStringConvertible {
    /// Listens to a pod until its stream ends, and calls back for every change.
    typealias Listen =
        @Sendable (_ filter: SubscriptionFilter, _ changed: @escaping @Sendable () -> Void) async throws -> Void

    /// A pod that is listened to.
    private struct Entry {
        var target: HandshakeTarget
        var number: Int
        /// Ends the stream.
        var stop: AsyncStream<Never>.Continuation
    }

    private struct State {
        var entries: [NamespacedName: Entry] = [:]
        var number = 0
    }

    private struct Start {
        var key: NamespacedName
        var number: Int
        var filter: SubscriptionFilter
        var listen: Listen
        var stopped: AsyncStream<Never>
    }

    private let maximum: Int
    private let changed: @Sendable (NamespacedName) -> Void
    private let state = Mutex(State())
    private let starts: AsyncStream<Start>
    private let startsContinuation: AsyncStream<Start>.Continuation

    /// - Parameters:
    ///   - maximum: how many servers are listened to at once; others are only checked regularly.
    ///   - changed: called when a server has reported a change.
    init(maximum: Int, changed: @escaping @Sendable (NamespacedName) -> Void) {
        self.maximum = maximum
        self.changed = changed
        (starts, startsContinuation) = AsyncStream<Start>.makeStream()
    }

    public var description: String { "ChangeListener" }

    /// How many servers are listened to.
    var count: Int { state.withLock { $0.entries.count } }

    /// Listens to a server that was just checked, unless that is already done.
    func follow(_ target: HandshakeTarget, _ capabilities: ServerCapabilities, listen: @escaping Listen) {
        let filter = SubscriptionFilter(
            toolsListChanged: capabilities.toolsListChanged,
            promptsListChanged: capabilities.promptsListChanged,
            resourcesListChanged: capabilities.resourcesListChanged
        )
        guard filter.toolsListChanged || filter.promptsListChanged || filter.resourcesListChanged else {
            return forget(target.server)
        }
        let start = state.withLock { state -> Start? in
            if let entry = state.entries[target.server] {
                if entry.target == target { return nil }
                entry.stop.finish()
                state.entries[target.server] = nil
            }
            guard state.entries.count < maximum else { return nil }
            let (stopped, stop) = AsyncStream<Never>.makeStream()
            state.number += 1
            state.entries[target.server] = Entry(target: target, number: state.number, stop: stop)
            return Start(
                key: target.server,
                number: state.number,
                filter: filter,
                listen: listen,
                stopped: stopped
            )
        }
        if let start { startsContinuation.yield(start) }
    }

    /// Stops listening to a server.
    func forget(_ key: NamespacedName) {
        state.withLock { $0.entries.removeValue(forKey: key)?.stop.finish() }
    }

    /// Listens until a graceful shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await start in self.starts { group.addTask { await self.follow(start) } }
                group.cancelAll()
            }
        }
    }

    private func follow(_ start: Start) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // A stream that breaks says nothing about the server: the next check does.
                try? await start.listen(start.filter) { self.changed(start.key) }
            }
            group.addTask { for await _ in start.stopped {} }
            await group.next()
            group.cancelAll()
        }
        state.withLock { state in
            if state.entries[start.key]?.number == start.number { state.entries[start.key] = nil }
        }
    }
}
