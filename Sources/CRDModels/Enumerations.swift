/// How a server speaks MCP.
public enum Transport: String, Sendable, Hashable, Codable, CaseIterable {
    /// Streamable HTTP, the protocol's own HTTP transport since its revision of 2025-03-26.
    case streamableHTTP = "streamable-http"
    /// HTTP with server-sent events, of the revision of 2024-11-05.
    case sse
    /// Standard input and output.
    case stdio
}

/// What becomes of an object when what it was made for is deleted.
public enum DeletionPolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// The object stays: a tenant's namespace with all that is in it that no server owned, a claim with its data.
    case retain = "Retain"
    /// The object is deleted with all that is in it.
    case delete = "Delete"
}

/// A level of the Pod Security Standards, from the weakest to the strictest.
public enum PodSecurityLevel: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Nothing is refused.
    case privileged
    /// Known ways to gain privileges are refused.
    case baseline
    /// What is not hardened is refused.
    case restricted

    /// Whether the left level is weaker than the right one.
    public static func < (left: PodSecurityLevel, right: PodSecurityLevel) -> Bool {
        left.strictness < right.strictness
    }

    private var strictness: Int {
        switch self {
        case .privileged: 0
        case .baseline: 1
        case .restricted: 2
        }
    }
}

/// Whether quotas are held or only counted.
public enum QuotaMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// What exceeds a quota is refused.
    case enforced = "Enforced"
    /// What exceeds a quota is counted, and not refused.
    case unbounded = "Unbounded"
}

/// What a member of a tenant is.
public enum MemberKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A user of the cluster.
    case user = "User"
    /// A group of users.
    case group = "Group"
    /// A ServiceAccount.
    case serviceAccount = "ServiceAccount"
}

/// What a member of a tenant may do in its namespace, by the ClusterRole of the same name.
public enum MemberRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// Read most objects.
    case view
    /// Read and change most objects.
    case edit
    /// Everything in the namespace.
    case admin
}

/// When a changed class reaches the servers that run.
public enum RolloutPolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// At once.
    case automatic = "Automatic"
    /// When a server is changed or restarted for another reason.
    case manual = "Manual"
}

/// How pods are replaced by new ones.
public enum UpdateStrategyType: String, Sendable, Hashable, Codable, CaseIterable {
    /// New pods start beside the old ones.
    case rollingUpdate = "RollingUpdate"
    /// All old pods end before new ones start.
    case recreate = "Recreate"
}

/// Which pods of a tenant's namespace can do nothing on the network that no policy allows.
public enum DefaultDeny: String, Sendable, Hashable, Codable, CaseIterable {
    /// All pods of the namespace.
    case allPods = "AllPods"
    /// The pods of MCPServers alone.
    case serversOnly = "ServersOnly"
}
