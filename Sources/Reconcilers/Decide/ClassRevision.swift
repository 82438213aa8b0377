internal import CRDModels
internal import KubernetesAPI
internal import Policy
internal import SupplyChain

/// A class as it was when servers were rendered with it, kept as a `ControllerRevision` in the controller's namespace.
///
/// Servers whose class has the rollout policy Manual keep these values when the class changes. They are not stored in a
/// tenant's namespace, which is not trusted: the Deployment only contains their digest.
struct ClassRevision: Sendable, Equatable {
    /// The object's metadata.
    var metadata: ObjectMeta
    /// The class, with its name.
    var resolved: ResolvedClass

    /// The label that contains the class's name, truncated if necessary.
    static let classLabel = "moorage.dev/class"

    /// - Throws: `DecodingError` for an object that does not contain a class.
    init(_ object: JSONValue) throws {
        metadata = try (object["metadata"] ?? [:]).decode(ObjectMeta.self)
        resolved = try (object["data"] ?? [:]).decode(ResolvedClass.self)
    }

    /// The object that stores a class's values.
    ///
    /// - Parameters:
    ///   - resolved: the class.
    ///   - namespace: the controller's namespace.
    static func object(of resolved: ResolvedClass, namespace: String) -> JSONValue {
        [
            "apiVersion": .string(ResourceType.controllerRevision.apiVersion),
            "kind": .string(ResourceType.controllerRevision.kind),
            "metadata": [
                "name": .string(name(of: resolved)),
                "namespace": .string(namespace),
                "labels": [
                    MoorageLabels.managedBy: .string(MoorageLabels.managedByValue),
                    classLabel: .string(ObjectLabels.tenantValue(resolved.name ?? "")),
                ],
            ],
            "data": .encoding(resolved.withoutRollout),
            "revision": 1,
        ]
    }

    /// The object's name: the class's name, and enough of the digest to distinguish revisions.
    static func name(of resolved: ResolvedClass) -> String {
        "moorage-class-\((resolved.name ?? "").prefix(200))-\(resolved.hash.prefix(16))"
    }
}
