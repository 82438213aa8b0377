import KubernetesAPI

/// `/openapi/v2` in Protocol Buffers, the only format that `kubectl` reads, and uses to validate `kind: List`. Field
/// numbers come from gnostic's `OpenAPIv2.proto`. Paths are omitted, because no client reads them in this format.
struct OpenAPIProtobuf {
    static let mediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    /// The media types that clients request, including an older one with an invalid name.
    static let mediaTypes: Set = [mediaType, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"]

    static func encode(_ document: JSONValue) -> [UInt8] {
        var output = OpenAPIProtobuf()
        output.string(1, document["swagger"])
        output.message(2) { info in
            info.string(1, document[path: ["info", "title"]])
            info.string(2, document[path: ["info", "version"]])
        }
        output.message(8) { _ in }
        output.message(9) { $0.named(document["definitions"]) }
        return output.bytes
    }

    private var bytes: [UInt8] = []

    // MARK: Messages

    private mutating func named(_ schemas: JSONValue?) {
        for (name, schema) in (schemas?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            message(1) { entry in
                entry.string(1, .string(name))
                entry.message(2) { $0.schema(schema) }
            }
        }
    }

    private mutating func schema(_ schema: JSONValue) {
        string(1, schema["$ref"])
        string(2, schema["format"])
        string(4, schema["description"])
        if let value = schema["default"] { message(5) { $0.any(value) } }
        for name in schema["required"]?.arrayValue ?? [] { string(19, name) }
        switch schema["additionalProperties"] {
        case .bool(let flag)?: message(21) { $0.flag(2, flag) }
        case let values?: message(21) { item in item.message(1) { $0.schema(values) } }
        case nil: break
        }
        if let type = schema["type"] { message(22) { $0.string(1, type) } }
        if let items = schema["items"] { message(23) { item in item.message(1) { $0.schema(items) } } }
        for part in schema["allOf"]?.arrayValue ?? [] { message(24) { $0.schema(part) } }
        if let properties = schema["properties"] { message(25) { $0.named(properties) } }
        for (name, value) in (schema.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) where name.hasPrefix("x-") {
            message(31) { entry in
                entry.string(1, .string(name))
                entry.message(2) { $0.any(value) }
            }
        }
    }

    /// A value as YAML; JSON is valid YAML.
    private mutating func any(_ value: JSONValue) { length(2, value.serialized()) }

    // MARK: Fields

    private mutating func string(_ field: UInt64, _ value: JSONValue?) {
        if let text = value?.stringValue { length(field, Array(text.utf8)) }
    }

    private mutating func message(_ field: UInt64, _ body: (inout OpenAPIProtobuf) -> Void) {
        var inner = OpenAPIProtobuf()
        body(&inner)
        length(field, inner.bytes)
    }

    private mutating func flag(_ field: UInt64, _ value: Bool) {
        variable(field << 3)
        variable(value ? 1 : 0)
    }

    private mutating func length(_ field: UInt64, _ content: [UInt8]) {
        variable(field << 3 | 2)
        variable(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
