import KubernetesAPI

/// A resource in one version.
struct ResourceDefinition: Sendable {
    var type: ResourceType
    var singular: String
    var listKind: String
    var shortNames: [String] = []
    var categories: [String] = []
    var shape: FieldType
    /// The schema of a custom resource; built-in kinds have none.
    var schema: Schema?
    /// The schema in the CustomResourceDefinition, for OpenAPI.
    var openAPI: JSONValue?
    var hasStatus = false
    var scale: ScalePaths?
    var columns: [CustomColumn] = []
    var isCustom = false
    /// The version in which a custom resource is stored.
    var storageVersion: String
    var selectableFields: Set<String> = ["metadata.name", "metadata.namespace"]
    /// Whether objects are answered and never stored, such as `SelfSubjectAccessReview`.
    var isVirtual = false

    /// The paths of the scale subresource.
    struct ScalePaths: Sendable {
        var specReplicas = ["spec", "replicas"]
        var statusReplicas = ["status", "replicas"]
        /// A label selector object, or a string in custom resources.
        var selector: [String]? = ["spec", "selector"]
    }

    /// A printer column of a CustomResourceDefinition.
    struct CustomColumn: Sendable {
        var name: String
        var type: String
        var format: String
        var description: String
        var priority: Int64
        var path: String
    }

    var plural: String { type.plural }
    /// Where the objects are stored: Events of both groups share one location.
    var key: ResourceKey {
        if type.group == "events.k8s.io", type.plural == "events" { return ResourceKey(group: "", plural: "events") }
        return ResourceKey(group: type.group, plural: type.plural)
    }
    var groupOrNil: String? { type.group.isEmpty ? nil : type.group }
    var qualifiedPlural: String { type.group.isEmpty ? type.plural : "\(type.plural).\(type.group)" }

    /// The name of a built-in type in the API's OpenAPI documents.
    static func openAPIName(_ short: String) -> String {
        if short.hasPrefix("meta.v1.") { return "io.k8s.apimachinery.pkg.apis.\(short)" }
        if short.hasPrefix("apiextensions.v1.") { return "io.k8s.apiextensions-apiserver.pkg.apis.\(short)" }
        return "io.k8s.api.\(short)"
    }
}
