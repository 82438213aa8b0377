internal import Logging
internal import MCPProtocol
internal import MCPTransport

extension GatewayHandler {
    /// Passes a request of a legacy client on to a legacy backend, with the ids of the backend's events. When the client leaves and can come
    /// back, the gateway leaves too, and the backend goes on.
    func pass(
        _ request: ServerRequest,
        _ message: JSONRPCRequest,
        _ backend: String,
        _ link: any BackendLink,
        _ parameterHeaders: ParameterHeaders
    ) async throws -> JSONRPCResponse {
        let (events, session) = (events, request.session)
        let trail = EventTrail(
            seal: { id in
                session.flatMap { events.seal(.init(backend: backend, id: id, isOfSession: false), in: $0) }
            },
            mark: { try await request.mark(eventID: $0) }
        )
        let messages = CallMessages(
            notify: { try await request.send(.notification($0), eventID: trail.id) },
            ask: { try await request.send(.request(ForwardedID.forward($0, of: backend)), eventID: trail.id) },
            trail: trail
        )
        let response = try await whileClientStays(request, trail) { [self] in
            try await limited(limits.requestTime) { try await link.call(message, parameterHeaders, messages) }
        }
        request.setAnswerEventID(trail.id)
        return response
    }

    /// Runs work until its client leaves, if the client can come back to the answer; otherwise to its end.
    ///
    /// - Throws: `ServerRequest.ClientLeft`.
    private func whileClientStays(
        _ request: ServerRequest,
        _ trail: EventTrail,
        _ work: @escaping @Sendable () async throws -> JSONRPCResponse
    ) async throws -> JSONRPCResponse {
        try await withThrowingTaskGroup(of: JSONRPCResponse?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                await request.waitUntilClientLeaves()
                return nil
            }
            defer { group.cancelAll() }
            while let response = try await group.next() {
                if let response { return response }
                try Task.checkCancellation()
                guard trail.isResumable else { continue }
                trail.abandon()
                throw ServerRequest.ClientLeft()
            }
            throw CancellationError()
        }
    }

    /// The client comes back to a stream of a legacy backend.
    func resume(
        after eventID: String,
        session: ServerSession,
        attachment: (any Sendable)?
    ) async -> StreamResumption? {
        guard let call = attachment as? GatewayCall, let event = events.open(eventID, in: session),
            let member = call.route.members.first(where: { $0.backend.id == event.backend }),
            let upstream = try? upstream(member)
        else { return nil }
        let client = clientSession(session, call)
        guard !event.isOfSession else {
            client.resume(after: event.id, of: event.backend)
            return .session
        }
        do {
            guard let link = try await client.link(to: upstream) as? LegacyLink,
                let read = try await limited(limits.listTime, { try await link.resume(after: event.id) })
            else { return nil }
            let events = events
            return .answer { stream in
                let trail = EventTrail(
                    seal: { id in
                        events.seal(.init(backend: event.backend, id: id, isOfSession: false), in: session)
                    },
                    mark: { try await stream.mark(eventID: $0) }
                )
                try await read(
                    { message in
                        if case .request(let request) = message {
                            let forwarded = ForwardedID.forward(request, of: event.backend)
                            return try await stream.send(.request(forwarded), eventID: trail.id)
                        }
                        try await stream.send(message, eventID: trail.id)
                    },
                    trail
                )
            }
        } catch {
            logger.info(
                "a stream cannot be resumed",
                metadata: ["backend": "\(event.backend)", "error": "\(error)"]
            )
            return nil
        }
    }
}
