import Logging
import MCPProtocol
import Observability
import ServiceLifecycle
import Synchronization

extension StreamableHTTPEndpoint {
    /// Works on requests until the task is cancelled, or a graceful shutdown has let the requests in flight finish.
    public func run() async throws {
        let shutdown = Signal()
        start()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await self.runner.run()
                    return true
                }
                group.addTask {
                    while (try? await self.time.sleep(for: self.limits.keepAliveInterval)) != nil {
                        self.keepStreamsAlive()
                    }
                    return false
                }
                group.addTask {
                    while (try? await self.time.sleep(for: self.sweepInterval)) != nil { await self.endIdleSessions() }
                    return false
                }
                group.addTask {
                    guard await shutdown.wait() else { return false }
                    await self.stop()
                    try? await self.time.sleep(for: self.limits.shutdownGracePeriod)
                    return true
                }
                // All requests are done, or the time for them is over.
                while let isDone = await group.next(), !isDone {}
                group.cancelAll()
            }
        } onGracefulShutdown: {
            shutdown.fire()
        }
        state.withLock { $0.phase = .stopping }
        runner.finish()
        await endAllSessions()
    }

    private var sweepInterval: Duration { max(.seconds(1), limits.sessionIdleTime / 10) }

    /// Takes no more requests, and ends what would last.
    private func stop() async {
        let streams = state.withLock { state in
            state.phase = .stopping
            return state.sessions.values.map(\.stream)
        }
        logger.info("the server stops; requests in flight are finished")
        await handler.shutDown()
        for stream in streams { stream.finish() }
        runner.finish()
    }

    private func keepStreamsAlive() {
        for stream in state.withLock({ Array($0.carried.values) }) { stream.keepAlive() }
    }

    private func endIdleSessions() async {
        for session in state.withLock({ Array($0.sessions.values) }) where session.isExpired() {
            logger.info("a session was idle for too long", metadata: ["session": "\(session.logID)"])
            await end(session, isContinued: configuration.sealer != nil)
        }
    }

    private func endAllSessions() async {
        for session in state.withLock({ Array($0.sessions.values) }) {
            await end(session, isContinued: configuration.sealer != nil)
        }
    }

    /// Ends a session.
    ///
    /// - Parameter isContinued: whether another server may continue it.
    func end(_ session: ServerSession, isContinued: Bool = false) async {
        state.withLock { state in
            state.sessions[session.id] = nil
            metrics.sessions.set(Double(state.sessions.count))
        }
        guard session.end() else { return }
        metrics.sessionEnded(after: time.now - session.opened)
        logger.debug("a session has ended", metadata: ["session": "\(session.logID)"])
        if isContinued { await handler.sessionReleased(session) } else { await handler.sessionEnded(session) }
    }

    // MARK: - Limits

    /// Takes one of the places for requests or for streams.
    func reserve(stream isStream: Bool, id: RequestID?) throws(ProtocolError) {
        try state.withLock { state throws(ProtocolError) in
            guard state.phase == .running else { throw .unavailable("The server stops", id: id) }
            if isStream {
                guard state.streams < limits.maximumStreams else {
                    throw .unavailable("\(limits.maximumStreams) streams are open; try again later", id: id)
                }
                state.streams += 1
            } else {
                guard state.requests < limits.maximumRequests else {
                    throw .unavailable("\(limits.maximumRequests) requests are in flight; try again later", id: id)
                }
                state.requests += 1
            }
            report(state)
        }
    }

    /// Gives the place back.
    func release(stream isStream: Bool) {
        state.withLock { state in
            if isStream { state.streams -= 1 } else { state.requests -= 1 }
            report(state)
        }
    }

    private func report(_ state: borrowing State) {
        metrics.requests.set(Double(state.requests))
        metrics.streams.set(Double(state.streams))
    }
}
