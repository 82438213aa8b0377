import KubernetesAPI

/// The group and plural under which objects are kept, whatever version they are read in.
struct ResourceKey: Hashable, Sendable, Comparable {
    var group: String
    var plural: String

    static func < (left: ResourceKey, right: ResourceKey) -> Bool {
        (left.group, left.plural) < (right.group, right.plural)
    }
}

/// One object's place.
struct ObjectKey: Hashable, Sendable {
    var resource: ResourceKey
    /// Empty for cluster-scoped objects.
    var namespace: String
    var name: String
}

/// One object as it was stored, immutable.
final class StoredObject: Sendable {
    let key: ObjectKey
    let value: JSONValue
    /// `value` as JSON, made once and served to every reader.
    let bytes: [UInt8]
    let revision: Int64
    let uid: String
    let labels: [String: String]

    init(key: ObjectKey, value: JSONValue, revision: Int64) {
        self.key = key
        self.value = value
        self.bytes = value.serialized()
        self.revision = revision
        self.uid = value[path: ["metadata", "uid"]]?.stringValue ?? ""
        self.labels = value[path: ["metadata", "labels"]]?.stringMap ?? [:]
    }
}

/// One change of one object.
struct Change: Sendable {
    var revision: Int64
    var key: ObjectKey
    var old: StoredObject?
    var new: StoredObject?
}

extension JSONValue {
    /// The string members of an object.
    var stringMap: [String: String] {
        (objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    var metadata: JSONValue {
        get { self["metadata"] ?? .object([:]) }
        set { self["metadata"] = newValue }
    }

    var objectName: String { metadata["name"]?.stringValue ?? "" }
    var objectNamespace: String { metadata["namespace"]?.stringValue ?? "" }
    var objectUID: String { metadata["uid"]?.stringValue ?? "" }
    var finalizers: [String] { metadata["finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    var isBeingDeleted: Bool { metadata["deletionTimestamp"]?.stringValue != nil }
    var ownerReferences: [JSONValue] { metadata["ownerReferences"]?.arrayValue ?? [] }
}
