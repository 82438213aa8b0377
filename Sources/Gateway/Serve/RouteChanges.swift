internal import MCPProtocol
internal import Synchronization

/// Wakes those who follow a route when it changes.
final class RouteChanges: Sendable {
    private struct State {
        var last = 0
        var followers: [Int: (path: String, wake: AsyncStream<Void>.Continuation)] = [:]
    }

    private let state = Mutex(State())

    /// An element for each change of the route at a path; several that nobody has taken yet are one.
    func follow(_ path: String) -> AsyncStream<Void> {
        let (stream, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.last += 1
            state.followers[state.last] = (path, wake)
            return state.last
        }
        wake.onTermination = { [weak self] _ in self?.forget(id) }
        return stream
    }

    private func forget(_ id: Int) { state.withLock { _ = $0.followers.removeValue(forKey: id) } }

    /// The routes at these paths are others now.
    func note(_ paths: Set<String>) {
        guard !paths.isEmpty else { return }
        let woken = state.withLock { state in state.followers.values.filter { paths.contains($0.path) } }
        for follower in woken { follower.wake.yield() }
    }
}

/// The route of a call as it changes, for streams that last.
struct RouteWatch: Sendable {
    let path: String
    let changes: RouteChanges
    /// The route as the caller may use it now; `nil` if it may not, or there is none.
    let current: @Sendable () -> Route?

    func follow() -> AsyncStream<Void> { changes.follow(path) }

    /// What clients are told when a route has changed. What exactly is different for them depends on their rights, so they read all lists
    /// again.
    static let notifications = [Method.toolsListChanged, .promptsListChanged, .resourcesListChanged].map {
        JSONRPCNotification(method: $0.rawValue, params: nil)
    }
}

extension RouteTable {
    /// The paths at which clients find something else than before. Where the pods are, and how often calls are allowed, is nothing that a
    /// client sees.
    func pathsThatLookDifferent(since before: RouteTable) -> Set<String> {
        let paths = Set(all.map(\.path)).union(before.all.map(\.path))
        return paths.filter { self[$0].map(Appearance.init) != before[$0].map(Appearance.init) }
    }

    private struct Appearance: Equatable {
        struct Member: Equatable {
            let id: String
            let prefix: String?
            let catalogue: Catalogue?
            let labels: [String: String]
            let selection: MemberSelection?
        }

        let members: [Member]
        let tenant: String?
        let access: AccessRules?
        let searchesTools: Bool

        init(_ route: Route) {
            members = route.members.map {
                Member(
                    id: $0.backend.id,
                    prefix: $0.prefix,
                    catalogue: $0.backend.catalogue,
                    labels: $0.backend.labels,
                    selection: $0.selection
                )
            }
            tenant = route.rules?.tenant
            access = route.rules?.access
            searchesTools = route.searchesTools
        }
    }
}

extension ServerCapabilities {
    /// These capabilities with the announcement of changes: of what is offered, the gateway reports its own changes.
    func announcingChanges() -> ServerCapabilities {
        ["tools", "prompts", "resources"].reduce(self) { capabilities, name in
            guard capabilities.raw[name] != nil,
                let changed = try? ServerCapabilities(capabilities.raw.setting(path: [name, "listChanged"], to: true))
            else { return capabilities }
            return changed
        }
    }
}
