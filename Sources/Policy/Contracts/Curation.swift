public import CRDModels
public import MCPProtocol

/// What a server's spec says about its tools: which ones are published, and under which terms. Pure.
public struct Curation: Sendable, Hashable {
    /// What the spec says about single tools, by name. Entries without effect are left out.
    let tools: [ToolCuration]
    /// Whether a tool is published if nothing else says so.
    let publishesByDefault: Bool
    /// Whether a tool that can change something needs a scope to be published.
    let requiresScopeForWrites: Bool
    /// Whether the spec says anything.
    public let isDeclared: Bool
    /// Whether it says anything about what is published. Limits of calls do not.
    public let isAboutPublishing: Bool
    /// The names in the spec, in its order.
    private let names: [String]

    /// Reads the curation of a spec.
    public init(_ spec: MCPServerSpec) {
        let entries = spec.tools ?? []
        // A limit is not part of what is published, and needs no new revision.
        tools = entries.filter { $0 != ToolCuration(name: $0.name, callsPerMinute: $0.callsPerMinute) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        names = entries.map(\.name)
        publishesByDefault = spec.toolPolicy?.default ?? .enabled == .enabled
        requiresScopeForWrites = spec.toolPolicy?.requireScopeForWrites ?? false
        isDeclared = !entries.isEmpty || spec.toolPolicy != nil
        isAboutPublishing = !tools.isEmpty || spec.toolPolicy != nil
    }

    /// Applies the curation to what a server offers.
    ///
    /// - Returns: the tools in the order of the contract.
    public func apply(to contract: ServerContract) -> [CuratedTool] {
        let entries = Dictionary(tools.map { (Array($0.name.utf8), $0) }) { first, _ in first }
        return contract.items.lazy.filter { $0.kind == .tool }.map { item in
            // By bytes: strings take different spellings of a character for the same.
            let entry = entries[Array(item.identity.utf8)]
            let isReadOnly = item.canonical[path: ["annotations", "readOnlyHint"]]?.boolValue == true
            let isMissingScope = requiresScopeForWrites && !isReadOnly && entry?.scope == nil
            return CuratedTool(
                name: item.identity,
                isPublished: (entry?.enabled ?? publishesByDefault) && !isMissingScope,
                isMissingScope: isMissingScope,
                scope: entry?.scope,
                title: entry?.title,
                description: entry?.description
            )
        }
    }

    /// The curation in canonical JSON, for the name of a revision.
    package var canonical: RawJSON {
        .object([
            ("default", .string((publishesByDefault ? ToolDefault.enabled : .disabled).rawValue)),
            ("requireScopeForWrites", .bool(requiresScopeForWrites)),
            (
                "tools",
                .array(
                    tools.map { entry in
                        .object([
                            ("description", entry.description.map(RawJSON.string)),
                            ("enabled", entry.enabled.map(RawJSON.bool)), ("name", .string(entry.name)),
                            ("scope", entry.scope.map(RawJSON.string)), ("title", entry.title.map(RawJSON.string)),
                        ])
                    }
                )
            ),
        ])
    }
}

/// A tool, and what the curation says about it.
public struct CuratedTool: Sendable, Hashable {
    /// The tool's name.
    public var name: String
    /// Whether it is published.
    public var isPublished: Bool
    /// Whether it is not published because it can change something and has no scope.
    public var isMissingScope: Bool
    /// The scope that a caller needs.
    public var scope: String?
    /// The title that replaces the tool's own.
    public var title: String?
    /// The description that replaces the tool's own.
    public var description: String?

    package init(
        name: String,
        isPublished: Bool,
        isMissingScope: Bool = false,
        scope: String? = nil,
        title: String? = nil,
        description: String? = nil
    ) {
        self.name = name
        self.isPublished = isPublished
        self.isMissingScope = isMissingScope
        self.scope = scope
        self.title = title
        self.description = description
    }

    /// The tool in canonical JSON, for the digest of a revision.
    package var canonical: RawJSON {
        .object([
            ("description", description.map(RawJSON.string)), ("name", .string(name)),
            ("published", .bool(isPublished)),
            ("scope", scope.map(RawJSON.string)), ("title", title.map(RawJSON.string)),
        ])
    }
}

extension Curation {
    /// How many warnings of a kind are given one by one.
    private static let maximumWarnings = 16

    /// What is wrong with the curation, in words: names that no tool has, and tools that lack a scope.
    public func warnings(about tools: [CuratedTool]) -> [String] {
        let known = Set(tools.map { Array($0.name.utf8) })
        let unknown = names.filter { !known.contains(Array($0.utf8)) }
        var warnings = unknown.prefix(Self.maximumWarnings).map { name in
            let nearest = NearestName.of(name, among: tools.lazy.map(\.name))
            let hint = nearest.map { ": did you mean \(Words.quoted($0))?" } ?? ""
            return Words.bounded("spec.tools names \(Words.quoted(name)), which the server does not offer\(hint)")
        }
        let rest = unknown.count - warnings.count
        if rest > 0 { warnings.append("spec.tools has \(rest) more names that the server does not offer") }
        let withoutScope = tools.filter { $0.isMissingScope }.map { Words.quoted($0.name) }
        if !withoutScope.isEmpty {
            let shown = withoutScope.prefix(5).joined(separator: ", ")
            let more = withoutScope.count > 5 ? " and \(withoutScope.count - 5) more" : ""
            warnings.append(
                Words.bounded(
                    "not published because they can change something and have no scope: \(shown)\(more)"
                )
            )
        }
        return warnings
    }
}

/// Finds the name that was probably meant.
package enum NearestName {
    /// How many names are compared.
    private static let maximumNames = 2_000

    /// The most similar name: at most two edits away, or a third of its length if that is less.
    package static func of(_ name: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(name.unicodeScalars.prefix(257))
        let limit = min(2, wanted.count / 3)
        guard limit > 0 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in names.prefix(maximumNames) {
            let scalars = Array(candidate.unicodeScalars.prefix(257))
            guard abs(scalars.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, scalars, limit: limit)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// The number of insertions, deletions, replacements and exchanges of neighbours that lead from one text to the other;
    /// more than the limit if there are more.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], limit: Int) -> Int {
        let far = limit + 1
        var beforeLast = [Int](repeating: far, count: right.count + 1)
        var last = (0...right.count).map { min($0, far) }
        for row in 1...left.count {
            var current = [Int](repeating: far, count: right.count + 1)
            current[0] = min(row, far)
            let columns = max(1, row - limit)..<(min(right.count, row + limit) + 1)
            for column in columns {
                let isSame = left[row - 1] == right[column - 1]
                var value = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    value = min(value, beforeLast[column - 2] + 1)
                }
                current[column] = min(value, far)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
