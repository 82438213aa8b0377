internal import CRDModels
internal import KubernetesAPI
internal import MCPProtocol
internal import Policy

/// The difference between two revisions in words. Pure.
enum RevisionDifference {
    /// How many differences are listed one by one.
    static let maximumLines = 32

    /// Compares two contracts with their curations.
    ///
    /// - Parameters:
    ///   - old: the contract before.
    ///   - new: the contract now.
    /// - Throws: if a stored definition is not valid.
    static func lines(from old: RevisionContract, to new: RevisionContract) throws -> [String] {
        let difference = ContractDifference(from: try old.serverContract, to: try new.serverContract)
        return bounded(difference.changes.map(line) + curation(from: old.tools ?? [], to: new.tools ?? []))
    }

    private static func line(_ change: ContractDifference.Change) -> String {
        let item = "\(change.kind.noun) \(Words.quoted(change.identity))"
        switch change.what {
        case .added: return "\(item) was added"
        case .removed: return "\(item) was removed"
        case .changed(let fields):
            let paths = fields.prefix(5).map { Words.plain($0.path.joined(separator: ".")).truncated(toCodePoints: 80) }
            let more = fields.count > 5 ? " and \(fields.count - 5) more fields" : ""
            return Words.bounded("\(item) was changed: \(paths.joined(separator: ", "))\(more)")
        }
    }

    /// What the curation says differently about tools that both contracts have.
    private static func curation(from old: [RevisionTool], to new: [RevisionTool]) -> [String] {
        let before = Dictionary(old.map { (Array($0.name.utf8), $0) }) { first, _ in first }
        return new.flatMap { tool -> [String] in
            guard let earlier = before[Array(tool.name.utf8)] else { return [] }
            let name = "tool \(Words.quoted(tool.name))"
            var lines: [String] = []
            if earlier.published != tool.published {
                lines.append("\(name) is \(tool.published ? "now" : "no longer") published")
            }
            if earlier.scope != tool.scope {
                let from = earlier.scope.map(Words.quoted) ?? "none"
                lines.append(
                    Words.bounded("\(name): its scope is \(tool.scope.map(Words.quoted) ?? "none"), before \(from)")
                )
            }
            if earlier.title != tool.title { lines.append("\(name): spec.tools sets another title") }
            if earlier.description != tool.description { lines.append("\(name): spec.tools sets another description") }
            return lines
        }
    }

    private static func bounded(_ lines: [String]) -> [String] {
        guard lines.count > maximumLines else { return lines }
        return lines.prefix(maximumLines - 1) + ["and \(lines.count - maximumLines + 1) more differences"]
    }

    /// Differences in one line, for a condition or an Event.
    static func summary(_ lines: [String]) -> String {
        let shown = lines.prefix(3).joined(separator: "; ")
        return lines.count > 3 ? "\(shown); and more, see the revision" : shown
    }
}

extension ServerContract.Kind {
    fileprivate var noun: String {
        switch self {
        case .tool: "tool"
        case .prompt: "prompt"
        case .resource: "resource"
        case .resourceTemplate: "resource template"
        }
    }
}
