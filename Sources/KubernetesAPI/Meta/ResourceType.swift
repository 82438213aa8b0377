/// A kind of object and its path on the API server: group, version, kind and plural.
///
/// Almost every object in memory has one. The values of a kind share their fields, so that one takes as much space as a pointer.
public struct ResourceType: Sendable, CustomStringConvertible {
    private final class Fields: Sendable {
        let group: String
        let version: String
        let kind: String
        let plural: String
        let isNamespaced: Bool

        init(group: String, version: String, kind: String, plural: String, isNamespaced: Bool) {
            self.group = group
            self.version = version
            self.kind = kind
            self.plural = plural
            self.isNamespaced = isNamespaced
        }
    }

    private let fields: Fields

    public init(group: String, version: String, kind: String, plural: String, isNamespaced: Bool) {
        fields = Fields(group: group, version: version, kind: kind, plural: plural, isNamespaced: isNamespaced)
    }

    /// The API group, empty for the core group.
    public var group: String { fields.group }

    /// The version, such as `v1`.
    public var version: String { fields.version }

    /// The kind, in CamelCase, such as `Deployment`.
    public var kind: String { fields.kind }

    /// The plural for URLs, such as `deployments`.
    public var plural: String { fields.plural }

    /// Whether objects of this kind are namespaced.
    public var isNamespaced: Bool { fields.isNamespaced }

    /// An object's `apiVersion`: `v1`, or `apps/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The kind and the group, without the version: `Deployment.apps`, `Secret`.
    public var groupKind: String { group.isEmpty ? kind : "\(kind).\(group)" }

    /// The same kind in another version of its group.
    public func inVersion(_ version: String) -> ResourceType {
        ResourceType(group: group, version: version, kind: kind, plural: plural, isNamespaced: isNamespaced)
    }

    /// The path of the collection: `/apis/apps/v1/namespaces/default/deployments`, or the path for all namespaces.
    public func collectionPath(namespace: String? = nil) -> String {
        let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        guard isNamespaced, let namespace else { return "\(root)/\(plural)" }
        return "\(root)/namespaces/\(namespace)/\(plural)"
    }

    /// The path of an object, or of one of its subresources.
    public func path(namespace: String?, name: String, subresource: String? = nil) -> String {
        let object = "\(collectionPath(namespace: namespace))/\(name)"
        guard let subresource else { return object }
        return "\(object)/\(subresource)"
    }

    public var description: String { "\(kind).\(apiVersion)" }
}

extension ResourceType: Hashable {
    public static func == (left: ResourceType, right: ResourceType) -> Bool {
        left.fields === right.fields
            || left.kind == right.kind && left.group == right.group && left.version == right.version
                && left.plural == right.plural && left.isNamespaced == right.isNamespaced
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(group)
    }
}

/// An object of the Kubernetes API that has a Swift type.
public protocol KubernetesResource: Codable, Sendable {
    /// The kind.
    static var resourceType: ResourceType { get }
    /// Name, namespace, labels and the rest of the standard metadata.
    var metadata: ObjectMeta { get set }
}

/// The group, kind, namespace and name of an object, independent of the version.
public struct ObjectReference: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The kind.
    public var type: ResourceType
    /// The namespace, `nil` for cluster-scoped objects.
    public var namespace: String?
    /// The name.
    public var name: String

    public init(type: ResourceType, namespace: String?, name: String) {
        self.type = type
        self.namespace = type.isNamespaced ? namespace : nil
        self.name = name
    }

    public var description: String {
        guard let namespace else { return "\(type.groupKind)/\(name)" }
        return "\(type.groupKind)/\(namespace)/\(name)"
    }

    public static func < (left: ObjectReference, right: ObjectReference) -> Bool {
        (left.type.groupKind, left.namespace ?? "", left.name)
            < (right.type.groupKind, right.namespace ?? "", right.name)
    }
}

/// A namespace and a name, which identify an object among those of its kind.
public struct NamespacedName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace, empty for cluster-scoped objects.
    public var namespace: String
    /// The name.
    public var name: String

    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    public static func < (left: NamespacedName, right: NamespacedName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}
