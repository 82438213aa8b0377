import CRDModels
import KubernetesAPI
import Testing

@testable import Policy

/// A schema default on a field that inherits replaces the inherited value, because the API server sets it before the
/// object is read.
@Suite("Fields that inherit have no schema default")
struct InheritanceTests {
    /// Every field of an MCPTenant and of an MCPServer that has a default in the schema. None of them inherits from the
    /// platform, a class or a tenant. A new default must be added here.
    static let ownDefaults: [String: Set<String>] = [
        "MCPTenant": [
            "spec", "spec.namespace.deletionPolicy", "spec.namespace.adopt", "spec.hardening.allowWeakening",
            "spec.network.sameNamespace", "spec.network.defaultDeny", "status",
        ],
        "MCPServer": [
            "spec", "spec.transport", "spec.port", "spec.suspend", "spec.storage.accessModes",
            "spec.storage.mountPath", "spec.storage.retentionPolicy.whenDeleted",
            "spec.storage.retentionPolicy.whenRemoved", "spec.service.port", "spec.serviceAccount.automountToken",
            "spec.exposure.ingress.path", "spec.exposure.ingress.pathType", "spec.exposure.httpRoute.path",
            "spec.scaling.minReplicas", "spec.network.egress.kubernetesAPI", "spec.network.egress.cloudCredentials",
            "spec.monitoring.port", "spec.monitoring.path", "status",
        ],
    ]

    /// What a server takes from its class as a whole or not at all, so that a default inside it replaces nothing.
    static let takenWhole: Set<String> = ["spec.scaling", "spec.strategy"]

    @Test("every default is in the table of fields that do not inherit")
    func table() {
        #expect(Set(Self.defaults(in: MCPTenant.schema)) == Self.ownDefaults["MCPTenant"])
        #expect(Set(Self.defaults(in: MCPServer.schema)) == Self.ownDefaults["MCPServer"])
    }

    @Test("fields that a class also has have no default")
    func classes() {
        let shared = Set(Self.fields(in: MCPServerClass.schema))
        for path in Self.defaults(in: MCPServer.schema) where path != "spec" && path != "status" {
            let isWhole = Self.takenWhole.contains { path.hasPrefix($0 + ".") }
            #expect(isWhole || !shared.contains(path), "\(path) inherits from the class, and has a default")
        }
    }

    @Test("fields that the platform also has have no default")
    func platform() throws {
        let settings = try JSONValue(encoding: Self.everySetting)
        let shared = Set(Self.paths(in: settings, at: "spec")).subtracting(["spec"])
        #expect(shared.isSuperset(of: ["spec.network.internet", "spec.airgapped", "spec.images.requireDigest"]))
        for path in Self.defaults(in: MCPTenant.schema) {
            #expect(!shared.contains(path), "\(path) inherits from the platform, and has a default")
        }
    }

    @Test("the list above has all of the platform's settings")
    func complete() {
        // Tenants have no part of their own in the gateway's settings that they could inherit.
        // The label of a boxed property begins with an underscore.
        let unset = Self.unset(in: Self.everySetting, at: "").filter { !$0.hasPrefix("._gateway.") }
        #expect(unset.isEmpty)
    }

    // MARK: Paths

    /// The platform's settings, each with a value.
    static let everySetting = PlatformConfiguration(
        podSecurity: TenantPodSecurity(
            enabled: true,
            enforce: .baseline,
            enforceVersion: "latest",
            audit: .baseline,
            auditVersion: "latest",
            warn: .baseline,
            warnVersion: "latest"
        ),
        images: TenantImages(
            requireDigest: true,
            allowedRegistries: ["ghcr.io"],
            mirrors: [],
            signatures: TenantSignatures(mode: .enforce, authorities: [], attestations: [])
        ),
        trustedRoots: [:],
        quotas: PlatformQuotas(mode: .enforced, defaultPlan: "free", plans: [:]),
        network: PlatformNetwork(
            enabled: true,
            gateway: GatewayPeers(
                namespaces: [],
                namespaceSelector: LabelSelector(matchLabels: [:], matchExpressions: []),
                podSelector: LabelSelector(matchLabels: [:], matchExpressions: []),
                callbackPorts: []
            ),
            dns: PlatformDNS(
                namespace: "a",
                podSelector: LabelSelector(matchLabels: [:], matchExpressions: []),
                ports: [],
                cidrs: []
            ),
            internet: true,
            blockedCIDRs: [],
            monitoring: MonitoringPeers(
                namespaces: [],
                namespaceSelector: LabelSelector(matchLabels: [:], matchExpressions: []),
                podSelector: LabelSelector(matchLabels: [:], matchExpressions: [])
            ),
            cloudCredentials: [],
            kubernetesAPI: PlatformKubernetesAPI(cidrs: [], ports: [])
        ),
        exposure: TenantExposure(hosts: [], ingressClasses: [], gateways: [], annotations: []),
        members: PlatformMembers(rolePrefix: "moorage", clusterRoles: []),
        podMetadata: PlatformPodMetadata(allowedKeys: []),
        handshake: PlatformHandshake(
            mode: .enabled,
            route: .auto,
            periodSeconds: 600,
            timeoutSeconds: 10,
            maximumListeners: 256,
            controllerPods: LabelSelector(matchLabels: [:], matchExpressions: [])
        ),
        networkCheck: PlatformNetworkCheck(
            namespaces: ["a", "b"],
            image: "ghcr.io/moorage/controller:0.1.0",
            periodSeconds: 86_400
        ),
        gatewayBindings: PlatformGatewayBindings(
            enabled: true,
            provider: "moorage",
            gatewayURL: "https://mcp.example.com"
        ),
        stdio: PlatformStdio(
            image: "ghcr.io/moorage/controller:0.1.0",
            imagePullPolicy: "Always",
            adapterMount: .imageVolume
        ),
        review: TenantReview(
            policy: .always,
            onDrift: .quarantine,
            separateApprover: true,
            startTimeoutSeconds: 60,
            holdTimeoutSeconds: 60
        ),
        registries: PlatformRegistries(
            mode: .disabled,
            plainHTTP: ["registry.internal.example:5000"],
            caFile: "/etc/moorage/ca.pem",
            timeoutSeconds: 10
        ),
        gateway: GatewaySettings(),
        airgapped: true,
        clusterDomain: "cluster.local",
        namespaces: PlatformNamespaces(allowProtected: []),
        tenantsMayLoosen: []
    )

    private static func unset(in value: Any, at path: String) -> [String] {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional?:
            guard let wrapped = mirror.children.first?.value else { return [path] }
            return unset(in: wrapped, at: path)
        case .struct?: return mirror.children.flatMap { unset(in: $0.value, at: "\(path).\($0.label ?? "")") }
        default: return []
        }
    }

    private static func paths(in value: JSONValue, at path: String) -> [String] {
        guard case .object(let members) = value else { return [path] }
        return [path] + members.flatMap { paths(in: $0.value, at: "\(path).\($0.key)") }
    }

    /// The paths of an object's fields. Elements of lists are omitted, because a list is inherited as a whole.
    private static func fields(in schema: Schema, at path: String = "") -> [String] {
        schema.properties.names.flatMap { name -> [String] in
            guard let field = schema.properties[name] else { return [] }
            let place = path.isEmpty ? name : "\(path).\(name)"
            return [place] + fields(in: field, at: place)
        }
    }

    private static func defaults(in schema: Schema, at path: String = "") -> [String] {
        schema.properties.names.flatMap { name -> [String] in
            guard let field = schema.properties[name] else { return [] }
            let place = path.isEmpty ? name : "\(path).\(name)"
            return (field.defaultValue == nil ? [] : [place]) + defaults(in: field, at: place)
        }
    }
}
