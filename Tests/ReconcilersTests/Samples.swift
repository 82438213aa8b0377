import CRDModels
import KubernetesAPI
import Policy
import Reconcilers

/// Sample objects for tests.
enum Sample {
    static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    static let image = "ghcr.io/acme/weather@\(digest)"

    static func server(
        _ name: String = "weather",
        namespace: String = "mcp-acme",
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) -> MCPServer {
        var spec = MCPServerSpec(image: image)
        change(&spec)
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        metadata.creationTimestamp = Timestamp(secondsSinceEpoch: 1_000)
        return MCPServer(metadata: metadata, spec: spec)
    }

    static func tenant(
        _ name: String = "acme",
        created: Int64 = 100,
        _ change: (inout MCPTenantSpec) -> Void = { _ in }
    ) -> MCPTenant {
        var spec = MCPTenantSpec()
        change(&spec)
        var metadata = ObjectMeta(name: name)
        metadata.uid = "uid-tenant-\(name)"
        metadata.generation = 1
        metadata.creationTimestamp = Timestamp(secondsSinceEpoch: created)
        return MCPTenant(metadata: metadata, spec: spec)
    }

    /// A tenant that can expose everything that these tests expose. By default, nothing can be exposed.
    static func exposingTenant(_ change: (inout MCPTenantSpec) -> Void = { _ in }) -> MCPTenant {
        tenant {
            $0.exposure = TenantExposure(
                hosts: ["*"],
                ingressClasses: ["nginx"],
                gateways: [TenantGateway(name: "gw", namespace: "infra")],
                annotations: ["cert-manager.io/*"]
            )
            change(&$0)
        }
    }

    static func serverClass(
        _ name: String = "standard",
        isDefault: Bool = false,
        _ change: (inout MCPServerClassSpec) -> Void = { _ in }
    ) -> MCPServerClass {
        var spec = MCPServerClassSpec()
        change(&spec)
        var metadata = ObjectMeta(name: name)
        if isDefault { metadata.annotations = [MoorageAnnotations.isDefaultClass: "true"] }
        return MCPServerClass(metadata: metadata, spec: spec)
    }

    static func input(
        _ server: MCPServer = server(),
        tenants: [MCPTenant] = [tenant()],
        _ change: (inout ServerInput) -> Void = { _ in }
    ) -> ServerInput {
        var input = ServerInput(server: server, claims: NamespaceClaims(tenants: tenants))
        change(&input)
        return input
    }
}

extension ServerInput {
    /// The tenants whose claims are accepted, by name.
    var tenants: [MCPTenant] {
        get { claims.tenants }
        set { claims = NamespaceClaims(tenants: newValue) }
    }
}

extension [RenderedObject] {
    subscript(_ kind: String, _ name: String? = nil) -> JSONValue? {
        first { $0.reference.type.kind == kind && (name == nil || $0.reference.name == name) }?.value
    }
}

extension JSONValue {
    /// The value at a path such as `spec.template.spec.containers.0.image`.
    func at(_ path: String) -> JSONValue? {
        var current: JSONValue? = self
        for part in path.split(separator: ".") {
            if let index = Int(part), let elements = current?.arrayValue {
                current = elements.indices.contains(index) ? elements[index] : nil
            } else {
                current = current?[String(part)]
            }
        }
        return current
    }
}
