internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Registry
internal import SupplyChain
import Synchronization

/// What is known about the entry points of the images of servers, and what has to be read. The server's reconciler says which image
/// it needs; the reconciler of entry points reads it in the background.
final class EntryPointTable: Sendable {
    /// What a server needs. If any of it changes, it is read again.
    struct Target: Sendable, Hashable {
        var request: EntryPointRequest
        /// The versions of the pull Secrets, `nil` for one that does not exist.
        var secretVersions: [String?]
    }

    private struct Entry {
        var uid: String
        var target: Target
        var state: EntryPointState = .pending
        var failures = 0
        /// When it is read again; `nil` for never.
        var due: Duration?
    }

    private struct Queues {
        var reads: WorkQueue<NamespacedName>
        var servers: WorkQueue<NamespacedName>
    }

    /// How often something that failed is tried again.
    private static let backoff = ExponentialBackoff(initial: .seconds(5), maximum: .seconds(300))

    private let clock: RuntimeClock
    private let entries = Mutex<[NamespacedName: Entry]>([:])
    private let cache = Mutex(EntryPointCache())
    private let queues = Mutex<Queues?>(nil)

    init(clock: RuntimeClock) {
        self.clock = clock
    }

    /// Connects the table to the queues. Call it once, before the controllers run.
    ///
    /// - Parameters:
    ///   - reads: where servers are added whose image has to be read.
    ///   - servers: where servers are added when something new is known about them.
    func connect(reads: WorkQueue<NamespacedName>, servers: WorkQueue<NamespacedName>) {
        queues.withLock { $0 = Queues(reads: reads, servers: servers) }
    }

    /// What is known about the image that a server needs. If nothing is, it is read.
    func observe(_ key: NamespacedName, uid: String, target: Target) -> EntryPointState {
        let now = clock.now.offset
        let (state, isNew) = entries.withLock { entries -> (EntryPointState, Bool) in
            if let entry = entries[key], entry.uid == uid, entry.target == target { return (entry.state, false) }
            var entry = Entry(uid: uid, target: target, due: now)
            // Until the new attempt ends, the failure of the last one says more.
            if let last = entries[key], last.uid == uid, last.target.request.image == target.request.image,
                case .failed = last.state
            {
                entry.state = last.state
            }
            entries[key] = entry
            return (entry.state, true)
        }
        if isNew { queues.withLock { $0?.reads }?.add(key) }
        return state
    }

    /// Forgets a server that was deleted, or needs nothing.
    func forget(_ key: NamespacedName) {
        entries.withLock { _ = $0.removeValue(forKey: key) }
    }

    // MARK: Reading

    /// What has to be read for a server now, `nil` if nothing has to be.
    func due(_ key: NamespacedName) -> Target? {
        let now = clock.now.offset
        return entries.withLock { entries in
            guard let entry = entries[key], let due = entry.due, due <= now else { return nil }
            return entry.target
        }
    }

    /// How long until a server's image is read, `nil` if it is not.
    func delay(_ key: NamespacedName) -> Duration? {
        let now = clock.now.offset
        return entries.withLock { $0[key]?.due }.map { max(.zero, $0 - now) }
    }

    /// Why a registry cannot be read now, `nil` if it can be tried.
    func outage(of registry: String) -> RegistryError? {
        cache.withLock { $0.outage(of: registry, now: clock.now.offset) }
    }

    /// Decides how a server gets the entry point of an image.
    func begin(_ image: EntryPointCache.Key, for key: NamespacedName) -> EntryPointCache.Step {
        cache.withLock { $0.begin(image, for: key, now: clock.now.offset) }
    }

    /// Takes the result of reading an image; `nil` if reading was interrupted.
    func finish(_ image: EntryPointCache.Key, _ outcome: EntryPointCache.Outcome?) {
        let waiting = cache.withLock { $0.finish(image, outcome, now: clock.now.offset) }
        guard let reads = queues.withLock({ $0?.reads }) else { return }
        for key in waiting { reads.add(key) }
    }

    /// Takes what was read for a server.
    func settle(_ key: NamespacedName, _ target: Target, _ outcome: EntryPointCache.Outcome) {
        let now = clock.now.offset
        let hasChanged = entries.withLock { entries in
            // Meanwhile it may need another image.
            guard var entry = entries[key], entry.target == target else { return false }
            let before = entry.state
            switch outcome {
            case .success(let read):
                entry.state = .read(ServerEntryPoint(read, of: target.request.image))
                entry.due = nil
            case .failure(let error):
                entry.state = .failed(EntryPointFailure(error, image: target.request.image))
                entry.failures += 1
                // Under a digest there is always the same.
                let isFinal = error.code.isAboutContent && target.request.image.digest != nil
                entry.due = isFinal ? nil : now + Self.backoff.delay(afterFailures: entry.failures)
            }
            entries[key] = entry
            return entry.state != before
        }
        if hasChanged { queues.withLock { $0?.servers }?.add(key) }
    }
}
