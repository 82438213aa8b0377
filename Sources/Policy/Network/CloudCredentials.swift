internal import CRDModels

/// A service with which a cloud gives pods their own credentials, at an address that pods reach only if the platform
/// opens it.
public enum CloudCredentials: String, Sendable, Hashable, Codable, CaseIterable {
    /// The agent of EKS Pod Identity, on each node.
    case eksPodIdentity = "EKSPodIdentity"
    /// GKE's metadata server under Workload Identity, at the address that pods use with Calico.
    case gkeWorkloadIdentity = "GKEWorkloadIdentity"
    /// The same with Dataplane V2, where policies apply to the metadata address itself. Without Workload Identity on
    /// every node pool, this address serves the node's own credentials.
    case gkeWorkloadIdentityDataplaneV2 = "GKEWorkloadIdentityDataplaneV2"

    /// The addresses and the port at which credentials are served, as the clouds document them.
    package var endpoints: (ranges: [String], port: Int) {
        switch self {
        case .eksPodIdentity: (["169.254.170.23/32", "fd00:ec2::23/128"], 80)
        case .gkeWorkloadIdentity: (["169.254.169.252/32"], 988)
        case .gkeWorkloadIdentityDataplaneV2: (["169.254.169.254/32"], 80)
        }
    }
}
