/// Follows the pages of a list until the last one, within limits, so that no server can keep a client reading for ever.
public struct ListCollector: Sendable {
    /// What to do next.
    public enum Step: Sendable, Hashable {
        /// Send this request.
        case request(cursor: String?)
        /// The list is complete.
        case complete(items: [RawJSON], caching: CachingHints?)
    }

    /// Which list it follows.
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
