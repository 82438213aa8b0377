import MCPProtocol
import Policy
import Testing

@testable import Gateway

@Suite("When keys are read") struct KeyRefreshTests {
    private let mint = TokenMint(id: "a")

    private func keys(_ mints: TokenMint...) throws -> FetchedKeys {
        let set = try KeySet(parsing: TokenMint.jwks(mints.map(\.jwk)), allowed: [.es256])
        return FetchedKeys(issuer: Access.issuer, set: set)
    }

    private func name(_ step: KeyRefresh.Step) -> String {
        switch step {
        case .use: "use"
        case .startAndWait: "start"
        case .wait: "wait"
        case .refuse(let failure): failure.code == .unavailable ? "unavailable" : "refuse"
        }
    }

    @Test("a known key is used at once, and a key that is not known is looked for once")
    func rotation() throws {
        var refresh = KeyRefresh(interval: .seconds(600))
        #expect(name(refresh.find(id: "a", .es256, now: .zero, hasWaited: false)) == "start")
        #expect(name(refresh.find(id: "a", .es256, now: .zero, hasWaited: false)) == "wait")
        #expect(refresh.finish(.success(try keys(mint))) == .seconds(600))
        #expect(name(refresh.find(id: "a", .es256, now: .seconds(1), hasWaited: true)) == "use")
        // Reading again so early would not be allowed.
        #expect(name(refresh.find(id: "b", .es256, now: .seconds(9), hasWaited: false)) == "refuse")
        #expect(name(refresh.find(id: "b", .es256, now: .seconds(10), hasWaited: false)) == "start")
        // The known key does not wait for it.
        #expect(name(refresh.find(id: "a", .es256, now: .seconds(10), hasWaited: false)) == "use")
        _ = refresh.finish(.success(try keys(mint, TokenMint(id: "b"))))
        #expect(name(refresh.find(id: "b", .es256, now: .seconds(11), hasWaited: true)) == "use")
    }

    @Test("made-up ids cause one request in ten seconds, however many there are")
    func flood() throws {
        var refresh = KeyRefresh(interval: .seconds(600))
        refresh.start(now: .zero)
        _ = refresh.finish(.success(try keys(mint)))
        var starts = 0
        for millisecond in stride(from: 0, through: 60_000, by: 10) {
            let step = refresh.find(id: "x\(millisecond)", .es256, now: .milliseconds(millisecond), hasWaited: false)
            if name(step) == "start" {
                starts += 1
                _ = refresh.finish(.success(try keys(mint)))
            }
        }
        #expect(starts == 6)
    }

    @Test("keys stay in use when reading fails, and it is tried again with growing delays")
    func outage() throws {
        var refresh = KeyRefresh(interval: .seconds(100))
        refresh.start(now: .zero)
        _ = refresh.finish(.success(try keys(mint)))
        let generation = refresh.generation
        for (index, delay) in [10, 20, 40, 80, 100, 100].enumerated() {
            refresh.start(now: .seconds(1_000 * (index + 1)))
            #expect(refresh.finish(.failure(FetchFailure("no connection"))) == .seconds(delay))
            #expect(refresh.failure == "no connection")
            #expect(name(refresh.find(id: "a", .es256, now: .seconds(1_000), hasWaited: false)) == "use")
        }
        refresh.start(now: .seconds(9_000))
        #expect(refresh.finish(.success(try keys(mint))) == .seconds(100))
        #expect(refresh.failure == nil)
        #expect(refresh.generation == generation, "the keys are the same")
    }

    @Test("without any keys, tokens cannot be checked; they are not called invalid")
    func neverRead() {
        var refresh = KeyRefresh(interval: .seconds(100))
        refresh.start(now: .zero)
        _ = refresh.finish(.failure(FetchFailure("no connection")))
        #expect(name(refresh.find(id: "a", .es256, now: .seconds(1), hasWaited: false)) == "unavailable")
        #expect(name(refresh.find(id: "a", .es256, now: .seconds(20), hasWaited: false)) == "start")
        #expect(
            name(refresh.find(id: "a", .es256, now: .seconds(20), hasWaited: false, canRead: false)) == "unavailable"
        )
    }

    @Test("a key that the issuer withdraws is not used any more")
    func withdrawal() throws {
        var refresh = KeyRefresh(interval: .seconds(100))
        refresh.start(now: .zero)
        _ = refresh.finish(.success(try keys(mint)))
        let generation = refresh.generation
        refresh.start(now: .seconds(100))
        _ = refresh.finish(.success(try keys(TokenMint(id: "b"))))
        #expect(name(refresh.find(id: "a", .es256, now: .seconds(101), hasWaited: false)) == "refuse")
        #expect(refresh.generation != generation)
    }
}
