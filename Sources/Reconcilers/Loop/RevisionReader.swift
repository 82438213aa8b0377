internal import CRDModels
internal import KubernetesAPI
public import KubernetesClient
public import MCPProtocol
internal import Policy

/// Reads what a revision contains from the cluster, wherever it is stored.
public struct RevisionReader: Sendable {
    /// A revision, or a part of one, that is missing or not what it should be.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// Names the object, and says what is wrong with it.
        public let description: String
    }

    private let get: @Sendable (ObjectReference) async throws -> JSONValue?

    /// A reader with the permissions of a client.
    public init(client: KubernetesClient) { self.init(cluster: ClientAccess(client: client)) }

    /// A reader with the permissions of the controller.
    init(cluster: any ClusterAccess) { self.init { try await cluster.get($0) } }

    /// - Parameter get: reads an object; `nil` if it does not exist.
    init(get: @escaping @Sendable (ObjectReference) async throws -> JSONValue?) { self.get = get }

    /// Reads the contract of a revision.
    ///
    /// - Throws: `Failure` if the revision or a part of it is missing or was changed, and errors of the client.
    public func contract(namespace: String, name: String) async throws -> ServerContract {
        let reference = ObjectReference(type: MCPServerRevision.resourceType, namespace: namespace, name: name)
        guard let object = try await get(reference) else {
            throw Failure(description: "MCPServerRevision \(namespace)/\(name) does not exist")
        }
        let spec: MCPServerRevisionSpec
        do {
            spec = try (object["spec"] ?? [:]).decode(MCPServerRevisionSpec.self)
        } catch {
            throw Failure(description: "MCPServerRevision \(namespace)/\(name) cannot be read: \(error)")
        }
        do {
            return try await contract(of: spec, namespace: namespace, digest: spec.contractDigest).serverContract
        } catch let failure as Failure {
            throw Failure(description: "MCPServerRevision \(namespace)/\(name): \(failure)")
        }
    }

    /// Reads a contract, from the revision itself or from its parts, and checks it.
    ///
    /// - Parameter digest: the digest that the contract must have.
    /// - Throws: `Failure` if it is missing or was changed, and errors of the client.
    func contract(
        of spec: MCPServerRevisionSpec,
        namespace: String,
        digest: String
    ) async throws -> RevisionContract {
        var contract = spec.contract
        if let parts = spec.parts {
            var texts: [String] = []
            for part in parts { texts.append(try await text(of: part, namespace: namespace)) }
            contract = try? RevisionContract(parts: texts)
        }
        guard let contract else { throw Failure(description: "it has no contract that can be read") }
        guard contract.isIntact(digest) else {
            throw Failure(description: "its contract does not have the digest \(digest) that it was recorded with")
        }
        return contract
    }

    private func text(of part: RevisionPart, namespace: String) async throws -> String {
        let reference = ObjectReference(type: .configMap, namespace: namespace, name: part.name)
        guard let object = try await get(reference) else {
            throw Failure(
                description: "the ConfigMap \(namespace)/\(part.name) with a part of its contract does not exist"
            )
        }
        guard let text = object[path: ["data", RevisionPart.dataKey]]?.stringValue, part.isIntact(text)
        else {
            throw Failure(
                description: "the ConfigMap \(namespace)/\(part.name) with a part of its contract was changed"
            )
        }
        return text
    }
}
