internal import Logging
internal import MCPProtocol
internal import MCPTransport

extension GatewayHandler {
    /// `tools/call`.
    func callTool(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        let called = try CalledTool(request, call.route)
        if called.isSearch { return try await findTools(request, call) }
        let advertised = called.name
        guard let (index, name) = call.route.member(for: .tool, advertised) else {
            throw unknown("tool", advertised, request)
        }
        let member = call.route.members[index]
        let entry = member.catalogue?.entry(named: name)
        if member.catalogue != nil, entry == nil { throw unknown("tool", advertised, request) }
        let guarded = GuardedCall(
            shield,
            request,
            call,
            member,
            tool: name,
            message: called.message,
            requiredScopes: entry?.requiredScopes ?? []
        )
        return try await guarded.run {
            if member.backend.validatesArguments, let entry { try checkArguments(called.message, request, entry) }
            return try await callTool(request, called, member, name, entry)
        }
    }

    private func callTool(
        _ request: ServerRequest,
        _ called: CalledTool,
        _ member: Route.Member,
        _ name: String,
        _ entry: Catalogue.Entry?
    ) async throws -> JSONRPCResponse {
        let parameterHeaders: ParameterHeaders
        if let entry {
            parameterHeaders = entry.parameterHeaders
        } else {
            parameterHeaders = await listedParameterHeaders(of: name, member, request)
        }
        // A client that calls a tool it has found does not know which arguments belong in headers.
        if request.era == .modern, !called.isFound, let headers = request.headers {
            let arguments = called.message.params?["arguments"] ?? [:]
            try parameterHeaders.check(headers, arguments: arguments, id: request.id)
        }
        let message = called.message.naming(name, instead: called.name)
        return try await pass(request, message, to: member, parameterHeaders: parameterHeaders)
    }

    /// Checks the arguments of a call against the schema in the contract.
    ///
    /// - Throws: `GuardedCall.Refused` if they do not match: since 2025-11-25 with a result for the model, which can correct itself.
    private func checkArguments(
        _ message: JSONRPCRequest,
        _ request: ServerRequest,
        _ entry: Catalogue.Entry
    ) throws(GuardedCall.Refused) {
        guard let problem = entry.arguments.problem(with: message.params?["arguments"] ?? [:]) else { return }
        let text = "Invalid params: \(problem)"
        let id = message.id
        let response =
            request.version.reportsInvalidArgumentsInResult
            ? JSONRPCResponse(
                id: id,
                result: CallToolResult(text: text, isError: true, version: request.version).raw
            )
            : JSONRPCResponse(id: id, error: JSONRPCError(code: .invalidParams, message: text, data: nil))
        throw GuardedCall.Refused(status: 200, response: response, result: .invalidRequest, reason: problem)
    }

    /// The arguments that a tool wants repeated in headers (M15), for a server without an approved contract: as it lists the tool.
    private func listedParameterHeaders(
        of tool: String,
        _ member: Route.Member,
        _ request: ServerRequest
    ) async -> ParameterHeaders {
        guard let upstream = upstreams[member.backend],
            let link = try? await link(request, upstream), link.agreement.version.era == .modern,
            let tools = try? await limited(limits.listTime, { try await upstream.list(.tools, link) }),
            let found = tools.first(where: { $0["name"]?.stringValue?.utf8.elementsEqual(tool.utf8) ?? false }),
            let schema = found["inputSchema"]
        else { return ParameterHeaders() }
        return (try? ParameterHeaders(inputSchema: schema)) ?? ParameterHeaders()
    }

    /// `prompts/get`.
    func getPrompt(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        let advertised = try name(in: request)
        guard let (index, name) = call.route.member(for: .prompt, advertised) else {
            throw unknown("prompt", advertised, request)
        }
        let message = request.message.naming(name, instead: advertised)
        return try await guarded(request, message, call, call.route.members[index])
    }

    /// A request about prompts or resources, under the rules for them.
    private func guarded(
        _ request: ServerRequest,
        _ message: JSONRPCRequest,
        _ call: GatewayCall,
        _ member: Route.Member
    ) async throws -> JSONRPCResponse {
        try await GuardedCall(shield, request, call, member).run { try await pass(request, message, to: member) }
    }

    /// `resources/read`.
    func readResource(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        let member = try await owner(of: try uri(in: request), request, call)
        return try await guarded(request, request.message, call, member)
    }

    /// `resources/subscribe` and `resources/unsubscribe`.
    func follow(_ request: ServerRequest, _ call: GatewayCall, _ isWanted: Bool) async throws -> JSONRPCResponse {
        guard let session = request.session else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        let uri = try uri(in: request)
        let member = try await owner(of: uri, request, call)
        let client = clientSession(session, call)
        let upstream = try upstream(member)
        let link = try await opened(upstream, request)
        guard client.want(uri, of: member.backend.id, isWanted) else {
            return JSONRPCResponse(id: request.id, result: [:])
        }
        if link.agreement.version.era == .legacy {
            return try await guarded(request, request.message, call, member)
        }
        if client.isListening { listen(client, call) }
        return JSONRPCResponse(id: request.id, result: [:])
    }

    /// `completion/complete`.
    func complete(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        if let member = call.route.single { return try await guarded(request, request.message, call, member) }
        let reference = request.message.params?["ref"]
        if let uri = reference?["uri"]?.stringValue {
            return try await guarded(request, request.message, call, try await owner(of: uri, request, call))
        }
        guard let advertised = reference?["name"]?.stringValue else {
            throw MessageFieldError(field: "params.ref", problem: "must name a prompt or a resource")
        }
        guard let (index, name) = call.route.member(for: .prompt, advertised) else {
            throw unknown("prompt", advertised, request)
        }
        let params = request.message.params?.setting(path: ["ref", "name"], to: .string(name))
        return try await guarded(request, request.message.with(params: params), call, call.route.members[index])
    }

    /// `logging/setLevel`, for all servers of the route that log.
    func setLevel(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        guard let session = request.session else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        clientSession(session).logLevel = request.message
        for member in call.route.members {
            let upstream = try upstream(member)
            guard call.route.single != nil || upstream.isConnected else { continue }
            let link = try await opened(upstream, request)
            guard link.agreement.version.era == .legacy, link.agreement.capabilities.raw["logging"] != nil else {
                continue
            }
            let response = try await pass(request, request.message, to: member)
            if call.route.single != nil { return response }
        }
        return JSONRPCResponse(id: request.id, result: [:])
    }

    // MARK: - Names

    private func name(in request: ServerRequest) throws(MessageFieldError) -> String {
        guard let name = request.message.params?["name"]?.stringValue else {
            throw MessageFieldError(field: "params.name", problem: "must be a string")
        }
        return name
    }

    private func uri(in request: ServerRequest) throws(MessageFieldError) -> String {
        guard let uri = request.message.params?["uri"]?.stringValue else {
            throw MessageFieldError(field: "params.uri", problem: "must be a string")
        }
        return uri
    }

    private func unknown(_ what: String, _ name: String, _ request: ServerRequest) -> ProtocolError {
        ProtocolError(.invalidParams, "Unknown \(what): \(name.prefix(256))", id: request.id)
    }

    /// A link that is ready, or the refusal that says why there is none.
    private func opened(
        _ upstream: Upstream,
        _ request: ServerRequest
    ) async throws -> any BackendLink {
        try await reaching(upstream, request) {
            try await limited(limits.listTime) { try await self.link(request, upstream) }
        }
    }

    /// The server that has a resource: the first that lists it, or whose templates fit.
    private func owner(of uri: String, _ request: ServerRequest, _ call: GatewayCall) async throws -> Route.Member {
        if let member = call.route.single { return member }
        for (member, items) in await items(of: .resources, request, call)
        where items.contains(where: { $0["uri"]?.stringValue?.utf8.elementsEqual(uri.utf8) ?? false }) {
            return member
        }
        for (member, items) in await items(of: .resourceTemplates, request, call)
        where items.contains(where: { item in
            item["uriTemplate"]?.stringValue.map {
                $0.utf8.elementsEqual(uri.utf8) || URITemplate($0).match(uri) != nil
            } ?? false
        }) {
            return member
        }
        throw unknown("resource", uri, request)
    }
}

extension JSONRPCRequest {
    /// This request with the server's own name of a tool or prompt.
    fileprivate func naming(_ name: String, instead advertised: String) -> JSONRPCRequest {
        name == advertised ? self : with(params: params?.setting("name", to: .string(name)))
    }
}
