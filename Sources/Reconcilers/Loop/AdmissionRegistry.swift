internal import KubernetesAPI
import Synchronization

/// Admits servers under quotas, one decision at a time for each namespace.
///
/// Who holds a place is written in the cluster: in the server's status, and by its Deployment. The caches show either only
/// some time after it was written; until then the registry keeps the place from being handed out twice. It also knows who
/// waits from the moment of the decision on, so that a change that comes before the status is written is not missed.
final class AdmissionRegistry: Sendable {
    /// Who holds a place or waits for one in a namespace.
    private struct Places {
        /// The identities of the servers that were admitted by the latest decision about them.
        var admitted: Set<String> = []
        /// The servers that wait, by the latest decision about them.
        var waiting: Set<NamespacedName> = []
    }

    private let places = Mutex<[String: Places]>([:])

    /// Decides about one server, and records the decision.
    ///
    /// - Parameters:
    ///   - server: the server.
    ///   - uid: the server's identity.
    ///   - decide: gets the identities that hold places. It must not wait.
    func decide(
        _ server: NamespacedName,
        uid: String,
        _ decide: (_ holders: Set<String>) -> QuotaLedger.Admission
    ) -> QuotaLedger.Admission {
        places.withLock { places in
            let admission = decide(places[server.namespace]?.admitted ?? [])
            if admission == .admitted {
                places[server.namespace, default: Places()].admitted.insert(uid)
                places[server.namespace]?.waiting.remove(server)
            } else {
                places[server.namespace, default: Places()].admitted.remove(uid)
                places[server.namespace]?.waiting.insert(server)
            }
            return admission
        }
    }

    /// The identities that hold places in a namespace.
    func holders(namespace: String) -> Set<String> {
        places.withLock { $0[namespace]?.admitted ?? [] }
    }

    /// The servers of a namespace that wait for a place.
    func waiting(namespace: String) -> [NamespacedName] {
        places.withLock { $0[namespace]?.waiting.sorted() ?? [] }
    }

    /// Forgets a server that is gone, or refused for a reason other than the quota.
    func release(_ server: NamespacedName, uid: String) {
        places.withLock { places in
            places[server.namespace]?.admitted.remove(uid)
            places[server.namespace]?.waiting.remove(server)
            if let left = places[server.namespace], left.admitted.isEmpty, left.waiting.isEmpty {
                places[server.namespace] = nil
            }
        }
    }
}
