internal import ControllerRuntime
package import CRDModels
package import KubernetesAPI
internal import Policy

/// What is kept of an `MCPServer`: what its route depends on.
package struct ServerFacts: CachedObject, Hashable {
    package var namespace: String
    package var name: String
    package var uid: String
    package var resourceVersion: String
    package var labels: [String: String]
    /// Whether it is being deleted.
    package var isDeleting: Bool
    package var isSuspended: Bool
    /// The path of the endpoint in the spec.
    package var path: String
    /// Whether the spec says anything about its tools.
    package var hasCuration: Bool
    /// How many calls of a tool are allowed a minute, by the bytes of its name.
    package var toolCallsPerMinute: [[UInt8]: Int]
    /// Whether arguments are checked against the schemas of the contract.
    package var validatesArguments: Bool
    /// What the spec says about its review.
    package var review: ServerReview?
    /// The service that callers' tokens are exchanged for; `nil` if they are not.
    package var tokenExchange: String?
    /// Whether the spec says that somebody else runs the server.
    package var isRemote: Bool
    /// The remote server that Moorage has accepted and, if new versions are reviewed, that was approved; `nil` if nothing may be called.
    package var remote: AcceptedRemoteServer?
    /// Whether Moorage accepts it; `nil` before it has decided.
    package var acceptance: State?
    /// Whether it is ready.
    package var readiness: State?
    /// Whether the controller does not read what the server offers.
    package var isUnread: Bool
    /// The revisions that may say what the server publishes, the one that it offers now first.
    package var revisions: [String]
    /// What people read about the server in the registry.
    package var summary: String?
    /// When the last change was in force; `nil` while one is being made.
    package var settled: Timestamp?

    /// The status of a condition, with its reason.
    package struct State: Hashable, Sendable {
        package var isTrue: Bool
        package var reason: String
        package var message: String
    }

    package init(_ server: MCPServer) {
        namespace = server.metadata.namespace ?? ""
        name = server.metadata.name ?? ""
        uid = server.metadata.uid ?? ""
        resourceVersion = server.metadata.resourceVersion ?? ""
        labels = server.metadata.labels ?? [:]
        isDeleting = server.metadata.deletionTimestamp != nil
        isSuspended = server.spec.suspend ?? false
        path = server.spec.path ?? EffectiveSettings.defaultPath(server.spec.transport ?? .streamableHTTP)
        hasCuration = Curation(server.spec).isAboutPublishing
        toolCallsPerMinute = Dictionary(
            (server.spec.tools ?? []).compactMap { tool in tool.callsPerMinute.map { (Array(tool.name.utf8), $0) } },
            uniquingKeysWith: { min($0, $1) }
        )
        validatesArguments = server.spec.toolPolicy?.validateArguments ?? false
        review = server.spec.review
        tokenExchange = server.spec.upstreamAuth?.tokenExchange?.target
        isRemote = server.spec.remote != nil
        remote = server.status?.remote
        let conditions = server.status?.conditions
        func state(_ type: String) -> State? {
            (conditions?[type: type]).map {
                State(isTrue: $0.status == .true, reason: $0.reason, message: $0.message)
            }
        }
        acceptance = state(ConditionType.accepted)
        readiness = state(ConditionType.ready)
        isUnread = PublishedContract.isUnread(server.status)
        revisions = PublishedContract.candidates(server.status)
        summary = server.metadata.annotations?[KubernetesAnnotations.description]
        // After an approval, as after any other change, the pods are replaced.
        let reconciling = conditions?[type: ConditionType.reconciling]
        settled = reconciling?.status == .false ? reconciling?.lastTransitionTime : nil
    }

    package var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace, labels: labels)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        return metadata
    }
}
