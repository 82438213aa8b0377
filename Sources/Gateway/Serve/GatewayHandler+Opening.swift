internal import Logging
internal import MCPProtocol
internal import MCPTransport

extension GatewayHandler {
    /// What was agreed on with the members of a route that can be reached within a moment; those of the others are missing.
    private func agreements(_ call: GatewayCall) async -> [(Route.Member, ClientNegotiation.Agreement)] {
        await withTaskGroup(of: (Int, ClientNegotiation.Agreement)?.self) { group in
            for (index, member) in call.route.members.enumerated() {
                group.addTask { [self] in
                    guard let upstream = try? upstream(member),
                        let agreement = try? await limited(limits.listTime, { try await upstream.agreement() })
                    else { return nil }
                    return (index, agreement)
                }
            }
            var found: [(Int, ClientNegotiation.Agreement)] = []
            for await case let result? in group { found.append(result) }
            return found.sorted { $0.0 < $1.0 }.map { (call.route.members[$0.0], $0.1) }
        }
    }

    /// What a route offers, for clients of one era.
    func offer(
        _ request: ServerRequest,
        _ call: GatewayCall
    ) async throws -> (capabilities: ServerCapabilities, info: Implementation, instructions: String?) {
        if let member = call.route.single {
            let upstream = try upstream(member)
            let agreement = try await reaching(upstream, request) {
                try await limited(limits.listTime) { try await upstream.agreement() }
            }
            return (
                capabilities(of: agreement, for: request.era).announcingChanges(),
                agreement.serverInfo ?? Implementation(name: member.backend.name, version: "0"),
                agreement.instructions
            )
        }
        let agreements = await agreements(call)
        let all = agreements.map { capabilities(of: $0.1, for: request.era) }
        return (
            JoinedCapabilities.join(all, era: request.era), info,
            JoinedCapabilities.instructions(agreements.map { ($0.0, $0.1.instructions) })
        )
    }

    private func capabilities(
        of agreement: ClientNegotiation.Agreement,
        for era: ProtocolVersion.Era
    ) -> ServerCapabilities {
        // The gateway keeps the level that a legacy client sets, for servers that have it in each request.
        agreement.version.era == era || era == .legacy
            ? agreement.capabilities : EraTranslation.modernCapabilities(agreement.capabilities)
    }

    /// `initialize`. The sessions with legacy backends are opened at once, so that the session's id can carry them.
    func initialize(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        // 2026-07-28 has no sessions.
        guard let session = request.session else {
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        }
        let offer = try await offer(request, call)
        let client = clientSession(session, call)
        await withTaskGroup(of: Void.self) { group in
            for member in call.route.members {
                group.addTask { [self] in
                    guard let upstream = try? upstream(member), upstream.isConnected else { return }
                    _ = try? await limited(limits.listTime) {
                        guard let legacy = try await client.link(to: upstream) as? LegacyLink else { return }
                        try await legacy.open()
                    }
                }
            }
        }
        client.seal()
        let result = InitializeResult(
            protocolVersion: request.version,
            capabilities: offer.capabilities,
            serverInfo: offer.info,
            instructions: offer.instructions
        )
        return JSONRPCResponse(id: request.id, result: result.raw)
    }

    /// `server/discover`.
    func discover(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        let offer = try await offer(request, call)
        let result = DiscoverResult(
            supportedVersions: SupportedVersions.all.versions,
            capabilities: offer.capabilities,
            serverInfo: offer.info,
            instructions: offer.instructions,
            caching: EraTranslation.caching
        )
        return JSONRPCResponse(id: request.id, result: result.raw)
    }
}

/// What several servers offer together. Pure.
enum JoinedCapabilities {
    /// What one of the servers offers at least. Changes of lists are always reported: servers come and go.
    static func join(_ all: [ServerCapabilities], era: ProtocolVersion.Era) -> ServerCapabilities {
        var raw: RawJSON = ["tools": ["listChanged": true]]
        if all.contains(where: { $0.raw["prompts"] != nil }) { raw = raw.setting("prompts", to: ["listChanged": true]) }
        if all.contains(where: { $0.raw["resources"] != nil }) {
            let subscribe = all.contains { $0.resourcesSubscribe }
            raw = raw.setting(
                "resources",
                to: ["listChanged": true, "subscribe": subscribe ? true : nil]
            )
        }
        if all.contains(where: { $0.raw["completions"] != nil }) { raw = raw.setting("completions", to: [:]) }
        if era == .legacy, all.contains(where: { $0.raw["logging"] != nil }) { raw = raw.setting("logging", to: [:]) }
        // It is an object of objects, which is all that is checked.
        return (try? ServerCapabilities(raw)) ?? ServerCapabilities()
    }

    /// The instructions of all servers, each under its prefix; `nil` if none has any.
    static func instructions(_ all: [(Route.Member, String?)]) -> String? {
        let parts = all.compactMap { member, text in text.map { "\(member.prefix ?? member.backend.name): \($0)" } }
        return parts.isEmpty ? nil : parts.joined(separator: "\n\n")
    }
}
