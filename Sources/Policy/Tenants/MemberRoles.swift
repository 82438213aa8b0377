public import CRDModels
internal import KubernetesAPI

/// The roles that the platform allows members of tenants to have.
public struct PlatformMembers: Sendable, Hashable, Codable {
    /// The prefix of the names of Moorage's own ClusterRoles, before `-viewer`, `-editor` and `-approver`. Defaults to
    /// `moorage`.
    public var rolePrefix: String?
    /// Further ClusterRoles that `spec.members[].clusterRole` of a tenant can name. The controller must be allowed to
    /// bind each of them. Defaults to none.
    public var clusterRoles: [String]?

    /// The default prefix of the names of the ClusterRoles.
    public static let builtInRolePrefix = "moorage"

    public init(rolePrefix: String? = nil, clusterRoles: [String]? = nil) {
        self.rolePrefix = rolePrefix
        self.clusterRoles = clusterRoles
    }
}

/// A ClusterRole, and the members of a tenant who have it in the tenant's namespace.
public struct MemberBinding: Sendable, Hashable {
    /// The RoleBinding's name. It depends on the ClusterRole, because the role of a RoleBinding cannot be changed.
    public var name: String
    /// The ClusterRole.
    public var clusterRole: String
    /// The members who have it.
    public var members: [TenantMember]
}

/// Finds the ClusterRole of each member of a tenant.
package struct MemberRoles {
    package let prefix: String
    let otherRoles: [String]

    package init(platform: PlatformConfiguration) {
        prefix = platform.members?.rolePrefix ?? PlatformMembers.builtInRolePrefix
        otherRoles = platform.members?.clusterRoles ?? []
    }

    /// Validates the platform's settings.
    func validate() throws(Refusal) {
        for (name, field) in [(prefix, "members.rolePrefix")]
            + otherRoles.enumerated().map({ ($1, "members.clusterRoles[\($0)]") })
        where name.isEmpty || name.utf8.count > 200 || name.contains("/") || name.contains("%") {
            throw Refusal(
                .tenantInvalid,
                field: field,
                "\"\(name)\" is not a valid name of a ClusterRole: use 1 to 200 characters without / and %"
            )
        }
    }

    /// The bindings of a tenant's members, Moorage's own roles first.
    ///
    /// - Throws: `Refusal` if a member has a role that the platform does not list.
    package func bindings(of members: [TenantMember]) throws(Refusal) -> [MemberBinding] {
        for (index, member) in members.enumerated() {
            guard let role = member.clusterRole, !otherRoles.contains(role) else { continue }
            let allowed =
                otherRoles.isEmpty
                ? "the platform does not list any"
                : "the platform lists \(otherRoles.sorted().joined(separator: ", "))"
            throw Refusal(
                .memberRoleNotAllowed,
                field: "spec.members[\(index)].clusterRole",
                """
                the ClusterRole "\(role)" cannot be granted to "\(member.name)": \(allowed); use role: Viewer, \
                Editor or Approver, or ask an administrator to add it to members.clusterRoles of the platform's \
                configuration
                """
            )
        }
        let own = MemberRole.allCases.map { role in
            let name = clusterRole(role)
            return MemberBinding(
                name: name,
                clusterRole: name,
                members: members.filter { $0.clusterRole == nil && ($0.role ?? .viewer) == role }
            )
        }
        let named = Set(members.compactMap(\.clusterRole)).sorted().map { role in
            MemberBinding(
                name: ObjectNames.members(clusterRole: role),
                clusterRole: role,
                members: members.filter { $0.clusterRole == role }
            )
        }
        return (own + named).filter { !$0.members.isEmpty }
    }

    /// Warnings about members who have a ClusterRole that is not part of Moorage.
    package static func warnings(_ bindings: [MemberBinding], own prefix: String) -> [String] {
        let own = Set(MemberRole.allCases.map { clusterRole($0, prefix: prefix) })
        return bindings.filter { !own.contains($0.clusterRole) }.map { binding in
            let names = binding.members.map(\.name).sorted().joined(separator: ", ")
            return """
                \(names): the ClusterRole "\(binding.clusterRole)" is not part of Moorage; if it can write workloads, \
                NetworkPolicies or RoleBindings, its members can bypass the rules for images, network and quotas
                """
        }
    }

    private func clusterRole(_ role: MemberRole) -> String { Self.clusterRole(role, prefix: prefix) }

    private static func clusterRole(_ role: MemberRole, prefix: String) -> String {
        "\(prefix)-\(role.rawValue.lowercased())"
    }
}
