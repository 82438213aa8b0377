import KubernetesAPI

/// The few requests that `moorage sandbox` makes itself, besides what the operator makes.
protocol ClusterAPI: Sendable {
    /// The answer to a GET, or `nil` where there is nothing at the path.
    func get(_ path: String) async throws -> JSONValue?

    /// Applies an object by server-side apply, as the user `moorage sandbox`.
    ///
    /// - Throws: `ClusterAPIError` where the server refuses it.
    func apply(_ object: JSONValue, to reference: ObjectReference) async throws(ClusterAPIError)
}

/// The API server refused a request.
struct ClusterAPIError: Error, Sendable, CustomStringConvertible {
    /// The answer's `reason`, such as `NotFound` or `Invalid`.
    var reason: String
    /// The answer's message.
    var message: String
    /// What the answer is about, where it says so: `namespaces` where the namespace is missing.
    var kind: String?

    var description: String { message }

    /// Whether it is the namespace that is missing, and not the object.
    var isMissingNamespace: Bool { reason == "NotFound" && kind == "namespaces" }
}

extension ClusterAPI {
    /// Everything of a kind, in all namespaces; nothing where the server does not serve it.
    func list(_ type: ResourceType) async throws -> [JSONValue] {
        guard let list = try await get(type.collectionPath()) else { return [] }
        return (list["items"]?.arrayValue ?? []).map { item in
            var item = item
            // Items of a list go without.
            item["apiVersion"] = .string(type.apiVersion)
            item["kind"] = .string(type.kind)
            return item
        }
    }
}
