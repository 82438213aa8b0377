public import KubernetesAPI
public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps a `Store` in step with the server, and puts keys into work queues when something changes.
///
/// Handlers see every change after the store shows it. Those of the first list come with low priority, so that what people do
/// while a controller starts is not behind everything that it has to look at.
public final class Informer<Object: CachedObject>: Service, CustomStringConvertible {
    /// Maps a change to the keys to look at; both are given on an update, `old` alone on a deletion.
    public typealias KeyMapping = @Sendable (_ old: Object?, _ new: Object?) -> [NamespacedName]

    private typealias Handler = @Sendable (_ change: StoreChange<Object>, _ priority: Int) -> Void

    private struct State {
        var handlers: [Handler] = []
        /// The reflectors that have not listed yet.
        var pending: Set<Int>
        /// Why some objects cannot be read.
        var unreadable: [NamespacedName: String] = [:]
        var unreadableHandlers: [@Sendable (UnreadableObject) -> Void] = []
    }

    /// The name for logs and health checks, such as `deployments`.
    public let name: String
    /// What is known.
    public let store: Store<Object>
    /// Whether the loops make progress, one a namespace.
    public let heartbeats: [Heartbeat]

    private let scopes: [String?]
    private let state: Mutex<State>
    private let synced = Signal()
    private let reflectors: Mutex<[Reflector<Object>]>
    private let clock: RuntimeClock
    private let logger: Logger

    /// Makes an informer.
    ///
    /// - Parameters:
    ///   - name: how it is called in logs and health checks.
    ///   - namespaces: which namespaces are watched; `nil` is all of them, and what cluster-scoped kinds need.
    ///   - indexes: by name, what an object is to be found under.
    ///   - source: gives the list and watch of one namespace, or of all.
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
            configuration: Reflector<Object>.Configuration(),
            clock: clock,
            logger: logger,
            source: source
        )
    }

    init(
        name: String,
        namespaces: [String]?,
        indexes: [String: IndexFunction<Object>],
        configuration: Reflector<Object>.Configuration,
        clock: RuntimeClock,
        logger: Logger,
        source: @Sendable (_ namespace: String?) -> ListWatch<Object>
    ) {
        self.name = name
        self.clock = clock
        self.logger = logger
        store = Store(indexes: indexes)
        // Twice the same namespace would make each see the other's objects as deleted.
        scopes = namespaces.map { Set($0).sorted().map(Optional.some) } ?? [nil]
        // One for all would beat for a loop that hangs as long as another goes on.
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

    /// Whether the first list of every namespace is in the store and was told to the handlers.
    public var hasSynced: Bool { synced.isRaised }

    /// Returns once `hasSynced`.
    ///
    /// - Throws: `CancellationError`.
    public func waitForSync() async throws {
        try await synced.wait()
    }

    /// Why the store may be stale, such as a permission that is missing; `nil` while all is well.
    public var trouble: String? {
        let troubles = reflectors.withLock { $0 }.compactMap(\.trouble)
        return troubles.isEmpty ? nil : troubles.joined(separator: "; ")
    }

    /// Puts the keys that `mapping` gives for a change into `queue`. To be called before `run()`.
    public func enqueue(to queue: WorkQueue<NamespacedName>, mapping: @escaping KeyMapping) {
        state.withLock { state in
            state.handlers.append { change, priority in
                for key in mapping(change.old, change.new) { queue.add(key, priority: priority) }
            }
        }
    }

    /// Puts the object's own key into `queue` at each change. To be called before `run()`.
    public func enqueue(to queue: WorkQueue<NamespacedName>) {
        enqueue(to: queue) { old, new in (new ?? old).map { [$0.namespacedName] } ?? [] }
    }

    /// Calls `body` with each change. It must be quick: events wait for it. To be called before `run()`.
    public func onChange(_ body: @escaping @Sendable (_ old: Object?, _ new: Object?) -> Void) {
        state.withLock { state in
            state.handlers.append { change, _ in body(change.old, change.new) }
        }
    }

    /// The objects that are there but cannot be read as they are now, and why. What the store has of them is older.
    public var unreadable: [NamespacedName: String] { state.withLock { $0.unreadable } }

    /// Calls `body` with an object that cannot be read, when it comes to be so and when that is told anew. To be called before
    /// `run()`.
    public func onUnreadable(_ body: @escaping @Sendable (UnreadableObject) -> Void) {
        state.withLock { $0.unreadableHandlers.append(body) }
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

    /// Keeps in mind what cannot be read, and tells of it.
    private func tellUnreadable(_ output: Reflector<Object>.Output, scope: String?) {
        let (news, handlers) = state.withLock { state in
            var news: [UnreadableObject] = []
            switch output {
            case .replace(_, let unreadable):
                if let scope {
                    state.unreadable = state.unreadable.filter { $0.key.namespace != scope }
                } else {
                    state.unreadable = [:]
                }
                news = unreadable
            case .upsert(let object), .delete(let object): state.unreadable[object.namespacedName] = nil
            case .unreadable(let object):
                state.unreadable[object.key] = nil
                if !object.isDeletion { news = [object] }
            }
            for object in news { state.unreadable[object.key] = object.reason }
            return (news, state.unreadableHandlers)
        }
        for object in news {
            for handler in handlers { handler(object) }
        }
    }

    private func receive(_ output: Reflector<Object>.Output, from index: Int, scope: String?) {
        let (handlers, isFirst) = state.withLock { state in (state.handlers, state.pending.contains(index)) }
        let changes: [StoreChange<Object>]
        switch output {
        case .replace(let replacement, _): changes = store.replace(with: replacement, namespace: scope)
        case .upsert(let object): changes = store.upsert(object).map { [$0] } ?? []
        case .delete(let object): changes = store.remove(deleted: object).map { [$0] } ?? []
        case .unreadable(let object):
            changes = object.isDeletion ? store.remove(object.key).map { [$0] } ?? [] : []
        }
        tellUnreadable(output, scope: scope)
        let priority = isFirst ? WorkPriority.low : WorkPriority.normal
        for change in changes {
            for handler in handlers { handler(change, priority) }
        }
        guard isFirst, case .replace = output else { return }
        // Synced means that the handlers have seen the objects too, so this comes after them.
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
