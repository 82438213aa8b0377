public import KubernetesAPI
public import KubernetesClient

extension KubernetesClient {
    /// The list and watch of one kind, as a reflector wants them.
    ///
    /// - Parameters:
    ///   - type: which kind.
    ///   - namespace: `nil` for all namespaces.
    ///   - labelSelector: which objects, all of them without one.
    ///   - fieldSelector: likewise, by field.
    ///   - metadataOnly: whether the server is asked for metadata alone.
    ///   - decode: reads one object's bytes. One that it throws for is reported, and what was known of it last is kept.
    public func listWatch<Object: CachedObject>(
        of type: ResourceType,
        in namespace: String?,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        metadataOnly: Bool = false,
        decode: @escaping ObjectDecoder<Object>
    ) -> ListWatch<Object> {
        let client = self
        return ListWatch(
            list: { request in
                let page = try await client.list(
                    type,
                    namespace: namespace,
                    options: ListOptions(
                        labelSelector: labelSelector,
                        fieldSelector: fieldSelector,
                        limit: request.limit,
                        continue: request.continueToken,
                        resourceVersion: request.resourceVersion.isEmpty || request.continueToken != nil
                            ? nil : request.resourceVersion
                    ),
                    metadataOnly: metadataOnly,
                    decode: decode
                )
                return ListResult(
                    objects: page.items,
                    unreadable: page.failures.compactMap(UnreadableObject.init(_:)),
                    resourceVersion: page.metadata.resourceVersion ?? "",
                    continueToken: page.nextPage
                )
            },
            watch: { request, started, receive, unreadable in
                let events = try await client.watch(
                    type,
                    namespace: namespace,
                    options: WatchOptions(
                        labelSelector: labelSelector,
                        fieldSelector: fieldSelector,
                        resourceVersion: request.resourceVersion.isEmpty ? nil : request.resourceVersion,
                        sendInitialEvents: request.sendInitialEvents,
                        timeoutSeconds: request.timeoutSeconds
                    ),
                    metadataOnly: metadataOnly,
                    unreadable: { failure in UnreadableObject(failure).map(unreadable) },
                    decode: decode
                )
                started()
                for try await event in events { try receive(event) }
            },
            classify: ListWatchFailure.init(_:)
        )
    }
}

extension UnreadableObject {
    /// `nil` where the object has no name, so that it is none.
    init?(_ failure: DecodeFailure) {
        guard let name = failure.name else { return nil }
        self.init(
            key: NamespacedName(namespace: failure.namespace ?? "", name: name),
            uid: failure.uid,
            isDeletion: failure.isDeletion,
            reason: "\(failure.underlying)"
        )
    }
}

extension ListWatchFailure {
    /// What an error of the client means to a reflector.
    init(_ error: any Error) {
        switch error {
        case let error as APIError:
            self.init(error.status)
            if case .tooManyRequests(nil) = self { self = .tooManyRequests(retryAfter: error.retryAfter) }
        case let error as ClientError where error.code == .connectionRefused: self = .unreachable
        case let error as ClientError where error.isConnectionFailure: self = .dropped
        default: self = .other
        }
    }
}
