internal import KubernetesAPI
import Synchronization

/// Remembers who holds a place under a quota, from the decision on until the server is gone.
///
/// The cache shows a Deployment only some time after it was written. Until then this is what keeps a place from being given
/// away twice, so deciding and remembering happen under one lock.
final class AdmissionRegistry: Sendable {
    /// The identities of the admitted servers, by namespace.
    private let admitted = Mutex<[String: Set<String>]>([:])

    /// Decides about one server and remembers it if it is admitted.
    ///
    /// - Parameters:
    ///   - uid: the server's identity.
    ///   - namespace: the server's namespace.
    ///   - decide: gets the identities that hold places, and tells whether the server is admitted. It must not wait.
    func decide<Result>(uid: String, namespace: String, _ decide: (Set<String>) -> (isAdmitted: Bool, result: Result))
        -> Result
    {
        admitted.withLock { admitted in
            let (isAdmitted, result) = decide(admitted[namespace] ?? [])
            if isAdmitted { admitted[namespace, default: []].insert(uid) }
            return result
        }
    }

    /// The identities that hold places in a namespace.
    func holders(namespace: String) -> Set<String> {
        admitted.withLock { $0[namespace] ?? [] }
    }

    /// Frees a place.
    func release(uid: String, namespace: String) {
        admitted.withLock { admitted in
            admitted[namespace]?.remove(uid)
            if admitted[namespace]?.isEmpty == true { admitted[namespace] = nil }
        }
    }
}
