import ControllerRuntime
import Logging
import Policy
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("Reading keys") struct IssuerKeysTests {
    /// A source whose answer waits until the test lets it go.
    final class HeldSource: KeySource {
        private let state = Mutex(
            (count: 0, keys: Result<FetchedKeys, FetchFailure>.failure(FetchFailure("none")))
        )
        private let gate = AsyncStream<Void>.makeStream()

        var count: Int { state.withLock { $0.count } }

        func release(_ keys: Result<FetchedKeys, FetchFailure>) {
            state.withLock { $0.keys = keys }
            gate.continuation.yield()
        }

        func fetch() async throws(FetchFailure) -> FetchedKeys {
            state.withLock { $0.count += 1 }
            for await _ in gate.stream { break }
            return try state.withLock { $0.keys }.get()
        }
    }

    private let mint = TokenMint(id: "a")

    private func issuerKeys(
        _ source: any KeySource,
        clock: RuntimeClock = .system,
        interval: Duration = .seconds(600)
    ) -> IssuerKeys {
        IssuerKeys(
            name: "test",
            source: source,
            interval: interval,
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func fetched(_ mints: TokenMint...) throws -> FetchedKeys {
        FetchedKeys(
            issuer: Access.issuer,
            set: try KeySet(parsing: TokenMint.jwks(mints.map(\.jwk)), allowed: [.es256])
        )
    }

    @Test("a hundred tokens that need the same keys are one request")
    func singleFlight() async throws {
        let source = HeldSource()
        let keys = issuerKeys(source)
        keys.begin()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { try await keys.key(id: "a", .es256).key.algorithm == .es256 } }
            try await eventually("all tokens wait") { keys.waiters == 100 }
            group.addTask {
                await keys.run()
                return false
            }
            try await eventually("the keys are read") { source.count == 1 }
            source.release(.success(try fetched(mint)))
            for _ in 0..<100 { #expect(try await group.next() == true) }
            group.cancelAll()
        }
        #expect(source.count == 1)
    }

    @Test("a token whose request is cancelled does not stop the reading for others")
    func cancellation() async throws {
        let source = HeldSource()
        let keys = issuerKeys(source)
        keys.begin()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await keys.run() }
            try await eventually("the keys are read") { source.count == 1 }
            let cancelled = Task { try await keys.key(id: "a", .es256) }
            let other = Task { try await keys.key(id: "a", .es256) }
            try await eventually("both wait") { keys.waiters == 2 }
            cancelled.cancel()
            await #expect(throws: AuthenticationFailure.self) { try await cancelled.value }
            #expect(keys.waiters == 1)
            source.release(.success(try fetched(mint)))
            #expect(try await other.value.key.algorithm == .es256)
            group.cancelAll()
        }
        #expect(source.count == 1)
    }

    @Test("tokens that wait are refused when the gateway stops")
    func shutdown() async throws {
        let source = HeldSource()
        let keys = issuerKeys(source)
        keys.begin()
        let running = Task { await keys.run() }
        try await eventually("the keys are read") { source.count == 1 }
        let waiting = Task { try await keys.key(id: "a", .es256) }
        try await eventually("the token waits") { keys.waiters == 1 }
        running.cancel()
        let error = await #expect(throws: AuthenticationFailure.self) { try await waiting.value }
        #expect(error?.code == .unavailable)
        await running.value
    }

    @Test("a key that is published later is found without waiting for the next regular time")
    func rotation() async throws {
        let source = HeldSource()
        // Ten seconds pass in ten milliseconds, and the regular interval in days.
        let keys = issuerKeys(source, clock: .scaled(by: 1_000), interval: .seconds(1_000_000_000))
        let new = TokenMint(id: "b")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await keys.run() }
            source.release(.success(try fetched(mint)))
            try await eventually("the keys were read") { keys.status.keys == 1 }
            source.release(.success(try fetched(mint, new)))
            try await eventually("the new key is found") { (try? await keys.key(id: "b", .es256)) != nil }
            group.cancelAll()
        }
    }
}
