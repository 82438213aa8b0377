internal import CRDModels
internal import KubernetesAPI

/// Which revisions of a server are kept. Pure.
enum RevisionHistory {
    /// How many are kept besides the one that serves, if the spec does not say.
    static let defaultLimit = 10

    /// A stored revision.
    struct Entry: Sendable, Hashable {
        /// Its name.
        var name: String
        /// When it was created.
        var creationTimestamp: Timestamp?
    }

    /// The revisions to delete: the oldest ones beyond the limit.
    ///
    /// - Parameters:
    ///   - entries: all revisions of the server.
    ///   - names: those that are kept in any case, and do not count.
    ///   - limit: `revisionHistoryLimit`.
    static func expired(_ entries: [Entry], keeping names: Set<String>, limit: Int?) -> Set<String> {
        let newestFirst = entries.filter { !names.contains($0.name) }.sorted { left, right in
            let times = (
                left.creationTimestamp?.secondsSinceEpoch ?? 0, right.creationTimestamp?.secondsSinceEpoch ?? 0
            )
            // Names make the choice stable between revisions of the same second.
            return times.0 == times.1 ? left.name > right.name : times.0 > times.1
        }
        return Set(newestFirst.dropFirst(max(0, limit ?? defaultLimit)).map(\.name))
    }
}
