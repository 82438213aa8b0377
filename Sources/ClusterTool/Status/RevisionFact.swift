internal import CRDModels
package import KubernetesAPI
package import Policy

/// A revision of a server, and whether it may serve.
package struct RevisionFact: Sendable, Hashable {
    /// The revision's name.
    package var name: String
    /// The state in its status, such as `Serving`; `nil` if it has none.
    package var state: String?
    /// Whether it may serve; `nil` if the revision cannot be read.
    package var standing: ReviewedRevision.Standing?
    /// When it was created.
    package var created: Timestamp?
    /// The image that it runs.
    package var image: String?
    /// How many tools it offers.
    package var tools: Int64?
    /// How many of them are published.
    package var published: Int64?
    /// Who deployed it.
    package var author: String?
    /// The differences to the revision before, in words.
    package var difference: [String]
    /// The revision that served before.
    package var previous: String?

    /// - Parameter revision: an MCPServerRevision.
    package init(_ revision: JSONValue) {
        name = revision.name
        state = revision.text("status", "state")
        standing = (try? revision.decode(MCPServerRevision.self)).map { ReviewedRevision($0).standing }
        created = revision.time("metadata", "creationTimestamp")
        image = revision.text("spec", "image", "reference")
        tools = revision.integer("spec", "counts", "tools")
        published = revision.integer("spec", "counts", "publishedTools")
        author = revision.text("spec", "author")
        difference = revision.texts("status", "difference")
        previous = revision.text("status", "previous")
    }

    /// Whether it waits for a person's decision.
    package var isWaiting: Bool {
        switch standing {
        case .waiting?, .invalid?: state != RevisionState.superseded.rawValue
        default: false
        }
    }

    /// Whether it may serve.
    package var admits: Bool { standing?.admits ?? false }

    /// The newest first.
    package static func newestFirst(_ revisions: [RevisionFact]) -> [RevisionFact] {
        revisions.sorted { left, right in
            let times = (left.created?.secondsSinceEpoch ?? 0, right.created?.secondsSinceEpoch ?? 0)
            return times.0 == times.1 ? left.name > right.name : times.0 > times.1
        }
    }

    /// Whether it may serve, in words.
    package var standingText: String {
        switch standing {
        case .accepted(let acceptance)?: "accepted (\(acceptance.rawValue))"
        case .approved(let by)?: "approved" + (by.map { " by \($0)" } ?? "")
        case .rejected(let by, let reason)?:
            "rejected" + (by.map { " by \($0)" } ?? "") + (reason.map { ": \($0)" } ?? "")
        case .waiting?: "not approved"
        case .invalid(let cause)?: "not approved, because \(cause)"
        case nil: "cannot be read"
        }
    }

    private var colour: TreeNode.State {
        if state == RevisionState.serving.rawValue { return admits ? .good : .bad }
        if isWaiting { return .waiting }
        return .neutral
    }

    func node(now: Timestamp) -> TreeNode {
        var summary = [state ?? "without a state", standingText]
        if let tools { summary.append("\(tools) \(tools == 1 ? "tool" : "tools")") }
        if let published, published != tools { summary.append("\(published) published") }
        if let created { summary.append("\(Age.text(since: created, now: now)) old") }
        // What is new is what somebody has to decide about.
        let notes = (image.map { ["image \($0)"] } ?? []) + (isWaiting ? difference : [])
        return TreeNode("Revision \(name)", summary: summary.joined(separator: ", "), state: colour, notes: notes)
    }

    var json: JSONValue {
        .fields(
            ("name", .string(name)),
            ("state", JSONValue(state)),
            ("decision", .string(standingText)),
            ("mayServe", .bool(admits)),
            ("waits", .bool(isWaiting)),
            ("created", JSONValue(created)),
            ("image", JSONValue(image)),
            ("tools", JSONValue(tools)),
            ("publishedTools", JSONValue(published)),
            ("author", JSONValue(author)),
            ("previous", JSONValue(previous)),
            ("difference", JSONValue(nonEmpty: difference.map { .string($0) }))
        )
    }
}
