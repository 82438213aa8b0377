import KubernetesAPI

/// The group and plural under which objects are stored, regardless of the version.
struct ResourceKey: Hashable, Sendable, Comparable {
    var group: String
    var plural: String

    static func < (left: ResourceKey, right: ResourceKey) -> Bool {
        (left.group, left.plural) < (right.group, right.plural)
    }
}

/// The location of an object.
struct ObjectKey: Hashable, Sendable {
    var resource: ResourceKey
    /// Empty for cluster-scoped objects.
    var namespace: String
    var name: String
}

/// A stored object, immutable.
final class StoredObject: Sendable {
    let key: ObjectKey
    let value: JSONValue
    /// `value` as JSON, encoded once for all readers, with `kind` and `apiVersion` first.
    let bytes: [UInt8]
    /// The start of what follows `kind` and `apiVersion`, which list items of built-in kinds omit.
    private let itemStart: Int
    let revision: Int64
    let uid: String
    let labels: [String: String]

    init(key: ObjectKey, value: JSONValue, revision: Int64) {
        self.key = key
        self.value = value
        var rest = value
        rest["kind"] = nil
        rest["apiVersion"] = nil
        let head: JSONValue = ["apiVersion": value["apiVersion"] ?? "", "kind": value["kind"] ?? ""]
        var bytes = head.serialized()
        let tail = rest.serialized()
        if tail.count > 2 {
            bytes.removeLast()
            bytes.append(UInt8(ascii: ","))
            itemStart = bytes.count
            bytes.append(contentsOf: tail.dropFirst())
        } else {
            itemStart = bytes.count - 1
        }
        self.bytes = bytes
        self.revision = revision
        self.uid = value[path: ["metadata", "uid"]]?.stringValue ?? ""
        self.labels = value[path: ["metadata", "labels"]]?.stringMap ?? [:]
    }

    /// Adds the object as an item of a list of a built-in kind.
    func appendItem(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        output.append(contentsOf: bytes[itemStart...])
    }
}

/// A change of an object.
struct Change: Sendable {
    var revision: Int64
    var key: ObjectKey
    var old: StoredObject?
    var new: StoredObject?
}

extension JSONValue {
    /// The string fields of an object.
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
