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
        let items = await items(of: listing, request, call)
        let page = ListPage(
            of: listing,
            items: items.flatMap(\.items),
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
        if listing == .tools, let catalogue = member.backend.catalogue {
            // A tool for which the caller lacks a scope is listed: calling it says which.
            return catalogue.entries.filter { isVisible($0.originalName, member, call) }
                .map { $0.tool.raw.renamed(by: member) }
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
                    .map { $0.renamed(by: member) }
            case .prompts: return items.map { $0.renamed(by: member) }
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
}

extension RawJSON {
    /// This tool or prompt under the name that clients of the route use.
    fileprivate func renamed(by member: Route.Member) -> RawJSON {
        guard member.prefix != nil, let name = self["name"]?.stringValue else { return self }
        return setting("name", to: .string(member.advertisedName(of: name)))
    }
}
