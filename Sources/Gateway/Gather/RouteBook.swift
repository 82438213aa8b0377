internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import Logging
internal import Policy
internal import Synchronization

/// The routes of all namespaces, and what is known of the revisions that they need.
final class RouteBook: Sendable {
    private struct KnownRevision {
        /// `nil` if it could not be read.
        var resourceVersion: String?
        var facts: RevisionFacts
    }

    private struct State {
        /// The routes of each namespace with servers.
        var namespaces: [String: NamespaceRoutes] = [:]
        /// What is known of the revisions that servers name, by namespace and name.
        var revisions: [String: [String: KnownRevision]] = [:]
        /// The credentials of remote servers, by namespace and name of the server.
        var remotes: [String: [String: RemoteFacts]] = [:]
        /// The namespaces that were decided with everything that they need.
        var settled: Set<String> = []
        /// The namespaces that were not yet when everything was listed; `nil` before.
        var awaited: Set<String>?
    }

    private let informers: RouteInformers
    private let platform: PlatformConfiguration
    private let protected: ProtectedNamespaces
    private let revisionQueue: WorkQueue<NamespacedName>
    /// Where servers are added whose credentials have to be read.
    private let remoteQueue: WorkQueue<NamespacedName>
    private let logger: Logger
    private let state = Mutex(State())

    init(
        informers: RouteInformers,
        platform: PlatformConfiguration,
        protected: ProtectedNamespaces,
        revisionQueue: WorkQueue<NamespacedName>,
        remoteQueue: WorkQueue<NamespacedName>,
        logger: Logger
    ) {
        self.informers = informers
        self.platform = platform
        self.protected = protected
        self.revisionQueue = revisionQueue
        self.remoteQueue = remoteQueue
        self.logger = logger
    }

    // MARK: - What is asked

    /// Whose rules apply in a namespace.
    func holder(of namespace: String) -> NamespaceHolder? {
        guard !protected.contains(namespace) else { return nil }
        return NamespaceClaims.holder(
            existing: informers.namespaces.store.get(namespace: "", name: namespace).map {
                NamespaceFacts($0.metadata)
            },
            claimants: informers.tenants.store.list(index: RouteInformers.Index.claim, value: namespace).map(\.tenant)
        )
    }

    /// Whether every namespace has been decided since the start.
    var isComplete: Bool { state.withLock { $0.awaited?.isEmpty ?? false } }

    /// The routes of all namespaces.
    var table: RouteTable {
        let namespaces = state.withLock { $0.namespaces }
        return RouteTable(namespaces.values.lazy.flatMap(\.routes))
    }

    /// What is wrong, by namespace and server.
    var problems: [RouteProblem] {
        let namespaces = state.withLock { $0.namespaces }
        return namespaces.sorted { $0.key < $1.key }.flatMap(\.value.problems)
    }

    // MARK: - What is done

    /// Everything is listed: the namespaces with servers are awaited.
    func begin() {
        let namespaces = Set(informers.servers.store.all.map(\.namespace))
        state.withLock { $0.awaited = namespaces.subtracting($0.settled) }
    }

    /// Decides the routes of a namespace. It must not be called twice at the same time.
    ///
    /// - Returns: whether there is a new table to give, and how rules changed since everything was known.
    func decide(_ namespace: String) -> (isNews: Bool, changes: [RuleChange]) {
        let servers = informers.servers.store.list(index: RouteInformers.Index.namespace, value: namespace)
        let needed = Set(servers.lazy.filter { !$0.isDeleting }.flatMap(\.revisions))
        let known = state.withLock { state in
            // What no server names any more is forgotten.
            let known = (state.revisions[namespace] ?? [:]).filter { needed.contains($0.key) }
            state.revisions[namespace] = known.isEmpty ? nil : known
            return known
        }
        for name in needed where known[name] == nil {
            revisionQueue.add(NamespacedName(namespace: namespace, name: name))
        }
        var input = NamespaceRouteInput(
            namespace: namespace,
            holder: holder(of: namespace),
            isProtected: protected.contains(namespace),
            servers: servers,
            revisions: known.mapValues(\.facts),
            endpoints: informers.endpoints.store.list(index: RouteInformers.Index.namespace, value: namespace)
        )
        input.virtualServers = informers.virtualServers.store.list(
            index: RouteInformers.Index.namespace,
            value: namespace
        )
        let before = state.withLock { $0.namespaces[namespace] } ?? NamespaceRoutes()
        input.published = before.published
        for server in servers where server.revisions.contains(where: { known[$0] == nil }) {
            input.unread[server.name] = .some(before.backend(named: server.name, in: namespace))
        }
        let isUnread = addRemotes(to: &input, before: before)
        let decided = NamespaceRoutes(input, platform: platform)
        let isComplete = state.withLock { state in
            state.namespaces[namespace] = decided.isEmpty ? nil : decided
            guard input.unread.isEmpty, !isUnread else { return false }
            guard let awaited = state.awaited else {
                state.settled.insert(namespace)
                return false
            }
            guard awaited.contains(namespace) else { return false }
            state.awaited?.remove(namespace)
            return awaited.count == 1
        }
        report(Set(decided.problems).subtracting(before.problems))
        guard before != decided else { return (isComplete, []) }
        // What is found at the start is not a change.
        let changes = self.isComplete && !isComplete ? decided.changes(since: before, of: namespace) : []
        return (true, changes)
    }

    /// Adds the credentials of remote servers. While new ones are read, the ones before are used.
    ///
    /// - Returns: whether credentials are being read that were never read before.
    private func addRemotes(to input: inout NamespaceRouteInput, before: NamespaceRoutes) -> Bool {
        let namespace = input.namespace
        let remotes = input.servers.filter { !$0.isDeleting && $0.remote != nil }
        let names = Set(remotes.map(\.name))
        let known = state.withLock { state in
            // What no server names any more is forgotten.
            let known = (state.remotes[namespace] ?? [:]).filter { names.contains($0.key) }
            state.remotes[namespace] = known.isEmpty ? nil : known
            return known
        }
        var isUnread = false
        for server in remotes {
            guard let remote = server.remote else { continue }
            if RemoteCredentials.sources(of: remote.server).isEmpty {
                input.remotes[server.name] = RemoteFacts(accepted: remote)
                continue
            }
            if known[server.name]?.accepted != remote {
                remoteQueue.add(NamespacedName(namespace: namespace, name: server.name))
            }
            if let facts = known[server.name] {
                input.remotes[server.name] = facts
            } else {
                isUnread = true
                if input.unread[server.name] == nil {
                    input.unread[server.name] = .some(before.backend(named: server.name, in: namespace))
                }
            }
        }
        return isUnread
    }

    /// Reads the credentials of a remote server.
    ///
    /// - Parameter changed: called if something else is known now. After a failure that changes nothing it must not lead to another attempt,
    ///   which would come without a pause.
    /// - Throws: errors of the client. Until they can be read, those before are used, and without any the server is not called.
    func readRemote(_ key: NamespacedName, _ reader: RemoteFactsReader, changed: () -> Void) async throws {
        guard let server = informers.servers.store.get(key), let remote = server.remote else { return }
        let facts: RemoteFacts
        do {
            facts = try await reader.read(remote, namespace: key.namespace)
        } catch {
            // Other credentials for the same server are used until then; another server is not called without its own.
            let isNew = state.withLock { $0.remotes[key.namespace]?[key.name]?.accepted.server != remote.server }
            if isNew, !(error is CancellationError) {
                keep(RemoteFacts(accepted: remote, problem: "its credentials could not be read: \(error)"), as: key)
                changed()
            }
            throw error
        }
        keep(facts, as: key)
        changed()
    }

    private func keep(_ facts: RemoteFacts, as key: NamespacedName) {
        state.withLock { $0.remotes[key.namespace, default: [:]][key.name] = facts }
    }

    private func report(_ problems: Set<RouteProblem>) {
        for problem in problems.sorted(by: { $0.description < $1.description }) { problem.report(to: logger) }
    }

    /// Reads a revision that a server names.
    ///
    /// - Throws: errors of the client. Until it can be read, an earlier version of it counts, and without one nothing is published.
    func read(_ key: NamespacedName, _ reader: RevisionFactsReader) async throws {
        do {
            let reading = try await reader.read(key)
            let facts =
                reading?.facts
                ?? RevisionFacts(server: "", problem: "MCPServerRevision \(key) does not exist")
            keep(KnownRevision(resourceVersion: reading?.resourceVersion, facts: facts), as: key)
            // A change that was reported while it was read.
            if let metadata = informers.revisions.store.get(key)?.metadata,
                metadata.resourceVersion != reading?.resourceVersion
            {
                revisionQueue.add(key, after: .milliseconds(100))
            }
        } catch {
            let isNew = state.withLock { $0.revisions[key.namespace]?[key.name] == nil }
            if isNew, !(error is CancellationError) {
                keep(
                    KnownRevision(facts: RevisionFacts(server: "", problem: "it could not be read: \(error)")),
                    as: key
                )
            }
            throw error
        }
    }

    private func keep(_ revision: KnownRevision, as key: NamespacedName) {
        state.withLock { $0.revisions[key.namespace, default: [:]][key.name] = revision }
    }

    /// A revision has changed: it is read again if a server names it.
    func changed(_ metadata: ObjectMeta) {
        let key = NamespacedName(namespace: metadata.namespace ?? "", name: metadata.name ?? "")
        let known = state.withLock { $0.revisions[key.namespace]?[key.name] }
        guard let known, known.resourceVersion != metadata.resourceVersion else { return }
        revisionQueue.add(key)
    }

    /// A revision was deleted.
    func removed(_ metadata: ObjectMeta) {
        let key = NamespacedName(namespace: metadata.namespace ?? "", name: metadata.name ?? "")
        guard state.withLock({ $0.revisions[key.namespace]?[key.name] }) != nil else { return }
        revisionQueue.add(key)
    }
}
