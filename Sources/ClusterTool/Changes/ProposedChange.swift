package import CommandSupport
package import CRDModels
package import KubernetesAPI
internal import Policy

/// A change of one object that a command is about to make. Pure.
package struct ProposedChange: Sendable, Hashable {
    /// A field and its values.
    package struct Field: Sendable, Hashable {
        /// The path, such as `spec.rollbackTo`.
        package var path: String
        /// The value before; `nil` if it is not set.
        package var old: String?
        /// The value after; `nil` to remove it.
        package var new: String?
    }

    /// The kind of the object.
    package var type: ResourceType
    /// The namespace of the object.
    package var namespace: String
    /// The name of the object.
    package var name: String
    /// What somebody should know to decide.
    package var facts: [String]
    /// The fields that change.
    package var fields: [Field]
    /// What happens then.
    package var effect: String
    /// A merge patch (RFC 7386). It has the resourceVersion that was read, so that the API server refuses it if the object has
    /// changed since.
    package var patch: JSONValue
    /// What the decision was made from. If only other fields of the object have changed, it still holds.
    package var basis: JSONValue

    /// Whether anything changes.
    package var isNeeded: Bool { fields.contains { $0.old != $0.new } }

    /// The change as text.
    package func rendered(console: Console) -> String {
        var lines = [console.styled(TerminalText.safe("\(type.kind) \(namespace)/\(name)"), .bold)]
        lines += facts.map { "  " + TerminalText.safe($0) }
        for field in fields where field.old != field.new {
            lines.append("  \(field.path):")
            if let old = field.old { lines.append(console.styled("    - \(TerminalText.safe(old))", .red)) }
            if let new = field.new { lines.append(console.styled("    + \(TerminalText.safe(new))", .green)) }
        }
        lines += TextLayout.paragraph(effect, indentation: 2)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func metadata(_ object: JSONValue, _ others: [String: JSONValue] = [:]) -> JSONValue {
        var metadata = others
        if let version = object.text("metadata", "resourceVersion") { metadata["resourceVersion"] = .string(version) }
        if let uid = object.text("metadata", "uid") { metadata["uid"] = .string(uid) }
        return .object(metadata)
    }
}

extension ProposedChange {
    /// The longest reason of a decision, in code points (`spec.approval.reason` of the CustomResourceDefinition).
    package static let maximumReasonLength = 1_024

    /// A person's decision about a revision.
    ///
    /// - Parameters:
    ///   - decision: the decision.
    ///   - revision: the MCPServerRevision.
    ///   - approver: who decides, as the API server knows them; `nil` if that is not known, and the admission policies set it.
    ///   - reason: why.
    /// - Throws: `CommandFailure` if the decision would not count.
    package static func decision(
        _ decision: ApprovalDecision,
        about revision: JSONValue,
        approver: String?,
        reason: String?
    ) throws(CommandFailure) -> ProposedChange {
        let fact = RevisionFact(revision)
        let name = TerminalText.safe(fact.name)
        if let reason, reason.unicodeScalars.count > maximumReasonLength {
            throw CommandFailure(
                "--reason has \(reason.unicodeScalars.count) characters, and at most \(maximumReasonLength) are stored: shorten it"
            )
        }
        if decision == .approved, revision[path: ["spec", "separateApprover"]]?.boolValue == true,
            revision.text("spec", "acceptance") == nil
        {
            guard let author = fact.author else {
                throw CommandFailure(
                    "it is not known who has deployed revision \(name), so nobody can approve it "
                        + "(spec.review.separateApprover of the MCPTenant): deploy it again with the admission policies installed"
                )
            }
            if author == approver {
                throw CommandFailure(
                    "\(TerminalText.safe(author)) has deployed revision \(name), so somebody else has to approve it "
                        + "(spec.review.separateApprover of the MCPTenant)"
                )
            }
        }
        let old = revision[path: ["spec", "approval"]] ?? [:]
        let isServing = fact.state == RevisionState.serving.rawValue
        // A decision that says the same is not made again in somebody else's name.
        let isSame = old.text("decision") == decision.rawValue && (reason == nil || reason == old.text("reason"))
        var facts = ["of the server \(revision.text("spec", "server") ?? "?")" + (fact.state.map { ", \($0)" } ?? "")]
        if let image = fact.image { facts.append("image \(image)") }
        if let author = fact.author { facts.append("deployed by \(author)") }
        facts += fact.difference
        return ProposedChange(
            type: MCPServerRevision.resourceType,
            namespace: revision.text("metadata", "namespace") ?? "",
            name: fact.name,
            facts: facts,
            fields: isSame
                ? []
                : [
                    Field(path: "spec.approval.decision", old: old.text("decision"), new: decision.rawValue),
                    Field(path: "spec.approval.approver", old: old.text("approver"), new: approver),
                    Field(path: "spec.approval.reason", old: old.text("reason"), new: reason),
                ],
            effect: effect(of: decision, isServing: isServing),
            patch: [
                "metadata": metadata(revision),
                "spec": [
                    "approval": [
                        "decision": .string(decision.rawValue), "approver": approver.map { .string($0) } ?? .null,
                        "reason": reason.map { .string($0) } ?? .null,
                    ]
                ],
            ],
            basis: ["uid": revision[path: ["metadata", "uid"]] ?? .null, "approval": old]
        )
    }

    private static func effect(of decision: ApprovalDecision, isServing: Bool) -> String {
        switch decision {
        case .approved:
            isServing
                ? "It may serve, and goes on to serve, or serves again."
                : "It may serve: if the server's spec asks for it, it takes over as a rolling update."
        case .rejected:
            isServing
                ? "It must not serve: the server is taken out of service until another version serves."
                : "It must not serve: its pod is removed, and the version before continues to serve."
        }
    }

    /// Lets a server run an earlier revision.
    ///
    /// - Parameters:
    ///   - server: the MCPServer.
    ///   - revision: the revision, which may serve.
    package static func rollback(of server: JSONValue, to revision: RevisionFact) -> ProposedChange {
        var change = rollback(of: server, name: revision.name)
        change.facts = [
            "serves now: \(server.text("status", "revision", "name") ?? "no revision")",
            "revision \(revision.name): \(revision.standingText)",
        ]
        if let image = revision.image { change.facts.append("image \(image)") }
        change.effect =
            "The server runs what this revision ran. Changes of its image and the other reviewed fields wait until the field is "
            + "removed (rollback --end)."
        return change
    }

    /// Lets a server run again what its spec says.
    package static func endOfRollback(of server: JSONValue) -> ProposedChange {
        var change = rollback(of: server, name: nil)
        change.effect = "The server runs what its spec says; if that offers something else, it is reviewed first."
        return change
    }

    private static func rollback(of server: JSONValue, name: String?) -> ProposedChange {
        ProposedChange(
            type: MCPServer.resourceType,
            namespace: server.text("metadata", "namespace") ?? "",
            name: server.name,
            facts: [],
            fields: [Field(path: "spec.rollbackTo", old: server.text("spec", "rollbackTo"), new: name)],
            effect: "",
            patch: ["metadata": metadata(server), "spec": ["rollbackTo": name.map { .string($0) } ?? .null]],
            basis: [
                "uid": server[path: ["metadata", "uid"]] ?? .null,
                "generation": server[path: ["metadata", "generation"]] ?? .null,
            ]
        )
    }

    /// Restarts the pods of a server.
    ///
    /// - Parameter now: the new value of the annotation.
    package static func restart(of server: JSONValue, now: Timestamp) -> ProposedChange {
        let key = MoorageAnnotations.restart
        let old = server.text("metadata", "annotations", key)
        let isSuspended = server[path: ["spec", "suspend"]]?.boolValue == true
        return ProposedChange(
            type: MCPServer.resourceType,
            namespace: server.text("metadata", "namespace") ?? "",
            name: server.name,
            facts: ["pods: \(server.integer("status", "readyReplicas") ?? 0) ready"],
            fields: [Field(path: "metadata.annotations[\(key)]", old: old, new: now.description)],
            effect: isSuspended
                ? "The server is suspended, so it has no pods: the annotation has an effect when spec.suspend is removed."
                : "New pods replace the running ones, with the current values of the server's class. A new version that has "
                    + "timed out or was refused is tried again.",
            patch: ["metadata": metadata(server, ["annotations": [key: .string(now.description)]])],
            basis: [
                "uid": server[path: ["metadata", "uid"]] ?? .null,
                "generation": server[path: ["metadata", "generation"]] ?? .null, "restart": JSONValue(old) ?? .null,
            ]
        )
    }
}
