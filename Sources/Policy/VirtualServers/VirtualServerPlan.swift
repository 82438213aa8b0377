package import CRDModels
package import KubernetesAPI

/// What a virtual server publishes of its servers, and under which names. Pure.
///
/// It depends on the spec and on recorded contracts alone: a server that is down, or that a caller may not use, changes no name.
///
/// - A name that the spec gives (`as`) is used as it is.
/// - Any other name is the server's own, unless another published name is equal. Then all equal ones get the prefix of their server.
/// - If names still are equal, the one that the spec gives is published, and otherwise none of them is.
package struct VirtualServerPlan: Sendable, Hashable {
    /// What is known about what a server offers.
    package enum Offer: Sendable, Hashable {
        /// What it publishes, by name, is recorded.
        case recorded(tools: [String], prompts: [String])
        /// Nobody records it. Whatever the server lists is published, with its prefix.
        case unrecorded
        /// It is not known, because of this, and nothing is published.
        case unknown(String)
    }

    /// A server of the namespace.
    package struct Server: Sendable, Hashable {
        package var name: String
        package var labels: [String: String]
        package var offer: Offer

        package init(name: String, labels: [String: String] = [:], offer: Offer) {
            self.name = name
            self.labels = labels
            self.offer = offer
        }
    }

    /// A tool or prompt that is published.
    package struct Item: Sendable, Hashable {
        /// The server's own name of it.
        package var original: String
        /// The name that clients use.
        package var name: String
        /// The title and the description that replace its own.
        package var title: String?
        package var description: String?
    }

    /// A server that belongs to the virtual server.
    package struct Member: Sendable, Hashable {
        package var name: String
        /// What names begin with that have a prefix, without the underscore.
        package var prefix: String
        package var tools: [Item] = []
        package var prompts: [Item] = []
        /// Whether tools that are not in `tools` are published too, with the prefix.
        package var publishesOthers = false
        /// Whether `tools` are all that are published, so that they can be counted.
        package var isRecorded = true
        /// Why nothing of it is published, or not everything that the spec names.
        package var problems: [Problem] = []
    }

    /// Something that the spec names and that is not published.
    package enum Problem: Sendable, Hashable, CustomStringConvertible {
        /// There is no such server.
        case serverNotFound(String)
        /// It is not known what the server offers.
        case offerUnknown(server: String, String)
        /// The server does not publish such a tool.
        case toolNotFound(server: String, String)
        /// Several tools or prompts would have this name.
        case nameConflict(server: String, original: String, name: String)

        package var description: String {
            switch self {
            case .serverNotFound(let name): "MCPServer \"\(name)\" does not exist in this namespace"
            case .offerUnknown(let server, let cause): "\(server): \(cause)"
            case .toolNotFound(let server, let tool): "\(server) publishes no tool \"\(Words.plain(tool))\""
            case .nameConflict(let server, let original, let name):
                """
                "\(Words.plain(original))" of \(server) is not published, because the name "\(Words.plain(name))" is also \
                another's: give it a name in spec.servers[].tools[].as
                """
            }
        }
    }

    /// The servers that belong to it, in the order in which their tools are listed.
    package private(set) var members: [Member] = []
    /// Servers that the spec names and that do not exist.
    package private(set) var missing: [Problem] = []

    /// Everything that is wrong, in the order of the members.
    package var problems: [Problem] { missing + members.flatMap(\.problems) }

    /// - Parameters:
    ///   - spec: the spec of the virtual server.
    ///   - servers: the servers of the namespace, in any order.
    package init(_ spec: MCPVirtualServerSpec, servers: [Server]) {
        let byName = Dictionary(servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var chosen: [(server: Server, picks: [VirtualTool]?)] = []
        for member in spec.servers ?? [] {
            guard let server = byName[member.name] else {
                missing.append(.serverNotFound(member.name))
                continue
            }
            chosen.append((server, member.tools))
        }
        if let selector = spec.serverSelector {
            let named = Set((spec.servers ?? []).map(\.name))
            chosen += servers.filter { !named.contains($0.name) && selector.matches($0.labels) }
                .sorted { $0.name < $1.name }
                .map { ($0, nil) }
        }
        let prefixes = MemberPrefix.prefixes(for: chosen.map(\.server.name))
        let always = spec.prefixes == .always
        var tools = PublishedNames(prefixesAlways: always)
        var prompts = PublishedNames(prefixesAlways: always)
        members = zip(chosen, prefixes).map { chosen, prefix in
            var member = Member(name: chosen.server.name, prefix: prefix)
            switch chosen.server.offer {
            case .recorded(let offered, let offeredPrompts):
                if let picks = chosen.picks {
                    // By bytes: strings take different spellings of a character for the same.
                    let known = Set(offered.map { Array($0.utf8) })
                    for pick in picks {
                        guard known.contains(Array(pick.name.utf8)) else {
                            member.problems.append(.toolNotFound(server: member.name, pick.name))
                            continue
                        }
                        member.tools.append(Item(pick))
                        tools.add(pick.name, given: pick.as, prefix: prefix)
                    }
                } else {
                    for name in offered {
                        member.tools.append(Item(original: name, name: name))
                        tools.add(name, prefix: prefix)
                    }
                }
                for name in offeredPrompts {
                    member.prompts.append(Item(original: name, name: name))
                    prompts.add(name, prefix: prefix)
                }
            case .unrecorded:
                member.isRecorded = false
                member.publishesOthers = chosen.picks == nil
                for pick in chosen.picks ?? [] {
                    member.tools.append(Item(pick))
                    tools.add(pick.name, given: pick.as, prefix: prefix, isPrefixed: true)
                }
            case .unknown(let cause):
                member.problems.append(.offerUnknown(server: member.name, cause))
            }
            return member
        }
        name(tools.resolved(), of: \.tools)
        name(prompts.resolved(), of: \.prompts)
    }

    /// Gives the items of all members their names, in order, and leaves those out that get none.
    private mutating func name(_ names: [PublishedNames.Name], of items: WritableKeyPath<Member, [Item]>) {
        var rest = names[...]
        for index in members.indices {
            let (server, unnamed) = (members[index].name, members[index][keyPath: items])
            members[index][keyPath: items] = []
            for var item in unnamed {
                guard let name = rest.popFirst() else { return }
                guard name.isUnique else {
                    members[index].problems.append(
                        .nameConflict(server: server, original: item.original, name: name.text)
                    )
                    continue
                }
                item.name = name.text
                members[index][keyPath: items].append(item)
            }
        }
    }
}

extension VirtualServerPlan.Offer {
    /// What is known about a server that has no revision.
    ///
    /// - Parameter mustBeRecorded: whether only what is recorded is published of it.
    package static func withoutRevision(mustBeRecorded: Bool, isUnread: Bool, isReady: Bool) -> Self {
        // What is about to be recorded gets its names then.
        guard !mustBeRecorded, isUnread || isReady else {
            return .unknown(PublishedContract.absence(isUnread: isUnread, isReady: isReady))
        }
        return .unrecorded
    }
}

extension VirtualServerPlan.Item {
    fileprivate init(_ pick: VirtualTool) {
        self.init(original: pick.name, name: pick.name, title: pick.title, description: pick.description)
    }
}

/// Chooses the names of items, so that no two are equal.
private struct PublishedNames {
    /// A name that was chosen.
    struct Name {
        var text: String
        /// Whether no other item has it, or the spec gives it to this one alone.
        var isUnique: Bool
    }

    private struct Entry {
        var original: String
        var given: String?
        var prefix: String
        var isPrefixed: Bool

        var name: String { given ?? (isPrefixed ? "\(prefix)_\(original)" : original) }
    }

    let prefixesAlways: Bool
    private var entries: [Entry] = []

    init(prefixesAlways: Bool) { self.prefixesAlways = prefixesAlways }

    /// - Parameters:
    ///   - given: the name that the spec gives.
    ///   - isPrefixed: whether the name has the prefix in any case.
    mutating func add(_ original: String, given: String? = nil, prefix: String, isPrefixed: Bool = false) {
        entries.append(
            Entry(original: original, given: given, prefix: prefix, isPrefixed: isPrefixed || prefixesAlways)
        )
    }

    /// The names, in the order in which items were added.
    func resolved() -> [Name] {
        var entries = entries
        // Each round gives at least one more item its prefix. Strings that look the same are equal here, which is stricter than MCP.
        while true {
            let counts = Dictionary(entries.map { ($0.name, 1) }, uniquingKeysWith: +)
            let ambiguous = entries.indices.filter {
                entries[$0].given == nil && !entries[$0].isPrefixed && counts[entries[$0].name, default: 0] > 1
            }
            guard ambiguous.isEmpty else {
                for index in ambiguous { entries[index].isPrefixed = true }
                continue
            }
            let given = Dictionary(entries.compactMap(\.given).map { ($0, 1) }, uniquingKeysWith: +)
            return entries.map { entry in
                let name = entry.name
                let rivals = entry.given == nil ? counts[name, default: 0] : given[name, default: 0]
                return Name(text: name, isUnique: rivals == 1)
            }
        }
    }
}
