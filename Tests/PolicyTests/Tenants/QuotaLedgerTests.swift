import KubernetesAPI
import TestSupport
import Testing

@testable import Policy

private func server(
    _ name: String,
    created: Int64?,
    running: Bool = false,
    refused: Bool = false,
    deleting: Bool = false
) -> QuotaServer {
    QuotaServer(
        name: NamespacedName(namespace: "mcp-acme", name: name),
        creationTimestamp: created.map { Timestamp(secondsSinceEpoch: $0) },
        isRunning: running,
        isRefused: refused,
        isDeleting: deleting
    )
}

@Suite("Quota")
struct QuotaLedgerTests {
    @Test("the oldest are admitted, by creation time and then by name")
    func oldest() {
        let servers = [
            server("c", created: 1), server("b", created: 2), server("a", created: 2), server("d", created: 0),
        ]
        let ledger = QuotaLedger(limit: 2, servers: servers)
        #expect(ledger.admitted.map(\.name) == ["d", "c"])
        #expect(ledger.waiting.map(\.name) == ["a", "b"])
        #expect(
            ledger.admission(of: NamespacedName(namespace: "mcp-acme", name: "b"))
                == .waiting(position: 2, running: 2, limit: 2)
        )
    }

    @Test("of two hundred servers exactly ten are admitted, and the same ten in any order")
    func twoHundred() {
        let names = (0..<200).map { String($0 + 1000) }
        let servers = names.map { server($0, created: 5) }
        let first = QuotaLedger(limit: 10, servers: servers)
        let second = QuotaLedger(limit: 10, servers: servers.reversed())
        #expect(first.admitted.count == 10)
        #expect(first == second)
        let restarted = servers.map { old in
            var new = old
            new.isRunning = first.admitted.contains(old.name)
            return new
        }
        #expect(QuotaLedger(limit: 10, servers: restarted).admitted == first.admitted)
    }

    @Test("a server that is refused for another reason takes no place, unless it runs already")
    func refused() {
        let servers = [server("bad", created: 1, refused: true), server("good", created: 2)]
        let ledger = QuotaLedger(limit: 1, servers: servers)
        #expect(ledger.admitted.map(\.name) == ["good"])
        #expect(ledger.waiting.isEmpty)
        let running = [server("bad", created: 1, running: true, refused: true), server("good", created: 2)]
        #expect(QuotaLedger(limit: 1, servers: running).waiting.map(\.name) == ["good"])
    }

    @Test("a running server keeps its place, even if an older one is added")
    func sticky() {
        let servers = [server("new", created: 9, running: true), server("old", created: 1)]
        let ledger = QuotaLedger(limit: 1, servers: servers)
        #expect(ledger.admitted.map(\.name) == ["new"])
        #expect(ledger.waiting.map(\.name) == ["old"])
    }

    @Test("a lowered quota stops nothing, and reports by how much it is exceeded")
    func lowered() {
        let servers = (0..<5).map { server("s\($0)", created: Int64($0), running: true) } + [server("z", created: 9)]
        let ledger = QuotaLedger(limit: 2, servers: servers)
        #expect(ledger.admitted.count == 5)
        #expect(ledger.excess == 3)
        #expect(ledger.waiting.map(\.name) == ["z"])
    }

    @Test("without a limit all are admitted; a limit of zero admits none")
    func bounds() {
        let servers = [server("a", created: 1), server("b", created: 2)]
        #expect(QuotaLedger(limit: nil, servers: servers).waiting.isEmpty)
        #expect(QuotaLedger(limit: 0, servers: servers).admitted.isEmpty)
    }

    @Test("a deleted server frees its place at once")
    func deleting() {
        let servers = [server("a", created: 1, running: true, deleting: true), server("b", created: 2)]
        #expect(QuotaLedger(limit: 1, servers: servers).admitted.map(\.name) == ["b"])
    }

    @Test("a server without a creation time, as in a file, counts as the newest")
    func fromFile() {
        #expect(
            QuotaLedger(limit: 1, servers: [server("a", created: nil), server("b", created: 7)]).admitted.map(\.name)
                == ["b"]
        )
    }

    @Test(
        "one server gets the same verdict from the ledger and in one pass, in any order",
        arguments: [UInt64(7), 20_261_121]
    )
    func agreement(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let count = Int.random(in: 0..<30, using: &generator)
            let servers = (0..<count).map { index in
                server(
                    "s\(index)",
                    created: Int64.random(in: 0..<5, using: &generator),
                    running: Int.random(in: 0..<4, using: &generator) == 0,
                    deleting: Int.random(in: 0..<6, using: &generator) == 0
                )
            }
            let limit = Int.random(in: 0..<15, using: &generator)
            let ledger = QuotaLedger(limit: limit, servers: servers)
            let shuffled = servers.shuffled(using: &generator)
            #expect(QuotaLedger(limit: limit, servers: shuffled) == ledger, "seed \(seed)")
            for server in servers {
                #expect(
                    QuotaLedger.admission(of: server.name, among: shuffled, limit: limit)
                        == ledger.admission(of: server.name),
                    "seed \(seed), \(server), limit \(limit)"
                )
            }
            let running = servers.count(where: { $0.isRunning && !$0.isDeleting })
            #expect(ledger.admitted.count <= max(limit, running), "seed \(seed)")
        }
    }

    @Test("a breach is one line of JSON with the numbers")
    func breach() throws {
        let breach = QuotaBreach(tenant: "acme", server: "a/b", dimension: .serversPerTenant, limit: 10, observed: 11)
        let value = try JSONValue(parsing: Array(breach.line.utf8))
        #expect(value["event"] == "QUOTA_EXCEEDED")
        #expect(value["dimension"] == "serversPerTenant")
        #expect(value["observed"] == 11)
        #expect(!breach.line.contains("\n"))
    }
}
