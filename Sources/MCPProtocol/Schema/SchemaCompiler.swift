/// Reads a JSON Schema into the nodes of a ``JSONSchema``.
struct SchemaCompiler {
    private typealias Node = JSONSchema.Node

    private let root: RawJSON
    private let field: String
    private let maximumNodes: Int
    private var nodes: [JSONSchema.Node] = []
    /// The node of each place, by its JSON Pointer.
    private var places: [String: Int] = [:]
    /// Places whose nodes are not read yet.
    private var waiting: [(pointer: String, value: RawJSON)] = []
    /// The places that have a name of their own.
    private var anchors: [String: String] = [:]

    init(_ schema: RawJSON, field: String, maximumNodes: Int) {
        root = schema
        self.field = field
        self.maximumNodes = maximumNodes
    }

    mutating func compile() throws(MessageFieldError) -> [JSONSchema.Node] {
        findAnchors(root, "")
        _ = try node(at: "", root)
        while let (pointer, value) = waiting.popLast() {
            guard let index = places[pointer] else { continue }
            nodes[index] = try read(value, pointer)
        }
        return nodes
    }

    private mutating func findAnchors(_ start: RawJSON, _ pointer: String) {
        var waiting = [(start, pointer)]
        while let (value, pointer) = waiting.popLast() {
            for (index, element) in (value.elements ?? []).enumerated() {
                waiting.append((element, "\(pointer)/\(index)"))
            }
            for member in value.members ?? [] {
                if ["$anchor", "$dynamicAnchor"].contains(member.name), let name = member.value.stringValue {
                    anchors[name] = pointer
                }
                waiting.append((member.value, "\(pointer)/\(JSONPointer.escaped(member.name))"))
            }
        }
    }

    private func error(_ pointer: String, _ problem: String) -> MessageFieldError {
        MessageFieldError(field: field + pointer, problem: problem)
    }

    /// The node of a place, which is read later.
    private mutating func node(at pointer: String, _ value: RawJSON) throws(MessageFieldError) -> Int {
        if let known = places[pointer] { return known }
        guard nodes.count < maximumNodes else { throw error("", "has more than \(maximumNodes) subschemas") }
        nodes.append(Node())
        places[pointer] = nodes.count - 1
        waiting.append((pointer, value))
        return nodes.count - 1
    }

    private mutating func reference(_ target: String, _ pointer: String) throws(MessageFieldError) -> Int {
        var place = String(target.dropFirst())
        if !place.isEmpty, !place.hasPrefix("/") {
            guard let known = anchors[place] else {
                throw error(pointer, "refers to \(target.debugDescription), which does not exist")
            }
            place = known
        }
        guard let path = JSONPointer.names(inFragment: place), let value = JSONPointer.value(at: path, in: root) else {
            throw error(pointer, "refers to \(target.debugDescription), which does not exist")
        }
        return try node(at: path.map { "/" + JSONPointer.escaped($0) }.joined(), value)
    }

    private mutating func read(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> JSONSchema.Node {
        var node = Node()
        if let verdict = value.boolValue {
            node.verdict = verdict
            return node
        }
        guard let members = value.members else {
            throw error(pointer, "must be an object or a boolean, and is \(value.kind.article)")
        }
        for member in members {
            try take(member.name, member.value, "\(pointer)/\(JSONPointer.escaped(member.name))", &node)
        }
        if let test = value["if"] {
            node.condition = JSONSchema.Condition(
                test: try self.node(at: pointer + "/if", test),
                then: try value["then"].map { value throws(MessageFieldError) in
                    try self.node(at: pointer + "/then", value)
                },
                otherwise: try value["else"].map { value throws(MessageFieldError) in
                    try self.node(at: pointer + "/else", value)
                }
            )
        }
        // Only where items is an array, as in draft-07.
        if value["items"]?.kind == .array, let rest = value["additionalItems"] {
            node.array.items = try self.node(at: pointer + "/additionalItems", rest)
        }
        return node
    }

    private mutating func take(
        _ keyword: String,
        _ value: RawJSON,
        _ pointer: String,
        _ node: inout JSONSchema.Node
    ) throws(MessageFieldError) {
        switch keyword {
        case "$ref", "$dynamicRef", "$recursiveRef":
            let index = try reference(try string(value, pointer), pointer)
            if node.reference == nil { node.reference = index } else { node.all.append(index) }
        case "type": node.types = try types(value, pointer)
        case "enum": node.allowed.append(Set(try list(value, pointer).compactMap(canonical)))
        case "const": node.allowed.append(Set([value].compactMap(canonical)))
        case "minimum": node.number.minimum = try number(value, pointer)
        case "maximum": node.number.maximum = try number(value, pointer)
        case "exclusiveMinimum": node.number.exclusiveMinimum = try number(value, pointer)
        case "exclusiveMaximum": node.number.exclusiveMaximum = try number(value, pointer)
        case "multipleOf":
            let factor = try number(value, pointer)
            guard factor > 0 else { throw error(pointer, "must be greater than 0") }
            node.number.multipleOf = factor
        case "minLength": node.string.length.minimum = try count(value, pointer)
        case "maxLength": node.string.length.maximum = try count(value, pointer)
        case "pattern": node.string.pattern = try pattern(try string(value, pointer), pointer)
        case "allOf": node.all += try schemas(value, pointer)
        case "anyOf": node.any = try schemas(value, pointer)
        case "oneOf": node.one = try schemas(value, pointer)
        case "not": node.not = try self.node(at: pointer, value)
        case "unevaluatedProperties", "unevaluatedItems":
            guard value.boolValue == true else { throw error(pointer, "is not supported") }
        default:
            try takeArrayKeyword(keyword, value, pointer, &node.array)
            try takeObjectKeyword(keyword, value, pointer, &node.object)
        }
    }

    private mutating func takeArrayKeyword(
        _ keyword: String,
        _ value: RawJSON,
        _ pointer: String,
        _ rules: inout JSONSchema.ArrayRules
    ) throws(MessageFieldError) {
        switch keyword {
        case "minItems": rules.count.minimum = try count(value, pointer)
        case "maxItems": rules.count.maximum = try count(value, pointer)
        case "uniqueItems": rules.isUnique = try boolean(value, pointer)
        case "prefixItems": rules.first = try schemas(value, pointer)
        case "items":
            if value.kind == .array {
                rules.first = try schemas(value, pointer)
            } else {
                rules.items = try node(at: pointer, value)
            }
        case "contains": rules.contains = try node(at: pointer, value)
        case "minContains": rules.minimumContained = try count(value, pointer)
        case "maxContains": rules.maximumContained = try count(value, pointer)
        default: break
        }
    }

    private mutating func takeObjectKeyword(
        _ keyword: String,
        _ value: RawJSON,
        _ pointer: String,
        _ rules: inout JSONSchema.ObjectRules
    ) throws(MessageFieldError) {
        switch keyword {
        case "minProperties": rules.count.minimum = try count(value, pointer)
        case "maxProperties": rules.count.maximum = try count(value, pointer)
        case "required": rules.required = try strings(value, pointer)
        case "properties":
            for (name, place, schema) in try members(value, pointer) {
                rules.properties[Array(name.utf8)] = try node(at: place, schema)
            }
        case "patternProperties":
            for (name, place, schema) in try members(value, pointer) {
                rules.patterns.append(.init(pattern: try pattern(name, place), schema: try node(at: place, schema)))
            }
        case "additionalProperties": rules.additional = try node(at: pointer, value)
        case "propertyNames": rules.names = try node(at: pointer, value)
        case "dependentRequired", "dependentSchemas", "dependencies":
            for (name, place, value) in try members(value, pointer) {
                var dependency = JSONSchema.ObjectRules.Dependency(property: name)
                if value.kind == .array {
                    dependency.required = try strings(value, place)
                } else {
                    dependency.schema = try node(at: place, value)
                }
                rules.dependencies.append(dependency)
            }
        default: break
        }
    }

    // MARK: - Values of keywords

    private func canonical(_ value: RawJSON) -> [UInt8]? { (try? value.canonical()).map { Array($0.bytes) } }

    private func string(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> String {
        guard let text = value.stringValue else {
            throw error(pointer, "must be a string, and is \(value.kind.article)")
        }
        return text
    }

    private func number(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> Double {
        guard let number = value.doubleValue else {
            throw error(pointer, "must be a number, and is \(value.kind.article)")
        }
        return number
    }

    private func count(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> Int {
        guard let number = value.doubleValue, number >= 0, number == number.rounded(), number < 1e15 else {
            throw error(pointer, "must be a whole number of at least 0, and is \(value.text.prefix(64))")
        }
        return Int(number)
    }

    private func boolean(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> Bool {
        guard let value = value.boolValue else { throw error(pointer, "must be true or false") }
        return value
    }

    private func list(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> [RawJSON] {
        guard let elements = value.elements else {
            throw error(pointer, "must be an array, and is \(value.kind.article)")
        }
        return elements
    }

    private func strings(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> [String] {
        var strings: [String] = []
        for (index, element) in try list(value, pointer).enumerated() {
            strings.append(try string(element, "\(pointer)/\(index)"))
        }
        return strings
    }

    private func members(
        _ value: RawJSON,
        _ pointer: String
    ) throws(MessageFieldError) -> [(name: String, pointer: String, value: RawJSON)] {
        guard let members = value.members else {
            throw error(pointer, "must be an object, and is \(value.kind.article)")
        }
        return members.map { ($0.name, "\(pointer)/\(JSONPointer.escaped($0.name))", $0.value) }
    }

    private mutating func schemas(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> [Int] {
        var indices: [Int] = []
        for (index, element) in try list(value, pointer).enumerated() {
            indices.append(try node(at: "\(pointer)/\(index)", element))
        }
        return indices
    }

    private func types(_ value: RawJSON, _ pointer: String) throws(MessageFieldError) -> Set<JSONSchema.ValueType> {
        let names = value.kind == .array ? try strings(value, pointer) : [try string(value, pointer)]
        var types: Set<JSONSchema.ValueType> = []
        for name in names {
            guard let type = JSONSchema.ValueType(rawValue: name) else {
                throw error(pointer, "is \(name.debugDescription), which is not a type of JSON Schema")
            }
            types.insert(type)
        }
        return types
    }

    private func pattern(_ text: String, _ pointer: String) throws(MessageFieldError) -> LinearPattern {
        do throws(LinearPattern.Problem) {
            return try LinearPattern(text)
        } catch {
            throw self.error(pointer, "has a pattern that cannot be used: \(error)")
        }
    }
}

/// JSON Pointers (RFC 6901).
enum JSONPointer {
    static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return name.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    /// The names in a pointer that is the fragment of a URI, where characters can be percent-encoded.
    static func names(inFragment fragment: String) -> [String]? {
        guard !fragment.isEmpty else { return [] }
        var bytes: [UInt8] = []
        var rest = fragment.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard bytes.first == UInt8(ascii: "/") else { return nil }
        return String(decoding: bytes, as: UTF8.self).dropFirst().split(
            separator: "/",
            omittingEmptySubsequences: false
        )
        .map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    static func value(at names: [String], in root: RawJSON) -> RawJSON? {
        var current = root
        for name in names {
            let next: RawJSON?
            if let elements = current.elements {
                next = Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            } else {
                next = current.members?.last { $0.nameBytes.elementsEqual(name.utf8) }?.value
            }
            guard let next else { return nil }
            current = next
        }
        return current
    }
}
