internal import CRDModels
package import KubernetesAPI
internal import MCPProtocol

/// An MCPServer of mcp-lifecycle-operator, as far as it says where the server listens.
package struct LifecycleServer: Sendable, Hashable, Codable {
    /// The operator's API group.
    package static let group = "mcp.x-k8s.io"

    /// The kind in each version that can be read, the newest first.
    package static let resourceTypes = ["v1beta1", "v1alpha1"].map { version in
        ResourceType(group: group, version: version, kind: "MCPServer", plural: "mcpservers", isNamespaced: true)
    }

    /// The part of the spec that says where the server listens.
    package struct Spec: Sendable, Hashable, Codable {
        package var config: Config?
        /// A Service that the operator did not create.
        package var serviceRef: Reference?
        package var transport: TransportSettings?

        package init(config: Config? = nil, serviceRef: Reference? = nil, transport: TransportSettings? = nil) {
            self.config = config
            self.serviceRef = serviceRef
            self.transport = transport
        }
    }

    /// The endpoint.
    package struct Config: Sendable, Hashable, Codable {
        package var port: Int?
        package var path: String?

        package init(port: Int? = nil, path: String? = nil) {
            self.port = port
            self.path = path
        }
    }

    /// An object of the same namespace.
    package struct Reference: Sendable, Hashable, Codable {
        package var name: String

        package init(name: String) { self.name = name }
    }

    /// How the server is connected to.
    package struct TransportSettings: Sendable, Hashable, Codable {
        package var tls: TLS?

        package init(tls: TLS? = nil) { self.tls = tls }
    }

    /// Whether the server speaks TLS, and who signs its certificate.
    package struct TLS: Sendable, Hashable, Codable {
        package var enabled: Bool?
        /// A Secret with the authorities, in the key `ca.crt`.
        package var caBundleSecret: Reference?
        package var insecureSkipVerify: Bool?

        package init(enabled: Bool? = nil, caBundleSecret: Reference? = nil, insecureSkipVerify: Bool? = nil) {
            self.enabled = enabled
            self.caBundleSecret = caBundleSecret
            self.insecureSkipVerify = insecureSkipVerify
        }
    }

    /// The name, the namespace and the rest of the standard metadata.
    package var metadata: ObjectMeta
    /// Where it listens.
    package var spec: Spec?

    package init(metadata: ObjectMeta, spec: Spec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }

    /// The path if the server sets none. The operator's API has this default.
    private static let defaultPath = "/mcp"
    /// The key of the Secret with the authorities.
    private static let authorityKey = "ca.crt"

    /// How the gateway calls the server.
    ///
    /// - Parameter clusterDomain: the cluster's DNS domain.
    /// - Returns: only the URL and the authorities are set.
    /// - Throws: `Refusal`, which names the field of the operator's MCPServer.
    func endpoint(clusterDomain: String) throws(Refusal) -> RemoteServer {
        let service = spec?.serviceRef?.name ?? metadata.name ?? ""
        guard KubernetesNames.isDNSLabel(service) else {
            throw Refusal(
                .specInvalid,
                field: spec?.serviceRef == nil ? "metadata.name" : "spec.serviceRef.name",
                "\(Words.quoted(service)) cannot be the name of a Service: use at most 63 lower-case letters, digits and dashes"
            )
        }
        guard let port = spec?.config?.port else {
            throw Refusal(
                .specInvalid,
                field: "spec.config.port",
                spec?.serviceRef == nil
                    ? "is missing: set the port of the server"
                    : "is missing: set the port of the Service \(service), which the gateway does not look up"
            )
        }
        guard (1...65_535).contains(port) else {
            throw Refusal(.specInvalid, field: "spec.config.port", "\(port) must be from 1 to 65535")
        }
        let path = spec?.config?.path ?? Self.defaultPath
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw Refusal(.specInvalid, field: "spec.config.path", "\(Words.quoted(path)) must begin with a slash")
        }
        let tls = spec?.transport?.tls
        let isSecure = tls?.enabled == true
        guard !isSecure || tls?.insecureSkipVerify != true else {
            throw Refusal(
                .specInvalid,
                field: "spec.transport.tls.insecureSkipVerify",
                """
                is true, and the gateway verifies the certificates of servers: name a Secret with the authorities in \
                spec.transport.tls.caBundleSecret, and remove this field
                """
            )
        }
        let host = "\(service).\(metadata.namespace ?? "").svc.\(clusterDomain)"
        let url: RemoteURL
        do throws(RemoteURLError) {
            url = try RemoteURL("\(isSecure ? "https" : "http")://\(host):\(port)\(path)")
        } catch {
            throw Refusal(
                .remoteURLInvalid,
                field: "spec.config.path",
                "\(Words.quoted(path)) does not result in a valid URL: \(error)"
            )
        }
        var server = RemoteServer(url: url.description)
        if isSecure, let secret = tls?.caBundleSecret {
            server.certificateAuthority = CertificateAuthority(
                secretKeyRef: SecretKeySelector(name: secret.name, key: Self.authorityKey)
            )
        }
        return server
    }
}
