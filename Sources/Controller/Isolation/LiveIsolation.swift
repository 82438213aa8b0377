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
        try await withClient(source) { try await input($0, platform: platform) }
    }

    /// Runs a body with a client of the cluster, and closes it.
    static func withClient<Value>(
        _ source: KubeconfigOptions,
        _ body: (KubernetesClient) async throws -> Value
    ) async throws -> Value {
        let configuration = try KubernetesClientConfiguration.load(
            kubeconfig: source.kubeconfig,
            context: source.context
        )
        let transport = try HTTPTransport(configuration)
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(KubernetesClient(transport: transport)))
        } catch {
            outcome = .failure(error)
        }
        try? await transport.shutdown()
        return try outcome.get()
    }

    static func input(_ client: KubernetesClient, platform: PlatformConfiguration?) async throws -> IsolationInput {
        var input = IsolationInput()
        for type in [ResourceType.namespace, .networkPolicy, .pod] {
            for object in try await objects(type, client) {
                // A pod that has ended has no network any more.
                let phase = object[path: ["status", "phase"]]?.stringValue
                if type == .pod, phase == "Succeeded" || phase == "Failed" { continue }
                input.add(object, namespace: object[path: ["metadata", "namespace"]]?.stringValue ?? "")
            }
        }
        var tenants: [MCPTenant] = []
        do {
            tenants = try await objects(MCPTenant.resourceType, client).map { try $0.decode(MCPTenant.self) }
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

    /// The objects of a kind in all namespaces. In a list, they have neither a kind nor a version.
    private static func objects(_ type: ResourceType, _ client: KubernetesClient) async throws -> [JSONValue] {
        let list = try await client.listAll(type) { try JSONValue(parsing: Array($0)) }
        if let failure = list.failures.first {
            throw CommandFailure("a \(type.kind) of the cluster cannot be read: \(failure)")
        }
        return list.items.map { item in
            var object = item
            object["kind"] = .string(type.kind)
            object["apiVersion"] = .string(type.apiVersion)
            return object
        }
    }
}
