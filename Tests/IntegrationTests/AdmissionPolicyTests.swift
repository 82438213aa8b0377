import CRDModels
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Policy
import SupplyChain
import TestSupport
import Testing

/// The admission policies of the chart: one table of requests is judged by the Swift form of the rules, and by an API server with the
/// policies that Helm renders. Both give the same answer.
@Suite("Admission policies")
struct AdmissionPolicyTests {
    /// The chart's values for the table.
    private static let values = [
        "config.images.allowedRegistries={registry.example,docker.io/library}",
        "config.images.mirrors[0].source=ghcr.io", "config.images.mirrors[0].mirror=mirror.example/ghcr",
        "admission.exemptImages={quay.io/jetstack/}", "admission.actions.quotas={Deny}",
    ]

    private static func settings() throws -> AdmissionSettings {
        func prefixes(_ texts: String...) throws -> [RegistryPrefix] { try texts.map { try RegistryPrefix($0) } }
        return AdmissionSettings(
            controllers: [AdmissionCase.User.controller.rawValue],
            images: ImagePolicy(
                allowedRegistries: try prefixes("registry.example", "docker.io/library"),
                mirrors: [
                    RegistryMirror(
                        source: try RegistryPrefix("ghcr.io"),
                        mirror: try RegistryPrefix("mirror.example/ghcr")
                    )
                ]
            ),
            ownImages: ["ghcr.io/moorage/controller:0.1.0"],
            exemptImages: try prefixes("quay.io/jetstack/")
        )
    }

    /// The tenants, by the place of their namespace.
    private static func tenant(_ place: AdmissionCase.Place, name: String, namespace: String) -> JSONValue? {
        let spec: JSONValue? =
            switch place {
            case .strict:
                [
                    "images": [
                        "allowedRegistries": ["registry.example/team/*", "docker.io/library"],
                        "mirrors": [["source": "quay.io", "mirror": "registry.example/quay"]],
                    ], "hardening": ["serviceAccounts": ["runner"]],
                ]
            case .lenient: ["images": ["requireDigest": false], "hardening": ["allowWeakening": true]]
            case .adopted: ["network": ["defaultDeny": "ServersOnly"]]
            case .retained, .none: nil
            }
        guard var spec else { return nil }
        spec["namespace"] = ["name": .string(namespace), "adopt": true]
        var tenant: JSONValue = [
            "apiVersion": .string(Moorage.apiVersion), "kind": "MCPTenant", "metadata": ["name": .string(name)],
            "spec": spec,
        ]
        if place == .adopted {
            tenant["status"] = ["observedGeneration": 1, "servers": ["admitted": 2, "waiting": 0, "limit": 2]]
        }
        return tenant
    }

    /// What exists before the policies do, in the namespaces of the table.
    private struct World {
        let cluster: TestCluster
        let namespaces: [AdmissionCase.Place: String]
        let group: String

        func name(_ place: AdmissionCase.Place) -> String { cluster.name("adm-\(place.rawValue)") }

        func tenant(_ place: AdmissionCase.Place) -> JSONValue? {
            AdmissionPolicyTests.tenant(place, name: name(place), namespace: name(place))
        }

        /// A client of a user, who can do everything that the table tries, or everything at all.
        func client(of user: AdmissionCase.User) -> KubernetesClient {
            cluster.client.with(
                transport: ImpersonatingTransport(
                    base: cluster.client.transport,
                    user: user.rawValue,
                    groups: [user == .administrator ? "system:masters" : group, "system:authenticated"]
                )
            )
        }
    }

    @Test(
        "the Swift form of the rules judges every request of the table as the table says",
        arguments: AdmissionCase.all
    )
    func swiftRules(_ request: AdmissionCase) throws {
        var review = AdmissionReview(
            operation: "CREATE",
            object: nil,
            user: request.user.rawValue,
            isAdministrator: request.user == .administrator,
            tenant: AdmissionPolicyTests.tenant(request.place, name: request.place.rawValue, namespace: "n"),
            platform: try Self.settings()
        )
        switch request.operation {
        case .create(let object): review.object = object
        case .update(let name, let patch):
            review.operation = "UPDATE"
            let old = try #require(Self.existing(name, request))
            review.oldObject = old
            review.object = old.merged(with: patch)
        case .updateEphemeral(let name, let container):
            review.operation = "UPDATE"
            review.oldObject = try #require(Self.existing(name, request))
            review.object = review.oldObject
            review.object?[path: ["spec", "ephemeralContainers"]] = [container]
        case .delete(let name):
            review.operation = "DELETE"
            review.oldObject = try #require(Self.existing(name, request))
        }
        let broken = AdmissionPolicies.all.filter { $0.judges(request) }.flatMap { $0.broken(by: review) }
        #expect(Set(broken) == Set(request.broken), "\(request.name)")
    }

    /// The objects that the table changes and deletes.
    private static func existing(_ name: String, _ request: AdmissionCase) -> JSONValue? {
        switch (request.type.plural, name) {
        case ("pods", "hard"): AdmissionCase.pod { $0[path: ["metadata", "name"]] = "hard" }
        case ("pods", "weak"):
            AdmissionCase.pod { pod in
                pod[path: ["metadata", "name"]] = "weak"
                pod[path: ["spec", "hostNetwork"]] = true
                pod[path: ["spec", "containers"]] = [["name": "mcp", "image": "evil.example/x:latest"]]
            }
        case ("networkpolicies", _):
            [
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": ["name": "existing"],
                "spec": ["podSelector": [:], "policyTypes": ["Ingress"]],
            ]
        case ("mcpservers", _):
            [
                "apiVersion": .string(Moorage.apiVersion), "kind": "MCPServer", "metadata": ["name": "loose"],
                "spec": ["image": "registry.example/team/echo:1", "transport": "streamable-http"],
            ]
        case ("mcptenants", _): tenant(.strict, name: "strict", namespace: "n")
        case ("namespaces", _):
            ["metadata": ["name": "n", "labels": labels(request.place, tenant: request.place.rawValue)]]
        default: nil
        }
    }

    private static func labels(_ place: AdmissionCase.Place, tenant: String) -> JSONValue {
        place == .none
            ? [:]
            : [MoorageLabels.managedBy: .string(MoorageLabels.managedByValue), MoorageLabels.tenant: .string(tenant)]
    }

    @Test("an API server with the chart's policies judges every request of the table as the table says")
    func policies() async throws {
        try await withCluster { cluster in
            let places = Dictionary(
                uniqueKeysWithValues: AdmissionCase.Place.allCases.map { ($0, cluster.name("adm-\($0.rawValue)")) }
            )
            let world = World(cluster: cluster, namespaces: places, group: cluster.name("admission-testers"))
            let release = cluster.name("adm")
            do {
                try await prepare(world)
                try await install(release, in: world)
                // The sandbox does not serve ephemeralcontainers.
                for request in AdmissionCase.all where !request.isAboutDebugging || cluster.sandbox == nil {
                    try await check(request, in: world)
                }
                try await checkAllowedWeakening(release, in: world)
            } catch {
                try? await remove(release, world)
                throw error
            }
            try await remove(release, world)
        }
    }

    private func prepare(_ world: World) async throws {
        let client = world.cluster.client
        for place in AdmissionCase.Place.allCases {
            let namespace = world.name(place)
            _ = try await client.create(
                .namespaces,
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .string(namespace), "labels": Self.labels(place, tenant: namespace)],
                ]
            )
            guard let tenant = world.tenant(place) else { continue }
            _ = try await client.create(MCPTenant.resourceType, tenant)
            if let status = tenant["status"] {
                _ = try await client.patch(
                    MCPTenant.resourceType,
                    name: namespace,
                    subresource: "status",
                    .merge(["status": status])
                )
            }
        }
        let strict = world.name(.strict)
        for name in ["default", "runner", "weather"] {
            _ = try await client.apply(
                .serviceAccounts,
                [
                    "apiVersion": "v1", "kind": "ServiceAccount",
                    "metadata": ["name": .string(name), "namespace": .string(strict)],
                ],
                options: ApplyOptions(fieldManager: "moorage-tests", force: true)
            )
        }
        for request in AdmissionCase.all {
            let name: String
            switch request.operation {
            case .create: continue
            case .update(let changed, _), .updateEphemeral(let changed, _), .delete(let changed): name = changed
            }
            guard request.type.isNamespaced, var object = Self.existing(name, request) else { continue }
            object[path: ["metadata", "namespace"]] = .string(strict)
            do {
                _ = try await client.create(request.type, object)
            } catch let error as APIError where error.isAlreadyExists {}
        }
        // What the requests of the table need, apart from the policies.
        let role = world.cluster.name("admission-testers")
        for (kind, body) in [
            (
                ResourceType.clusterRoles,
                [
                    "rules": [
                        [
                            "apiGroups": ["", "networking.k8s.io", "moorage.dev"],
                            "resources": [
                                "pods", "pods/ephemeralcontainers", "networkpolicies", "namespaces", "mcptenants",
                                "mcpservers",
                                "serviceaccounts",
                            ], "verbs": ["get", "create", "update", "patch", "delete"],
                        ]
                    ]
                ] as JSONValue
            ),
            (
                .clusterRoleBindings,
                [
                    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
                    "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": .string(role)]],
                ]
            ),
        ] {
            var object = body
            object["apiVersion"] = "rbac.authorization.k8s.io/v1"
            object["kind"] = .string(kind.kind)
            object["metadata"] = ["name": .string(role)]
            _ = try await client.create(kind, object)
        }
    }

    /// A rule that the values list does not apply; the others still do.
    private func checkAllowedWeakening(_ release: String, in world: World) async throws {
        try await apply(release, in: world, ["admission.allowedWeakenings={readOnlyRootFilesystem}"])
        let request = try #require(AdmissionCase.all.first { $0.broken == ["readOnlyRootFilesystem"] })
        try await eventually("the rule does not apply") { try await answer(request, in: world) == nil }
        try await check(try #require(AdmissionCase.all.first { $0.broken == ["capabilities"] }), in: world)
    }

    @Test("the names of the rules that the values can list are those of the rules")
    func names() async throws {
        for rule in AdmissionPolicies.weakenings {
            _ = try await Chart.render(["--set", "admission.allowedWeakenings={\(rule)}"])
            #expect(try Tool.text(of: "docs/admission.md").contains("`\(rule)`"))
        }
        await #expect(throws: Tool.Failure.self) {
            try await Chart.render(["--set", "admission.allowedWeakenings={other}"])
        }
    }

    /// Installs the policies for the namespaces of the table, and waits until they are in force.
    private func install(_ release: String, in world: World) async throws {
        try await apply(release, in: world)
        // Policies take effect a moment after they are created, one after the other: the last case of each policy is refused.
        for name in [
            "platform-digest", "service-links", "network-policy", "namespace-labels", "tenant-administrator",
            "server-digest", "server-quota",
        ] {
            let request = try #require(AdmissionCase.all.first { $0.broken.contains(name) })
            try await eventually("the policy with \(name) is in force") { try await answer(request, in: world) != nil }
        }
    }

    private func apply(_ release: String, in world: World, _ values: [String] = []) async throws {
        let scope = "scope={\(world.namespaces.values.sorted().joined(separator: ","))}"
        let arguments =
            ([scope, "fullnameOverride=\(release)", "serviceAccount.name=moorage-controller"] + Self.values + values)
            .flatMap { ["--set", $0] }
        for policy in try await Chart.admissionPolicies(arguments) {
            _ = try await world.cluster.client.apply(
                try #require(ResourceType.admissionPolicies[policy["kind"]?.stringValue ?? ""]),
                policy,
                options: ApplyOptions(fieldManager: "moorage-tests", force: true)
            )
        }
    }

    private func remove(_ release: String, _ world: World) async throws {
        guard world.cluster.sandbox == nil else { return }
        let client = world.cluster.client
        for kind in [
            "ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
            "MutatingAdmissionPolicy",
        ] {
            guard let type = ResourceType.admissionPolicies[kind] else { continue }
            let names = try await client.list(type).items.compactMap { $0[path: ["metadata", "name"]]?.stringValue }
            for name in names where name.hasPrefix(release) { _ = try await client.delete(type, name: name) }
        }
        for place in AdmissionCase.Place.allCases {
            if world.tenant(place) != nil { try await world.cluster.removeTenant(world.name(place)) }
            try await world.cluster.removeNamespace(world.name(place))
        }
        for type in [ResourceType.clusterRoleBindings, .clusterRoles] {
            _ = try await client.delete(type, name: world.group)
        }
    }

    private func check(_ request: AdmissionCase, in world: World) async throws {
        let refusal = try await answer(request, in: world)
        guard !request.broken.isEmpty else {
            #expect(refusal == nil, "\(request.name): \(refusal ?? "")")
            return
        }
        let rules = AdmissionPolicies.all.flatMap(\.rules).filter { request.broken.contains($0.name) }
        #expect(
            refusal.map { text in rules.contains { $0.isNamed(in: text) } } == true,
            "\(request.name): \(refusal ?? "accepted")"
        )
    }

    /// Sends a request that changes nothing. Returns the refusal, `nil` if it is accepted.
    private func answer(_ request: AdmissionCase, in world: World) async throws -> String? {
        let client = world.client(of: request.user)
        let namespace = request.type.isNamespaced ? world.name(request.place) : nil
        let options = WriteOptions(fieldManager: "moorage-tests", dryRun: true)
        do {
            switch request.operation {
            case .create(var object):
                object[path: ["metadata", "namespace"]] = namespace.map { .string($0) }
                if !request.type.isNamespaced {
                    object[path: ["metadata", "name"]] = .string(world.cluster.name("new"))
                }
                _ = try await client.create(request.type, object, options: options)
            case .update(let name, let patch):
                _ = try await client.patch(
                    request.type,
                    name: request.type.isNamespaced ? name : world.name(request.place),
                    namespace: namespace,
                    request.type == .pods && patch["spec"] != nil ? .strategic(patch) : .merge(patch),
                    options: options
                )
            case .updateEphemeral(let name, let container):
                _ = try await client.patch(
                    request.type,
                    name: name,
                    namespace: namespace,
                    subresource: "ephemeralcontainers",
                    .strategic(["spec": ["ephemeralContainers": [container]]]),
                    options: options
                )
            case .delete(let name):
                _ = try await client.delete(
                    request.type,
                    name: request.type.isNamespaced ? name : world.name(request.place),
                    namespace: namespace,
                    options: DeleteOptions(dryRun: true)
                )
            }
            return nil
        } catch let error as APIError {
            return error.description
        }
    }
}

extension AdmissionPolicy {
    /// Whether the policy's resources, operations and namespaces match a request.
    fileprivate func judges(_ request: AdmissionCase) -> Bool {
        var resource = request.type.plural
        let operation: String
        switch request.operation {
        case .create: operation = "CREATE"
        case .update: operation = "UPDATE"
        case .updateEphemeral:
            operation = "UPDATE"
            resource += "/ephemeralcontainers"
        case .delete: operation = "DELETE"
        }
        guard scope == .cluster || request.place != .none else { return false }
        guard !readsTenant || [.strict, .lenient, .adopted].contains(request.place) else { return false }
        return resources.contains { rule in
            rule.group == request.type.group && rule.resources.contains(resource) && rule.operations.contains(operation)
        }
    }
}

extension AdmissionRule {
    /// Whether a refusal is this rule's: it contains the message, or what the expression of the message says in any case.
    fileprivate func isNamed(in refusal: String) -> Bool {
        if refusal.contains(message) { return true }
        // The longest literal of the expression.
        let literals = (messageExpression ?? "").split(separator: "'")
        return literals.filter { $0.count > 20 && !$0.contains("variables.") }.contains { refusal.contains($0) }
    }
}

/// A transport that sends every request as a user.
struct ImpersonatingTransport: APITransport {
    let base: any APITransport
    let user: String
    let groups: [String]

    var host: String { base.host }

    func execute(_ request: APIRequest) async throws -> APIResponse {
        var request = request
        if let name = HTTPField.Name("Impersonate-User") { request.headers[name] = user }
        if let name = HTTPField.Name("Impersonate-Group") {
            for group in groups { request.headers.append(HTTPField(name: name, value: group)) }
        }
        return try await base.execute(request)
    }
}

extension ResourceType {
    private static func builtIn(_ group: String, _ kind: String, _ plural: String, isNamespaced: Bool = true)
        -> ResourceType
    {
        ResourceType(group: group, version: "v1", kind: kind, plural: plural, isNamespaced: isNamespaced)
    }

    static let pods = builtIn("", "Pod", "pods")
    static let namespaces = builtIn("", "Namespace", "namespaces", isNamespaced: false)
    static let serviceAccounts = builtIn("", "ServiceAccount", "serviceaccounts")
    static let networkPolicies = builtIn("networking.k8s.io", "NetworkPolicy", "networkpolicies")
    static let clusterRoles = builtIn("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", isNamespaced: false)
    static let clusterRoleBindings = builtIn(
        "rbac.authorization.k8s.io",
        "ClusterRoleBinding",
        "clusterrolebindings",
        isNamespaced: false
    )
}

extension JSONValue {
    /// The object after a merge patch (RFC 7396).
    fileprivate func merged(with patch: JSONValue) -> JSONValue {
        guard let changes = patch.objectValue else { return patch }
        var members = objectValue ?? [:]
        for (key, value) in changes {
            members[key] = value == .null ? nil : (members[key] ?? .null).merged(with: value)
        }
        return .object(members)
    }
}
