internal import ControllerRuntime
package import KubernetesAPI
package import CRDModels

/// What is kept of an EndpointSlice of a server's Service: where its ready pods serve MCP.
package struct EndpointFacts: CachedObject, Hashable {
    /// A ready pod.
    package struct Pod: Hashable, Sendable {
        package var uid: String
        /// The address, in brackets if it is one of IPv6.
        package var host: String
    }

    package var namespace: String
    package var name: String
    package var uid: String
    package var resourceVersion: String
    /// The name of the Service, which is the server's.
    package var service: String
    /// Whether the addresses are of IPv6.
    package var isIPv6: Bool
    /// The port on which the pods serve MCP; `nil` if the slice has none of that name.
    package var port: Int?
    /// Whether they serve TLS there.
    package var usesTLS: Bool
    /// The ready pods.
    package var pods: [Pod]

    /// The label with the name of the Service (Kubernetes' API reference, `EndpointSlice`).
    static let serviceLabel = "kubernetes.io/service-name"

    /// Reads an EndpointSlice.
    ///
    /// - Parameter host: the host at which a pod is reached; its address by default.
    /// - Throws: `DecodingError` if it has no name.
    package init(_ slice: JSONValue, host: (Pod) -> String = \.host) throws {
        let metadata = slice["metadata"] ?? [:]
        guard let name = metadata["name"]?.stringValue, let namespace = metadata["namespace"]?.stringValue else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "an EndpointSlice without name or namespace")
            )
        }
        self.name = name
        self.namespace = namespace
        uid = metadata["uid"]?.stringValue ?? ""
        resourceVersion = metadata["resourceVersion"]?.stringValue ?? ""
        service = metadata[path: ["labels", Self.serviceLabel]]?.stringValue ?? ""
        let addressType = slice["addressType"]?.stringValue
        isIPv6 = addressType == "IPv6"
        let port = slice["ports"]?.arrayValue?.first { $0["name"]?.stringValue == Moorage.portName }
        self.port = port?["port"]?.integerValue.flatMap { Int(exactly: $0) }
        usesTLS = port?["appProtocol"]?.stringValue == "https"
        let endpoints = addressType == "FQDN" ? [] : slice["endpoints"]?.arrayValue ?? []
        pods = endpoints.compactMap { Self.pod($0, namespace: namespace) }.map {
            Pod(uid: $0.uid, host: host($0))
        }
    }

    private static func pod(_ endpoint: JSONValue, namespace: String) -> Pod? {
        // Not set means unknown, which consumers should take for ready.
        guard endpoint[path: ["conditions", "ready"]]?.boolValue ?? true,
            endpoint[path: ["conditions", "terminating"]]?.boolValue != true,
            let target = endpoint["targetRef"], target["kind"] == "Pod",
            target["namespace"]?.stringValue ?? namespace == namespace,
            let uid = target["uid"]?.stringValue,
            // All addresses of an endpoint are of the same pod.
            let address = endpoint["addresses"]?.arrayValue?.first?.stringValue, !address.isEmpty
        else { return nil }
        return Pod(uid: uid, host: address.contains(":") ? "[\(address)]" : address)
    }

    package var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        return metadata
    }
}

/// What is kept of an `MCPTenant`: all of it but what is never read.
package struct TenantFacts: CachedObject, Hashable {
    package var tenant: MCPTenant
    package var metadata: ObjectMeta { tenant.metadata }

    package init(_ tenant: MCPTenant) {
        self.tenant = tenant
    }
}
