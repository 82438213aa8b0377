internal import Logging
internal import MCPProtocol
internal import MCPTransport

extension GatewayHandler {
    /// What is wanted of a server that reports changes.
    private static func everything(_ resources: Set<String>) -> SubscriptionFilter {
        SubscriptionFilter(
            toolsListChanged: true,
            promptsListChanged: true,
            resourcesListChanged: true,
            resourceSubscriptions: resources
        )
    }

    func streamOpened(of session: ServerSession, attachment: (any Sendable)?) {
        guard let call = attachment as? GatewayCall else { return }
        listen(clientSession(session, call), call)
    }

    func streamClosed(of session: ServerSession) { clientSession(session).stopListening() }

    /// Passes on what the servers say on their own account, as long as the client's stream is open.
    func listen(_ client: ClientSession, _ call: GatewayCall) {
        let stop = client.restartListening()
        let session = client.session
        _ = upstreams.background.submit { [self] in
            await withTaskGroup(of: Void.self) { group in
                for member in call.route.members {
                    group.addTask { await self.listen(client, member) }
                }
                group.addTask { while await stop.wait() {} }
                // Only the signal is a reason to stop, not the end of one of the others.
                while !Task.isCancelled, await group.next() != nil {
                    if client.isListening { continue }
                    group.cancelAll()
                }
            }
            logger.trace("the stream of a session is not read any more", metadata: ["session": "\(session.logID)"])
        }
    }

    private func listen(_ client: ClientSession, _ member: Route.Member) async {
        let session = client.session
        let backend = member.backend.id
        while !Task.isCancelled {
            guard let upstream = upstreams[member.backend] else { return }
            do {
                let link = try await client.link(to: upstream)
                if link.agreement.version.era == .legacy {
                    try await (link as? LegacyLink)?.open()
                }
                let messages = CallMessages(
                    notify: changes(of: upstream) {
                        try await session.send(.notification(EraTranslation.legacy($0)))
                    },
                    ask: { try await session.send(.request(ForwardedID.forward($0, of: backend))) }
                )
                try await link.listen(Self.everything(client.resources(of: backend)), messages)
                // There is nothing to listen to.
                return
            } catch {
                logger.debug(
                    "changes of a backend are not read",
                    metadata: ["backend": "\(backend)", "error": "\(error)"]
                )
            }
            try? await clock.sleep(for: .seconds(5))
        }
    }

    /// Notes the changes that a backend reports, and passes them on. That it acknowledges the gateway's subscription is not one.
    private func changes(
        of upstream: Upstream,
        _ take: @escaping @Sendable (JSONRPCNotification) async throws -> Void
    ) -> @Sendable (JSONRPCNotification) async throws -> Void {
        { notification in
            guard notification.method != Method.subscriptionsAcknowledged.rawValue else { return }
            self.noteChange(notification, upstream)
            try await take(notification)
        }
    }

    private func noteChange(_ notification: JSONRPCNotification, _ upstream: Upstream) {
        let changes: [Method] = [.toolsListChanged, .promptsListChanged, .resourcesListChanged]
        if changes.contains(Method(rawValue: notification.method)) { upstream.forgetLists() }
    }

    /// `subscriptions/listen`: what all servers of the route say, until the client leaves.
    func subscribe(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        if let member = call.route.single {
            let upstream = try upstream(member)
            let agreement = try await reaching(upstream, request) { try await upstream.agreement() }
            if agreement.version.era == .modern, member.backend.catalogue == nil {
                return try await passSubscription(request, member)
            }
        }
        let filter = try SubscriptionFilter(params: request.message.params)
        var subscription = try ServerSubscription(request.message)
        try await request.notify(subscription.acknowledge(await joinedCapabilities(call)))
        let active = subscription
        await withTaskGroup(of: Void.self) { group in
            for member in call.route.members {
                group.addTask {
                    await self.follow(member, filter, request) { notification in
                        guard let message = active.message(for: notification) else { return }
                        try await request.notify(message)
                    }
                }
            }
            // Members without changes end at once; the client's stream stays.
            group.addTask { try? await self.clock.sleep(for: .seconds(86_400)) }
            await group.waitForAll()
        }
        try Task.checkCancellation()
        guard let end = subscription.end() else { throw CancellationError() }
        return end
    }

    private func passSubscription(_ request: ServerRequest, _ member: Route.Member) async throws -> JSONRPCResponse {
        let upstream = try upstream(member)
        return try await reaching(upstream, request) {
            let link = try await link(request, upstream)
            return try await link.call(
                request.message.inTrace(.current),
                ParameterHeaders(),
                CallMessages(notify: { notification in
                    self.noteChange(notification, upstream)
                    try await request.notify(notification)
                })
            )
        }
    }

    private func joinedCapabilities(_ call: GatewayCall) async -> ServerCapabilities {
        var all: [ServerCapabilities] = []
        for member in call.route.members {
            guard let agreement = try? await upstreams[member.backend]?.agreement() else { continue }
            all.append(EraTranslation.modernCapabilities(agreement.capabilities))
        }
        if call.route.single != nil, let first = all.first { return first }
        return JoinedCapabilities.join(all, era: .modern)
    }

    /// Reads the changes of one server, and starts again when it was gone.
    private func follow(
        _ member: Route.Member,
        _ filter: SubscriptionFilter,
        _ request: ServerRequest,
        _ take: @escaping @Sendable (JSONRPCNotification) async throws -> Void
    ) async {
        while !Task.isCancelled {
            guard let upstream = upstreams[member.backend] else { return }
            do {
                let link = try await upstream.sharedLink(for: request.principal.id)
                let uris = filter.honored(by: link.agreement.capabilities).resourceSubscriptions
                if link.agreement.version.era == .legacy {
                    for uri in uris {
                        _ = try await link.call(
                            JSONRPCRequest(
                                id: "subscribe",
                                method: Method.resourcesSubscribe.rawValue,
                                params: ["uri": .string(uri)]
                            ),
                            ParameterHeaders(),
                            CallMessages()
                        )
                    }
                }
                try await link.listen(
                    filter,
                    CallMessages(notify: changes(of: upstream, take))
                )
                return
            } catch {
                logger.debug(
                    "changes of a backend are not read",
                    metadata: ["backend": "\(member.backend.id)", "error": "\(error)"]
                )
            }
            try? await clock.sleep(for: .seconds(5))
        }
    }
}
