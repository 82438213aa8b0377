/// What a server offers, in the form in which it is compared: of each tool, prompt, resource and template what a client or a model acts on,
/// in canonical JSON (RFC 8785), in an order of its own. Two servers with equal contracts offer the same.
///
/// Icons, `_meta`, and sizes and times of resources do not belong to it: they change without a change of what is offered.
public struct ServerContract: Sendable, Hashable {
    /// What an item is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case tool, prompt, resource, resourceTemplate

        /// The list that items of this kind come from.
        public var listing: Listing {
            switch self {
            case .tool: .tools
            case .prompt: .prompts
            case .resource: .resources
            case .resourceTemplate: .resourceTemplates
            }
        }

        /// The field that identifies an item.
        var identity: String {
            switch self {
            case .tool, .prompt: "name"
            case .resource: "uri"
            case .resourceTemplate: "uriTemplate"
            }
        }

        /// The fields that belong to the contract.
        var fields: [String] {
            switch self {
            case .tool: ["name", "title", "description", "inputSchema", "outputSchema", "annotations"]
            case .prompt: ["name", "title", "description", "arguments"]
            case .resource: ["uri", "name", "title", "description", "mimeType"]
            case .resourceTemplate: ["uriTemplate", "name", "title", "description", "mimeType"]
            }
        }
    }

    /// One tool, prompt, resource or template.
    public struct Item: Sendable, Hashable {
        /// What it is.
        public let kind: Kind
        /// What identifies it among others of its kind: the name, the URI, or the URI template.
        public let identity: String
        /// The fields of the contract, in canonical form. Its digest identifies the item.
        public let canonical: RawJSON
    }

    /// The items, by kind and then by identity.
    public let items: [Item]

    /// Reads a contract from the definitions that a server lists.
    ///
    /// - Parameter definitions: the items of each list, as ``ListCollector`` returns them.
    /// - Throws: `MessageFieldError` if a definition is not valid, two of a kind have the same identity, or one has no canonical form.
    public init(_ definitions: [Kind: [RawJSON]]) throws(MessageFieldError) {
        var items: [Item] = []
        for kind in Kind.allCases {
            var found: [Item] = []
            for (index, definition) in (definitions[kind] ?? []).enumerated() {
                found.append(try Self.item(definition, kind, at: "\(kind.listing.member)[\(index)]"))
            }
            found.sort { $0.identity.utf8.lexicographicallyPrecedes($1.identity.utf8) }
            for (item, next) in zip(found, found.dropFirst()) where item.identity.utf8.elementsEqual(next.identity.utf8)
            {
                throw MessageFieldError(
                    field: kind.listing.member,
                    problem: "has two items with the \(kind.identity) \(item.identity.debugDescription)"
                )
            }
            items += found
        }
        self.items = items
    }

    private static func item(_ raw: RawJSON, _ kind: Kind, at path: String) throws(MessageFieldError) -> Item {
        // The types know what is required and of which form.
        switch kind {
        case .tool: _ = try Tool(raw)
        case .prompt: _ = try Prompt(raw)
        case .resource: _ = try Resource(raw)
        case .resourceTemplate: _ = try ResourceTemplate(raw)
        }
        let reader = try ObjectReader(raw, at: path)
        var members: [(String, RawJSON?)] = []
        for field in kind.fields { members.append((field, try reader.value(field))) }
        let identity = try reader.string(kind.identity)
        do throws(CanonicalJSONError) {
            return Item(kind: kind, identity: identity, canonical: try RawJSON.object(members).canonical())
        } catch {
            throw MessageFieldError(field: path, problem: "has no canonical form: \(error)")
        }
    }

    /// The whole contract in canonical form: an object with a list for each kind. Its digest identifies the contract.
    public var canonical: RawJSON {
        let lists = Kind.allCases.map { kind in
            (kind.listing.member, RawJSON.array(items.lazy.filter { $0.kind == kind }.map(\.canonical)))
        }
        // Names of ASCII sort by code units as by bytes.
        return .object(lists.sorted { $0.0 < $1.0 })
    }
}
