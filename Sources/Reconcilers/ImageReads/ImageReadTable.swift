internal import ControllerRuntime
internal import KubernetesAPI
internal import Registry
internal import SupplyChain
import Synchronization

/// What has to be read about the image of a server.
protocol ImageReadRequest: Sendable, Hashable {
    /// The image, as it is pulled.
    var image: ImageReference { get }
    /// The pull Secrets of the pods, in order.
    var pullSecrets: [String] { get }
    /// The ServiceAccount of the pods, whose pull Secrets they get if they name none.
    var serviceAccount: String { get }
}

/// What is known about the image of a server.
protocol ImageReadState: Sendable, Hashable {
    /// It is being read.
    static var pending: Self { get }
    /// Whether it could not be read, or what was read is not accepted.
    var isFailed: Bool { get }
}

/// How often something that failed is tried again.
private let backoff = ExponentialBackoff(initial: .seconds(5), maximum: .seconds(300))

/// How long something that failed is tried again without being asked for.
private let neededPeriod = Duration.seconds(3_600)

/// What is known about the images of servers, and what has to be read. The server's reconciler says what it needs; another reconciler
/// reads it in the background.
final class ImageReadTable<Request: ImageReadRequest, State: ImageReadState, Value: Sendable>: Sendable {
    /// What a server needs. If any of it changes, it is read again.
    struct Target: Sendable, Hashable {
        var request: Request
        /// The versions of the pull Secrets, `nil` for one that does not exist.
        var secretVersions: [String?]
    }

    typealias Cache = ImageReadCache<Value>

    private struct Entry {
        var uid: String
        var target: Target
        var state: State = .pending
        var failures = 0
        /// When a server last needed it.
        var needed: Duration
        /// When it is read again; `nil` for never.
        var due: Duration?
    }

    private struct Queues {
        var reads: WorkQueue<NamespacedName>
        var servers: WorkQueue<NamespacedName>
    }

    private let clock: RuntimeClock
    private let entries = Mutex<[NamespacedName: Entry]>([:])
    private let cache: Mutex<Cache>
    private let queues = Mutex<Queues?>(nil)

    init(clock: RuntimeClock, cache: Cache = Cache()) {
        self.clock = clock
        self.cache = Mutex(cache)
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
    func observe(_ key: NamespacedName, uid: String, target: Target) -> State {
        let now = clock.now.offset
        let (state, isNew) = entries.withLock { entries -> (State, Bool) in
            if let entry = entries[key], entry.uid == uid, entry.target == target {
                entries[key]?.needed = now
                return (entry.state, false)
            }
            var entry = Entry(uid: uid, target: target, needed: now, due: now)
            // Until the new attempt ends, the failure of the last one says more.
            if let last = entries[key], last.uid == uid, last.target.request.image == target.request.image,
                last.state.isFailed
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

    /// Forgets all images of a server.
    func forgetImages(of key: NamespacedName) {
        entries.withLock { entries in
            for image in entries.keys where image.namespace == key.namespace && server(of: image) == key {
                entries[image] = nil
            }
        }
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

    /// Decides how a server gets what is read about an image.
    func begin(_ image: ImageReadKey, for key: NamespacedName) -> Cache.Step {
        cache.withLock { $0.begin(image, for: key, now: clock.now.offset) }
    }

    /// Takes the result of reading an image; `nil` if reading was interrupted.
    func finish(_ image: ImageReadKey, _ outcome: Cache.Outcome?) {
        let waiting = cache.withLock { $0.finish(image, outcome, now: clock.now.offset) }
        guard let reads = queues.withLock({ $0?.reads }) else { return }
        for key in waiting { reads.add(key) }
    }

    /// Takes what was found out for a server.
    ///
    /// - Parameter isFinal: whether nothing else can be found out for the same request.
    func settle(_ key: NamespacedName, _ target: Target, _ state: State, isFinal: Bool) {
        let now = clock.now.offset
        let hasChanged = entries.withLock { entries in
            // Meanwhile it may need another image.
            guard var entry = entries[key], entry.target == target else { return false }
            // Nobody may need it any more: the server says so in its next pass.
            guard now - entry.needed < neededPeriod else {
                entries[key] = nil
                return true
            }
            let before = entry.state
            entry.state = state
            if isFinal {
                entry.due = nil
            } else {
                entry.failures += 1
                entry.due = now + backoff.delay(afterFailures: entry.failures)
            }
            entries[key] = entry
            return entry.state != before
        }
        if hasChanged { queues.withLock { $0?.servers }?.add(server(of: key)) }
    }
}

extension ImageReadTable {
    /// What the registry has for a target, from the cache or read now.
    ///
    /// - Parameters:
    ///   - target: what is due.
    ///   - key: who needs it.
    ///   - pullSecrets: how the credentials are read.
    ///   - count: takes each result that was read now, for metrics.
    ///   - read: reads the image from its registry.
    /// - Returns: `nil` if the same is being read for another one; this one is queued when it is there.
    /// - Throws: `APIError` if a pull Secret cannot be read; `CancellationError`.
    func outcome(
        of target: Target,
        for key: NamespacedName,
        pullSecrets: PullSecretReader,
        count: (Cache.Outcome) -> Void,
        read: (ImageReference, Keyring) async throws -> Value
    ) async throws -> Cache.Outcome? {
        let request = target.request
        // Before the API server is asked for Secrets, which would be for nothing.
        if let error = outage(of: request.image.registry) { return .failure(error) }
        let keyring = try await pullSecrets.keyring(
            request.pullSecrets,
            serviceAccount: request.serviceAccount,
            namespace: key.namespace
        )
        let image = ImageReadKey(image: request.image, credentials: keyring.fingerprint(for: request.image))
        switch begin(image, for: key) {
        case .wait: return nil
        case .known(let outcome): return outcome
        case .read:
            let outcome: Cache.Outcome
            do {
                outcome = .success(try await read(request.image, keyring))
            } catch let error as RegistryError {
                outcome = .failure(error)
            } catch {
                finish(image, nil)
                throw error
            }
            count(outcome)
            finish(image, outcome)
            return outcome
        }
    }

    /// The key of one image of a server, for what is read about several of them.
    static func key(_ image: String, of server: NamespacedName) -> NamespacedName {
        NamespacedName(namespace: server.namespace, name: "\(server.name)@\(ContentDigest.sha256(of: image.utf8))")
    }

    /// The server that a key is about. Names of objects contain no `@`.
    private func server(of key: NamespacedName) -> NamespacedName {
        NamespacedName(namespace: key.namespace, name: String(key.name.prefix { $0 != "@" }))
    }
}
