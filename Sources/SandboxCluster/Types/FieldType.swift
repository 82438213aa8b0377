import KubernetesAPI

/// The type of a field, for merging, managed fields, decoding and OpenAPI.
indirect enum FieldType: Sendable {
    /// A scalar.
    case scalar(Scalar)
    /// Any JSON value. Objects are merged key by key, lists are replaced.
    case any
    /// An object whose fields are named in a type.
    case object(ObjectType)
    /// An object of a named built-in type, looked up when needed because types refer to each other.
    case named(String)
    /// A map with values of one type.
    case map(FieldType)
    /// A list, and how its elements are identified.
    case list(FieldType, ListMerge)

    /// The types of scalars.
    enum Scalar: String, Sendable {
        case string = "s"
        case integer = "i"
        case number = "n"
        case boolean = "b"
        case quantity = "q"
        case intOrString = "x"
        case time = "t"
        case microTime = "T"
        case bytes = "y"
    }

    /// How a list is merged: by server-side apply, and by a strategic merge patch.
    struct ListMerge: Sendable {
        /// The keys by which server-side apply identifies elements; `nil` if the list is not a map.
        var mapKeys: [String]?
        /// Whether the list is a set of scalars.
        var isSet = false
        /// The merge key of the strategic merge patch; empty for a list of scalars that is merged, `nil` for replace.
        var patchMergeKey: String?
    }

    /// The object type, with built-in names resolved.
    var objectType: ObjectType? {
        switch self {
        case .object(let type): type
        case .named(let name): BuiltInTypes.shared.types[name]
        default: nil
        }
    }
}

/// The fields of an object.
final class ObjectType: Sendable {
    /// The name; empty in custom resources.
    let name: String
    let fields: [String: Field]
    /// Whether server-side apply replaces such an object as a whole.
    let isAtomic: Bool
    /// Whether unknown fields are kept.
    let preservesUnknown: Bool

    /// One field of an object.
    struct Field: Sendable {
        var type: FieldType
        var isRequired = false
        /// Whether the field is a struct in Go, not a pointer, so that it is present even if it was omitted.
        var isValueStruct = false
        var isAtomic = false
        var retainsKeys = false
    }

    init(name: String = "", fields: [String: Field], isAtomic: Bool = false, preservesUnknown: Bool = false) {
        self.name = name
        self.fields = fields
        self.isAtomic = isAtomic
        self.preservesUnknown = preservesUnknown
    }
}

/// The built-in types, parsed from their table once.
final class BuiltInTypes: Sendable {
    static let shared = BuiltInTypes(text: BuiltInTypeTable.text)

    let types: [String: ObjectType]

    init(text: String) {
        var types: [String: ObjectType] = [:]
        var current: (name: String, isAtomic: Bool, fields: [String: ObjectType.Field])?
        func finish() {
            guard let current else { return }
            types[current.name] = ObjectType(name: current.name, fields: current.fields, isAtomic: current.isAtomic)
        }
        for line in text.split(separator: "\n") {
            var words = line.split(separator: " ", omittingEmptySubsequences: true)
            if !line.hasPrefix(" "), !words.isEmpty {
                finish()
                var name = words.removeFirst()
                let isAtomic = name.hasSuffix("#")
                if isAtomic { name = name.dropLast() }
                current = (String(name), isAtomic, [:])
            }
            for word in words {
                guard let colon = word.firstIndex(of: ":") else { continue }
                var name = word[..<colon]
                var field = ObjectType.Field(type: BuiltInTypes.type(word[word.index(after: colon)...]))
                while let last = name.last, "!=#%".contains(last) {
                    switch last {
                    case "!": field.isRequired = true
                    case "=": field.isValueStruct = true
                    case "#": field.isAtomic = true
                    default: field.retainsKeys = true
                    }
                    name = name.dropLast()
                }
                current?.fields[String(name)] = field
            }
        }
        finish()
        self.types = types
    }

    private static func type(_ text: Substring) -> FieldType {
        if let scalar = FieldType.Scalar(rawValue: String(text)) { return .scalar(scalar) }
        if text == "*" { return .any }
        if text.hasPrefix("{") { return .map(type(text.dropFirst().dropLast())) }
        guard text.hasPrefix("["), let end = text.lastIndex(of: "]") else { return .named(String(text)) }
        var merge = FieldType.ListMerge()
        var rest = text[text.index(after: end)...]
        if let tilde = rest.firstIndex(of: "~") {
            merge.patchMergeKey = String(rest[rest.index(after: tilde)...])
            rest = rest[..<tilde]
        }
        if rest == "@s" {
            merge.isSet = true
        } else if rest.hasPrefix("@m(") {
            merge.mapKeys = rest.dropFirst(3).dropLast().split(separator: ",").map(String.init)
        }
        return .list(type(text[text.index(after: text.startIndex)..<end]), merge)
    }
}
