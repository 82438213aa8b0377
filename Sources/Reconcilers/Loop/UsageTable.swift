internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy
internal import Synchronization

/// The tool calls of tenants in the last minute, as far as the gateways have reported them. A change queues the tenants that it is about.
final class UsageTable: Sendable {
    private enum Knowledge: Sendable {
        /// Nothing was read since this process has started: what the status says is still true.
        case unread
        case unknown
        case known([String: ToolCallUsage])

        /// The usage of a tenant; `nil` if it is not known.
        subscript(tenant: String) -> ToolCallUsage? {
            if case .known(let usage) = self { usage[tenant] ?? ToolCallUsage() } else { nil }
        }

        var isUnread: Bool { if case .unread = self { true } else { false } }
    }

    private struct State {
        var knowledge: Knowledge
        var tenants: WorkQueue<NamespacedName>?
    }

    private let state: Mutex<State>

    /// - Parameter isRead: whether gateways are read.
    init(isRead: Bool) { state = Mutex(State(knowledge: isRead ? .unread : .unknown)) }

    func connect(tenants queue: WorkQueue<NamespacedName>) { state.withLock { $0.tenants = queue } }

    /// The usage of a tenant; `nil` if it is not known.
    func usage(of tenant: MCPTenant) -> ToolCallUsage? {
        let knowledge = state.withLock { $0.knowledge }
        guard knowledge.isUnread else { return knowledge[tenant.metadata.name ?? ""] }
        guard let calls = tenant.status?.toolCalls else { return nil }
        func used(_ dimension: QuotaDimension) -> Int64? {
            tenant.status?.quotas?.first { $0.dimension == dimension.rawValue }?.used
        }
        return ToolCallUsage(
            calls: calls.calls,
            overLimit: calls.overLimit,
            busiestServer: used(.toolCallsPerMinutePerServer) ?? 0,
            busiestClient: used(.toolCallsPerMinutePerClient)
        )
    }

    /// Takes what the gateways have reported; `nil` if it is not known any more.
    ///
    /// - Parameter tenants: all tenants, of which those without calls are not in a report.
    func update(_ usage: [String: ToolCallUsage]?, tenants: [String]) {
        let new = usage.map(Knowledge.known) ?? .unknown
        let (before, queue) = state.withLock { state in
            defer { state.knowledge = new }
            return (state.knowledge, state.tenants)
        }
        for tenant in tenants where before.isUnread || before[tenant] != new[tenant] {
            queue?.add(NamespacedName(namespace: "", name: tenant), priority: WorkPriority.low)
        }
    }
}
