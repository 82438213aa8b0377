import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient

/// Reads what the commands show. Nothing but what they show is read.
struct ClusterReader: Sendable {
    /// The client.
    var client: KubernetesClient
    /// The namespace that the commands are about.
    var namespace: String

    /// An object, or `nil` if it does not exist.
    ///
    /// - Throws: the client's error, also if the object must not be read.
    func find(_ type: ResourceType, _ name: String, namespace: String?) async throws -> JSONValue? {
        do {
            return try await client.get(type, name: name, namespace: type.isNamespaced ? namespace : nil)
                .identified(as: type)
        } catch let error as APIError where error.isNotFound {
            return nil
        }
    }

    /// A server in the namespace.
    ///
    /// - Throws: `CommandFailure` if it does not exist, and the client's errors.
    func server(_ name: String) async throws -> JSONValue {
        let found: JSONValue?
        do {
            found = try await find(MCPServer.resourceType, name, namespace: namespace)
        } catch let error as APIError where error.isForbidden {
            throw CommandFailure(
                "\(TerminalText.safe(error.status.message ?? "\(error)")): every role of the tenant allows it; "
                    + "set the namespace with -n"
            )
        }
        guard let server = found else {
            throw CommandFailure(
                "MCPServer \(namespace)/\(name) does not exist: set the namespace with -n; "
                    + "kubectl get mcpservers -A lists all servers"
            )
        }
        return server
    }

    /// The objects of a kind that selectors match, each with its kind, or `nil` if they must not be read.
    func list(
        _ type: ResourceType,
        namespace: String?,
        labels: String? = nil,
        fields: String? = nil,
        metadataOnly: Bool = false
    ) async throws -> [JSONValue]? {
        do {
            let options = ListOptions(labelSelector: labels, fieldSelector: fields)
            let list = try await client.listAll(
                type,
                namespace: type.isNamespaced ? namespace : nil,
                options: options,
                metadataOnly: metadataOnly
            ) {
                try JSONValue(parsing: $0)
            }
            return list.items.map { $0.identified(as: type) }
        } catch let error as APIError where error.isForbidden || error.isNotFound {
            // Members of a tenant may not read everything, and a cluster need not have every kind.
            return error.isForbidden ? nil : []
        }
    }

    /// One list of several that are read at the same time.
    struct Request: Sendable {
        var type: ResourceType
        var labels: String?
        var fields: String?
        var metadataOnly = false
    }

    /// Reads several lists of a namespace at the same time.
    ///
    /// - Returns: the objects in the order of the requests, and the kinds that must not be read.
    func lists(_ requests: [Request], namespace: String) async throws -> (objects: [JSONValue], unread: [String]) {
        let results = try await withThrowingTaskGroup(of: (Int, [JSONValue]?).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask {
                    let found = try await list(
                        request.type,
                        namespace: namespace,
                        labels: request.labels,
                        fields: request.fields,
                        metadataOnly: request.metadataOnly
                    )
                    return (index, found)
                }
            }
            var results: [Int: [JSONValue]?] = [:]
            for try await (index, found) in group { results.updateValue(found, forKey: index) }
            return results
        }
        var objects: [JSONValue] = []
        var unread: [String] = []
        for (index, request) in requests.enumerated() {
            switch results[index] {
            case .some(.some(let found)): objects += found
            default:
                if !unread.contains(request.type.kind) { unread.append(request.type.kind) }
            }
        }
        return (objects, unread)
    }

    /// `core/v1.Event`.
    static let event = ResourceType(group: "", version: "v1", kind: "Event", plural: "events", isNamespaced: true)

    /// The Events about one object.
    func events(kind: String, name: String, namespace: String) async throws -> [JSONValue] {
        let fields = "involvedObject.kind=\(kind),involvedObject.name=\(name)"
        return try await list(Self.event, namespace: namespace, fields: fields) ?? []
    }
}
