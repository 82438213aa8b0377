internal import CRDModels
internal import KubernetesAPI
import Synchronization

/// Strings that many cached objects have, such as messages of conditions, images and the identity of an owner, so that they are in memory
/// once.
///
/// The table has a fixed size. A string takes the place of an earlier one with the same hash, so that strings of one object alone do not
/// fill it.
final class SharedStrings: Sendable {
    private let table: Mutex<[String]>

    /// The bytes of a string that is shared: shorter ones are stored in place, and longer ones are rarely the same.
    private static let length = 16...512

    /// - Parameter capacity: the number of strings, which is rounded up to a power of two.
    init(capacity: Int = 8192) {
        var size = 1
        while size < capacity { size *= 2 }
        table = Mutex(Array(repeating: "", count: size))
    }

    /// The same string, stored once if it was seen before.
    func callAsFunction(_ string: String) -> String {
        guard Self.length.contains(string.utf8.count) else { return string }
        let hash = string.hashValue
        return table.withLock { table in
            let index = hash & (table.count - 1)
            if table[index] != string { table[index] = string }
            return table[index]
        }
    }

    func callAsFunction(_ string: String?) -> String? { string.map { self($0) } }
}

extension MCPServer {
    /// The same server, as it is kept in a cache.
    func sharing(_ strings: SharedStrings) -> MCPServer {
        var server = self
        server.spec.image = strings(spec.image)
        server.status?.image = strings(status?.image)
        // Also without the spare capacity of an array that grew while it was decoded.
        server.status?.conditions = status?.conditions?.map { condition in
            var condition = condition
            condition.reason = strings(condition.reason)
            condition.message = strings(condition.message)
            return condition
        }
        return server
    }
}

extension PodRecord {
    /// The same pod, as it is kept in a cache.
    func sharing(_ strings: SharedStrings) -> PodRecord {
        var pod = self
        pod.specImage = strings(specImage)
        pod.status.conditions = status.conditions?.map { condition in
            var condition = condition
            condition.reason = strings(condition.reason)
            condition.message = strings(condition.message)
            return condition
        }
        pod.status.containerStatuses = status.containerStatuses?.map { $0.sharing(strings) }
        pod.status.initContainerStatuses = status.initContainerStatuses?.map { $0.sharing(strings) }
        return pod
    }
}

extension ContainerStatus {
    fileprivate func sharing(_ strings: SharedStrings) -> ContainerStatus {
        var container = self
        container.image = strings(image)
        container.imageID = strings(imageID)
        return container
    }
}

extension ChildRecord {
    /// The same object, as it is kept in a cache.
    func sharing(_ strings: SharedStrings) -> ChildRecord {
        var record = self
        if let owner {
            record.owner = Owner(groupKind: owner.groupKind, name: strings(owner.name), uid: strings(owner.uid))
        }
        record.annotations = Dictionary(uniqueKeysWithValues: annotations.map { (strings($0.key), strings($0.value)) })
        return record
    }
}
