public import KubernetesAPI
public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps a `Store` up to date with the server, and adds keys to work queues when something changes.
///
/// Handlers are called for every change after it is in the store, one change at a time. Changes of the first list have
/// low priority, so that changes that users make while a controller starts do not wait for all other keys.
public final class Informer<Object: CachedObject>: Service, CustomStringConvertible {
    /// Maps a change to the keys to reconcile; an update has both objects, an addition only `new`, a deletion only `old`.
    public typealias KeyMapping = @Sendable (_ old: Object?, _ new: Object?) -> [NamespacedName]

    private typealias Handler = @Sendable (_ change: StoreChange<Object>, _ priority: Int) -> Void

    private struct State {
        var handlers: [Handler] = []
        /// The reflectors that have not finished their first list.
        var pending: Set<Int>
        /// The objects that cannot be decoded, and the reasons.
        var unreadable: [NamespacedName: String] = [:]
        var unreadableHandlers: [@Sendable (UnreadableObject) -> Void] = []
    }

    /// The name for logs and health checks, such as `deployments`.
    public let name: String
    /// The objects.
    public let store: Store<Object>
    /// Shows whether the loops make progress, one for each namespace.
    public let heartbeats: [Heartbeat]

    private let scopes: [String?]
    private let state: Mutex<State>
    /// Raised when the first list of every namespace is in the store.
    let synced = Signal()
    /// Held while a change is made and its handlers run, so that handlers are called in the order of the changes.
    private let delivery = Mutex(())
    private let reflectors: Mutex<[Reflector<Object>]>
    private let clock: RuntimeClock
    private let logger: Logger

    /// Creates an informer.
    ///
    /// - Parameters:
    ///   - name: the name in logs and health checks.
    ///   - namespaces: the namespaces to watch; `nil` for all namespaces, and for cluster-scoped kinds.
    ///   - indexes: the index functions by name.
    ///   - source: returns the list and watch of one namespace, or of all.
    public convenience init(
        name: String,
        namespaces: [String]? = nil,
        indexes: [String: IndexFunction<Object>] = [:],
        clock: RuntimeClock = .system,
        logger: Logger = Logger(label: "runtime.informer"),
        source: @Sendable (_ namespace: String?) -> ListWatch<Object>
    ) {
        self.init(
            name: name,
            namespaces: namespaces,
            indexes: indexes,
            configuration: ReflectorConfiguration(),
            clock: clock,
            logger: logger,
            source: source
        )
    }

    init(
        name: String,
        namespaces: [String]?,
        indexes: [String: IndexFunction<Object>],
        configuration: ReflectorConfiguration,
        clock: RuntimeClock,
        logger: Logger,
        source: @Sendable (_ namespace: String?) -> ListWatch<Object>
    ) {
        self.name = name
        self.clock = clock
        self.logger = logger
        store = Store(indexes: indexes)
        // If the same namespace were used twice, each reflector would consider the other's objects deleted.
        scopes = namespaces.map { Set($0).sorted().map(Optional.some) } ?? [nil]
        // A single heartbeat would hide a loop that hangs while another one runs.
        let heartbeats = scopes.map { _ in Heartbeat(limit: .seconds(300), clock: clock) }
        self.heartbeats = heartbeats
        state = Mutex(State(pending: Set(scopes.indices)))
        reflectors = Mutex([])
        if scopes.isEmpty { synced.raise() }
        let made = scopes.enumerated().map { index, scope in
            Reflector(
                name: scope.map { "\(name) in \($0)" } ?? name,
                source: source(scope),
                configuration: configuration,
                clock: clock,
                logger: logger,
                heartbeat: heartbeats[index],
                receive: { [weak self] output in self?.receive(output, from: index, scope: scope) }
            )
        }
        reflectors.withLock { $0 = made }
    }

    public var description: String { "Informer(\(name))" }

    /// Whether the first list of every namespace is in the store and the handlers have been called for it.
    public var hasSynced: Bool { synced.isRaised }

    /// Returns once `hasSynced`.
    ///
    /// - Throws: `CancellationError`.
    public func waitForSync() async throws {
        try await synced.wait()
    }

    /// Why the store may be out of date, such as a missing permission; `nil` if it is up to date.
    public var syncFailure: String? {
        let failures = reflectors.withLock { $0 }.compactMap(\.syncFailure)
        return failures.isEmpty ? nil : failures.joined(separator: "; ")
    }

    /// Adds the keys that `mapping` returns for a change to `queue`, ready after `delay`. Call it before `run()`.
    public func enqueue(
        to queue: WorkQueue<NamespacedName>,
        after delay: Duration = .zero,
        mapping: @escaping KeyMapping
    ) {
        state.withLock { state in
            state.handlers.append { change, priority in
                for key in mapping(change.old, change.new) { queue.add(key, priority: priority, after: delay) }
            }
        }
    }

    /// Adds the object's own key to `queue` for each change. Call it before `run()`.
    public func enqueue(to queue: WorkQueue<NamespacedName>) {
        enqueue(to: queue) { old, new in (new ?? old).map { [$0.namespacedName] } ?? [] }
    }

    /// Calls `body` for each change. It must be fast, because events wait for it, and must not call `assume(_:)`. Call
    /// it before `run()`.
    public func onChange(_ body: @escaping @Sendable (_ old: Object?, _ new: Object?) -> Void) {
        state.withLock { state in
            state.handlers.append { change, _ in body(change.old, change.new) }
        }
    }

    /// The objects whose current version cannot be decoded, and the reasons. The store has an older version of them, or
    /// none.
    public var unreadable: [NamespacedName: String] { state.withLock { $0.unreadable } }

    /// Calls `body` with an object that cannot be decoded, each time the server sends it. Call it before `run()`.
    public func onUnreadable(_ body: @escaping @Sendable (UnreadableObject) -> Void) {
        state.withLock { $0.unreadableHandlers.append(body) }
    }

    /// Stores the result of a write, so that readers see it before the watch event arrives, and runs the handlers. The
    /// watch event that follows changes nothing. Does nothing if the server has already reported something later, such
    /// as the object's deletion.
    ///
    /// The handlers usually also add the key whose reconcile made the write. That reconcile runs once more and finds
    /// nothing to write.
    public func assume(_ object: Object) {
        let handlers = state.withLock { $0.handlers }
        deliver(to: handlers, priority: WorkPriority.normal) { store.assume(object).map { [$0] } ?? [] }
    }

    /// Lists and watches until shut down.
    public func run() async throws {
        let reflectors = reflectors.withLock { $0 }
        logger.debug("informer starts", metadata: ["cache": "\(name)"])
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for reflector in reflectors {
                    group.addTask { await reflector.run() }
                }
                if reflectors.isEmpty {
                    group.addTask { try? await Signal().wait() }
                }
            }
        }
    }

    /// Makes a change and runs the handlers for it.
    private func deliver(to handlers: [Handler], priority: Int, _ change: () -> [StoreChange<Object>]) {
        delivery.withLock { _ in
            for change in change() {
                for handler in handlers { handler(change, priority) }
            }
        }
    }

    /// Updates the list of objects that cannot be decoded, and runs the handlers for those that the server just sent.
    private func updateUnreadable(_ output: ReflectorOutput<Object>, scope: String?) {
        let (received, handlers) = state.withLock { state in
            var received: [UnreadableObject] = []
            switch output {
            case .replace(_, let unreadable):
                if let scope {
                    state.unreadable = state.unreadable.filter { $0.key.namespace != scope }
                } else {
                    state.unreadable = [:]
                }
                received = unreadable
            case .upsert(let object), .delete(let object): state.unreadable[object.namespacedName] = nil
            case .unreadable(let object):
                state.unreadable[object.key] = nil
                if !object.isDeletion { received = [object] }
            }
            for object in received { state.unreadable[object.key] = object.reason }
            return (received, state.unreadableHandlers)
        }
        for object in received {
            for handler in handlers { handler(object) }
        }
    }

    private func receive(_ output: ReflectorOutput<Object>, from index: Int, scope: String?) {
        let (handlers, isFirst) = state.withLock { state in (state.handlers, state.pending.contains(index)) }
        deliver(to: handlers, priority: isFirst ? WorkPriority.low : WorkPriority.normal) {
            // After the store, before the handlers.
            defer { updateUnreadable(output, scope: scope) }
            switch output {
            case .replace(let replacement, _): return store.replace(with: replacement, namespace: scope)
            case .upsert(let object): return store.upsert(object).map { [$0] } ?? []
            case .delete(let object): return store.remove(deleted: object).map { [$0] } ?? []
            case .unreadable(let object): return object.isDeletion ? store.remove(object.key).map { [$0] } ?? [] : []
            }
        }
        guard isFirst, case .replace = output else { return }
        // This comes last, because synced means that the handlers have also been called for the objects.
        let isComplete = state.withLock { state in
            state.pending.remove(index)
            return state.pending.isEmpty
        }
        if isComplete {
            logger.debug("synced", metadata: ["cache": "\(name)", "objects": "\(store.count)"])
            synced.raise()
        }
    }
}
