import KubernetesAPI
import KubernetesClient

/// The sandbox's API over the same client that the operator uses.
struct ClientClusterAPI: ClusterAPI {
    var client: KubernetesClient

    /// The field manager.
    static let fieldManager = "moorage-sandbox"

    func get(_ path: String) async throws -> JSONValue? {
        do {
            return try JSONValue(parsing: try await client.raw(path))
        } catch let error as APIError where error.isNotFound {
            return nil
        }
    }

    func text(_ path: String, query: [(name: String, value: String)]) async throws -> String? {
        do {
            let bytes = try await client.raw(path, query: query.map { APIRequest.QueryItem($0.name, $0.value) })
            return String(decoding: bytes, as: UTF8.self)
        } catch let error as APIError where (400..<500).contains(error.status.code ?? 0) {
            return nil
        }
    }

    func apply(_ object: JSONValue, to reference: ObjectReference) async throws(ClusterAPIError) {
        do {
            let options = ApplyOptions(
                fieldManager: ClientClusterAPI.fieldManager,
                force: true,
                fieldValidation: .strict
            )
            _ = try await client.apply(reference.type, object, options: options)
        } catch let error as APIError {
            throw ClusterAPIError(
                reason: error.reason,
                message: error.status.message ?? "\(error)",
                kind: error.status.details?.kind
            )
        } catch {
            throw ClusterAPIError(reason: "RequestFailed", message: "\(error)")
        }
    }
}
