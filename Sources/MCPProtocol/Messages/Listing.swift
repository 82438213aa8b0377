/// The lists of a server, which come in pages (2025-11-25 and 2026-07-28, Pagination).
public enum Listing: Sendable, Hashable, CaseIterable {
    case tools, prompts, resources, resourceTemplates

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

    /// A request for a page.
    ///
    /// - Parameter cursor: from the page before; `nil` for the first page.
    public func request(id: RequestID, cursor: String?) -> JSONRPCRequest {
        JSONRPCRequest(id: id, method: method.rawValue, params: cursor.map { ["cursor": .string($0)] })
    }
}

/// One page of a list.
public struct ListPage: Sendable, Hashable {
    public let raw: RawJSON
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

/// Follows the pages of a list until the last one, within limits, so that no server can keep a client reading for ever.
public struct ListCollector: Sendable {
    /// What to do next.
    public enum Step: Sendable, Hashable {
        /// Send this request.
        case request(cursor: String?)
        /// The list is complete.
        case complete(items: [RawJSON], caching: CachingHints?)
    }

    public let listing: Listing
    private let maximumPages: Int
    private let maximumItems: Int
    private var pages = 0
    private var items: [RawJSON] = []
    private var hints: [CachingHints] = []
    private var cursors: Set<String> = []

    /// - Parameters:
    ///   - maximumPages: 100 by default.
    ///   - maximumItems: of all pages together, 10,000 by default.
    public init(_ listing: Listing, maximumPages: Int = 100, maximumItems: Int = 10_000) {
        self.listing = listing
        self.maximumPages = maximumPages
        self.maximumItems = maximumItems
    }

    /// The first request.
    public var first: Step { .request(cursor: nil) }

    /// Takes a page.
    ///
    /// - Parameters:
    ///   - result: the result of the last request.
    ///   - request: that request.
    /// - Throws: `MessageFieldError` if the page is not valid, a limit is exceeded, or a cursor comes back, which would never end.
    public mutating func receive(_ result: RawJSON, to request: JSONRPCRequest) throws(MessageFieldError) -> Step {
        let page = try ListPage(result, of: listing, maximumItems: maximumItems - items.count)
        pages += 1
        items += page.items
        if let hint = CachingHints(of: result, to: request) { hints.append(hint) }
        guard let cursor = page.nextCursor else { return .complete(items: items, caching: .combined(hints)) }
        guard cursors.insert(cursor).inserted else {
            throw MessageFieldError(field: "result.nextCursor", problem: "was there before; the pages would never end")
        }
        guard pages < maximumPages else {
            throw MessageFieldError(field: "result.nextCursor", problem: "leads to more than \(maximumPages) pages")
        }
        return .request(cursor: cursor)
    }
}
