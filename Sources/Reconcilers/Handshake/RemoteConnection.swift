internal import CRDModels
internal import HTTPTypes
internal import KubernetesAPI
internal import KubernetesClient
internal import MCPTransport
internal import MCPProtocol
internal import Policy

/// How the controller reaches remote servers: with their credentials, and only at addresses that they may have.
struct RemoteConnection: Sendable {
    /// Reads a Secret or a ConfigMap; `nil` if it does not exist.
    typealias Read = @Sendable (ObjectReference) async throws -> JSONValue?

    let read: Read
    var network = RemoteNetwork.system

    /// The credentials of a server in a namespace. They are read for each check, and not kept.
    ///
    /// - Throws: `MCPClientError`
    private func credentials(of remote: RemoteServer, namespace: String) async throws -> RemoteCredentials {
        var objects: [RemoteCredentials.Source: JSONValue] = [:]
        for source in RemoteCredentials.sources(of: remote) {
            do {
                objects[source] = try await read(
                    ObjectReference(type: source.type, namespace: namespace, name: source.name)
                )
            } catch let error as APIError {
                throw MCPClientError(
                    .closed,
                    "\(source.type.kind) \"\(source.name)\" cannot be read: \(error)",
                    underlying: error
                )
            }
        }
        do throws(RemoteCredentials.Problem) {
            return try RemoteCredentials(remote, objects: objects)
        } catch {
            throw MCPClientError(.invalidRequest, error.description)
        }
    }

    /// Runs a body with what sends requests to a remote server, and the header fields for them.
    func with<Result: Sendable>(
        _ remote: RemotePlan,
        namespace: String,
        connectTimeout: Duration,
        _ body: (any HTTPExchange, HTTPFields) async throws -> Result
    ) async throws -> Result {
        let credentials = try await credentials(of: remote.server, namespace: namespace)
        var options = HTTPClientExchange.Options()
        options.connectTimeout = min(connectTimeout, .seconds(remote.server.connectTimeoutSeconds ?? 10))
        if let authorities = credentials.authorities { options.trust = .authorities(pem: authorities) }
        let (addresses, isSecure) = (remote.addresses, remote.url.isSecure)
        let exchange = try CheckedExchange(options, network: network) {
            addresses.refusal(of: $0, port: $1, isSecure: isSecure)
        }
        var fields = HTTPFields()
        for header in credentials.headers {
            if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
        }
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body(exchange, fields))
        } catch {
            outcome = .failure(error)
        }
        await exchange.shutdown()
        return try outcome.get()
    }
}

extension HandshakeTarget {
    /// A remote server.
    ///
    /// - Parameter key: what is checked: the server, or its candidate.
    init(_ remote: RemotePlan, key: NamespacedName) {
        server = key
        pod = ""
        podUID = ""
        restarts = 0
        address = remote.url.host
        port = remote.url.port
        image = remote.url.description
        endpoint = HandshakeEndpoint(
            transport: remote.transport,
            path: remote.url.path + (remote.url.query.map { "?\($0)" } ?? ""),
            port: remote.url.port,
            usesTLS: remote.url.isSecure
        )
        self.remote = remote
    }
}
