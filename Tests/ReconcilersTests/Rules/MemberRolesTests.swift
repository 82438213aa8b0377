import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Members of a tenant")
struct MemberRolesTests {
    private func plan(_ members: [TenantMember], platform: PlatformConfiguration = PlatformConfiguration()) -> Decision<
        TenantPlan
    > {
        decide(TenantInput(tenant: Sample.tenant { $0.members = members }, platform: platform))
    }

    @Test("stored names of Kubernetes' roles are read as Moorage's own roles")
    func formerNames() throws {
        func role(_ text: String) throws -> MemberRole? {
            let member: JSONValue = ["name": "a", "role": .string(text)]
            return try member.decode(TenantMember.self).role
        }
        let roles = try ["view", "edit", "admin", "Viewer", "Editor", "Approver"].map(role)
        #expect(roles == [.viewer, .editor, .editor, .viewer, .editor, .approver])
        #expect(throws: DecodingError.self) { try role("cluster-admin") }
    }

    @Test("the RoleBindings of those roles are replaced, because a binding's role cannot be changed")
    func replaced() throws {
        let plan = try #require(plan([TenantMember(name: "a", role: .editor)]).plan)
        let names = render(plan).filter { $0.reference.type == .roleBinding }.map(\.reference.name)
        #expect(names == ["moorage-editor"])
        #expect(Set(names).isDisjoint(with: ["moorage-view", "moorage-edit", "moorage-admin"]))
    }

    @Test("a ClusterRole that the platform does not list is refused, and a listed one is bound with a warning")
    func clusterRoles() throws {
        let members = [TenantMember(name: "ann"), TenantMember(name: "bob", clusterRole: "edit")]
        let refusal = try #require(plan(members).refusal)
        #expect(refusal.reason == .memberRoleNotAllowed)
        #expect(refusal.field == "spec.members[1].clusterRole")
        #expect(refusal.message.contains("members.clusterRoles"))

        let platform = PlatformConfiguration(members: PlatformMembers(clusterRoles: ["edit"]))
        let allowed = try #require(plan(members, platform: platform).plan)
        #expect(allowed.warnings.contains { $0.contains("\"edit\"") && $0.contains("bob") })
        #expect(try #require(plan([members[0]], platform: platform).plan).warnings == [])
        let binding = try #require(render(allowed)["RoleBinding", "moorage-cluster-role-edit"])
        #expect(binding.at("roleRef.name") == "edit")
        let accepted = tenantStatus(
            of: allowed.tenant,
            decision: .run(allowed),
            now: Timestamp(secondsSinceEpoch: 0)
        ).conditions?[type: ConditionType.accepted]
        #expect(accepted?.status == .true)
        #expect(accepted?.message.contains("\"edit\"") == true)
    }

    @Test("the names of roles have the prefix of the release")
    func prefix() throws {
        let platform = PlatformConfiguration(members: PlatformMembers(rolePrefix: "second"))
        let plan = try #require(plan([TenantMember(name: "a")], platform: platform).plan)
        #expect(render(plan)["RoleBinding", "second-viewer"]?.at("roleRef.name") == "second-viewer")
    }

    @Test("members can read their own tenant and the classes, but no other tenant")
    func readers() throws {
        let members = [
            TenantMember(name: "ann"), TenantMember(name: "ann", role: .approver),
            TenantMember(kind: .serviceAccount, name: "ci", namespace: "build", role: .editor),
        ]
        let objects = render(try #require(plan(members).plan))
        let role = try #require(objects["ClusterRole", "moorage-tenant-acme"])
        #expect(
            role["rules"] == [
                [
                    "apiGroups": ["moorage.dev"], "resources": ["mcptenants"], "resourceNames": ["acme"],
                    "verbs": ["get", "list", "watch"],
                ],
                ["apiGroups": ["moorage.dev"], "resources": ["mcpserverclasses"], "verbs": ["get", "list", "watch"]],
            ]
        )
        #expect(role.at("metadata.namespace") == nil)
        let binding = try #require(objects["ClusterRoleBinding", "moorage-tenant-acme"])
        #expect(binding.at("roleRef.name") == "moorage-tenant-acme")
        #expect(binding["subjects"]?.arrayValue?.count == 2, "each once, whatever roles a member has")
        let none = render(try #require(plan([]).plan))
        #expect(none["ClusterRole"] == nil)
        #expect(none["ClusterRoleBinding"] == nil)
    }

    @Test(
        "invalid names of ClusterRoles are an error in the platform's configuration",
        arguments: ["", "a/b", "a%b"]
    )
    func invalid(name: String) {
        for members in [PlatformMembers(rolePrefix: name), PlatformMembers(clusterRoles: [name])] {
            #expect(throws: ConfigurationError.self) { try PlatformConfiguration(members: members).validate() }
        }
    }
}
