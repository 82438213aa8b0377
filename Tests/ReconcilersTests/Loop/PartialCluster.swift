import KubernetesAPI
import KubernetesClient

@testable import Reconcilers

/// A cluster of which a test implements only the requests that it expects; any other throws.
protocol PartialCluster: ClusterAccess {}

/// A request that a test does not expect.
struct UnexpectedRequest: Error {}

extension PartialCluster {
    func create<Object: Sendable>(
        _ body: JSONValue,
        at reference: ObjectReference,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> Object { throw UnexpectedRequest() }
    func apply<Object: Sendable>(
        _ body: JSONValue,
        to reference: ObjectReference,
        fieldManager: String,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> Object { throw UnexpectedRequest() }
    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String? {
        throw UnexpectedRequest()
    }
    func patch(_ operations: [JSONValue], of reference: ObjectReference) async throws { throw UnexpectedRequest() }
    func delete(_ reference: ObjectReference, uid: String) async throws { throw UnexpectedRequest() }
    func get(_ reference: ObjectReference) async throws -> JSONValue? { throw UnexpectedRequest() }
    func list<Object: Sendable>(
        _ type: ResourceType,
        namespace: String?,
        labelSelector: String,
        pageSize: Int,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> [Object] { throw UnexpectedRequest() }
}

/// A transport for informers that do not run, so that nothing is requested.
struct NoTransport: APITransport {
    var host: String { "test" }
    func execute(_: APIRequest) async throws -> APIResponse { throw UnexpectedRequest() }
}
