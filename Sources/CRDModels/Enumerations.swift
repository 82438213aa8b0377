/// How a server speaks MCP.
public enum Transport: String, Sendable, Hashable, Codable, CaseIterable {
    /// Streamable HTTP, the HTTP transport of the protocol since its revision of 2025-03-26.
    case streamableHTTP = "streamable-http"
    /// HTTP with server-sent events, of the revision of 2024-11-05.
    case sse
    /// Standard input and output.
    case stdio
}

/// What happens to an object when its owner is deleted.
public enum DeletionPolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// The object is kept: a tenant's namespace with everything in it that no server owns, or a claim with its data.
    case retain = "Retain"
    /// The object is deleted with everything in it.
    case delete = "Delete"
}

/// A level of the Pod Security Standards, from the weakest to the strictest.
public enum PodSecurityLevel: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Nothing is refused.
    case privileged
    /// Known ways to gain privileges are refused.
    case baseline
    /// Pods that are not hardened are refused.
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

/// Whether quotas are enforced or only counted.
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

/// What a member of a tenant may do in its namespace. Each is a ClusterRole that is installed with Moorage.
public enum MemberRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// Reads servers, ConfigMaps, pods, their logs and events. Not Secrets.
    case viewer = "Viewer"
    /// Reads what a viewer reads, and changes servers, Secrets and ConfigMaps.
    case editor = "Editor"
    /// Reads what a viewer reads, and grants approvals.
    case approver = "Approver"

    /// Decodes a role. Objects that were stored by earlier versions can contain the names of the built-in Kubernetes
    /// roles. They are read as the closest member role.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let role = MemberRole(rawValue: text) ?? MemberRole.formerNames[text] else {
            let names = MemberRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is not a valid role of a member: use one of \(names)"
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

/// When a change of a class is rolled out to running servers.
public enum RolloutPolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Immediately.
    case automatic = "Automatic"
    /// When a server is changed or restarted for another reason.
    case manual = "Manual"
}

/// How existing pods are replaced by new ones.
public enum UpdateStrategyType: String, Sendable, Hashable, Codable, CaseIterable {
    /// New pods start before old ones are terminated.
    case rollingUpdate = "RollingUpdate"
    /// All old pods are terminated before new ones start.
    case recreate = "Recreate"
}

/// Which pods of a tenant's namespace are isolated: they have only the network access that a policy allows.
public enum DefaultDeny: String, Sendable, Hashable, Codable, CaseIterable {
    /// All pods of the namespace.
    case allPods = "AllPods"
    /// Only the pods of MCPServers.
    case serversOnly = "ServersOnly"
}

/// Whether Moorage checks that a server speaks MCP before it reports it as ready.
public enum HandshakeMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// The controller connects to the pods and reads what the server offers.
    case enabled = "Enabled"
    /// The controller does not connect to the pods. Ready then means that they pass their readiness probe.
    case disabled = "Disabled"
}
