public import MCPProtocol

extension MCPClient {
    /// All items of a list, from all its pages.
    ///
    /// - Throws: `MCPClientError`, with `limitExceeded` if the list has too many pages, items or bytes.
    public func list(_ listing: Listing) async throws -> [RawJSON] {
        let limits = core.limits
        var collector = ListCollector(listing, maximumPages: limits.pages, maximumItems: limits.items)
        var bytes = 0
        var pages = 0
        var items = 0
        var step = collector.first
        while true {
            switch step {
            case .complete(let items, _): return items
            case .request(let cursor):
                let params: RawJSON? = cursor.map { ["cursor": .string($0)] }
                let result = try await request(listing.method, params: params)
                bytes += result.bytes.count
                guard bytes <= limits.listBytes else {
                    throw MCPClientError.limit(
                        .listBytes,
                        core.name,
                        "the pages of \(listing.method) have more than \(limits.listBytes) bytes"
                    )
                }
                pages += 1
                items += result[listing.member]?.elements?.count ?? 0
                let request = JSONRPCRequest(id: 0, method: listing.method.rawValue, params: params)
                do throws(MessageFieldError) {
                    step = try collector.receive(result, to: request)
                } catch {
                    throw failure(error, listing, items: items, pages: pages)
                }
            }
        }
    }

    private func failure(_ error: MessageFieldError, _ listing: Listing, items: Int, pages: Int) -> MCPClientError {
        if items > core.limits.items {
            return .limit(.items, core.name, "\(listing.method) has more than \(core.limits.items) items")
        }
        if pages >= core.limits.pages, error.field == "result.nextCursor" {
            return .limit(.pages, core.name, "\(listing.method) has more than \(core.limits.pages) pages")
        }
        return .invalid("the answer to \(listing.method): \(error)", core.name, underlying: error)
    }
}
