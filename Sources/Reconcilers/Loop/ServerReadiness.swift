internal import KubernetesAPI
internal import Observability
import Synchronization

/// The metric of the readiness of servers: one series for each, whose labels change with the reason.
final class ServerReadiness: Sendable {
    private let family: GaugeFamily
    private let labels = Mutex<[NamespacedName: [String]]>([:])

    init(_ family: GaugeFamily) {
        self.family = family
    }

    func set(_ server: NamespacedName, tenant: String, isReady: Bool, reason: String) {
        let values = [tenant, server.namespace, server.name, reason]
        labels.withLock { labels in
            let before = labels.updateValue(values, forKey: server)
            if let before, before != values { family.remove(before) }
            family.with(values).set(isReady ? 1 : 0)
        }
    }

    func remove(_ server: NamespacedName) {
        labels.withLock { labels in
            if let values = labels.removeValue(forKey: server) { family.remove(values) }
        }
    }
}
