internal import HTTPTypes
internal import KubernetesAPI

/// Paths, headers and bodies of requests.
enum RequestBuilding {
    static let json = "application/json"
    /// `application/apply-patch+yaml` accepts JSON too, which is YAML.
    static let applyPatch = "application/apply-patch+yaml"
    /// Only the metadata, if the server supports that; plain JSON otherwise.
    static let partialObject = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
    /// The same as `partialObject`, for lists.
    static let partialList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

    /// The path of one object.
    ///
    /// - Throws: `ClientError` with `invalidRequest` for a name that would change the path, or a namespace that is missing.
    static func path(
        _ type: ResourceType,
        namespace: String?,
        name: String,
        subresource: String? = nil
    ) throws(ClientError) -> String {
        try check(segment: name, what: "name", type: type)
        guard !type.isNamespaced || namespace != nil else {
            throw ClientError(.invalidRequest, "\(type) \(name): the kind is namespaced, so a namespace is required")
        }
        try check(namespace: namespace, type: type)
        return type.path(namespace: namespace, name: name, subresource: subresource)
    }

    /// The path of a collection.
    ///
    /// - Throws: `ClientError` with `invalidRequest` for a namespace that would change the path.
    static func collectionPath(_ type: ResourceType, namespace: String?) throws(ClientError) -> String {
        try check(namespace: namespace, type: type)
        return type.collectionPath(namespace: namespace)
    }

    private static func check(namespace: String?, type: ResourceType) throws(ClientError) {
        guard type.isNamespaced, let namespace else { return }
        try check(segment: namespace, what: "namespace", type: type)
    }

    /// The API server's own rule for names in paths (`path.IsValidPathSegmentName`).
    private static func check(segment: String, what: String, type: ResourceType) throws(ClientError) {
        let isValid =
            !segment.isEmpty && segment != "." && segment != ".."
            && !segment.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
        guard isValid else {
            throw ClientError(
                .invalidRequest,
                "\(type): the \(what) \(segment.debugDescription) is not valid in a path: "
                    + "it must not be empty, `.` or `..`, and must not contain `/` or `%`"
            )
        }
    }

    /// An object as JSON, with `apiVersion` and `kind`, which the server omits in the items of lists.
    ///
    /// - Throws: `EncodingError`.
    static func body<Object: KubernetesResource>(_ object: Object) throws -> [UInt8] {
        let bytes = try KubernetesJSON.encode(object)
        let type = Object.resourceType
        var missing = ""
        if JSONScan.topLevelString("apiVersion", of: bytes[...]) == nil {
            missing += "\"apiVersion\":\"\(type.apiVersion)\","
        }
        if JSONScan.topLevelString("kind", of: bytes[...]) == nil { missing += "\"kind\":\"\(type.kind)\"," }
        guard !missing.isEmpty, bytes.first == UInt8(ascii: "{") else { return bytes }
        // An object has at least metadata, so another member follows.
        return [UInt8(ascii: "{")] + Array(missing.utf8) + bytes.dropFirst()
    }

    /// A dynamic object as JSON, with `apiVersion` and `kind`.
    static func body(_ object: JSONValue, type: ResourceType) -> [UInt8] {
        var object = object
        if object["apiVersion"] == nil { object["apiVersion"] = .string(type.apiVersion) }
        if object["kind"] == nil { object["kind"] = .string(type.kind) }
        return object.serialized()
    }

    static func headers(accept: String = json, contentType: String? = nil) -> HTTPFields {
        var fields: HTTPFields = [.accept: accept]
        if let contentType { fields[.contentType] = contentType }
        return fields
    }
}
