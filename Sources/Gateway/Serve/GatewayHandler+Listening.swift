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
                group.addTask { await self.listenThroughChanges(client, call) }
                group.addTask { while await stop.wait() {} }
                await group.next()
                group.cancelAll()
            }
            logger.trace("the stream of a session is not read any more", metadata: ["session": "\(session.logID)"])
        }
    }

    private func listenThroughChanges(_ client: ClientSession, _ call: GatewayCall) async {
        let changes = call.watch.follow()
        var members = call.route.members
        while await follow(members, until: changes, { await self.listen(client, $0) }) {
            guard let route = call.watch.current() else { return client.session.close() }
            members = route.members
            for notification in RouteWatch.notifications {
                try? await client.session.send(.notification(notification))
            }
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
                let events = events
                let trail = EventTrail(start: client.takePosition(of: backend)) { id in
                    events.seal(.init(backend: backend, id: id, isOfSession: true), in: session)
                }
                let messages = CallMessages(
                    notify: changes(of: upstream) {
                        try await session.send(.notification(EraTranslation.legacy($0)), eventID: trail.id)
                    },
                    ask: { try await session.send(.request(ForwardedID.forward($0, of: backend)), eventID: trail.id) },
                    trail: trail
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

    /// Runs work in a child task. A task keeps the memory of its deepest call until it ends, so a stream does apart what it only needs at its
    /// beginning.
    private func apart<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: work)
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    /// `subscriptions/listen`: what all servers of the route say, until the client leaves.
    @inline(never)
    func subscribe(_ request: ServerRequest, _ call: GatewayCall) async throws -> JSONRPCResponse {
        // From here on, so that no change is missed.
        let changes = call.watch.follow()
        let capabilities = try await apart { try await self.offer(request, call).capabilities }
        let filter = try SubscriptionFilter(params: request.message.params)
        var subscription = try ServerSubscription(request.message)
        // By the gateway, so that no server can keep the client waiting.
        try await request.notify(subscription.acknowledge(capabilities))
        let active = subscription
        let report: @Sendable (JSONRPCNotification) async throws -> Void = { notification in
            guard let message = active.message(for: notification) else { return }
            try await request.notify(message)
        }
        var members = call.route.members
        while await follow(members, until: changes, { await self.follow($0, filter, request, report) }) {
            guard let route = call.watch.current() else { break }
            members = route.members
            for notification in RouteWatch.notifications { try await report(notification) }
        }
        try Task.checkCancellation()
        guard let end = subscription.end() else { throw CancellationError() }
        return end
    }

    /// Follows the members of a route until it changes, or the task is cancelled. That a member ends is no reason to stop.
    ///
    /// - Returns: whether the route has changed.
    private func follow(
        _ members: [Route.Member],
        until changes: AsyncStream<Void>,
        _ work: @escaping @Sendable (Route.Member) async -> Void
    ) async -> Bool {
        enum End { case member, change, stop }
        return await withTaskGroup(of: End.self) { group in
            for member in members {
                group.addTask {
                    await work(member)
                    return .member
                }
            }
            group.addTask {
                for await _ in changes { return .change }
                return .stop
            }
            var end = End.member
            while end == .member, let next = await group.next() { end = next }
            group.cancelAll()
            return end == .change
        }
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
                let principal = request.principal.id
                let link = try await apart { try await upstream.sharedLink(for: principal) }
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
