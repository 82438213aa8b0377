internal import ControllerRuntime
internal import KubernetesAPI

/// What is kept of the EndpointSlice that says where the Kubernetes API is.
struct EndpointSliceRecord: CachedObject {
    /// Where the API server keeps its own EndpointSlice, and under which name.
    static let namespace = "default"
    static let name = "kubernetes"

    let metadata: ObjectMeta
    /// The addresses and ports.
    let endpoints: [KubernetesAPIEndpoint]

    /// - Throws: where the bytes are not an object of the API.
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
