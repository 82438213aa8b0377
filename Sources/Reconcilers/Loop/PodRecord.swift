internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI

/// What is kept of a server's pod: why it is not ready, but not its spec.
struct PodRecord: CachedObject, Equatable {
    var namespace: String
    var name: String
    var uid: String
    var resourceVersion: String
    /// The server that the pod belongs to, from the pod's label.
    var server: String
    /// The pod's status.
    var status: PodStatus
    /// When its deletion was requested.
    var deletionTimestamp: Timestamp?

    var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        return metadata
    }

    /// The index of pods by server.
    static let serverIndex = "server"

    init(_ pod: Pod) {
        namespace = pod.metadata.namespace ?? ""
        name = pod.metadata.name ?? ""
        uid = pod.metadata.uid ?? ""
        resourceVersion = pod.metadata.resourceVersion ?? ""
        server = pod.metadata.labels?[MoorageLabels.server] ?? ""
        status = pod.status ?? PodStatus()
        deletionTimestamp = pod.metadata.deletionTimestamp
    }

    /// The pod, with the fields that are kept.
    var pod: Pod {
        var metadata = metadata
        metadata.deletionTimestamp = deletionTimestamp
        return Pod(metadata: metadata, status: status)
    }
}
