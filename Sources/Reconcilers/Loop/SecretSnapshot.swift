internal import CRDModels
internal import ControllerRuntime
internal import Crypto
internal import FoundationEssentials
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging
import Synchronization

/// The Secrets that Moorage rendered, as one list finds them after a start.
///
/// Only the metadata of Secrets is watched, so a controller that restarts has nothing to compare its renders with. To read
/// each Secret by name costs a request per server; one list in pages answers for all of them. No value is kept: each is
/// replaced by a keyed digest (HMAC, RFC 2104), and the key lives as long as the process.
final class SecretSnapshot: Sendable {
    private struct Entry {
        var resourceVersion: String
        /// The object with redacted values, as JSON.
        var content: ChildContent
    }

    private enum State {
        case unlisted
        case listing(Signal)
        case listed([NamespacedName: Entry])
    }

    /// What a caller does about the list. The table is not part of it, so that no copy of it is held.
    private enum Turn {
        case list
        case wait(Signal)
        case done
    }

    /// How many Secrets are in memory with their values at a time. Each can have 1 MiB.
    private static let pageSize = 50

    private let cluster: any ClusterAccess
    private let namespaces: [String]?
    private let logger: Logger
    private let key = SymmetricKey(size: .bits256)
    private let contents = ContentPool()
    private let state = Mutex(State.unlisted)

    /// - Parameters:
    ///   - cluster: where to list.
    ///   - namespaces: which namespaces to list, `nil` for all.
    init(cluster: any ClusterAccess, namespaces: [String]?, logger: Logger) {
        self.cluster = cluster
        self.namespaces = namespaces
        self.logger = logger
    }

    /// Takes a Secret out of the snapshot. The first call lists all of them; calls during the list wait for it.
    ///
    /// - Parameters:
    ///   - reference: the Secret.
    ///   - resourceVersion: the version that is wanted.
    /// - Returns: the object with redacted values, or `nil` if the list did not contain that version or has failed: read it
    ///   by name then.
    /// - Throws: `CancellationError`.
    func take(_ reference: ObjectReference, resourceVersion: String) async throws -> JSONValue? {
        try await listOnce()
        let name = NamespacedName(namespace: reference.namespace ?? "", name: reference.name)
        let entry = state.withLock { state -> Entry? in
            guard case .listed(var entries) = state else { return nil }
            // The only reference is moved, so that the table is not copied.
            state = .unlisted
            let entry = entries.removeValue(forKey: name)
            state = .listed(entries)
            return entry
        }
        guard let entry, entry.resourceVersion == resourceVersion else { return nil }
        return try? JSONValue(parsing: entry.content.bytes)
    }

    /// The object with each value of `data` replaced by its digest. Two objects are redacted alike if their values are equal.
    func redacted(_ object: JSONValue) -> JSONValue {
        guard case .object(let values)? = object["data"] else { return object }
        var object = object
        object["data"] = .object(values.mapValues(digest))
        return object
    }

    private func digest(_ value: JSONValue) -> JSONValue {
        let code = HMAC<SHA256>.authenticationCode(for: value.stringValue.map { Array($0.utf8) } ?? [], using: key)
        return .string(Data(code).base64EncodedString())
    }

    private func listOnce() async throws {
        let finished = Signal()
        let turn = state.withLock { state -> Turn in
            switch state {
            case .unlisted:
                state = .listing(finished)
                return .list
            case .listing(let signal): return .wait(signal)
            case .listed: return .done
            }
        }
        switch turn {
        case .done: return
        case .wait(let signal): return try await signal.wait()
        case .list: break
        }
        var entries: [NamespacedName: Entry] = [:]
        defer {
            state.withLock { $0 = .listed(entries) }
            finished.raise()
        }
        do {
            entries = try await list()
        } catch let error as APIError {
            logger.warning("could not list the Secrets; each is read by name: \(error)")
        }
    }

    private func list() async throws -> [NamespacedName: Entry] {
        let scopes: [String?] = namespaces ?? [nil]
        var entries: [NamespacedName: Entry] = [:]
        for namespace in scopes {
            let listed = try await cluster.list(
                .secret,
                namespace: namespace,
                labelSelector: MoorageLabels.managedSelector,
                pageSize: Self.pageSize
            ) { [self] bytes in
                var object = try JSONValue(parsing: bytes, omittingFieldSets: true)
                // The items of a list do not have these.
                object["apiVersion"] = .string(ResourceType.secret.apiVersion)
                object["kind"] = .string(ResourceType.secret.kind)
                let record = try ChildRecord(type: .secret, value: object, keepsStatus: false)
                let name = NamespacedName(namespace: record.reference.namespace ?? "", name: record.reference.name)
                let content = contents.content(redacted(object).serialized())
                return (name, Entry(resourceVersion: record.resourceVersion, content: content))
            }
            for (name, entry) in listed { entries[name] = entry }
        }
        return entries
    }
}
