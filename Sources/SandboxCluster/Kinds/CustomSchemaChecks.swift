import KubernetesAPI

/// The API server's checks of the schemas in a CustomResourceDefinition.
enum CustomSchemaChecks {
    /// The supported formats; others cause a warning.
    private static let formats: Set<String> = [
        "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3", "uuid4", "uuid5",
        "isbn", "isbn10", "isbn13", "creditcard", "ssn", "hexcolor", "rgbcolor", "byte", "password", "date", "duration",
        "datetime", "date-time", "int32", "int64", "float", "double", "k8s-short-name", "k8s-long-name",
    ]

    /// The schemas of a definition and their paths in messages: a single schema is named as if it applied to all versions.
    private static func schemas(_ definition: JSONValue) -> [(path: [String], schema: JSONValue)] {
        let versions = definition[path: ["spec", "versions"]]?.arrayValue ?? []
        return versions.enumerated().compactMap { index, version in
            guard let schema = version[path: ["schema", "openAPIV3Schema"]] else { return nil }
            let path = versions.count == 1 ? ["spec", "validation"] : ["spec", "versions[\(index)]", "schema"]
            return (path + ["openAPIV3Schema"], schema)
        }
    }

    static func errors(_ definition: JSONValue) -> [FieldError] {
        schemas(definition).flatMap { types($0.schema, $0.path, "must not be empty at the root") }
    }

    private static func types(_ schema: JSONValue, _ path: [String], _ detail: String) -> [FieldError] {
        var errors: [FieldError] = []
        let isFree =
            schema["x-kubernetes-int-or-string"]?.boolValue == true
            || schema["x-kubernetes-preserve-unknown-fields"]?.boolValue == true
        if (schema["type"]?.stringValue ?? "").isEmpty, !isFree {
            errors.append(FieldError(.required, FieldPath((path + ["type"]).map { .key($0) }), detail: detail))
        }
        for (name, property) in (schema["properties"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            errors += types(property, path + ["properties[\(name)]"], "must not be empty for specified object fields")
        }
        if let items = schema["items"], items.objectValue != nil {
            errors += types(items, path + ["items"], "must not be empty for specified array items")
        }
        if let values = schema["additionalProperties"], values.objectValue != nil {
            errors += types(
                values,
                path + ["additionalProperties"],
                "must not be empty for specified object fields"
            )
        }
        return errors
    }

    static func warnings(_ definition: JSONValue) -> [String] {
        var found: [String] = []
        func visit(_ schema: JSONValue) {
            if let format = schema["format"]?.stringValue, !formats.contains(format) {
                let warning = "unrecognized format \"\(format)\""
                if !found.contains(warning) { found.append(warning) }
            }
            for (_, property) in (schema["properties"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
                visit(property)
            }
            for name in ["items", "additionalProperties"] {
                if let child = schema[name], child.objectValue != nil { visit(child) }
            }
        }
        for (_, schema) in schemas(definition) { visit(schema) }
        return found
    }
}
