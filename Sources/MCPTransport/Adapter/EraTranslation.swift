package import MCPProtocol

/// What a message of one era is in the other.
package enum EraTranslation {
    /// Clients may not cache what a legacy process says: it gives no hints.
    package static let caching = CachingHints(timeToLiveMilliseconds: 0, scope: .private)

    /// What a legacy process offers, as clients of 2026-07-28 see it.
    package static func modernCapabilities(_ capabilities: ServerCapabilities) -> ServerCapabilities {
        var raw = capabilities.raw
        // These need requests that the era does not have.
        for name in ["logging", "tasks", "experimental"] { raw = raw.setting(name, to: nil) }
        return (try? ServerCapabilities(raw)) ?? capabilities
    }

    /// The answer to `server/discover` for a legacy process.
    package static func discovery(
        _ agreement: ClientNegotiation.Agreement,
        versions: SupportedVersions
    ) -> RawJSON {
        DiscoverResult(
            supportedVersions: versions.versions,
            capabilities: modernCapabilities(agreement.capabilities),
            serverInfo: agreement.serverInfo,
            instructions: agreement.instructions,
            caching: caching
        ).raw
    }

    /// The answer to `initialize` for a session whose process the adapter has opened, or which needs no session.
    package static func initialization(
        _ agreement: ClientNegotiation.Agreement,
        version: ProtocolVersion
    ) -> RawJSON {
        var raw = agreement.capabilities.raw
        for name in ["logging", "tasks", "experimental"] { raw = raw.setting(name, to: nil) }
        return InitializeResult(
            protocolVersion: version,
            capabilities: (try? ServerCapabilities(raw)) ?? agreement.capabilities,
            serverInfo: agreement.serverInfo ?? Implementation(name: "unknown", version: "0"),
            instructions: agreement.instructions
        ).raw
    }

    /// The answer of a legacy process for a client of 2026-07-28.
    package static func modern(
        _ response: JSONRPCResponse,
        to method: Method,
        serverInfo: Implementation?
    ) -> JSONRPCResponse {
        switch response.outcome {
        case .result(let result):
            let complete = result.withResultType()
            let hinted = method.isCacheable ? caching.applied(to: complete) : complete
            return response.with(result: hinted.withServerInfo(serverInfo))
        case .error(let error) where !error.code.isAllowedInModernEra:
            // A resource that does not exist has another code now; the others of that range have no meaning.
            let code: ErrorCode = error.code == .legacyResourceNotFound ? .invalidParams : .internalError
            return JSONRPCResponse(
                id: response.id,
                error: JSONRPCError(code: code, message: error.message, data: error.data)
            )
        case .error: return response
        }
    }

    /// The answer of a process of 2026-07-28 for a legacy client.
    package static func legacy(_ response: JSONRPCResponse, to method: Method) -> JSONRPCResponse {
        guard let result = response.result else {
            // A resource that does not exist had a code of its own.
            guard let error = response.error, method == .resourcesRead, error.code == .invalidParams else {
                return response
            }
            return JSONRPCResponse(
                id: response.id,
                error: JSONRPCError(code: .legacyResourceNotFound, message: error.message, data: error.data)
            )
        }
        var old = result
        for name in ["resultType", "ttlMs", "cacheScope"] where old[name] != nil { old = old.setting(name, to: nil) }
        // Structured content is an object before 2026-07-28; other values are in the text as well.
        if let structured = old["structuredContent"], structured.kind != .object {
            old = old.setting("structuredContent", to: nil)
        }
        return old == result ? response : response.with(result: old)
    }

    /// Makes a request of a server of 2026-07-28 for a legacy client, and lets the client answer what the server asks for (M11).
    ///
    /// - Parameters:
    ///   - message: what the server gets, with its metadata.
    ///   - nextID: the id of a retry.
    ///   - call: sends a message to the server and waits for the response.
    /// - Throws: what the closure throws; `ProtocolError` if the server asks again and again.
    package static func complete(
        _ request: ServerRequest,
        _ message: JSONRPCRequest,
        nextID: () -> RequestID,
        call: (JSONRPCRequest) async throws -> JSONRPCResponse
    ) async throws -> JSONRPCResponse {
        var message = message
        for _ in 0..<maximumRounds {
            let response = try await call(message)
            guard let result = response.result,
                try ResultType(of: result, to: request.method) == .inputRequired
            else { return legacy(response, to: request.method) }
            let interim = try InputRequiredResult(result)
            var answers: [(key: String, result: RawJSON)] = []
            for input in interim.inputRequests {
                let answer = try await request.ask(input.method, params: input.params)
                switch answer.outcome {
                case .result(let result): answers.append((input.key, result))
                case .error(let error): return JSONRPCResponse(id: request.id, error: error)
                }
            }
            guard let retry = message.retry(id: nextID(), after: interim, responses: answers) else { break }
            message = retry
        }
        throw ProtocolError(
            .internalError,
            "The server asked for input more than \(maximumRounds) times",
            id: request.id
        )
    }

    /// How often a server may ask for input about one request.
    private static let maximumRounds = 16

    /// A notification of a subscription for a legacy client.
    package static func legacy(_ notification: JSONRPCNotification) -> JSONRPCNotification {
        guard var meta = notification.params?["_meta"], meta[MetadataKey.subscriptionID] != nil else {
            return notification
        }
        meta = meta.setting(MetadataKey.subscriptionID, to: nil)
        let isEmpty = meta.members?.isEmpty ?? true
        return notification.with(params: notification.params?.setting("_meta", to: isEmpty ? nil : meta))
    }
}
