import KubernetesAPI

/// The whole state of the API server, as a value. The owner keeps it behind a lock, and passes in requests and the time.
struct ClusterState {
    var storage: Storage
    var registry: ResourceRegistry
    var configuration: SandboxConfiguration
    var watchers: [ResourceKey: [Int: Watcher]] = [:]
    var nextWatcher = 0
    var faults: [ActiveFault] = []
    var requests: [RequestRecord] = []
    /// Objects that the simulated controllers have yet to reconcile.
    var pendingKeys: [ObjectKey] = []
    /// Deleted objects whose dependents have yet to be garbage collected.
    var pendingOwners: [StoredObject] = []
    /// The time of the current request.
    var now = Timestamp(secondsSinceEpoch: 0)
    var nowMicro = MicroTimestamp(microsecondsSinceEpoch: 0)
    var nextServiceAddress = 1
    var nextPodAddress = 1
    var nextNodePort = 1
    var random = SystemRandomNumberGenerator()
    /// Who sent the current request; `nil` while the simulated controllers work.
    var requester: UserInfo?
    var tokens = TokenIssuer()
    /// The certificate that clients trust, as PEM.
    var certificateAuthority = "the sandbox does not serve TLS"
    /// The mode of impersonation that succeeded last, by the name of the impersonating user.
    var impersonationModes: [String: Int] = [:]
    /// Warnings of the current request.
    var warnings: [String] = []
    /// The name of the object that the current request created, for the record of requests.
    var createdName: String?
    /// The effect of a fault on the response to the current request.
    var transportFault: Fault.Effect?
    /// The plurals of resources whose watches are stalled; `*` means all.
    var stalledResources: Set<String> = []
    var nextFault = 0
    /// Why objects are due for reconciliation, by uid.
    var dueReasons: [String: Set<String>] = [:]
    /// The reconciliations that are scheduled, by uid and reason.
    var scheduledReconciliations: Set<String> = []
    /// The controllers whose pods are refused, by uid.
    var creationBackoffs: [String: CreationBackoff] = [:]
    /// Pods that were ready for `minReadySeconds` of their controllers, by uid.
    var availablePods: Set<String> = []
    /// How many times each Deployment's rollout made progress, by uid: its deadline counts from the last time.
    var progressMarks: [String: Int] = [:]
    /// Namespaces with changes, whose quotas have yet to be recounted.
    var pendingQuotas: Set<String> = []

    /// Admission policies whose expressions have been compiled.
    var compiledPolicies = CompiledPolicies()

    /// What is to be done for pods outside of this state.
    var podWork: [PodWork] = []
    /// The pods whose containers run as processes, by uid.
    var processPods: [String: ProcessPhase] = [:]

    /// Whether the processes of a pod are to run.
    enum ProcessPhase: Sendable {
        case running
        case stopping
    }

    struct Watcher {
        var namespace: String?
        var continuation: AsyncStream<WatchSignal>.Continuation
    }

    init(configuration: SandboxConfiguration) {
        self.configuration = configuration
        storage = Storage(historyLimit: configuration.historyLimit)
        registry = ResourceRegistry(BuiltInKinds.all)
    }

    /// Notifies watchers and simulated controllers of a change.
    mutating func publish(_ change: Change) {
        for watcher in (watchers[change.key.resource] ?? [:]).values {
            if let namespace = watcher.namespace, namespace != change.key.namespace { continue }
            if isStalled(change.key.resource) { continue }
            watcher.continuation.yield(.change(change))
        }
        pendingKeys.append(change.key)
        if !change.key.namespace.isEmpty, storage.count(ClusterState.quotas, namespace: change.key.namespace) > 0 {
            pendingQuotas.insert(change.key.namespace)
        }
        if change.new == nil, change.key.resource == ClusterState.pods, let old = change.old {
            processPods[old.uid] = nil
            podWork.append(.forget(uid: old.uid))
        }
        if change.new == nil, let old = change.old {
            pendingOwners.append(old)
            availablePods.remove(old.uid)
            creationBackoffs[old.uid] = nil
            progressMarks[old.uid] = nil
        }
    }

    /// A random suffix of a name, in the alphabet that Kubernetes uses.
    mutating func randomSuffix(_ length: Int = 5) -> String {
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<length).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
    }

    mutating func newUID() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef")
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    /// Stores an object and publishes the change, unless nothing changed.
    @discardableResult
    mutating func store(_ value: JSONValue, at key: ObjectKey) -> StoredObject? {
        if let old = storage[key], old.value == value { return old }
        let change = storage.put(value, at: key)
        publish(change)
        return change.new
    }

    mutating func erase(_ key: ObjectKey) {
        guard let change = storage.remove(key) else { return }
        if key.resource.plural == "customresourcedefinitions", let old = change.old { unregister(old.value) }
        publish(change)
    }
}
