internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesAPI
import Synchronization

/// Reads the Secrets and ConfigMaps that servers name, one by one, and keeps digests of their values.
///
/// Only metadata of both kinds is watched. An object is read by name when a server needs it and its version is not the
/// last one read. Its values are dropped as soon as their digests are computed, except values for templates, which are
/// read again each time.
final class ReferenceReader: Sendable {
    /// One object, by kind, namespace and name.
    private struct Key: Hashable {
        var namespace: String
        var reference: ContentReference
        /// Whether the kept result is the registries of a pull Secret instead of digests.
        var isPullSecret = false
    }

    private struct Entry {
        var resourceVersion: String
        var content: ReferencedContent
    }

    private let cluster: any ClusterAccess
    private let secrets: Store<ChildRecord>
    private let configMaps: Store<MetadataRecord>
    private let digests = Mutex<[Key: Entry]>([:])

    init(cluster: any ClusterAccess, secrets: Store<ChildRecord>, configMaps: Store<MetadataRecord>) {
        self.cluster = cluster
        self.secrets = secrets
        self.configMaps = configMaps
    }

    /// Reads what is needed from each object.
    ///
    /// - Throws: `APIError` if an object exists but cannot be read.
    func read(
        _ needs: [ContentReference: ContentNeed],
        namespace: String
    ) async throws -> [ContentReference: ReferencedContent] {
        var contents: [ContentReference: ReferencedContent] = [:]
        for (reference, need) in needs.sorted(by: { $0.key < $1.key }) {
            contents[reference] = try await read(reference, need: need, namespace: namespace)
        }
        return contents
    }

    /// The versions of objects that exist.
    func versions(of references: Set<ContentReference>, namespace: String) -> [ContentReference: String] {
        Dictionary(
            references.compactMap { reference in version(of: reference, namespace: namespace).map { (reference, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Removes the digests of a deleted object.
    func forget(_ reference: ContentReference, namespace: String) {
        digests.withLock { digests in
            for isPullSecret in [false, true] {
                digests[Key(namespace: namespace, reference: reference, isPullSecret: isPullSecret)] = nil
            }
        }
    }

    private func read(
        _ reference: ContentReference,
        need: ContentNeed,
        namespace: String
    ) async throws -> ReferencedContent {
        let key = Key(namespace: namespace, reference: reference, isPullSecret: need.isPullSecret)
        guard let knownVersion = version(of: reference, namespace: namespace) else {
            forget(reference, namespace: namespace)
            return .absent
        }
        if !need.needsValues,
            let entry = digests.withLock({ $0[key] }), entry.resourceVersion == knownVersion
        {
            return entry.content
        }
        let type: ResourceType = reference.kind == .secret ? .secret : .configMap
        guard
            let object = try await cluster.get(
                ObjectReference(type: type, namespace: namespace, name: reference.name)
            )
        else {
            forget(reference, namespace: namespace)
            return .absent
        }
        let values = ReferencedContent.values(Self.values(of: object, kind: reference.kind))
        let content =
            need.isPullSecret
            ? ReferencedContent.pullSecret(
                type: object["type"]?.stringValue,
                values: Self.values(of: object, kind: .secret)
            )
            : values.withoutValues
        let version = object[path: ["metadata", "resourceVersion"]]?.stringValue ?? ""
        digests.withLock { $0[key] = Entry(resourceVersion: version, content: content) }
        return need.needsValues ? values : content
    }

    /// The version in the cache, `nil` if the object does not exist.
    private func version(of reference: ContentReference, namespace: String) -> String? {
        switch reference.kind {
        case .secret: secrets.get(namespace: namespace, name: reference.name)?.resourceVersion
        case .configMap: configMaps.get(namespace: namespace, name: reference.name)?.resourceVersion
        }
    }

    /// The values by key. A Secret's values are base64; a ConfigMap's are text, or base64 in `binaryData`.
    private static func values(of object: JSONValue, kind: ContentReference.Kind) -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        for (key, value) in object["data"]?.objectValue ?? [:] {
            guard let text = value.stringValue else { continue }
            switch kind {
            case .secret: values[key] = Data(base64Encoded: text).map(Array.init) ?? []
            case .configMap: values[key] = Array(text.utf8)
            }
        }
        for (key, value) in object["binaryData"]?.objectValue ?? [:] {
            values[key] = value.stringValue.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
        }
        return values
    }
}

/// What is kept of an object of which only metadata is watched.
struct MetadataRecord: CachedObject {
    var namespace: String
    var name: String
    var uid: String
    var resourceVersion: String

    var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uid
        metadata.resourceVersion = resourceVersion
        return metadata
    }

    init(_ metadata: ObjectMeta) {
        namespace = metadata.namespace ?? ""
        name = metadata.name ?? ""
        uid = metadata.uid ?? ""
        resourceVersion = metadata.resourceVersion ?? ""
    }
}
