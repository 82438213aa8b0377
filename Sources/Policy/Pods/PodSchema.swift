package import KubernetesAPI

/// The schema of a pod template: its fields, their types, and which of them contain an image.
package struct PodSchema: Sendable {
    /// The type of a field.
    indirect enum FieldType: Sendable, Hashable {
        case string, integer, boolean, quantity, intOrString, any
        case map(FieldType)
        case list(FieldType)
        case object(String)

        /// The object type of this field, or of the elements of its list or map.
        var object: String? {
            switch self {
            case .object(let name): name
            case .list(let type), .map(let type): type.object
            default: nil
            }
        }
    }

    /// One field of an object.
    struct Field: Sendable, Hashable {
        var type: FieldType
        var isRequired: Bool
    }

    /// A way in which a value does not match the schema.
    package struct Problem: Sendable, Hashable {
        /// The field, as a path from the template such as `spec.containers[0].image`, and empty for the template
        /// itself.
        package var field: String
        /// What is wrong, and how to fix it.
        package var message: String
    }

    /// The schema of the supported Kubernetes version.
    package static let current = PodSchema(table: PodSchemaTable.text)
    /// The Kubernetes version of the schema.
    static let version = "1.36"

    private static let root = FieldType.object("PodTemplateSpec")

    /// The fields of each object type, by the type's name.
    let objects: [String: [String: Field]]
    /// For each object type, the fields that contain an image directly or in a nested object, sorted. A walk visits
    /// only these.
    private let imageFields: [String: [String]]

    /// Parses a table in the format of `PodSchemaTable`.
    init(table: String) {
        var objects: [String: [String: Field]] = [:]
        var current = ""
        for line in table.split(separator: "\n") {
            var words = line.split(separator: " ")
            if !line.hasPrefix(" "), !words.isEmpty { current = String(words.removeFirst()) }
            for word in words {
                guard let colon = word.firstIndex(of: ":") else { continue }
                let name = word[..<colon]
                let field = Field(
                    type: PodSchema.type(word[word.index(after: colon)...]),
                    isRequired: name.hasSuffix("!")
                )
                objects[current, default: [:]][String(field.isRequired ? name.dropLast() : name)] = field
            }
        }
        self.objects = objects
        imageFields = PodSchema.imageFields(of: objects)
    }

    private static func imageFields(of objects: [String: [String: Field]]) -> [String: [String]] {
        var found: [String: [String]] = [:]
        var known = -1
        // Types refer to each other, so this repeats until it finds nothing new.
        while known != found.count {
            known = found.count
            for (name, fields) in objects {
                let leading = fields.filter { key, field in
                    namesImage(key, field, of: name) || field.type.object.map { found[$0] != nil } ?? false
                }
                if !leading.isEmpty { found[name] = leading.keys.sorted() }
            }
        }
        return found
    }

    private static func type(_ text: Substring) -> FieldType {
        switch text {
        case "string", "time": .string
        case "integer": .integer
        case "boolean": .boolean
        case "quantity": .quantity
        case "intOrString": .intOrString
        case "any": .any
        case _ where text.hasPrefix("{"): .map(type(text.dropFirst().dropLast()))
        case _ where text.hasPrefix("["): .list(type(text.dropFirst().dropLast()))
        default: .object(String(text))
        }
    }

    // MARK: Checking

    /// What does not match the schema in a whole pod template, in the order of field names.
    package func problems(inTemplate template: JSONValue) -> [Problem] {
        var check = Check(schema: self, isPatch: false)
        check.visit(template, PodSchema.root, "")
        return check.problems
    }

    /// What does not match the schema in a strategic merge patch of a pod template, in the order of field names. A
    /// patch has no required fields, and can contain directives. A null is refused: `kubectl apply` drops it, so the
    /// same file could result in different pods.
    package func problems(inPatch patch: JSONValue) -> [Problem] {
        var check = Check(schema: self, isPatch: true)
        check.visit(patch, PodSchema.root, "")
        return check.problems
    }

    /// One pass over a value.
    private struct Check {
        let schema: PodSchema
        let isPatch: Bool
        var problems: [Problem] = []

        mutating func visit(_ value: JSONValue, _ type: FieldType, _ path: String) {
            if value.isNull {
                if isPatch {
                    add(
                        path,
                        """
                        kubectl apply drops null, so the same file could result in different pods: remove the \
                        field, or remove rendered fields with $patch: delete, $patch: replace or $retainKeys
                        """
                    )
                }
                return
            }
            switch (type, value) {
            case (.any, _), (.string, .string), (.boolean, .bool): break
            case (.integer, _) where value.integerValue != nil: break
            case (.intOrString, _) where value.integerValue != nil || value.stringValue != nil: break
            case (.quantity, _):
                let quantity = value.stringValue.map { Quantity($0) } ?? (try? value.decode(Quantity.self))
                if quantity == nil { add(path, "must be a quantity such as 500m or 1Gi, not \(PodSchema.text(value))") }
            case (.map(let values), .object(let members)):
                for (key, member) in members.sorted(by: { $0.key < $1.key }) where !isDirective(key) {
                    visit(member, values, "\(path)[\(key)]")
                }
            case (.list(let items), .array(let elements)):
                for (index, element) in elements.enumerated() { visit(element, items, "\(path)[\(index)]") }
            case (.object(let name), .object(let members)): visit(members, name, path)
            default: add(path, "must be \(PodSchema.name(of: type)), not \(PodSchema.text(value))")
            }
        }

        private mutating func visit(_ members: [String: JSONValue], _ name: String, _ path: String) {
            let fields = schema.objects[name] ?? [:]
            for (key, member) in members.sorted(by: { $0.key < $1.key }) where !isDirective(key) {
                let field = path.isEmpty ? key : "\(path).\(key)"
                guard let known = fields[key] else {
                    let similar = fields.keys.first { $0.lowercased() == key.lowercased() }
                    add(
                        field,
                        "Kubernetes \(PodSchema.version) has no such field in a \(name): "
                            + (similar.map { "write \($0)" } ?? "remove it, or correct its name")
                    )
                    continue
                }
                visit(member, known.type, field)
            }
            guard !isPatch else { return }
            let missing = fields.filter { $0.value.isRequired && members[$0.key] ?? .null == .null }
            for key in missing.keys.sorted() { add(path.isEmpty ? key : "\(path).\(key)", "is required: add it") }
        }

        private func isDirective(_ key: String) -> Bool {
            isPatch
                && (key == "$patch" || key == "$retainKeys" || key.hasPrefix("$setElementOrder/")
                    || key.hasPrefix("$deleteFromPrimitiveList/"))
        }

        private mutating func add(_ field: String, _ message: String) {
            problems.append(Problem(field: field, message: message))
        }
    }

    private static func name(of type: FieldType) -> String {
        switch type {
        case .string: "a string (in quotes)"
        case .integer: "an integer"
        case .boolean: "true or false"
        case .quantity: "a quantity such as 500m or 1Gi"
        case .intOrString: "an integer or a string"
        case .any: "any value"
        case .map, .object: "an object"
        case .list: "a list"
        }
    }

    /// A value as shown in a message, shortened if it is long.
    private static func text(_ value: JSONValue) -> String {
        let text = String(decoding: value.serialized(), as: UTF8.self)
        return text.count > 60 ? "\(text.prefix(60))…" : text
    }

    // MARK: Images

    /// Text fields that are named `image` but do not contain one.
    private static let otherImages: Set<String> = ["RBDVolumeSource.image"]

    private static func namesImage(_ key: String, _ field: Field, of object: String) -> Bool {
        guard field.type == .string, !otherImages.contains("\(object).\(key)") else { return false }
        return key == "image" || (key == "reference" && object == "ImageVolumeSource")
    }

    /// Replaces every image that a pod template would run or mount, in containers of all types and in volumes.
    ///
    /// - Parameter replace: returns the image to use in place of the one in a field, such as
    ///   `spec.containers[0].image`.
    package func replacingImages<Failure: Error>(
        in template: JSONValue,
        _ replace: (_ field: String, _ image: String) throws(Failure) -> String
    ) throws(Failure) -> JSONValue {
        try replacingImages(in: template, PodSchema.root, "", replace)
    }

    private func replacingImages<Failure: Error>(
        in value: JSONValue,
        _ type: FieldType,
        _ path: String,
        _ replace: (_ field: String, _ image: String) throws(Failure) -> String
    ) throws(Failure) -> JSONValue {
        switch (type, value) {
        case (.list(let items), .array(var elements)):
            for index in elements.indices {
                elements[index] = try replacingImages(in: elements[index], items, "\(path)[\(index)]", replace)
            }
            return .array(elements)
        case (.map(let values), .object(var members)):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                members[key] = try replacingImages(in: member, values, "\(path)[\(key)]", replace)
            }
            return .object(members)
        case (.object(let name), .object(var members)):
            for key in imageFields[name] ?? [] {
                guard let member = members[key], let field = objects[name]?[key] else { continue }
                let place = path.isEmpty ? key : "\(path).\(key)"
                if PodSchema.namesImage(key, field, of: name) {
                    // A value that is not text has no image; the schema check refuses it.
                    if let image = member.stringValue { members[key] = .string(try replace(place, image)) }
                } else {
                    members[key] = try replacingImages(in: member, field.type, place, replace)
                }
            }
            return .object(members)
        default: return value
        }
    }
}
