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

/// What a member of a tenant may do in its namespace. Each is a ClusterRole that comes with Moorage.
public enum MemberRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// Reads servers, ConfigMaps, pods, their logs and events. Not Secrets.
    case viewer = "Viewer"
    /// Reads what a viewer reads, and changes servers, Secrets and ConfigMaps.
    case editor = "Editor"
    /// Reads what a viewer reads, and approves what has to be approved.
    case approver = "Approver"

    /// Reads one. The names of Kubernetes' own roles, which stood here before, are stored in objects that nobody has
    /// changed since; what they meant is given as far as a member should have it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let role = MemberRole(rawValue: text) ?? MemberRole.formerNames[text] else {
            let names = MemberRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is not a member's role: use one of \(names)"
            )
        }
        self = role
    }

    private static let formerNames: [String: MemberRole] = ["view": .viewer, "edit": .editor, "admin": .editor]
}

/// Who chooses the user and the groups of pods.
public enum UserAssignment: String, Sendable, Hashable, Codable, CaseIterable {
    /// Moorage: user and groups are 1000.
    case fixed = "Fixed"
    /// The platform's admission, such as OpenShift's security context constraints.
    case platform = "Platform"
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
