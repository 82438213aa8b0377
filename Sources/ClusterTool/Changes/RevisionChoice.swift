package import CommandSupport
internal import CRDModels
package import KubernetesAPI

/// Chooses the revision of a server that a command is about. Pure.
package struct RevisionChoice: Sendable {
    /// The server, as messages name it.
    private let server: String
    /// The revisions, the newest first.
    private let revisions: [RevisionFact]
    /// The revision that serves.
    private let serving: String?
    /// The revision of the new version.
    private let candidate: String?
    /// The revision whose contract was approved, if the server offers something else now.
    private let driftedFrom: String?

    /// - Parameters:
    ///   - server: the MCPServer.
    ///   - revisions: all of its revisions.
    package init(server: JSONValue, revisions: [RevisionFact]) {
        self.server = [server.text("metadata", "namespace"), server.name].compactMap { $0 }.joined(separator: "/")
        self.revisions = RevisionFact.newestFirst(revisions)
        serving = server.text("status", "revision", "name")
        candidate = server.text("status", "candidate", "revision")
        driftedFrom = server.text("status", "revision", "drift", "from")
    }

    /// A revision by its name.
    ///
    /// - Throws: `CommandFailure` that lists the revisions if there is none with this name.
    package func named(_ name: String) throws(CommandFailure) -> RevisionFact {
        if let found = revisions.first(where: { $0.name == name }) { return found }
        throw CommandFailure("MCPServer \(server) has no revision \(TerminalText.safe(name)): \(known)")
    }

    /// The revision to approve or reject: the named one, or the one that waits.
    ///
    /// - Throws: `CommandFailure` if none or several wait.
    package func toDecide(_ name: String?) throws(CommandFailure) -> RevisionFact {
        if let name { return try named(name) }
        let waiting = revisions.filter(\.isWaiting)
        if let found = waiting.first(where: { $0.name == candidate }) ?? waiting.first(where: { $0.name == serving }) {
            return found
        }
        guard let first = waiting.first else {
            throw CommandFailure(
                "no revision of MCPServer \(server) waits for a decision: to change one, name the revision; \(known)"
            )
        }
        guard waiting.count == 1 else {
            throw CommandFailure("several revisions of MCPServer \(server) wait for a decision: name one; \(known)")
        }
        return first
    }

    /// The revision to go back to: the named one, or the newest one that may serve and is not the one that serves.
    ///
    /// - Throws: `CommandFailure` if it must not serve, or there is none.
    package func toRollBack(_ name: String?) throws(CommandFailure) -> RevisionFact {
        if let name {
            let found = try named(name)
            guard found.admits else {
                throw CommandFailure(
                    "revision \(found.name) must not serve, it is \(TerminalText.safe(found.standingText)): name one that has "
                        + "served or was approved; \(known)"
                )
            }
            return found
        }
        let others = revisions.filter { $0.admits && $0.name != serving }
        let previous = revisions.first { $0.name == serving }?.previous
        guard let found = others.first(where: { $0.name == previous }) ?? others.first else {
            throw CommandFailure("MCPServer \(server) has no other revision that may serve: \(known)")
        }
        return found
    }

    /// The two revisions to compare, the older one first.
    ///
    /// - Throws: `CommandFailure` if there is nothing to compare with.
    package func toCompare(_ first: String?, _ second: String?) throws(CommandFailure) -> (RevisionFact, RevisionFact) {
        if let first, let second { return (try named(first), try named(second)) }
        if let first {
            let new = try named(first)
            return (try base(of: new), new)
        }
        let waiting = revisions.filter(\.isWaiting)
        let new =
            waiting.first { $0.name == candidate } ?? waiting.first { $0.name == serving } ?? waiting.first
            ?? revisions.first { $0.name == serving } ?? revisions.first
        guard let new else {
            throw CommandFailure("MCPServer \(server) has no revisions: see its condition ContractRecorded")
        }
        return (try base(of: new), new)
    }

    /// What a revision is compared with.
    private func base(of new: RevisionFact) throws(CommandFailure) -> RevisionFact {
        let names = [new.name == serving ? driftedFrom : nil, new.previous, new.name == serving ? nil : serving]
        for name in names {
            if let found = revisions.first(where: { $0.name == name && $0.name != new.name }) { return found }
        }
        if let older = revisions.drop(while: { $0.name != new.name }).dropFirst().first { return older }
        throw CommandFailure("there is no revision to compare \(new.name) with: name two revisions; \(known)")
    }

    private var known: String {
        guard !revisions.isEmpty else { return "it has no revisions" }
        let list = revisions.prefix(20).map {
            "\($0.name) (\([$0.state, $0.standingText].compactMap { $0 }.joined(separator: ", ")))"
        }
        return "its revisions are " + TerminalText.safe(list.joined(separator: "; "))
    }
}
