public import KubernetesAPI
public import KubernetesClient

extension KubernetesClient {
    /// The list and watch of one kind, for a reflector.
    ///
    /// Requests are not retried here: the reflector decides when and how to send a request again.
    ///
    /// - Parameters:
    ///   - type: the kind.
    ///   - namespace: `nil` for all namespaces.
    ///   - labelSelector: selects objects by labels; `nil` for all.
    ///   - fieldSelector: selects objects by fields; `nil` for all.
    ///   - metadataOnly: whether to request only the objects' metadata.
    ///   - decode: decodes one object. If it throws, the object is reported, and the store keeps its older version.
    public func listWatch<Object: CachedObject>(
        of type: ResourceType,
        in namespace: String?,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        metadataOnly: Bool = false,
        decode: @escaping ObjectDecoder<Object>
    ) -> ListWatch<Object> {
        var client = self
        client.retryPolicy = .never
        return ListWatch(
            list: { [client] request in
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
            watch: { [client] request, accepted, receive, unreadable in
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
                accepted()
                for try await event in events { try receive(event) }
            },
            classify: ListWatchFailure.init(_:)
        )
    }
}

extension UnreadableObject {
    /// Returns `nil` if the name could not be found.
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
    /// Classifies an error of the client for a reflector.
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
