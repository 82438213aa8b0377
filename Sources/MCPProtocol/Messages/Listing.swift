/// The lists of a server, which come in pages (2025-11-25 and 2026-07-28, Pagination).
public enum Listing: Sendable, Hashable, CaseIterable {
    case tools, prompts, resources, resourceTemplates

    /// The list that a request asks for, or `nil` if it asks for something else.
    public init?(requestedBy method: Method) {
        guard let listing = Self.allCases.first(where: { $0.method == method }) else { return nil }
        self = listing
    }

    /// The request for a page.
    public var method: Method {
        switch self {
        case .tools: .toolsList
        case .prompts: .promptsList
        case .resources: .resourcesList
        case .resourceTemplates: .resourceTemplatesList
        }
    }

    /// The member of the result that holds the items.
    public var member: String {
        switch self {
        case .tools: "tools"
        case .prompts: "prompts"
        case .resources: "resources"
        case .resourceTemplates: "resourceTemplates"
        }
    }

    /// The notification that a list has changed. Templates have none of their own.
    public var changedNotification: Method {
        switch self {
        case .tools: .toolsListChanged
        case .prompts: .promptsListChanged
        case .resources, .resourceTemplates: .resourcesListChanged
        }
    }

    /// Where the page starts that a request asks for; `nil` for the first page.
    ///
    /// - Throws: `MessageFieldError` if the cursor is not a string.
    public static func cursor(of request: JSONRPCRequest) throws(MessageFieldError) -> String? {
        try ObjectReader(request.params ?? [:], at: "params").optionalString("cursor")
    }

    /// A request for a page.
    ///
    /// - Parameter cursor: from the page before; `nil` for the first page.
    public func request(id: RequestID, cursor: String?) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: method.rawValue, params: cursor.map { ["cursor": .string($0)] })
    }
}

/// One page of a list.
public struct ListPage: Sendable, Hashable {
    /// The whole result.
    public let raw: RawJSON
    /// Which list it is of.
    public let listing: Listing
    /// The items, each an object.
    public let items: [RawJSON]
    /// Where the next page starts, opaque to clients; `nil` on the last page.
    public let nextCursor: String?

    /// Reads a page.
    ///
    /// - Parameter maximumItems: how many items a page may have.
    /// - Throws: `MessageFieldError` if a field has the wrong form, or the page has too many items.
    public init(_ raw: RawJSON, of listing: Listing, maximumItems: Int = 10_000) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "result")
        self.raw = raw
        self.listing = listing
        items = try reader.array(listing.member)
        guard items.count <= maximumItems else {
            throw reader.error(listing.member, "has \(items.count) items; at most \(maximumItems) are allowed")
        }
        for (index, item) in items.enumerated() where item.kind != .object {
            throw reader.error("\(listing.member)[\(index)]", "must be an object, and is \(item.kind.withArticle)")
        }
        nextCursor = try reader.optionalString("nextCursor")
    }

    /// Makes a page.
    ///
    /// - Parameter caching: for clients of 2026-07-28, to whom the result type is added as well; `nil` for legacy clients.
    public init(of listing: Listing, items: [RawJSON], nextCursor: String? = nil, caching: CachingHints?) {
        self.listing = listing
        self.items = items
        self.nextCursor = nextCursor
        let page: RawJSON = [
            "resultType": caching == nil ? nil : .string(ResultType.complete.rawValue),
            listing.member: .array(items),
            "nextCursor": nextCursor.map(RawJSON.string),
        ]
        raw = caching?.applied(to: page) ?? page
    }
}
