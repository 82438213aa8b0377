internal import KubernetesAPI
internal import Policy
import Synchronization

/// Admits servers under quotas, one decision at a time for each namespace.
///
/// The cluster records who holds a place: in the server's status, and by its Deployment. The caches show both only some
/// time after they are written; until then the registry prevents the place from being given to another server. It also
/// knows who waits as soon as this is decided, so that a change before the status is written is not missed.
final class AdmissionRegistry: Sendable {
    /// The servers that hold a place or wait for one in a namespace.
    private struct Places {
        /// The UIDs of the servers that the latest decision about them admitted.
        var admitted: Set<String> = []
        /// The servers that wait according to the latest decision about them.
        var waiting: Set<NamespacedName> = []
    }

    private let places = Mutex<[String: Places]>([:])

    /// Decides about one server, and records the decision.
    ///
    /// - Parameters:
    ///   - server: the server.
    ///   - uid: the server's UID.
    ///   - decide: receives the UIDs that hold places. It must not block.
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

    /// The UIDs of the servers that hold places in a namespace.
    func holders(namespace: String) -> Set<String> {
        places.withLock { $0[namespace]?.admitted ?? [] }
    }

    /// The servers of a namespace that wait for a place.
    func waiting(namespace: String) -> [NamespacedName] {
        places.withLock { $0[namespace]?.waiting.sorted() ?? [] }
    }

    /// Removes a server that was deleted, or refused for a reason other than the quota.
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
