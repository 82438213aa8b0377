public import CRDModels
public import KubernetesAPI
internal import KubernetesClient
public import Policy
internal import Reconcilers

extension TestCluster {
    /// Creates a namespace that Moorage does not manage.
    public func makeNamespace(_ base: String = "ns") async throws -> String {
        let name = name(base)
        _ = try await client.create(
            .namespace,
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
        )
        return name
    }

    /// Creates a namespace unless it exists.
    func ensureNamespace(_ name: String) async throws {
        do {
            _ = try await client.create(
                .namespace,
                ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
            )
        } catch let error as APIError where error.isAlreadyExists {
            // Another test created it.
        }
    }

    /// Deletes a namespace with everything in it, so that a real cluster is left unchanged.
    public func removeNamespace(_ name: String) async throws {
        _ = try? await client.delete(.namespace, name: name)
    }

    /// Deletes a tenant and waits until it no longer exists. An operator must be running, because it removes the
    /// finalizer.
    public func remove(_ tenant: MCPTenant) async throws {
        try await removeTenant(tenant.metadata.name ?? "")
    }

    /// Deletes a tenant by name, and waits until it no longer exists.
    public func removeTenant(_ name: String) async throws {
        do {
            _ = try await client.delete(MCPTenant.resourceType, name: name)
        } catch let error as APIError where error.isNotFound {
            return
        }
        try await eventually("tenant \(name) is deleted") { try await find(MCPTenant.resourceType, name) == nil }
    }

    /// A minimal MCPServer.
    public func server(_ name: String, in namespace: String, spec: MCPServerSpec? = nil) -> MCPServer {
        var spec = spec ?? MCPServerSpec()
        if spec.image == nil { spec.image = TestCluster.image }
        return MCPServer(metadata: ObjectMeta(name: name, namespace: namespace), spec: spec)
    }

    /// Applies an object like a user's GitOps tool.
    @discardableResult
    public func apply<Object: KubernetesResource>(_ object: Object) async throws -> Object {
        try await client.apply(object, options: ApplyOptions(fieldManager: "gitops", force: true)).object
    }

    /// The current server, `nil` if it does not exist.
    public func server(named name: String, in namespace: String) async throws -> MCPServer? {
        do {
            return try await client.get(MCPServer.self, name: name, namespace: namespace)
        } catch let error as APIError where error.isNotFound {
            return nil
        }
    }

    /// The current object of any kind, `nil` if it does not exist.
    public func find(_ type: ResourceType, _ name: String, in namespace: String? = nil) async throws -> JSONValue? {
        do {
            return try await client.get(type, name: name, namespace: namespace)
        } catch let error as APIError where error.isNotFound {
            return nil
        }
    }

    /// Waits until a server's condition has a status and, if given, a reason. The error contains its last state.
    @discardableResult
    public func wait(
        for type: String,
        _ status: Condition.Status,
        reason: Reason? = nil,
        of name: String,
        in namespace: String,
        within limit: Duration = .seconds(120)
    ) async throws -> MCPServer {
        var last: Condition?
        do {
            return try await eventually("\(name) \(type)=\(status.rawValue)", within: limit) { () -> MCPServer? in
                let server = try await server(named: name, in: namespace)
                last = server?.status?.conditions?[type: type]
                guard let server, let last, last.status == status, reason == nil || last.reason == reason?.rawValue,
                    last.observedGeneration == server.metadata.generation
                else { return nil }
                return server
            }
        } catch let error as NeverHappened {
            throw NeverHappened(description: "\(error); last seen: \(last.map { "\($0)" } ?? "no such condition")")
        }
    }
}
