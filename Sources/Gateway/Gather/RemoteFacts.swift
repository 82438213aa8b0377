package import CRDModels
package import KubernetesAPI
internal import KubernetesClient
package import Policy

/// What is known of a remote server's credentials.
package struct RemoteFacts: Sendable, Hashable {
    /// The server that they are for, with the version of what it names.
    package var accepted: AcceptedRemoteServer
    /// The credentials; `nil` if they cannot be used.
    package var credentials: RemoteCredentials?
    /// Why they cannot be used. It contains no value.
    package var problem: String?

    package init(accepted: AcceptedRemoteServer, problem: String) {
        self.accepted = accepted
        self.problem = problem
    }

    /// - Parameter objects: the Secrets and ConfigMaps that the server names.
    package init(accepted: AcceptedRemoteServer, objects: [RemoteCredentials.Source: JSONValue] = [:]) {
        self.accepted = accepted
        do throws(RemoteCredentials.Problem) {
            credentials = try RemoteCredentials(accepted.server, objects: objects)
        } catch {
            problem = error.description
        }
    }

    /// The endpoint of the server.
    func endpoint(_ addresses: AddressRules) -> RemoteEndpoint {
        RemoteEndpoint(
            url: accepted.server.url,
            isEventStream: accepted.transport == .sse,
            addresses: addresses,
            authorities: credentials?.authorities,
            connectTime: .seconds(accepted.server.connectTimeoutSeconds ?? 10),
            requestTime: accepted.server.requestTimeoutSeconds.map { .seconds($0) }
        )
    }
}

/// Reads what remote servers name, by name: the gateway may read nothing else.
struct RemoteFactsReader: Sendable {
    let client: KubernetesClient

    /// - Throws: errors of the client, such as `APIError`.
    func read(_ accepted: AcceptedRemoteServer, namespace: String) async throws -> RemoteFacts {
        var objects: [RemoteCredentials.Source: JSONValue] = [:]
        for source in RemoteCredentials.sources(of: accepted.server) {
            do {
                objects[source] = try await client.get(source.type, name: source.name, namespace: namespace)
            } catch let error as APIError where error.isNotFound {
                continue
            }
        }
        return RemoteFacts(accepted: accepted, objects: objects)
    }
}
