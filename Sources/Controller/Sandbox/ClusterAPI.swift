import KubernetesAPI

/// The requests of `moorage sandbox` itself, in addition to those of the operator.
protocol ClusterAPI: Sendable {
    /// The response to a GET, or `nil` if the path does not exist.
    func get(_ path: String) async throws -> JSONValue?

    /// The response to a GET as text, or `nil` if the path does not exist or the server has no text there.
    func text(_ path: String, query: [(name: String, value: String)]) async throws -> String?

    /// Applies an object by server-side apply, as the user `moorage sandbox`.
    ///
    /// - Throws: `ClusterAPIError` if the server refuses it.
    func apply(_ object: JSONValue, to reference: ObjectReference) async throws(ClusterAPIError)
}

/// The API server refused a request.
struct ClusterAPIError: Error, Sendable, CustomStringConvertible {
    /// The `reason` of the response, such as `NotFound` or `Invalid`.
    var reason: String
    /// The message of the response.
    var message: String
    /// The resource that the response is about, if it is set: `namespaces` if the namespace is missing.
    var kind: String?

    var description: String { message }

    /// Whether the namespace is missing, and not the object.
    var isMissingNamespace: Bool { reason == "NotFound" && kind == "namespaces" }
}

extension ClusterAPI {
    func text(_ path: String, query: [(name: String, value: String)]) async throws -> String? { nil }

    /// All objects of a kind, in all namespaces; none if the server does not serve the kind.
    func list(_ type: ResourceType) async throws -> [JSONValue] {
        guard let list = try await get(type.collectionPath()) else { return [] }
        return (list["items"]?.arrayValue ?? []).map { $0.identified(as: type) }
    }
}
