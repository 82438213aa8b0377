internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import Policy

/// Reads a revision, wherever its contract is stored.
struct RevisionFactsReader: Sendable {
    let client: KubernetesClient

    /// A revision in one version.
    struct Reading: Sendable {
        var resourceVersion: String
        var facts: RevisionFacts
    }

    /// - Returns: `nil` if the revision does not exist.
    /// - Throws: errors of the client, such as `APIError`.
    func read(_ key: NamespacedName) async throws -> Reading? {
        let revision: MCPServerRevision
        do {
            revision = try await client.get(MCPServerRevision.self, name: key.name, namespace: key.namespace)
        } catch let error as APIError where error.isNotFound {
            return nil
        }
        var contract = revision.spec.contract
        if let parts = revision.spec.parts { contract = try await read(parts, namespace: key.namespace) }
        return Reading(
            resourceVersion: revision.metadata.resourceVersion ?? "",
            facts: RevisionFacts(revision, contract: contract)
        )
    }

    /// - Returns: `nil` if a part is missing or was changed.
    private func read(_ parts: [RevisionPart], namespace: String) async throws -> RevisionContract? {
        var texts: [String] = []
        for part in parts {
            let object: JSONValue
            do {
                object = try await client.get(.configMap, name: part.name, namespace: namespace)
            } catch let error as APIError where error.isNotFound {
                return nil
            }
            guard let text = object[path: ["data", RevisionPart.dataKey]]?.stringValue, part.isIntact(text) else {
                return nil
            }
            texts.append(text)
        }
        return try? RevisionContract(parts: texts)
    }
}
