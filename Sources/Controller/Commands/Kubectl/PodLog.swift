import ClusterTool
import CommandSupport
import HTTPTypes
import KubernetesAPI
import KubernetesClient

/// Reads the logs of pods and writes them to standard output.
struct PodLog: Sendable {
    /// Which part of the logs.
    struct Query: Sendable {
        var isFollowed: Bool
        var isPrevious: Bool
        var tail: Int?
        var hasTimes: Bool

        /// The parameters of the API server's request.
        func items(container: String) -> [APIRequest.QueryItem] {
            var items = [APIRequest.QueryItem("container", container)]
            if isFollowed { items.append(APIRequest.QueryItem("follow", "true")) }
            if isPrevious { items.append(APIRequest.QueryItem("previous", "true")) }
            if hasTimes { items.append(APIRequest.QueryItem("timestamps", "true")) }
            if let tail { items.append(APIRequest.QueryItem("tailLines", "\(tail)")) }
            return items
        }
    }

    /// The client.
    var client: KubernetesClient
    /// The namespace of the pods.
    var namespace: String
    /// Which part of the logs.
    var query: Query

    /// The pods with a label, and the version of the list.
    func pods(_ label: String) async throws -> (items: [JSONValue], version: String?) {
        let list = try await client.listAll(.pod, namespace: namespace, options: ListOptions(labelSelector: label)) {
            try JSONValue(parsing: $0)
        }
        return (list.items, list.metadata.resourceVersion)
    }

    /// Writes the log of one container, to its end.
    ///
    /// - Parameter isAlone: whether no other log is written, so that lines need no prefix.
    func write(_ source: LogSource, isAlone: Bool) async throws {
        let request = APIRequest(
            path: ResourceType.pod.path(namespace: namespace, name: source.pod, subresource: "log"),
            query: query.items(container: source.container),
            headers: [.accept: "*/*"],
            purpose: query.isFollowed ? .watch : .standard
        )
        var lines = LogLines(prefix: source.prefix(isAlone: isAlone))
        for try await chunk in try await client.execute(request).body { Console.standard.output(lines.add(chunk)) }
        Console.standard.output(lines.finish())
    }

    /// Follows the logs of all pods with a label, also of those that start later, until the task is cancelled.
    func follow(_ label: String, container: String?, first: [LogSource], version: String?) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var known: Set<LogSource> = []
            func add(_ sources: [LogSource]) {
                for source in sources where known.insert(source).inserted {
                    group.addTask { try await writeWhileItExists(source) }
                }
            }
            add(first)
            var version = version
            while !Task.isCancelled {
                do {
                    let options = WatchOptions(labelSelector: label, resourceVersion: version)
                    for try await event in try await client.watch(.pod, namespace: namespace, options: options) {
                        switch event {
                        case .added(let pod), .modified(let pod):
                            add(LogSource.find([pod], container: container, isPrevious: false))
                            version = pod[path: ["metadata", "resourceVersion"]]?.stringValue ?? version
                        // Without a version, the watch starts with the pods that exist.
                        case .error: version = nil
                        case .deleted, .bookmark: break
                        }
                    }
                } catch let error as APIError where error.isResourceVersionTooOld {
                    version = nil
                }
                try await Task.sleep(for: .seconds(1))
            }
            group.cancelAll()
        }
    }

    /// Follows the log of a container. If the pod is gone before it can be read, nothing is written.
    private func writeWhileItExists(_ source: LogSource) async throws {
        do {
            try await write(source, isAlone: false)
        } catch let error as APIError where error.isNotFound || error.isBadRequest {
            Console.standard.error(
                TerminalText.safe("\(source.pod): \(error.status.message ?? "\(error)")"),
                prefix: "note: "
            )
        }
    }
}
