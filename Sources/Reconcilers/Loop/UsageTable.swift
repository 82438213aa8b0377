public import ControllerRuntime
public import Policy
internal import KubernetesAPI
internal import Synchronization

/// The tool calls of tenants in the last minute, as far as the gateways have reported them. A change queues the tenants that it is about.
public final class UsageTable: Sendable {
    private struct State {
        /// `nil` if it is not known.
        var usage: [String: ToolCallUsage]?
        var tenants: WorkQueue<NamespacedName>?
    }

    private let state = Mutex(State())

    init() {}

    func connect(tenants queue: WorkQueue<NamespacedName>) { state.withLock { $0.tenants = queue } }

    /// The usage of a tenant; `nil` if it is not known.
    subscript(tenant: String) -> ToolCallUsage? {
        state.withLock { state in state.usage.map { $0[tenant] ?? ToolCallUsage() } }
    }

    /// Takes what the gateways have reported; `nil` if it is not known any more.
    ///
    /// - Parameter tenants: all tenants, of which those without calls are not in a report.
    func update(_ usage: [String: ToolCallUsage]?, tenants: [String]) {
        let (before, queue) = state.withLock { state in
            defer { state.usage = usage }
            return (state.usage, state.tenants)
        }
        for tenant in tenants {
            let old = before.map { $0[tenant] ?? ToolCallUsage() }
            let new = usage.map { $0[tenant] ?? ToolCallUsage() }
            if old != new { queue?.add(NamespacedName(namespace: "", name: tenant), priority: WorkPriority.low) }
        }
    }
}
