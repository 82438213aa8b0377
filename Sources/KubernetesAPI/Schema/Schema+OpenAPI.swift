extension Schema {
    /// The schema as a CustomResourceDefinition contains it.
    public var openAPI: JSONValue {
        var result: [String: JSONValue] = [:]
        func put(_ key: String, _ value: JSONValue?) { if let value { result[key] = value } }
        func put(_ key: String, _ value: Int?) { put(key, value.map { .integer(Int64($0)) }) }
        func put(_ key: String, _ value: Double?) {
            put(key, value.map { number in Int64(exactly: number).map { .integer($0) } ?? .number(number) })
        }
        func put(_ key: String, _ flag: Bool) { if flag { result[key] = true } }
        func put(_ key: String, _ schemas: [Schema]) {
            if !schemas.isEmpty { result[key] = .array(schemas.map(\.openAPI)) }
        }
        if !description.isEmpty { put("description", .string(description)) }
        put("type", type.map { .string($0.rawValue) })
        put("format", format.map { .string($0) })
        put("nullable", isNullable)
        put("default", defaultValue)
        if !allowedValues.isEmpty { put("enum", .array(allowedValues)) }
        put("pattern", pattern.map { .string($0) })
        put("minLength", minLength)
        put("maxLength", maxLength)
        put("minimum", minimum)
        put("maximum", maximum)
        put("exclusiveMinimum", isMinimumExclusive)
        put("exclusiveMaximum", isMaximumExclusive)
        put("multipleOf", multipleOf)
        put("minItems", minItems)
        put("maxItems", maxItems)
        put("minProperties", minProperties)
        put("maxProperties", maxProperties)
        if !properties.isEmpty {
            var members: [String: JSONValue] = [:]
            for name in properties.names { members[name] = properties[name]?.openAPI }
            put("properties", .object(members))
        }
        if !requiredNames.isEmpty { put("required", .array(requiredNames.map { .string($0) })) }
        put("items", items?.schema.openAPI)
        put("additionalProperties", additionalProperties?.schema.openAPI)
        put("x-kubernetes-preserve-unknown-fields", preservesUnknownFields)
        put("x-kubernetes-int-or-string", isIntOrString)
        put("x-kubernetes-embedded-resource", isEmbeddedResource)
        put("x-kubernetes-list-type", listType.map { .string($0.rawValue) })
        if !listMapKeys.isEmpty { put("x-kubernetes-list-map-keys", .array(listMapKeys.map { .string($0) })) }
        if isAtomicMap { put("x-kubernetes-map-type", "atomic") }
        if !rules.isEmpty { put("x-kubernetes-validations", .array(rules.map(\.openAPI))) }
        put("allOf", allOf)
        put("anyOf", anyOf)
        put("oneOf", oneOf)
        put("not", not?.schema.openAPI)
        return .object(result)
    }

    /// Reads the schema of a CustomResourceDefinition (`openAPIV3Schema`).
    ///
    /// - Parameters:
    ///   - openAPI: the schema.
    ///   - nativeChecks: the Swift checks of its rules. A rule without one is kept: see `rulesWithoutNativeCheck`.
    /// - Throws: `SchemaError` if it is not a structural schema.
    public init(openAPI: JSONValue, nativeChecks: NativeRuleChecks = NativeRuleChecks()) throws(SchemaError) {
        try self.init(openAPI: openAPI, nativeChecks: nativeChecks, at: .root)
    }

    private init(openAPI: JSONValue, nativeChecks: NativeRuleChecks, at path: FieldPath) throws(SchemaError) {
        self.init()
        guard openAPI.objectValue != nil else {
            throw SchemaError(path: path, message: "a schema must be an object, not \(openAPI.typeName)")
        }
        func int(_ key: String) -> Int? { openAPI[key]?.integerValue.map { Int($0) } }
        func flag(_ key: String) -> Bool { openAPI[key]?.boolValue ?? false }
        func schemas(_ key: String) throws(SchemaError) -> [Schema] {
            var result: [Schema] = []
            for (index, element) in openAPI.elements(key).enumerated() {
                result.append(try Schema(openAPI: element, nativeChecks: nativeChecks, at: path.key(key).index(index)))
            }
            return result
        }
        description = openAPI["description"]?.stringValue ?? ""
        if let name = openAPI["type"]?.stringValue {
            guard let type = ValueType(rawValue: name) else {
                throw SchemaError(path: path, message: "unknown type \"\(name)\"")
            }
            self.type = type
        }
        format = openAPI["format"]?.stringValue
        isNullable = flag("nullable")
        defaultValue = openAPI["default"]
        allowedValues = openAPI.elements("enum")
        pattern = openAPI["pattern"]?.stringValue
        minLength = int("minLength")
        maxLength = int("maxLength")
        minimum = openAPI["minimum"]?.numberValue
        maximum = openAPI["maximum"]?.numberValue
        isMinimumExclusive = flag("exclusiveMinimum")
        isMaximumExclusive = flag("exclusiveMaximum")
        multipleOf = openAPI["multipleOf"]?.numberValue
        minItems = int("minItems")
        maxItems = int("maxItems")
        minProperties = int("minProperties")
        maxProperties = int("maxProperties")
        for name in (openAPI["properties"]?.objectValue ?? [:]).keys.sorted() {
            let child = openAPI[path: ["properties", name]] ?? .null
            properties[name] = try Schema(
                openAPI: child,
                nativeChecks: nativeChecks,
                at: path.key("properties").key(name)
            )
        }
        requiredNames = openAPI.elements("required").compactMap(\.stringValue)
        if let value = openAPI["items"] {
            items = Box(try Schema(openAPI: value, nativeChecks: nativeChecks, at: path.key("items")))
        }
        switch openAPI["additionalProperties"] {
        case .bool(true)?: preservesUnknownFields = true
        case .bool(false)?, nil: break
        case let value?:
            additionalProperties = Box(
                try Schema(openAPI: value, nativeChecks: nativeChecks, at: path.key("additionalProperties"))
            )
        }
        preservesUnknownFields = preservesUnknownFields || flag("x-kubernetes-preserve-unknown-fields")
        isIntOrString = flag("x-kubernetes-int-or-string")
        isEmbeddedResource = flag("x-kubernetes-embedded-resource")
        listType = openAPI["x-kubernetes-list-type"]?.stringValue.flatMap { ListType(rawValue: $0) }
        listMapKeys = openAPI.elements("x-kubernetes-list-map-keys").compactMap(\.stringValue)
        isAtomicMap = openAPI["x-kubernetes-map-type"] == "atomic"
        rules = openAPI.elements("x-kubernetes-validations").compactMap {
            Rule(openAPI: $0, nativeChecks: nativeChecks)
        }
        allOf = try schemas("allOf")
        anyOf = try schemas("anyOf")
        oneOf = try schemas("oneOf")
        if let value = openAPI["not"] {
            not = Box(try Schema(openAPI: value, nativeChecks: nativeChecks, at: path.key("not")))
        }
    }

    /// The CEL text of every rule in this schema that has no check in Swift, so that `validate` does not check it.
    public var rulesWithoutNativeCheck: [String] {
        var result = rules.filter { $0.nativeCheck == nil }.map(\.text)
        for name in properties.names { result += properties[name]?.rulesWithoutNativeCheck ?? [] }
        result += items?.schema.rulesWithoutNativeCheck ?? []
        result += additionalProperties?.schema.rulesWithoutNativeCheck ?? []
        return result
    }

    /// Whether this schema contains any rule.
    public var hasRules: Bool {
        !rules.isEmpty || properties.names.contains { properties[$0]?.hasRules == true }
            || items?.schema.hasRules == true
            || additionalProperties?.schema.hasRules == true
    }
}

/// Why a document is not a structural schema.
public struct SchemaError: Error, Hashable, CustomStringConvertible {
    /// Where in the document.
    public var path: FieldPath
    /// What is wrong.
    public var message: String

    public var description: String { path.elements.isEmpty ? message : "\(path): \(message)" }
}

extension Rule {
    /// The rule as an element of `x-kubernetes-validations`.
    var openAPI: JSONValue {
        var result: JSONValue = ["rule": .string(text)]
        result["message"] = message.map { .string($0) }
        result["reason"] = reason.map { .string($0.rawValue) }
        result["fieldPath"] = fieldPath.map { .string($0) }
        return result
    }

    init?(openAPI: JSONValue, nativeChecks: NativeRuleChecks) {
        guard let text = openAPI["rule"]?.stringValue else { return nil }
        self.init(
            text: text,
            message: openAPI["message"]?.stringValue,
            reason: openAPI["reason"]?.stringValue.flatMap { Reason(rawValue: $0) },
            fieldPath: openAPI["fieldPath"]?.stringValue,
            nativeCheck: nativeChecks[text]
        )
    }
}
