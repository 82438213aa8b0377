internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy

/// What is kept of the EndpointSlice with the addresses of the Kubernetes API.
struct EndpointSliceRecord: CachedObject {
    /// The namespace of the API server's own EndpointSlice.
    static let namespace = "default"
    static let name = "kubernetes"

    let metadata: ObjectMeta
    /// The addresses and ports.
    let endpoints: [KubernetesAPIEndpoint]

    /// - Throws: if the bytes are not an API object.
    init(bytes: [UInt8]) throws {
        let value = try JSONValue(parsing: bytes, omittingFieldSets: true)
        var metadata = ObjectMeta(
            name: value[path: ["metadata", "name"]]?.stringValue,
            namespace: value[path: ["metadata", "namespace"]]?.stringValue
        )
        metadata.uid = value[path: ["metadata", "uid"]]?.stringValue
        metadata.resourceVersion = value[path: ["metadata", "resourceVersion"]]?.stringValue
        self.metadata = metadata
        endpoints = KubernetesAPIEndpoint.endpoints(of: value)
    }
}
