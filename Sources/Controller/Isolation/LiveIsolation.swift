import CRDModels
import CommandSupport
import Isolation
import KubernetesAPI
import KubernetesClient
import Policy

/// Reads from a cluster what is evaluated.
enum LiveIsolation {
    /// - Throws: `CommandFailure`, or the API server's error, which names what cannot be read.
    static func read(_ source: KubeconfigOptions, platform: PlatformConfiguration?) async throws -> IsolationInput {
        try await source.withClient { client, _ in try await input(client, platform: platform) }
    }

    static func input(_ client: KubernetesClient, platform: PlatformConfiguration?) async throws -> IsolationInput {
        var input = IsolationInput()
        for type in [ResourceType.namespace, .networkPolicy, .pod] {
            for object in try await client.objects(of: type) {
                // A pod that has ended has no network any more.
                let phase = object[path: ["status", "phase"]]?.stringValue
                if type == .pod, phase == "Succeeded" || phase == "Failed" { continue }
                input.add(object, namespace: object[path: ["metadata", "namespace"]]?.stringValue ?? "")
            }
        }
        var tenants: [MCPTenant] = []
        do {
            tenants = try await client.objects(of: MCPTenant.resourceType).map { try $0.decode(MCPTenant.self) }
        } catch let error as APIError where error.isNotFound {
            input.diagnostics.append(
                Diagnostic(
                    .note,
                    "the cluster has no MCPTenant; namespaces with the label moorage.dev/tenant are tenants"
                )
            )
        }
        let facts = input.model.namespaces.map { ($0.name, $0.labels[MoorageLabels.tenant]) }
        let labels = Dictionary(facts, uniquingKeysWith: { first, _ in first })
        var claims: [String: MCPTenant] = [:]
        for tenant in tenants {
            // The controller sets the label of the tenant whose claim is accepted.
            let namespace = EffectiveTenant.namespace(of: tenant)
            if labels[namespace] == .some(tenant.metadata.name) { claims[namespace] = tenant }
        }
        input.assignTenants(claims, platform: (platform ?? PlatformConfiguration()).asInstalled)
        input.warn()
        return input
    }
}
