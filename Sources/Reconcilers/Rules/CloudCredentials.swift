internal import CRDModels

/// A way in which a cloud hands pods credentials of their own, at an address that nobody reaches unless the platform opens
/// it.
public enum CloudCredentials: String, Sendable, Hashable, Codable, CaseIterable {
    /// The agent of EKS Pod Identity, on each node.
    case eksPodIdentity = "EKSPodIdentity"
    /// GKE's metadata server under Workload Identity, as it is reached under Calico.
    case gkeWorkloadIdentity = "GKEWorkloadIdentity"
    /// The same under Dataplane V2, where policies see the metadata address itself. Without Workload Identity on every node
    /// pool this address hands out the node's own credentials.
    case gkeWorkloadIdentityDataplaneV2 = "GKEWorkloadIdentityDataplaneV2"

    /// The addresses, and the port, at which credentials are handed out, as the clouds document them.
    var endpoints: (ranges: [String], port: Int) {
        switch self {
        case .eksPodIdentity: (["169.254.170.23/32", "fd00:ec2::23/128"], 80)
        case .gkeWorkloadIdentity: (["169.254.169.252/32"], 988)
        case .gkeWorkloadIdentityDataplaneV2: (["169.254.169.254/32"], 80)
        }
    }
}
