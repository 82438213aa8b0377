internal import MCPProtocol
internal import MCPTransport

/// The structured result of a tool: its own fields, and what every result has.
struct ToolOutput: Sendable {
    /// The fields of the tool, in their order.
    var fields: [(String, RawJSON?)]
    /// What was left out of the result.
    var leftOut: [String] = []
    /// What else to know about it.
    var notes: [String] = []

    var json: RawJSON {
        .object(
            fields + [
                ("complete", .bool(leftOut.isEmpty)), ("leftOut", .array(leftOut.map(RawJSON.string))),
                ("notes", .array(notes.map(RawJSON.string))),
            ]
        )
    }

    var result: ServiceResult { .structured(json) }
}

/// Parts of the JSON Schemas of results.
enum OutputSchema {
    static func text(_ description: String) -> RawJSON { ["type": "string", "description": .string(description)] }
    static func integer(_ description: String) -> RawJSON { ["type": "integer", "description": .string(description)] }
    static func number(_ description: String) -> RawJSON { ["type": "number", "description": .string(description)] }
    static func boolean(_ description: String) -> RawJSON { ["type": "boolean", "description": .string(description)] }

    static func choice(_ values: [String], _ description: String) -> RawJSON {
        ["type": "string", "enum": .array(values.map(RawJSON.string)), "description": .string(description)]
    }

    static func array(of items: RawJSON, _ description: String) -> RawJSON {
        ["type": "array", "items": items, "description": .string(description)]
    }

    /// An object of texts by names, such as labels.
    static func texts(_ description: String) -> RawJSON {
        ["type": "object", "additionalProperties": ["type": "string"], "description": .string(description)]
    }

    /// An object with any members.
    static func anything(_ description: String) -> RawJSON { ["type": "object", "description": .string(description)] }

    /// An object with these members, of which all but the optional ones are there.
    static func object(
        _ members: [(String, RawJSON)],
        optional: Set<String> = [],
        isOpen: Bool = false,
        _ description: String? = nil
    ) -> RawJSON {
        let required = members.map(\.0).filter { !optional.contains($0) }
        return [
            "type": "object", "description": description.map(RawJSON.string),
            "properties": .object(members.map { ($0.0, $0.1) }), "required": .array(required.map(RawJSON.string)),
            "additionalProperties": isOpen ? nil : false,
        ]
    }

    /// The schema of a whole result.
    static func result(_ members: [(String, RawJSON)], optional: Set<String> = []) -> RawJSON {
        object(
            members + [
                ("complete", boolean("Whether nothing was left out.")),
                ("leftOut", array(of: ["type": "string"], "What was left out, why, and how to narrow the request.")),
                ("notes", array(of: ["type": "string"], "What else to know about the result.")),
            ],
            optional: optional
        ).setting("$schema", to: "https://json-schema.org/draft/2020-12/schema")
    }
}
