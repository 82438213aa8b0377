internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI

/// What is kept of a server's pod: where it serves MCP, and why it is not ready.
struct PodRecord: CachedObject, Equatable {
    var namespace: String
    var name: String
    var uid: String
    var resourceVersion: String
    /// The server that the pod belongs to, from the pod's label.
    var server: String
    /// The pod's status.
    var status: PodStatus
    /// The number of the port on which the pod serves MCP.
    var port: Int?
    /// When the pod was created.
    var creationTimestamp: Timestamp?
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
        port =
            (pod.spec?.containers ?? []).first { $0.name == Moorage.containerName }?.ports?
            .first { $0.name == Moorage.portName }?.containerPort
        creationTimestamp = pod.metadata.creationTimestamp
        deletionTimestamp = pod.metadata.deletionTimestamp
    }

    /// How often the server's container was restarted.
    var restarts: Int {
        status.containerStatuses?.first { $0.name == Moorage.containerName }?.restartCount ?? 0
    }

    /// The pod, with the fields that are kept.
    var pod: Pod {
        var metadata = metadata
        metadata.creationTimestamp = creationTimestamp
        metadata.deletionTimestamp = deletionTimestamp
        return Pod(metadata: metadata, status: status)
    }
}
