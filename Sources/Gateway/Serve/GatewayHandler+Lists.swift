internal import Logging
internal import MCPProtocol
internal import MCPTransport

extension GatewayHandler {
    /// A list: of one server as it says, or of all servers of the route together. Lists differ by caller, so nobody may share them.
    func list(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        guard let listing = Listing(requestedBy: request.method) else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        if let member = call.route.single, call.route.rules == nil || listing != .tools,
            listing != .tools || member.backend.catalogue == nil
        {
            guard isAllowed(listing, member, call) else { return emptyPage(of: listing, request) }
            return try await pass(request, request.message, to: member)
        }
        // All items are on the first page.
        if try Listing.cursor(of: request.message) != nil {
            throw ProtocolError(.invalidParams, "Invalid params: params.cursor is unknown here", id: request.id)
        }
        let items =
            listing == .tools && call.route.searchesTools
            ? [ToolSearch.tools] : await items(of: listing, request, call).map(\.items)
        let page = ListPage(
            of: listing,
            items: items.flatMap(\.self),
            caching: request.era == .modern ? EraTranslation.caching : nil
        )
        let result = request.era == .modern ? page.raw.withServerInfo(info) : page.raw
        return JSONRPCResponse(id: request.id, result: result)
    }

    private func emptyPage(of listing: Listing, _ request: ServerRequest) -> JSONRPCResponse {
        let page = ListPage(of: listing, items: [], caching: request.era == .modern ? EraTranslation.caching : nil)
        return JSONRPCResponse(id: request.id, result: page.raw)
    }

    /// Whether the caller may see a list of a member; of a list of tools, each tool is decided about.
    private func isAllowed(_ listing: Listing, _ member: Route.Member, _ call: GatewayCall) -> Bool {
        guard listing != .tools, let rules = call.route.rules else { return true }
        return rules.decide(call.caller, member, .promptsAndResources).isAllowed
    }

    /// The items of each member that answers, under the names that clients use. One that does not answer is left out.
    func items(
        of listing: Listing,
        _ request: ServerRequest,
        _ call: GatewayCall
    ) async -> [(member: Route.Member, items: [RawJSON])] {
        await withTaskGroup(of: (Int, [RawJSON]).self) { group in
            for (index, member) in call.route.members.enumerated() {
                group.addTask { (index, await self.items(of: listing, member, request, call)) }
            }
            var all: [Int: [RawJSON]] = [:]
            for await (index, items) in group { all[index] = items }
            return call.route.members.enumerated().map { ($0.element, all[$0.offset] ?? []) }
        }
    }

    private func items(
        of listing: Listing,
        _ member: Route.Member,
        _ request: ServerRequest,
        _ call: GatewayCall
    ) async -> [RawJSON] {
        guard isAllowed(listing, member, call) else { return [] }
        if listing == .tools, let entries = member.publishedTools {
            // A tool for which the caller lacks a scope is listed: calling it says which.
            return entries.filter { isVisible($0.originalName, member, call) }
                .compactMap { $0.tool.raw.published(as: .tool, by: member) }
        }
        guard let upstream = try? upstream(member) else { return [] }
        do {
            let items = try await upstream.attempt {
                try await limited(limits.listTime) { [self] in
                    let link = try await link(request, upstream)
                    return try await upstream.list(listing, link)
                }
            }
            switch listing {
            case .tools:
                return items.filter { isVisible($0["name"]?.stringValue ?? "", member, call) }
                    .compactMap { $0.published(as: .tool, by: member) }
                    .filter { isPublished($0, by: member, call) }
            case .prompts:
                return items.compactMap { $0.published(as: .prompt, by: member) }
            case .resources, .resourceTemplates: return items
            }
        } catch {
            if let failure = error as? UpstreamFailure {
                // Reported when it opened.
                if case .circuitOpen = failure.kind { return [] }
                upstream.note(failure)
            }
            logger.warning(
                "a server is missing in a list",
                metadata: ["backend": "\(member.backend.id)", "list": "\(listing)", "error": "\(error)"]
            )
            return []
        }
    }
}

extension GatewayHandler {
    /// Whether the access rules let the caller see a tool.
    private func isVisible(_ tool: String, _ member: Route.Member, _ call: GatewayCall) -> Bool {
        call.route.rules?.decide(call.caller, member, .tool(tool)).isAllowed ?? true
    }

    /// Whether a tool of a server whose contract nobody records is called by its name, and not another one that has the same.
    private func isPublished(_ tool: RawJSON, by member: Route.Member, _ call: GatewayCall) -> Bool {
        guard member.selection != nil, let name = tool["name"]?.stringValue,
            let owner = call.route.member(for: .tool, name)
        else { return member.selection == nil }
        return call.route.members[owner.index].backend.id == member.backend.id
    }
}

extension RawJSON {
    /// This tool or prompt as clients of the route see it; `nil` if the route does not publish it.
    fileprivate func published(as kind: NamedPart, by member: Route.Member) -> RawJSON? {
        guard member.prefix != nil, let name = self["name"]?.stringValue else { return self }
        guard let advertised = member.advertisedName(of: kind, name) else { return nil }
        let described = kind == .tool ? member.selection?.described(self, original: name) ?? self : self
        return described.setting("name", to: .string(advertised))
    }
}
