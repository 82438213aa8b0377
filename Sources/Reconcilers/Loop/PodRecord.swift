internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI

/// What is kept of a server's pod: why it is not ready, and nothing of what it runs.
struct PodRecord: CachedObject, Equatable {
    var namespace: String
    var name: String
    var uid: String
    var resourceVersion: String
    /// The server that the pod belongs to, by its label.
    var server: String
    /// Why the pod is as it is.
    var status: PodStatus
    /// When it was asked to go.
    var deletionTimestamp: Timestamp?

    var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        return metadata
    }

    /// The index under which the pods of a server are found.
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

    /// The pod as far as it is kept.
    var pod: Pod {
        var metadata = metadata
        metadata.deletionTimestamp = deletionTimestamp
        return Pod(metadata: metadata, status: status)
    }
}
