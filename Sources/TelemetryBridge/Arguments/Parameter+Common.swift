internal import MCPProtocol

/// Parameters that several tools have.
extension Parameter {
    /// How many rows a result has at most.
    static func limit(_ standard: Int64, maximum: Int64 = 1_000, of rows: String) -> Parameter {
        Parameter(
            name: "limit",
            kind: .integer(1...maximum),
            description: "How many \(rows) to return at most.",
            standard: .integer(standard)
        )
    }

    static func namespace(_ description: String, isRequired: Bool = false) -> Parameter {
        Parameter(
            name: "namespace",
            kind: .name,
            description: description,
            isRequired: isRequired,
            example: "default"
        )
    }

    static let labelSelector = Parameter(
        name: "labelSelector",
        kind: .text(maximumBytes: 1_024),
        description: "Only objects with these labels, as kubectl's --selector.",
        example: "app=web,tier!=cache"
    )

    /// How far back a tool looks.
    static func since(_ standard: String, maximum: String = "30d", of what: String) -> Parameter {
        Parameter(
            name: "since",
            kind: .duration(
                minimum: PrometheusDuration(seconds: 1),
                maximum: PrometheusDuration(maximum) ?? PrometheusDuration(seconds: 30 * 86_400)
            ),
            description: "Only \(what) of this last part of time, as a duration such as 15m or 1h30m.",
            standard: .string(standard)
        )
    }
}
