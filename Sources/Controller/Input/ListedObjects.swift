import CommandSupport
import KubernetesAPI
import KubernetesClient

extension JSONValue {
    /// An object with its kind and version, which it does not have in a list.
    func identified(as type: ResourceType) -> JSONValue {
        var object = self
        object["kind"] = .string(type.kind)
        object["apiVersion"] = .string(type.apiVersion)
        return object
    }
}

extension KubernetesClient {
    /// All objects of a kind, in all namespaces, each with its kind.
    ///
    /// - Throws: `CommandFailure` if one of them cannot be read, and the client's errors.
    func objects(of type: ResourceType) async throws -> [JSONValue] {
        let list = try await listAll(type) { try JSONValue(parsing: Array($0)) }
        if let failure = list.failures.first {
            throw CommandFailure("a \(type.kind) of the cluster cannot be read: \(failure)")
        }
        return list.items.map { $0.identified(as: type) }
    }
}
