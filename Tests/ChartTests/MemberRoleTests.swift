import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

/// The permissions of members of a tenant: the ClusterRoles of the chart, and the bindings that are rendered for a
/// tenant.
@Suite("Members' permissions")
struct MemberRoleTests {
    private static let namespace = "mcp-acme"

    /// A permission in the tenant's namespace, or in the cluster.
    struct Right: Sendable, CustomTestStringConvertible {
        var verb: String
        var group: String
        var resource: String
        var name: String?
        var isNamespaced = true
        /// The roles that have it.
        var roles: Set<MemberRole>

        var testDescription: String { "\(verb) \(resource).\(group)" }
    }

    private static func rights(
        _ verbs: [String],
        _ group: String,
        _ resources: [String],
        name: String? = nil,
        isNamespaced: Bool = true,
        _ roles: Set<MemberRole>
    ) -> [Right] {
        verbs.flatMap { verb in
            resources.map {
                Right(verb: verb, group: group, resource: $0, name: name, isNamespaced: isNamespaced, roles: roles)
            }
        }
    }

    private static let all = Set(MemberRole.allCases)
    private static let reading = ["get", "list", "watch"]
    private static let writing = ["create", "update", "patch", "delete", "deletecollection"]

    static let rights: [Right] = [
        rights(reading, "moorage.dev", ["mcpservers", "mcpservers/status", "mcpservers/scale"], all),
        rights(reading, "moorage.dev", ["mcpserverrevisions", "mcpserverrevisions/status"], all),
        rights(["update", "patch"], "moorage.dev", ["mcpserverrevisions"], [.approver]),
        rights(["create", "delete", "deletecollection"], "moorage.dev", ["mcpserverrevisions"], []),
        rights(writing, "moorage.dev", ["mcpserverrevisions/status", "mcpvirtualservers/status"], []),
        rights(reading, "moorage.dev", ["mcpvirtualservers", "mcpvirtualservers/status"], all),
        rights(reading, "", ["configmaps", "pods", "events"], all),
        rights(reading, "events.k8s.io", ["events"], all),
        rights(["get"], "", ["pods/log"], all),
        rights(writing, "moorage.dev", ["mcpservers", "mcpvirtualservers"], [.editor]),
        rights(["update", "patch"], "moorage.dev", ["mcpservers/scale"], [.editor]),
        rights(reading + writing.dropLast(), "", ["secrets"], [.editor]),
        rights(writing.dropLast(), "", ["configmaps"], [.editor]),
        // Their own tenant, and the classes.
        rights(reading, "moorage.dev", ["mcptenants"], name: "acme", isNamespaced: false, all),
        rights(reading, "moorage.dev", ["mcptenants"], name: "other", isNamespaced: false, []),
        rights(reading, "moorage.dev", ["mcpserverclasses"], name: "default", isNamespaced: false, all),
        rights(writing, "moorage.dev", ["mcptenants", "mcpserverclasses"], name: "acme", isNamespaced: false, []),
        // These would bypass isolation, image rules, quotas or the roles themselves.
        rights(writing, "networking.k8s.io", ["networkpolicies", "ingresses"], []),
        rights(writing, "gateway.networking.k8s.io", ["httproutes", "gateways"], []),
        rights(writing, "apps", ["deployments", "statefulsets", "daemonsets", "replicasets", "deployments/scale"], []),
        rights(writing, "batch", ["jobs", "cronjobs"], []),
        rights(writing, "rbac.authorization.k8s.io", ["roles", "rolebindings"], []),
        rights(writing, "", ["pods", "services", "serviceaccounts", "resourcequotas", "limitranges", "endpoints"], []),
        rights(writing, "autoscaling", ["horizontalpodautoscalers"], []),
        rights(writing, "policy", ["poddisruptionbudgets"], []),
        rights(
            ["create", "get"],
            "",
            ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"],
            []
        ),
        rights(
            ["create", "update", "patch"],
            "",
            ["pods/ephemeralcontainers", "pods/eviction", "serviceaccounts/token"],
            []
        ),
        rights(["update", "patch"], "moorage.dev", ["mcpservers/status", "mcpservers/finalizers"], []),
        rights(["bind", "escalate"], "rbac.authorization.k8s.io", ["clusterroles", "roles"], []),
        rights(["impersonate"], "", ["serviceaccounts", "users", "groups"], []),
    ].flatMap { $0 }

    /// The objects of a tenant with one member of each role.
    private static func tenantObjects() throws -> [RenderedObject] {
        let members = MemberRole.allCases.map {
            TenantMember(kind: .serviceAccount, name: $0.rawValue.lowercased(), namespace: "people", role: $0)
        }
        let tenant = MCPTenant(metadata: ObjectMeta(name: "acme"), spec: MCPTenantSpec(members: members))
        return render(try #require(decide(TenantInput(tenant: tenant)).plan))
    }

    @Test("each role has its permissions, and none that could bypass the tenant's rules")
    func rules() async throws {
        let documents = try await Chart.documents() + Self.tenantObjects().map(\.value)
        for role in MemberRole.allCases {
            let rules = AccessRules(documents, serviceAccount: role.rawValue.lowercased(), namespace: "people")
            for right in Self.rights {
                let permission = Permission(
                    right.verb,
                    group: right.group,
                    resource: right.resource,
                    namespace: right.isNamespaced ? Self.namespace : nil,
                    name: right.name
                )
                #expect(rules.allows(permission) == right.roles.contains(role), "\(role): \(permission)")
                if right.isNamespaced {
                    var elsewhere = permission
                    elsewhere.namespace = "mcp-other"
                    #expect(!rules.allows(elsewhere), "\(role): \(elsewhere)")
                }
            }
        }
    }

    @Test("the roles have no wildcards, and their names depend on the release")
    func roles() async throws {
        let documents = try await Chart.documents(["--set", "fullnameOverride=second"])
        for suffix in ["viewer", "editor", "approver"] {
            let role = try #require(
                documents.first {
                    $0["kind"] == "ClusterRole" && $0[path: ["metadata", "name"]]?.stringValue == "second-\(suffix)"
                }
            )
            let rules = String(decoding: role["rules"]?.serialized() ?? [], as: UTF8.self)
            #expect(rules.contains("mcpservers") && !rules.contains("*"))
        }
        let file = try #require(
            documents.first { $0["kind"] == "ConfigMap" }?[path: ["data", "config.yaml"]]?.stringValue
        )
        let platform = try PlatformConfiguration(json: try YAML.value(of: file))
        #expect(platform.members?.rolePrefix == "second")
    }

    @Test("the controller can only bind Moorage's roles and those that are listed")
    func bind() async throws {
        func bound(_ arguments: [String]) async throws -> [String] {
            let documents = try await Chart.documents(arguments)
            let rules = AccessRules(documents, serviceAccount: Chart.serviceAccount, namespace: Chart.namespace)
            return rules.grants.flatMap(\.atoms).filter { $0.verb == "bind" }.map { $0.name ?? "*" }.sorted()
        }
        #expect(try await bound([]) == ["moorage-approver", "moorage-editor", "moorage-viewer"])
        #expect(
            try await bound(["--set", "config.members.clusterRoles={acme:debugger}"])
                == ["acme:debugger", "moorage-approver", "moorage-editor", "moorage-viewer"]
        )
    }

    @Test(
        "a real API server gives the same answers",
        .enabled(if: TestCluster.kubeconfig != nil, "needs MOORAGE_TEST_KUBECONFIG")
    )
    func realCluster() async throws {
        let review = ResourceType(
            group: "authorization.k8s.io",
            version: "v1",
            kind: "SubjectAccessReview",
            plural: "subjectaccessreviews",
            isNamespaced: false
        )
        try await withCluster { cluster in
            let namespace = try await cluster.makeNamespace()
            let options = ApplyOptions(fieldManager: "moorage-test", force: true)
            // With names that are unique to this run, so that an installed release is not changed.
            let prefix = cluster.name("members")
            var made: [(ResourceType, String)] = []
            for var role in try await Chart.documents(["--set", "fullnameOverride=\(prefix)"])
            where role["kind"] == "ClusterRole" {
                let name = role[path: ["metadata", "name"]]?.stringValue ?? ""
                guard MemberRole.allCases.contains(where: { name.hasSuffix("-\($0.rawValue.lowercased())") }) else {
                    continue
                }
                role[path: ["metadata", "labels"]] = nil
                _ = try await cluster.client.apply(.clusterRole, role, options: options)
                made.append((.clusterRole, name))
            }
            #expect(made.count == 3)
            for role in MemberRole.allCases {
                let name = "\(prefix)-\(role.rawValue.lowercased())"
                let binding: JSONValue = [
                    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                    "metadata": ["name": .string(name), "namespace": .string(namespace)],
                    "roleRef": [
                        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name),
                    ],
                    "subjects": [
                        ["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": .string(name)]
                    ],
                ]
                _ = try await cluster.client.apply(.roleBinding, binding, options: options)
            }
            for role in MemberRole.allCases {
                for right in Self.rights where right.isNamespaced {
                    let parts = right.resource.split(separator: "/", maxSplits: 1).map(String.init)
                    var attributes: JSONValue = [
                        "namespace": .string(namespace), "verb": .string(right.verb), "group": .string(right.group),
                        "resource": .string(parts[0]),
                    ]
                    if parts.count > 1 { attributes["subresource"] = .string(parts[1]) }
                    let body: JSONValue = [
                        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                        "spec": [
                            "user": .string("\(prefix)-\(role.rawValue.lowercased())"),
                            "resourceAttributes": attributes,
                        ],
                    ]
                    try await eventually("\(role) and \(right.testDescription) are judged as here") {
                        let answer = try await cluster.client.create(review, body)
                        return (answer[path: ["status", "allowed"]] == true) == right.roles.contains(role)
                    }
                }
            }
            for (type, name) in made { _ = try? await cluster.client.delete(type, name: name) }
            try await cluster.removeNamespace(namespace)
        }
    }
}
