/// Bounds of the JSON Schemas that a server publishes, so that none costs a validator more than it should (M19; 2026-07-28,
/// `$ref` Resolution, Composition-Keyword Resource Use). Nothing is ever fetched.
public struct SchemaBounds: Sendable, Hashable {
    /// Bytes of one schema. 256 KiB.
    public var maximumBytes: Int
    /// Levels of nested arrays and objects. 64.
    public var maximumDepth: Int
    /// Objects in one schema, each of which may be a subschema. 10,000.
    public var maximumObjects: Int

    public init(maximumBytes: Int = 256 << 10, maximumDepth: Int = 64, maximumObjects: Int = 10_000) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
        self.maximumObjects = maximumObjects
    }

    /// Checks a schema.
    ///
    /// - Throws: `MessageFieldError` if a bound is exceeded, or a `$ref` or `$dynamicRef` does not lead to a place in the schema itself.
    public func check(_ schema: RawJSON, field: String = "inputSchema") throws(MessageFieldError) {
        guard schema.bytes.count <= maximumBytes else {
            throw MessageFieldError(
                field: field,
                problem: "has \(schema.bytes.count) bytes; at most \(maximumBytes) are allowed"
            )
        }
        var objects = 0
        var waiting = [(value: schema, depth: 1)]
        while let (value, depth) = waiting.popLast() {
            guard depth <= maximumDepth else {
                throw MessageFieldError(field: field, problem: "is nested more than \(maximumDepth) levels deep")
            }
            if let elements = value.elements { waiting += elements.map { ($0, depth + 1) } }
            guard let members = value.members else { continue }
            objects += 1
            guard objects <= maximumObjects else {
                throw MessageFieldError(field: field, problem: "has more than \(maximumObjects) subschemas")
            }
            for member in members {
                if ["$ref", "$dynamicRef", "$recursiveRef"].contains(member.name),
                    let target = member.value.stringValue, !target.hasPrefix("#")
                {
                    throw MessageFieldError(
                        field: field,
                        problem:
                            "refers to \(target.debugDescription); only places in the schema itself (\"#…\") are allowed"
                    )
                }
                waiting.append((member.value, depth + 1))
            }
        }
    }
}
