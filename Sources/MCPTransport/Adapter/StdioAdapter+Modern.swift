internal import MCPProtocol

extension StdioAdapter {
    /// Answers a request of 2026-07-28.
    func answerModern(_ request: ServerRequest) async throws -> JSONRPCResponse {
        let conversation = try await pool(for: request.principal)
        guard let agreement = try await conversation.waitUntilReady() else { throw CancellationError() }
        if request.method == .toolsCall, let headers = request.headers,
            let name = request.message.params?["name"]?.stringValue,
            let expected = conversation.parameterHeaders(of: name)
        {
            try expected.check(headers, arguments: request.message.params?["arguments"] ?? [:], id: request.id)
        }
        let response: JSONRPCResponse
        if agreement.version.era == .modern {
            response = try await conversation.call(request.message) { try await request.notify($0) }
        } else {
            response = try await answerModern(request, by: conversation, agreement)
        }
        if request.method == .toolsList, let result = response.result { conversation.rememberHeaders(of: result) }
        return response
    }

    /// Lets a legacy process answer.
    private func answerModern(
        _ request: ServerRequest,
        by conversation: ProcessConversation,
        _ agreement: ClientNegotiation.Agreement
    ) async throws -> JSONRPCResponse {
        switch request.method {
        case .discover:
            return JSONRPCResponse(
                id: request.id,
                result: EraTranslation.discovery(agreement, versions: configuration.versions)
            )
        case .subscriptionsListen: return try await listen(request, to: conversation, agreement)
        case let method where !Method.clientRequests(in: .v2026_07_28).contains(method):
            throw ProtocolError.methodNotFound(request.message.method, id: request.id)
        default:
            let old = request.message.withoutModernMetadata()
            let response = try await conversation.call(old) { try await request.notify($0) }
            return EraTranslation.modern(response, to: request.method, serverInfo: agreement.serverInfo)
        }
    }

    /// Serves `subscriptions/listen` from what a legacy process says, until the client leaves or the process ends.
    private func listen(
        _ request: ServerRequest,
        to conversation: ProcessConversation,
        _ agreement: ClientNegotiation.Agreement
    ) async throws -> JSONRPCResponse {
        var subscription = try ServerSubscription(request.message)
        let requested = try SubscriptionFilter(params: request.message.params)
        let (changes, continuation) = AsyncStream<JSONRPCNotification>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.maximumPendingChanges)
        )
        let number = conversation.observe { notification in
            // A subscriber that is behind starts again, and then reads everything.
            if case .dropped = continuation.yield(notification) { continuation.finish() }
        }
        let listener = addListener(continuation)
        defer {
            removeListener(listener)
            conversation.removeObserver(number)
        }
        let capabilities = EraTranslation.modernCapabilities(agreement.capabilities)
        let uris = requested.honored(by: capabilities).resourceSubscriptions
        var followed: [String] = []
        defer { unfollow(followed, conversation) }
        for uri in uris.sorted() {
            followed.append(uri)
            if let error = try await conversation.follow(uri, true)?.error {
                followed.removeLast()
                throw ProtocolError(.invalidParams, error.message, data: error.data, id: request.id)
            }
        }
        try await request.notify(subscription.acknowledge(capabilities))
        try await withThrowingTaskGroup(of: Void.self) { group in
            let active = subscription
            group.addTask {
                for await change in changes {
                    if let message = active.message(for: change) { try await request.notify(message) }
                }
            }
            group.addTask { await conversation.waitUntilEnded() }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
        guard let end = subscription.end(serverInfo: agreement.serverInfo) else { throw CancellationError() }
        return end
    }

    private func unfollow(_ uris: [String], _ conversation: ProcessConversation) {
        for uri in uris { _ = runner.submit { _ = try? await conversation.follow(uri, false) } }
    }

    private static let maximumPendingChanges = 1_000
}
