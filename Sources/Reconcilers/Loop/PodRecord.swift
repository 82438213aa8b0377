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
    /// The beginning of the digest of what a candidate's pod runs; `nil` for pods that serve.
    var candidateTemplate: String?
    /// The pod's status.
    var status: PodStatus
    /// The number of the port on which the pod serves MCP.
    var port: Int?
    /// The image of the server's container in the pod's spec.
    var specImage: String?
    /// The hash of the pod template that the pod was made from.
    var templateHash: String?
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

    /// The index of pods that serve by server.
    static let serverIndex = "server"
    /// The index of the pods of candidates by server.
    static let candidateIndex = "candidate"
    /// Selects the pods of servers and of candidates.
    static let selector =
        "\(MoorageLabels.component) in (\(MoorageLabels.componentValue),\(MoorageLabels.candidateComponentValue))"

    /// The values of an index: one, if the pod belongs to it.
    func indexValues(_ index: String) -> [String] {
        (index == Self.candidateIndex) == (candidateTemplate != nil) ? ["\(namespace)/\(server)"] : []
    }

    init(_ pod: Pod) {
        namespace = pod.metadata.namespace ?? ""
        name = pod.metadata.name ?? ""
        uid = pod.metadata.uid ?? ""
        resourceVersion = pod.metadata.resourceVersion ?? ""
        let labels = pod.metadata.labels ?? [:]
        if let server = labels[MoorageLabels.server] {
            self.server = server
        } else {
            server = labels[MoorageLabels.candidate] ?? ""
            candidateTemplate = labels[MoorageLabels.template] ?? ""
        }
        status = pod.status ?? PodStatus()
        templateHash = pod.metadata.labels?["pod-template-hash"]
        let container = (pod.spec?.containers ?? []).first { $0.name == Moorage.containerName }
        specImage = container?.image
        port =
            container?.ports?
            .first { $0.name == Moorage.portName }?.containerPort
        creationTimestamp = pod.metadata.creationTimestamp
        deletionTimestamp = pod.metadata.deletionTimestamp
    }

    private var containerStatus: ContainerStatus? {
        status.containerStatuses?.first { $0.name == Moorage.containerName }
    }

    /// How often the server's container was restarted.
    var restarts: Int { containerStatus?.restartCount ?? 0 }

    /// The image that the server's container runs, with its digest if the spec or the container runtime has it.
    var image: String? {
        guard let specImage, !specImage.contains("@") else { return specImage }
        // `registry/name@sha256:…`; a runtime that has only the digest of the configuration reports it without a name.
        guard let parts = containerStatus?.imageID?.split(separator: "@"), parts.count == 2 else { return specImage }
        return "\(specImage)@\(parts[1])"
    }

    /// The pod, with the fields that are kept.
    var pod: Pod {
        var metadata = metadata
        metadata.creationTimestamp = creationTimestamp
        metadata.deletionTimestamp = deletionTimestamp
        return Pod(metadata: metadata, status: status)
    }
}
