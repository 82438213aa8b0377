public import MCPProtocol

/// What a stream of changes reports.
public enum MCPChange: Sendable, Hashable {
    /// The server reports changes of these kinds from now on. What changed before was not reported, also if the stream was interrupted:
    /// read it again.
    case listening(SubscriptionFilter)
    /// Something changed.
    case changed(JSONRPCNotification)
}

/// Changes as the server reports them. It ends when the server ends it, at once if the server reports no changes, and throws
/// `MCPClientError` if the stream breaks.
public struct MCPChanges: AsyncSequence, Sendable {
    public typealias Element = MCPChange

    private let stream: AsyncThrowingStream<MCPChange, any Error>

    init(_ stream: AsyncThrowingStream<MCPChange, any Error>) { self.stream = stream }

    public func makeAsyncIterator() -> AsyncThrowingStream<MCPChange, any Error>.Iterator { stream.makeAsyncIterator() }
}

extension MCPClient {
    /// Has the server report changes while the body runs: with `subscriptions/listen` since 2026-07-28, with the stream of the session
    /// before.
    ///
    /// In the legacy era, resources of the filter are subscribed to, and unsubscribed from at the end.
    public func withChanges<Result: Sendable>(
        _ filter: SubscriptionFilter,
        _ body: (MCPChanges) async throws -> Result
    ) async throws -> Result {
        let limit = core.limits.waitingNotifications
        let (stream, continuation) = AsyncThrowingStream<MCPChange, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(limit)
        )
        let name = core.name
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await connection.listen(filter) { change in
                        if case .dropped = continuation.yield(change) {
                            throw MCPClientError.limit(
                                .waitingNotifications,
                                name,
                                "\(limit) changes were not read yet"
                            )
                        }
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            defer { group.cancelAll() }
            let uris = agreement.version.era == .legacy ? filter.resourceSubscriptions.sorted() : []
            for uri in uris { _ = try await request(.resourcesSubscribe, params: ["uri": .string(uri)]) }
            let result = try await body(MCPChanges(stream))
            for uri in uris { _ = try await request(.resourcesUnsubscribe, params: ["uri": .string(uri)]) }
            return result
        }
    }
}
