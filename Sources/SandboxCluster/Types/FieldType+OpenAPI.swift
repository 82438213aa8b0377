import KubernetesAPI

extension FieldType {
    /// The type of a custom resource's field, from the structural schema in its CustomResourceDefinition.
    init(openAPI schema: JSONValue, isRoot: Bool = false) {
        if schema["x-kubernetes-int-or-string"]?.boolValue == true {
            self = .scalar(.intOrString)
            return
        }
        switch schema["type"]?.stringValue {
        case "string": self = .scalar(.string)
        case "integer": self = .scalar(.integer)
        case "number": self = .scalar(.number)
        case "boolean": self = .scalar(.boolean)
        case "array":
            var merge = ListMerge()
            switch schema["x-kubernetes-list-type"]?.stringValue {
            case "map":
                merge.mapKeys = schema["x-kubernetes-list-map-keys"]?.arrayValue?.compactMap(\.stringValue)
            case "set": merge.isSet = true
            default: break
            }
            self = .list(schema["items"].map { FieldType(openAPI: $0) } ?? .any, merge)
        case "object":
            let isEmbedded = isRoot || schema["x-kubernetes-embedded-resource"]?.boolValue == true
            let properties = schema["properties"]?.objectValue ?? [:]
            let preserves = schema["x-kubernetes-preserve-unknown-fields"]?.boolValue == true
            let isAtomic = schema["x-kubernetes-map-type"]?.stringValue == "atomic"
            if !isEmbedded, properties.isEmpty, let values = schema["additionalProperties"], values.objectValue != nil {
                self =
                    isAtomic
                    ? .object(ObjectType(fields: [:], isAtomic: true, preservesUnknown: true))
                    : .map(FieldType(openAPI: values))
                return
            }
            var fields = properties.mapValues { ObjectType.Field(type: FieldType(openAPI: $0)) }
            for name in schema["required"]?.arrayValue ?? [] {
                if let name = name.stringValue { fields[name]?.isRequired = true }
            }
            if isEmbedded {
                fields["apiVersion"] = ObjectType.Field(type: .scalar(.string))
                fields["kind"] = ObjectType.Field(type: .scalar(.string))
                fields["metadata"] = ObjectType.Field(type: .named("meta.v1.ObjectMeta"), isValueStruct: isRoot)
            }
            self = .object(ObjectType(fields: fields, isAtomic: isAtomic, preservesUnknown: preserves))
        default: self = .any
        }
    }
}
