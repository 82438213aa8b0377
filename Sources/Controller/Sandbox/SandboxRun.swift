import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI

/// The steps of `moorage sandbox` after the API and the operator have started: apply, wait, print.
struct SandboxRun<Clock: _Concurrency.Clock>: Sendable where Clock.Instant == ContinuousClock.Instant {
    /// The cluster.
    let api: any ClusterAPI
    /// The output for the tree.
    let console: Console
    /// The clock.
    let clock: Clock

    /// The time between two checks of the servers. The API is in this process, so a check is cheap.
    static var pause: Duration { .milliseconds(50) }

    /// Applies files, and reports on standard error what was refused or skipped.
    ///
    /// - Returns: whether everything was applied.
    func apply(_ sources: [ManifestSource]) async throws -> Bool {
        let reader = ManifestReader(sources: sources)
        let clock = clock
        let applier = ManifestApplier(api: api) { try await clock.sleep(for: $0) }
        let diagnostics = try await applier.apply(reader)
        for diagnostic in diagnostics.ordered(byFiles: sources.map(\.name)) {
            console.error(diagnostic.description, prefix: nil)
        }
        return !diagnostics.hasErrors
    }

    /// Waits until every server is Ready or cannot become Ready, and prints the objects.
    ///
    /// - Returns: why servers are not Ready; empty if all are.
    func waitUntilReady(timeout: Duration) async throws -> [String] {
        var wait = ReadinessWait(deadline: clock.now.advanced(by: timeout))
        while true {
            switch wait.look(at: try await api.list(MCPServer.resourceType), now: clock.now) {
            case .ready: return []
            case .failed(let reasons): return reasons
            case .wait(let end):
                try await clock.sleep(until: min(end, clock.now.advanced(by: Self.pause)), tolerance: nil)
            }
        }
    }

    /// Prints tenants, namespaces, servers, what they own, and their conditions.
    func printTree() async throws {
        var objects: [JSONValue] = []
        for type in SandboxRun.shown { objects += try await api.list(type) }
        for tree in ClusterTree(objects: objects).trees() { console.output(tree.rendered(console: console)) }
    }

    /// The kinds in the tree.
    private static var shown: [ResourceType] {
        [
            MCPTenant.resourceType, MCPServer.resourceType, .namespace, .networkPolicy, .resourceQuota, .limitRange,
            .roleBinding, .serviceAccount, .secret, .persistentVolumeClaim, .service, .deployment, .replicaSet, .pod,
            .podDisruptionBudget, .horizontalPodAutoscaler, .ingress, .httpRoute, .serviceMonitor,
        ]
    }
}
