internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import KubernetesAPI
public import Logging
internal import NIOCore
internal import NIOHTTP1
public import ServiceLifecycle
internal import Synchronization

/// A Kubernetes API server in memory, over real HTTP on loopback, with simulated built-in controllers and a simulated kubelet.
/// A tool for development and tests: it runs no containers, and unless RBAC is switched on, every client is an administrator.
public final class SandboxCluster: Service, Sendable {
    private let state: Mutex<ClusterState>
    let configuration: SandboxConfiguration
    private let logger: Logger
    /// The MCP servers of pods.
    let standIns: StandInServers
    private let listeners: StandInListeners
    private let servicePorts = ServicePorts()
    /// The processes of pods, if containers run.
    let processes: PodProcesses?
    /// The output of containers.
    let logs: PodLogs
    private let boundPort: Mutex<PortState> = Mutex(.waiting([]))
    /// The certificate for TLS, if the sandbox serves it.
    private let certificate: Result<ServingCertificate?, any Error>
    private let wakes: AsyncStream<Wake>
    private let wakeContinuation: AsyncStream<Wake>.Continuation

    /// What wakes the loop of the simulated controllers.
    private enum Wake: Sendable {
        case work
        case due(DelayedReconciliation)
        /// A watch must end after a time.
        case timeLimit(ResourceKey, Int, Duration)
    }

    private enum PortState {
        case waiting([CheckedContinuation<Int, any Error>])
        case bound(Int)
        case ended
    }

    /// The sandbox stopped before it had a port.
    public struct NotRunning: Error, Sendable, CustomStringConvertible {
        public var description: String { "the sandbox ended before it listened; run() throws the reason" }
    }

    /// Creates a sandbox with the namespaces of a new cluster and one node. It listens once `run()` is called.
    public init(configuration: SandboxConfiguration = SandboxConfiguration(), logger: Logger = Logger(label: "sandbox"))
    {
        var configuration = configuration
        // Whoever can create pods can run commands then.
        if configuration.processes != nil { configuration.enforcesRBAC = true }
        self.configuration = configuration
        self.logger = logger
        let logs = PodLogs(limit: configuration.processes?.logLimit ?? PodLogs.standardLimit)
        self.logs = logs
        standIns = StandInServers(logs: logs, logger: logger)
        listeners = StandInListeners(servers: standIns, logger: logger)
        processes = configuration.processes.map {
            PodProcesses($0, clock: configuration.clock, logs: logs, logger: logger)
        }
        (wakes, wakeContinuation) = AsyncStream<Wake>.makeStream()
        certificate = Result {
            configuration.enforcesRBAC ? try ServingCertificate(now: Timestamp(Date())) : nil
        }
        state = Mutex(ClusterState(configuration: configuration))
        let authority = (try? certificate.get())?.pem
        with { state in
            if let authority { state.certificateAuthority = authority }
            for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
                state.make("v1", "Namespace", namespace: "", ["metadata": ["name": .string(name)]])
            }
            for (name, value) in [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)] {
                state.make(
                    "scheduling.k8s.io/v1",
                    "PriorityClass",
                    namespace: "",
                    ["metadata": ["name": .string(name)], "value": .integer(Int64(value))]
                )
            }
            state.make(
                "v1",
                "Node",
                namespace: "",
                [
                    "metadata": ["name": "sandbox", "labels": ["kubernetes.io/hostname": "sandbox"]],
                    "spec": [:],
                ]
            )
            for role in BootstrapRoles.clusterRoles {
                state.make("rbac.authorization.k8s.io/v1", "ClusterRole", namespace: "", role)
            }
            for binding in BootstrapRoles.clusterRoleBindings {
                state.make("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", namespace: "", binding)
            }
        }
    }

    /// Listens until it is cancelled or asked to shut down.
    ///
    /// - Throws: an error if the port cannot be bound.
    public func run() async throws {
        defer { end() }
        let port = configuration.port
        let tls = try certificate.get()?.tlsConfiguration()
        let http = HTTPServerBuilder { responder in
            UpgradableChannel(responder: responder) { self.portForward($0) }
        }
        let server: HTTPServerBuilder = if let tls { try .tls(http, tlsConfiguration: tls) } else { http }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.runControllers() }
            group.addTask { await self.standIns.run() }
            group.addTask { await self.listeners.run() }
            group.addTask { await self.servicePorts.run() }
            if let processes {
                group.addTask { await processes.run { self.report($0) } }
            }
            let application = Application(
                responder: SandboxResponder(cluster: self),
                server: server,
                configuration: .init(address: .hostname("127.0.0.1", port: port)),
                onServerRunning: { channel in
                    let port = channel.localAddress?.port ?? 0
                    self.logger.info(
                        "the sandbox listens on the loopback address; it is for development only",
                        metadata: [
                            "url": "\(self.configuration.enforcesRBAC ? "https" : "http")://127.0.0.1:\(port)",
                            "authorization":
                                "\(self.configuration.enforcesRBAC ? "RBAC" : "none: every client is an administrator")",
                        ]
                    )
                    self.bind(port)
                },
                logger: quiet(logger)
            )
            group.addTask {
                try await withGracefulShutdownHandler {
                    try await application.run()
                } onGracefulShutdown: {
                    self.shutDown()
                }
            }
            try await group.next()
            self.shutDown()
            while true {
                guard try await group.next() != nil else { break }
            }
        }
    }

    private func quiet(_ logger: Logger) -> Logger {
        // It reports every connection that is open at the end as an error. Relevant errors are thrown by run().
        var logger = logger
        logger.logLevel = max(logger.logLevel, .critical)
        return logger
    }

    private func bind(_ port: Int) {
        let waiting = boundPort.withLock { state -> [CheckedContinuation<Int, any Error>] in
            guard case .waiting(let list) = state else { return [] }
            state = .bound(port)
            return list
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }

    private func end() {
        let waiting = boundPort.withLock { state -> [CheckedContinuation<Int, any Error>] in
            guard case .waiting(let list) = state else { return [] }
            state = .ended
            return list
        }
        for continuation in waiting { continuation.resume(throwing: NotRunning()) }
        shutDown()
    }

    private func shutDown() {
        wakeContinuation.finish()
        standIns.stop()
        listeners.stop()
        servicePorts.stop()
        processes?.stopAll()
        logs.stop()
        dropWatches()
    }

    /// The port on the loopback address, once the sandbox listens.
    ///
    /// - Throws: `NotRunning` if the sandbox ended before it listened.
    public func port() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            let result = boundPort.withLock { state -> Result<Int, any Error>? in
                switch state {
                case .bound(let port): return .success(port)
                case .ended: return .failure(NotRunning())
                case .waiting(var list):
                    list.append(continuation)
                    state = .waiting(list)
                    return nil
                }
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// The address of the API, such as `http://127.0.0.1:41234`; with RBAC it starts with `https`.
    public func url() async throws -> String {
        "\(configuration.enforcesRBAC ? "https" : "http")://127.0.0.1:\(try await port())"
    }

    /// A kubeconfig for this sandbox, in JSON (which is valid YAML), for `kubectl` and all other clients of Kubernetes.
    ///
    /// - Parameter token: its bearer token, such as that of a ServiceAccount. Defaults to the administrator's with
    ///   RBAC, and to none without.
    public func kubeconfig(token: String? = nil) async throws -> String {
        var server: JSONValue = ["server": .string(try await url())]
        var user: JSONValue = [:]
        if let certificate = try certificate.get() {
            server["certificate-authority-data"] = .string(Data(certificate.pem.utf8).base64EncodedString())
            user["token"] = .string(token ?? with { $0.tokens.administrator })
        } else if let token {
            user["token"] = .string(token)
        }
        let config: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": "sandbox",
            "clusters": [["name": "sandbox", "cluster": server]],
            "users": [["name": "sandbox", "user": user]],
            "contexts": [
                ["name": "sandbox", "context": ["cluster": "sandbox", "user": "sandbox", "namespace": "default"]]
            ],
        ]
        return String(decoding: config.serialized(), as: UTF8.self)
    }

    /// Serves the custom resource that a CustomResourceDefinition defines, as if it had been applied.
    ///
    /// - Throws: the API server's `Status` if the definition is rejected.
    public func register(customResource definition: JSONValue) throws {
        let result = with { state -> Result<Void, Status> in
            guard let resource = state.registry["apiextensions.k8s.io", "v1", "customresourcedefinitions"] else {
                return .success(())
            }
            let request = SandboxRequest(method: "POST", path: "", query: ["fieldManager": "sandbox"])
            do throws(APIFailure) {
                _ = try state.create(definition, request, resource, namespace: nil)
                return .success(())
            } catch {
                return .failure(error.status)
            }
        }
        try result.get()
    }

    // MARK: Pods

    /// Opens a port of the loopback address that leads to the ready pods of a Service, until the sandbox ends. Nobody is
    /// authenticated there, as on the network of a cluster.
    ///
    /// - Parameter port: the number or name of the Service's port; `nil` for its first.
    /// - Returns: the number of the port.
    public func open(service: String, namespace: String, port: String? = nil) async throws -> Int {
        try await servicePorts.open { [weak self] in
            guard let self else { return nil }
            let pod = with { state in
                Result { () throws(APIFailure) in
                    try state.endpoint(ofService: service, namespace: namespace, port: port)
                }
            }
            guard case .success(let pod) = pod else { return nil }
            return await localPort(of: pod)
        }
    }

    /// The port of the loopback address that leads to a port of a pod; `nil` if nothing serves there. For clients in this process, which
    /// cannot reach the pod's own address.
    ///
    /// - Parameter uid: the UID of the pod.
    public func localPort(ofPod uid: String, port: Int) async -> Int? {
        let pod = with { state in
            state.storage.objects(ClusterState.pods).first { $0.uid == uid }
                .flatMap { state.reach($0.value, port: String(port)) }
        }
        guard let pod else { return nil }
        return await localPort(of: pod)
    }

    /// The port of this machine that leads to a pod; `nil` if there is none.
    func localPort(of pod: ProxiedPod) async -> Int? {
        switch pod.server {
        case .process: processes?.port(pod.port, of: pod.uid)
        case .standIn(let contract): await listeners.port(of: pod, contract: contract)
        }
    }

    /// Forwards the ports of a pod, if the request is one for that, and is allowed to.
    private func portForward(_ head: HTTPRequestHead) -> PortForward? {
        let request = SandboxRequest(
            method: head.method.rawValue,
            uri: head.uri,
            headers: head.headers.map { ($0.name, $0.value) }
        )
        guard let target = request.portForwardTarget else { return nil }
        let pod = with { state in Result { () throws(APIFailure) in try state.portForward(request, target) } }
        guard case .success(let key) = pod else { return nil }
        return PortForward(
            target: { [weak self] port in
                guard let self, let pod = with({ $0.reach(pod: key, port: port) }) else { return nil }
                return await localPort(of: pod)
            },
            pod: "\(key.namespace)/\(key.name)"
        )
    }

    // MARK: Requests and objects

    /// Every request since the start, or since `clearRequests()`.
    public var requests: [RequestRecord] { with { $0.requests } }

    /// Removes the recorded requests.
    public func clearRequests() { with { $0.requests = [] } }

    /// The revision of the last change.
    public var revision: Int64 { with { $0.storage.revision } }

    /// The number of open watches.
    public var watchCount: Int { with { $0.watchers.values.reduce(0) { $0 + $1.count } } }

    /// The stored objects of a kind, sorted by namespace and name.
    public func objects(_ type: ResourceType, namespace: String? = nil) -> [JSONValue] {
        with { state in
            guard let resource = state.registry[type.group, type.version, type.plural] else { return [] }
            return ClusterState.sorted(state.storage.objects(resource.key, namespace: namespace))
                .map { state.convert($0.value, to: resource) }
        }
    }

    // MARK: Faults

    /// Makes requests fail. Returns a number that identifies the fault, to remove it.
    @discardableResult
    public func inject(_ fault: Fault) -> Int {
        with { state in
            state.nextFault += 1
            state.faults.append(ActiveFault(id: state.nextFault, fault: fault))
            return state.nextFault
        }
    }

    /// Removes a fault. Returns the number of requests that it affected.
    @discardableResult
    public func remove(fault id: Int) -> Int {
        with { state in
            let hits = state.faults.first { $0.id == id }?.hits ?? 0
            state.faults.removeAll { $0.id == id }
            return hits
        }
    }

    /// Removes all faults. Stalled watches continue with the changes that follow.
    public func removeFaults() {
        with { state in
            state.faults = []
            state.stalledResources = []
        }
    }

    /// Closes the connections of all watches, or of those on one resource.
    public func dropWatches(resource plural: String? = nil) { signal(.drop, plural) }

    /// Ends watches with an error event of 410, as if their history had been compacted.
    public func expireWatches(resource plural: String? = nil) {
        signal(.fail(APIFailure.expired("The resourceVersion for the provided watch is too old.").status), plural)
    }

    /// Makes watches, of one resource or all, stay open without sending anything.
    public func stallWatches(resource plural: String? = nil) {
        with { _ = $0.stalledResources.insert(plural ?? "*") }
    }

    /// Discards all history, so that older revisions can no longer be read or watched from.
    public func compact() { with { $0.storage.compact() } }

    /// Simulates a restart of the API server: closes all watches, and optionally discards the history.
    public func restart(losingHistory: Bool = false) {
        if losingHistory { compact() }
        dropWatches()
    }

    private func signal(_ signal: WatchSignal, _ plural: String?) {
        with { state in
            for (key, watchers) in state.watchers where plural == nil || key.plural == plural {
                for watcher in watchers.values { watcher.continuation.yield(signal) }
            }
        }
    }

    // MARK: The driver

    /// Runs a change under the lock with the current time, and wakes the simulated controllers.
    @discardableResult
    func with<Result>(_ body: (inout ClusterState) -> sending Result) -> sending Result {
        let date = Date()
        let (result, hasWork) = state.withLock { state in
            state.now = Timestamp(date)
            state.nowMicro = MicroTimestamp(date)
            let result = body(&state)
            carryOut(state.podWork)
            state.podWork = []
            return (result, state.hasControllerWork)
        }
        if hasWork { wakeContinuation.yield(.work) }
        return result
    }

    /// Passes work for pods on, in its order, which the lock keeps.
    private func carryOut(_ work: [PodWork]) {
        for item in work {
            switch item {
            case .start(let launch): processes?.start(launch)
            case .stop(let uid, let grace): processes?.stop(uid: uid, grace: grace)
            case .forget(let uid):
                processes?.stop(uid: uid, grace: .zero)
                listeners.forget(uid: uid)
                standIns.forget(uid: uid)
                logs.forget(uid: uid)
            }
        }
    }

    private func report(_ report: PodProcesses.Report) {
        with { state in
            switch report {
            case .event(let event, let container, let uid): state.apply(event, container: container, uid: uid)
            case .ended(let uid): state.processesEnded(uid: uid)
            }
        }
    }

    func forget(_ plan: WatchPlan) {
        with { $0.watchers[plan.resource.key]?[plan.id] = nil }
    }

    /// Schedules the end of a watch with a timeout.
    func time(_ plan: WatchPlan) {
        guard let seconds = plan.timeoutSeconds, seconds > 0 else { return }
        wakeContinuation.yield(.timeLimit(plan.resource.key, plan.id, .seconds(seconds)))
    }

    private func runControllers() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sendBookmarks() }
            for await wake in wakes {
                switch wake {
                case .due(let reconciliation):
                    with { $0.take(reconciliation) }
                case .timeLimit(let key, let id, let delay):
                    group.addTask {
                        try? await self.configuration.clock.sleep(for: delay)
                        self.with { _ = $0.watchers[key]?[id]?.continuation.yield(.end) }
                    }
                case .work:
                    guard configuration.simulatesControllers else {
                        with { $0.discardControllerWork() }
                        continue
                    }
                    for reconciliation in with({ $0.runControllers() }) {
                        group.addTask {
                            try? await self.configuration.clock.sleep(for: reconciliation.delay)
                            self.wakeContinuation.yield(.due(reconciliation))
                        }
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func sendBookmarks() async {
        while true {
            do { try await configuration.clock.sleep(for: configuration.bookmarkInterval) } catch { return }
            with { state in
                for (key, watchers) in state.watchers where !state.isStalled(key) {
                    for watcher in watchers.values { watcher.continuation.yield(.bookmark(state.storage.revision)) }
                }
            }
        }
    }
}
