internal import ControllerRuntime
internal import KubernetesAPI
internal import Registry
internal import SupplyChain

/// An image, and with which credentials it is read: a result is not used for those who have others.
struct ImageReadKey: Hashable, Sendable {
    var image: ImageReference
    var credentials: String
}

typealias EntryPointCache = ImageReadCache<RegistryClient.ImageEntryPoint>

/// Which images are being read, and what was read lately, so that many servers with one image are one request. Pure.
///
/// A registry that cannot be reached is asked for one image at a time, so that its images do not occupy all workers.
struct ImageReadCache<Value: Sendable>: Sendable {
    typealias Key = ImageReadKey
    typealias Outcome = Result<Value, RegistryError>

    /// What to do for a server.
    enum Step: Sendable {
        /// Read the image, then call `finish`.
        case read
        /// Use this.
        case known(Outcome)
        /// Another server reads the image; `finish` returns the servers that wait.
        case wait
    }

    private struct Entry {
        var outcome: Outcome?
        var until: Duration
        var isBeingRead = false
        var waiting: Set<NamespacedName> = []
    }

    /// A registry that could not be reached.
    private struct Outage {
        var error: RegistryError
        var until: Duration
        var isBeingTried = false
    }

    private var entries: [Key: Entry] = [:]
    private var outages: [String: Outage] = [:]

    /// How long what was read under a digest is used.
    private let digestPeriod: Duration

    /// How long other results are used: a tag can move, and what fails may soon succeed.
    private static var tagPeriod: Duration { .seconds(10) }
    private static var failurePeriod: Duration { .seconds(3) }
    /// How many results are kept.
    static var limit: Int { 256 }

    /// Creates a cache.
    ///
    /// - Parameter digestPeriod: how long what was read under a digest is used. What an image contains never changes; what is signed
    ///   about it may.
    init(digestPeriod: Duration = .seconds(600)) {
        self.digestPeriod = digestPeriod
    }

    /// How many images are known or being read.
    var count: Int { entries.count }

    /// Decides how a server gets what is read about an image.
    mutating func begin(_ key: Key, for server: NamespacedName, now: Duration) -> Step {
        var entry = entries[key] ?? Entry(until: .zero)
        if entry.isBeingRead {
            entry.waiting.insert(server)
            entries[key] = entry
            return .wait
        }
        if let outcome = entry.outcome, now < entry.until { return .known(outcome) }
        if let error = outage(of: key.image.registry, now: now) { return .known(.failure(error)) }
        outages[key.image.registry]?.isBeingTried = true
        entry.isBeingRead = true
        entry.outcome = nil
        entries[key] = entry
        return .read
    }

    /// Why a registry cannot be read now, `nil` if it can be tried.
    func outage(of registry: String, now: Duration) -> RegistryError? {
        guard let outage = outages[registry], outage.isBeingTried || now < outage.until else { return nil }
        return outage.error
    }

    /// Takes the result of reading an image.
    ///
    /// - Parameter outcome: `nil` if reading was interrupted.
    /// - Returns: the servers that wait for it.
    mutating func finish(_ key: Key, _ outcome: Outcome?, now: Duration) -> Set<NamespacedName> {
        let waiting = entries[key]?.waiting ?? []
        let registry = key.image.registry
        switch outcome {
        case nil:
            entries[key] = nil
            outages[registry]?.isBeingTried = false
        case .failure(let error)? where error.code == .unavailable:
            entries[key] = Entry(outcome: outcome, until: now + Self.failurePeriod)
            outages[registry] = Outage(error: error, until: now + Self.failurePeriod)
        case .failure?:
            entries[key] = Entry(outcome: outcome, until: now + Self.failurePeriod)
            outages[registry] = nil
        case .success?:
            let period = key.image.digest == nil ? Self.tagPeriod : digestPeriod
            entries[key] = Entry(outcome: outcome, until: now + period)
            outages[registry] = nil
        }
        trim(now: now)
        return waiting
    }

    /// Removes what is out of date, and then what ends first.
    private mutating func trim(now: Duration) {
        guard entries.count > Self.limit else { return }
        entries = entries.filter { $0.value.isBeingRead || now < $0.value.until }
        outages = outages.filter { $0.value.isBeingTried || now < $0.value.until + digestPeriod }
        let surplus = entries.count - Self.limit
        guard surplus > 0 else { return }
        let first = entries.filter { !$0.value.isBeingRead }.sorted { $0.value.until < $1.value.until }.prefix(surplus)
        for (key, _) in first { entries[key] = nil }
    }
}
