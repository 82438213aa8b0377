import CRDModels
import ControllerRuntime
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Observability
import Policy
import Reconcilers
import SandboxCluster
import Synchronization
import TestSupport
import Testing

/// The chart's RBAC compared with what the operator does. A missing permission fails every test that runs an operator;
/// this test makes the operator do everything that it can do, to find permissions that are not needed.
@Suite("Access")
struct AccessTests {
    private static let digest = String(repeating: "a", count: 64)

    /// A server with every object that can be rendered for one, except an autoscaler and a route.
    private static let full = """
        image: registry.example/mcp/echo@sha256:\(digest)
        replicas: 2
        config:
          env: {MODE: read-only}
          files: {settings.json: "{}"}
        envFrom:
          - secretRef: {name: credentials}
          - configMapRef: {name: settings}
        storage: {size: 1Gi, mountPath: /data, retentionPolicy: {whenDeleted: Delete, whenRemoved: Delete}}
        ports: [{name: metrics, port: 9090}]
        monitoring: {path: /metrics}
        exposure:
          ingress: {host: mcp.example.com}
        """

    private static let scaled = """
        image: registry.example/mcp/echo@sha256:\(digest)
        scaling: {maxReplicas: 3, targetCPUUtilizationPercentage: 80}
        resources: {requests: {cpu: 10m}}
        exposure:
          httpRoute: {parentRefs: [{name: gateway}], hostnames: [scaled.example.com]}
        """

    /// The same server with only required fields, so that everything else is pruned.
    private static let bare = """
        image: registry.example/mcp/echo@sha256:\(digest)
        replicas: 1
        serviceAccount: {name: default}
        """

    /// A server that somebody else runs. It is suspended, so that nobody calls it.
    private static let remote = """
        suspend: true
        remote:
          url: https://partner.example/mcp
          headers: [{name: Authorization, secretKeyRef: {name: credentials, key: token}}]
        """

    /// A server whose contract does not fit into one object, and of which only the last revision is kept.
    private static func large(enabled: Bool) -> String {
        """
        image: \(largeImage)
        revisionHistoryLimit: 0
        tools: [{name: tool-1, enabled: \(enabled)}]
        """
    }
    private static let largeImage = "registry.example/mcp/large@sha256:\(String(repeating: "b", count: 64))"
    private static let largeContract: String = {
        let tools = (0..<40).map { number -> JSONValue in
            ["name": .string("tool-\(number)"), "description": .string(String(repeating: "x", count: 20_000))]
        }
        return String(decoding: JSONValue.object(["tools": .array(tools)]).serialized(), as: UTF8.self)
    }()

    private static func tenant(_ name: String, namespace: String, network: Bool, full: Bool) throws -> JSONValue {
        let extra = """
              quotas:
                resourceQuota: {hard: {pods: "50"}}
                limitRange: {limits: [{type: Container, defaultRequest: {cpu: 10m}}]}
              members:
                - {name: ann, role: Viewer}
                - {name: ben, role: Editor}
                - {name: cleo, role: Approver}
            """
        return try YAML.documents(
            in: """
                apiVersion: moorage.dev/v1alpha1
                kind: MCPTenant
                metadata: {name: \(name)}
                spec:
                  namespace: {name: \(namespace), adopt: true, deletionPolicy: Delete}
                  network: {enabled: \(network)}
                  exposure: {hosts: ["*.example.com"], ingressClasses: [nginx], gateways: [{name: gateway}]}
                  hardening: {serviceAccounts: [default]}
                \(full ? extra : "")
                """
        )[0].value
    }

    private static func server(_ name: String, in namespace: String, spec: String, suspend: Bool = false) throws
        -> JSONValue
    {
        var value: JSONValue = [
            "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
        ]
        value["spec"] = try YAML.documents(in: spec)[0].value
        if suspend { value[path: ["spec", "suspend"]] = true }
        return value
    }

    @Test("the chart's RBAC is exactly what the operator uses", arguments: [nil, ["team-a"]])
    func exact(namespaces: [String]?) async throws {
        let rules = try await Chart.accessRules(namespaces: namespaces)
        let log = AccessLog()
        try await withSandbox(configure: { $0.contracts = [Self.largeImage: Self.largeContract] }) { cluster, _ in
            let namespace = "team-a"
            let obstacles = Obstacles(cluster: cluster)
            _ = try await cluster.client.create(.namespace, ["metadata": ["name": .string(Chart.namespace)]])
            if namespaces != nil {
                // As an earlier version of the operator, without a scope, created it.
                _ = try await cluster.client.create(
                    .namespace,
                    ["metadata": ["name": .string(namespace)]],
                    options: WriteOptions(fieldManager: Moorage.fieldManager)
                )
            }
            let elector = LeaderElector(
                configuration: try LeaderElectionConfiguration(
                    identity: "first",
                    name: Chart.lease,
                    namespace: Chart.namespace,
                    retryPeriod: .milliseconds(100)
                ),
                lease: LeaseAccess(
                    client: KubernetesClient(
                        transport: AuthorizingTransport(cluster.client.transport, rules: rules, log: log)
                    ),
                    namespace: Chart.namespace,
                    name: Chart.lease
                ),
                metrics: MetricsRegistry(),
                logger: quietLogger
            )
            try await withOperator(
                cluster,
                platform: PlatformConfiguration(
                    handshake: PlatformHandshake(mode: .enabled),
                    gateway: GatewaySettings(serviceAccountName: Chart.gatewayServiceAccount),
                    tenantsMayLoosen: [.networkPolicies]
                ),
                options: OperatorOptions(namespaces: namespaces),
                access: log,
                before: { try await obstacles.standInTheWay(of: $0) }
            ) { _ in
                try await live(cluster, namespace: namespace, log: log, isScoped: namespaces != nil)
                try await whileRunning([elector]) {
                    try await eventually("the lease is renewed") {
                        log.needed.contains { $0.verb == "update" && $0.resource == "leases" }
                    }
                }
            }
        }
        #expect(log.missing == [])
        let (atoms, grants) = rules.unused(by: log.needed)
        #expect(atoms == [], "the chart grants permissions that are not needed")
        #expect(grants == [], "the chart has bindings that are not needed")
    }

    @Test(
        "with only some namespaces, the operator ignores tenants and servers of others, and the status of classes"
    )
    func others() async throws {
        try await withSandbox { cluster, sandbox in
            for name in ["team-a", "team-b"] {
                _ = try await cluster.client.create(.namespace, ["metadata": ["name": .string(name)]])
            }
            try await withOperator(cluster, options: OperatorOptions(namespaces: ["team-a"])) { _ in
                let serverClass = MCPServerClass(metadata: ObjectMeta(name: "shared"), spec: MCPServerClassSpec())
                try await cluster.apply(serverClass)
                for name in ["b", "a"] {
                    let namespace = TenantNamespace(name: "team-\(name)", adopt: true)
                    let tenant = MCPTenant(metadata: ObjectMeta(name: name), spec: MCPTenantSpec(namespace: namespace))
                    try await cluster.apply(tenant)
                    var spec = MCPServerSpec()
                    spec.className = "shared"
                    try await cluster.apply(cluster.server("server", in: "team-\(name)", spec: spec))
                }
                try await cluster.wait(for: ConditionType.ready, .true, of: "server", in: "team-a")
                try await eventually("the managed tenant is ready") {
                    let tenant = try await cluster.client.get(MCPTenant.self, name: "a")
                    return tenant.status?.conditions?[type: ConditionType.ready]?.status == .true
                }
            }
            let touched = sandbox.writes().map(\.path).filter {
                $0.contains("team-b") || $0.contains("mcptenants/b") || $0.contains("mcpserverclasses")
            }
            #expect(touched == [])
        }
    }

    /// Everything that the operator does: create, find conflicting names, prune, record Events, delete.
    private func live(_ cluster: TestCluster, namespace: String, log: AccessLog, isScoped: Bool) async throws {
        func apply(_ type: ResourceType, _ value: JSONValue) async throws {
            _ = try await cluster.client.apply(
                type,
                value,
                options: ApplyOptions(fieldManager: "gitops", force: true)
            )
        }
        // Replaces the whole spec, so that no defaults of removed fields remain.
        func replaceSpec(_ type: ResourceType, _ value: JSONValue, in namespace: String?) async throws {
            _ = try await cluster.client.patch(
                type,
                name: value[path: ["metadata", "name"]]?.stringValue ?? "",
                namespace: namespace,
                .json([["op": "replace", "path": "/spec", "value": value["spec"] ?? [:]]])
            )
        }
        let serverType = MCPServer.resourceType
        let tenantType = MCPTenant.resourceType
        try await apply(
            MCPServerClass.resourceType,
            ["apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServerClass", "metadata": ["name": "default"]]
        )
        try await apply(
            MCPServerClass.resourceType,
            [
                "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServerClass", "metadata": ["name": "kept"],
                "spec": ["rollout": ["policy": "Manual"]],
            ]
        )
        try await apply(tenantType, try Self.tenant("team", namespace: namespace, network: true, full: true))
        try await eventually("the namespace is there") { try await cluster.find(.namespace, namespace) != nil }
        let credentials: JSONValue = [
            "metadata": ["name": "credentials", "namespace": .string(namespace)], "stringData": ["token": "secret"],
        ]
        _ = try await cluster.client.create(.secret, credentials)
        let settings: JSONValue = [
            "metadata": ["name": "settings", "namespace": .string(namespace)], "data": ["level": "info"],
        ]
        _ = try await cluster.client.create(.configMap, settings)
        try await apply(serverType, try Self.server("full", in: namespace, spec: Self.full))
        try await apply(serverType, try Self.server("scaled", in: namespace, spec: Self.scaled))
        try await apply(
            MCPVirtualServer.resourceType,
            [
                "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPVirtualServer",
                "metadata": ["name": "all", "namespace": .string(namespace)], "spec": ["serverSelector": [:]],
            ]
        )
        try await cluster.wait(for: ConditionType.ready, .true, of: "full", in: namespace)
        try await eventually("the virtual server is reported") {
            try await cluster.client.get(MCPVirtualServer.self, name: "all", namespace: namespace).status?.path != nil
        }
        try await cluster.wait(for: ConditionType.programmed, .true, of: "scaled", in: namespace)
        let classed = try Self.server("classed", in: namespace, spec: Self.bare + "\nclassName: kept")
        try await apply(serverType, classed)
        try await cluster.wait(for: ConditionType.programmed, .true, of: "classed", in: namespace)
        // A server with pods that becomes a remote one.
        try await apply(serverType, try Self.server("partner", in: namespace, spec: Self.bare, suspend: true))
        try await cluster.wait(for: ConditionType.programmed, .true, of: "partner", in: namespace)
        try await replaceSpec(serverType, try Self.server("partner", in: namespace, spec: Self.remote), in: namespace)
        try await eventually("the Service is gone, and the gateway can read the Secret") {
            let service = try await cluster.find(.service, "partner", in: namespace)
            let binding = try await cluster.find(.roleBinding, "partner-gateway", in: namespace)
            return service == nil && binding != nil
        }
        var earlier: String?
        for enabled in [true, false] {
            try await apply(serverType, try Self.server("large", in: namespace, spec: Self.large(enabled: enabled)))
            let last = earlier
            try await eventually("the only revision is the one that serves") {
                let status = try await cluster.server(named: "large", in: namespace)?.status
                // Another curation is another contract.
                if let held = status?.candidate, held.state == .held, let revision = held.revision {
                    _ = try await cluster.client.patch(
                        MCPServerRevision.resourceType,
                        name: revision,
                        namespace: namespace,
                        .merge(["spec": ["approval": ["decision": "Approved"]]])
                    )
                }
                let name = status?.revision?.name
                guard let name, name != last else { return false }
                earlier = name
                return try await cluster.client.list(MCPServerRevision.self, namespace: namespace).items
                    .filter { $0.spec.server == "large" }.map(\.metadata.name) == [name]
            }
        }
        _ = try await cluster.client.delete(serverType, name: "large", namespace: namespace)
        if !isScoped { try await raceForNamespace(cluster) { try await apply(tenantType, $0) } }

        for suspend in [true, false, true, false] {
            try await apply(serverType, try Self.server("full", in: namespace, spec: Self.full, suspend: suspend))
            let reason: Reason? = suspend ? .suspended : nil
            try await cluster.wait(
                for: ConditionType.ready,
                .true,
                reason: reason ?? .serving,
                of: "full",
                in: namespace
            )
        }
        for plan in ["none", "standard", "none", "standard"] {
            let value: JSONValue = ["spec": ["quotas": ["plan": .string(plan)]]]
            _ = try await cluster.client.patch(tenantType, name: "team", .merge(value))
            try await eventually("the tenant says what it thinks of the plan \"\(plan)\"") {
                let tenant = try await cluster.client.get(MCPTenant.self, name: "team")
                let ready = tenant.status?.conditions?[type: ConditionType.ready]
                return ready?.observedGeneration == tenant.metadata.generation
                    && ready?.status == (plan == "standard" ? .true : .false)
            }
        }
        try await editChildren(cluster)
        for eventsOf in [namespace, "default"] {
            try await eventually("an Event in \(eventsOf) becomes a series") {
                log.needed.contains { $0.verb == "patch" && $0.resource == "events" && $0.namespace == eventsOf }
            }
        }

        // The revision of the class is deleted with the last server that was rendered with it.
        _ = try await cluster.client.delete(serverType, name: "classed", namespace: namespace)
        _ = try await cluster.client.delete(MCPServerClass.resourceType, name: "kept")
        if !isScoped {
            try await eventually("no revision of the class is left") {
                try await cluster.client.list(.controllerRevision, namespace: Chart.namespace).items.isEmpty
            }
        }
        for name in ["full", "scaled", "partner"] {
            let bare = try Self.server(name, in: namespace, spec: Self.bare)
            try await replaceSpec(serverType, bare, in: namespace)
        }
        let plain = try Self.tenant("team", namespace: namespace, network: false, full: false)
        try await replaceSpec(tenantType, plain, in: nil)
        for type in Self.pruned {
            try await eventually("no \(type) is left") {
                try await cluster.client.list(type, namespace: type.isNamespaced ? namespace : nil).items.allSatisfy {
                    object in
                    object[path: ["metadata", "labels", MoorageLabels.managedBy]]?.stringValue != "moorage"
                }
            }
        }
        _ = try await cluster.client.delete(tenantType, name: "team")
        try await eventually("the tenant is deleted with its namespace") {
            try await cluster.find(tenantType, "team") == nil
        }
    }

    /// Edits every object that the operator has created, so that it corrects each of them.
    private func editChildren(_ cluster: TestCluster) async throws {
        let annotation = "moorage.dev/render-hash"
        for type in Self.children {
            let options = ListOptions(labelSelector: MoorageLabels.managedSelector)
            for object in try await cluster.client.list(type, options: options).items {
                guard let name = object[path: ["metadata", "name"]]?.stringValue,
                    let value = object[path: ["metadata", "annotations", annotation]]
                else { continue }
                let namespace = object[path: ["metadata", "namespace"]]?.stringValue
                _ = try await cluster.client.patch(
                    type,
                    name: name,
                    namespace: namespace,
                    .merge(["metadata": ["annotations": [annotation: "edited"]]])
                )
                try await eventually("\(type.kind) \(name) is corrected") {
                    let live = try await cluster.find(type, name, in: namespace)
                    return live?[path: ["metadata", "annotations", annotation]] == value
                }
            }
        }
    }

    /// The kinds of the operator's objects that are deleted when they are no longer rendered.
    private static let pruned: [ResourceType] = [
        .serviceAccount, .secret, .persistentVolumeClaim, .networkPolicy, .podDisruptionBudget,
        .horizontalPodAutoscaler, .ingress, .httpRoute, .serviceMonitor,
        .resourceQuota, .limitRange, .role, .roleBinding,
        .clusterRole, .clusterRoleBinding,
    ]
    private static let children = pruned + [.namespace, .service, .deployment]

    /// A namespace that is created between the operator's read and its write.
    private func raceForNamespace(
        _ cluster: TestCluster,
        apply: (JSONValue) async throws -> Void
    ) async throws {
        try await apply(try Self.tenant("racing", namespace: Obstacles.racedNamespace, network: true, full: false))
        try await eventually("the tenant has the namespace that someone else created") {
            let tenant = try await cluster.client.get(MCPTenant.self, name: "racing")
            return tenant.status?.conditions?[type: ConditionType.ready]?.status == .true
        }
        _ = try await cluster.client.delete(MCPTenant.resourceType, name: "racing")
        try await eventually("that tenant is gone") { try await cluster.find(MCPTenant.resourceType, "racing") == nil }
    }
}

/// Creates a foreign object of each kind with the first name that the operator writes, until the operator has read it,
/// and refuses streaming lists, like older API servers.
private final class Obstacles: Sendable {
    static let racedNamespace = "raced"

    private enum Stage { case inTheWay, gone }

    private let cluster: TestCluster
    private let stages = Mutex<[String: (path: String, stage: Stage)]>([:])

    init(cluster: TestCluster) {
        self.cluster = cluster
    }

    func standInTheWay(of request: APIRequest) async throws -> APIResponse? {
        if request.queryValue("sendInitialEvents") == "true" {
            let status: JSONValue = ["kind": "Status", "status": "Failure", "reason": "Invalid", "code": 422]
            return APIResponse(status: .unprocessableContent, body: .bytes(status.serialized()))
        }
        if try await makeWay(request) { return nil }
        // Secrets are all watched: that one is taken shows without a request.
        guard request.method == .post, let permission = Permission(request), !permission.resource.contains("/"),
            permission.resource != "secrets", permission.group != "moorage.dev", permission.group != "events.k8s.io",
            let value = try request.body.map({ try JSONValue(parsing: $0) }),
            let name = value[path: ["metadata", "name"]]?.stringValue,
            permission.resource != "namespaces" || name == Self.racedNamespace
        else { return nil }
        let path = "\(request.path)/\(name)"
        let next: Stage? = stages.withLock { stages in
            switch stages[permission.resource] {
            case nil:
                stages[permission.resource] = (path, .inTheWay)
                return .inTheWay
            case (path, .inTheWay)?:
                stages[permission.resource] = (path, .gone)
                return .gone
            default: return nil
            }
        }
        guard let next else { return nil }
        let kind = value["kind"]?.stringValue ?? ""
        let version = value["apiVersion"]?.stringValue ?? ""
        let type = ResourceType(
            group: permission.group,
            version: version.split(separator: "/").last.map(String.init) ?? version,
            kind: kind,
            plural: permission.resource,
            isNamespaced: !["namespaces", "clusterroles", "clusterrolebindings"].contains(permission.resource)
        )
        switch next {
        case .inTheWay:
            var foreign = value
            foreign["metadata"] = ["name": .string(name)]
            if let namespace = permission.namespace { foreign[path: ["metadata", "namespace"]] = .string(namespace) }
            _ = try await cluster.client.create(type, foreign)
        case .gone where permission.resource != "namespaces":
            _ = try await cluster.client.delete(type, name: name, namespace: permission.namespace)
        case .gone: break
        }
        return nil
    }

    /// Claims and ServiceAccounts of others are watched too, so the operator does not try to write one that is in the way
    /// a second time: it is deleted when the operator reads it.
    private func makeWay(_ request: APIRequest) async throws -> Bool {
        guard request.method == .get, let permission = Permission(request), permission.verb == "get",
            let type = [ResourceType.persistentVolumeClaim, .serviceAccount].first(where: {
                $0.plural == permission.resource
            }),
            let name = permission.name, stages.withLock({ $0[permission.resource]?.stage == .inTheWay })
        else { return false }
        stages.withLock { $0[permission.resource]?.stage = .gone }
        _ = try await cluster.client.delete(type, name: name, namespace: permission.namespace)
        return true
    }
}
