public import KubernetesAPI

/// Whether a revision serves, and how it differs from the revision before.
public struct MCPServerRevisionStatus: Sendable, Hashable, Codable {
    /// Whether the server offers this now.
    public var state: RevisionState?
    /// The revision that served before this one.
    public var previous: String?
    /// The differences to the revision that served before, in words. The list ends with a count if there are too many.
    public var difference: [String]?

    /// Creates a value from its fields.
    public init(state: RevisionState? = nil, previous: String? = nil, difference: [String]? = nil) {
        self.state = state
        self.previous = previous
        self.difference = difference
    }
}

/// Whether a revision serves.
public enum RevisionState: String, Sendable, Hashable, Codable, CaseIterable {
    /// The server offers this.
    case serving = "Serving"
    /// It waits for an approval.
    case held = "Held"
    /// It may serve, and is about to.
    case accepted = "Accepted"
    /// It must not serve.
    case rejected = "Rejected"
    /// Another revision replaced it.
    case superseded = "Superseded"
}

extension MCPServerRevisionStatus: SchemaProviding {
    public static let schema = Schema.object(
        MCPServerRevisionStatus.self,
        "Whether the revision serves, and how it differs from the one before.",
        [
            "state": .string(
                """
                Serving if the server offers this now, Held if it waits for an approval, Accepted if it is about to \
                serve, Rejected if it must not serve, and Superseded if another revision replaced it.
                """
            )
            .values(of: RevisionState.self),
            "previous": .string("The revision that served before this one.").length(0...253),
            "difference": Schema.differences(
                """
                The differences to the revision that served before, in words. The list ends with a count if there are \
                too many.
                """
            ),
        ]
    )
}

extension Schema {
    /// A list of differences in words.
    static func differences(_ description: String) -> Schema {
        .array(description, of: .string("A difference.").length(0...512)).items(0...64).atomic()
    }
}
