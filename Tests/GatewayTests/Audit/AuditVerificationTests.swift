import KubernetesAPI
import TestSupport
import Testing

@testable import Gateway

@Suite("Verification of audit logs")
struct AuditVerificationTests {
    private static func verify(_ lines: [[UInt8]]) -> AuditVerification {
        var verification = AuditVerification()
        for (index, line) in lines.enumerated() {
            verification.check(line, at: .init(file: "audit.jsonl", line: index + 1))
        }
        return verification
    }

    /// Lines without line breaks.
    private static func lines(_ count: Int, chain id: String = "c", _ random: inout SeededGenerator) -> [[UInt8]] {
        var chain = AuditChain(id: id)
        return (0..<count).map { _ in chain.seal(AuditRecordTests.random(&random)).dropLast() }
    }

    @Test("logs are intact as they were written, also those of several chains in one stream", arguments: 0..<50)
    func intact(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var first = Self.lines(20, chain: "a", &random)[...]
        var second = Self.lines(20, chain: "b", &random)[...]
        var mixed: [[UInt8]] = []
        while let line = Bool.random(using: &random)
            ? first.popFirst() ?? second.popFirst() : second.popFirst() ?? first.popFirst()
        {
            mixed.append(line)
        }
        let verification = Self.verify(mixed)
        #expect(verification.isIntact, "seed \(seed): \(verification.breaks)")
        #expect(verification.records == 40)
        #expect(Set(verification.chains.map(\.id)) == ["a", "b"])
        #expect(verification.chains.allSatisfy { $0.firstSequence == 0 && $0.lastSequence == 19 && $0.records == 20 })
    }

    @Test("every alteration of one byte is found", arguments: 0..<300)
    func alteredByte(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var lines = Self.lines(5, &random)
        let index = Int.random(in: 0..<lines.count, using: &random)
        let position = Int.random(in: 0..<lines[index].count, using: &random)
        lines[index][position] ^= UInt8.random(in: 1...255, using: &random)
        #expect(!Self.verify(lines).isIntact, "seed \(seed): line \(index + 1), byte \(position)")
    }

    @Test("a record that is removed, repeated or moved is found", arguments: 0..<100)
    func structure(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lines = Self.lines(8, &random)
        let index = Int.random(in: 1..<7, using: &random)
        var removed = lines
        removed.remove(at: index)
        #expect(
            Self.verify(removed).breaks.map(\.problem) == ["records \(index) to \(index) are missing before this one"]
        )
        var repeated = lines
        repeated.insert(lines[index], at: Int.random(in: (index + 1)...8, using: &random))
        #expect(!Self.verify(repeated).isIntact, "seed \(seed)")
        var moved = lines
        moved.swapAt(index, index + 1)
        #expect(!Self.verify(moved).isIntact, "seed \(seed)")
    }

    @Test("a record that is replaced by one with a valid hash breaks the chain behind it, once")
    func replaced() {
        var random = SeededGenerator(seed: 1)
        var lines = Self.lines(5, &random)
        var forged = AuditChain(id: "c")
        for index in 0...2 {
            let record = AuditRecordTests.random(&random)
            let line = forged.seal(record)
            if index == 2 { lines[2] = line.dropLast() }
        }
        let verification = Self.verify(lines)
        #expect(verification.breakCount == 2)
        #expect(verification.breaks.map(\.location.line) == [3, 4])
    }

    @Test("a log whose oldest records were rotated away is intact, and says where it begins")
    func rotatedAway() {
        var random = SeededGenerator(seed: 2)
        let verification = Self.verify(Array(Self.lines(10, &random).dropFirst(4)))
        #expect(verification.isIntact)
        #expect(verification.chains.first?.firstSequence == 4)
    }

    @Test("records that were lost are counted")
    func lost() {
        var chain = AuditChain(id: "c")
        let gap = AuditRecord(time: AuditRecordTests.call.time, kind: .gap, reason: "x", lost: 7)
        let lines = [AuditRecordTests.call, gap, AuditRecordTests.call].map { Array(chain.seal($0).dropLast()) }
        #expect(Self.verify(lines).chains.first?.lost == 7)
    }

    @Test("what is no record is reported with its place, and many problems are only counted")
    func garbage() {
        let verification = Self.verify(Array(repeating: Array("garbage".utf8), count: 1_000))
        #expect(verification.breakCount == 1_000)
        #expect(verification.breaks.count == 100)
        #expect(verification.breaks.first?.description.hasPrefix("audit.jsonl:1: the line is not JSON") == true)
    }
}

@Suite("Access to audit records")
struct AuditQueryTests {
    private static func caller(_ tenants: Set<String>, scopes: Set<String> = [AuditQueryAccess.defaultScope]) -> Caller
    {
        Caller(issuer: "https://issuer", subject: "auditor", scopes: scopes, tenants: tenants)
    }

    @Test("an auditor sees the records of its tenants, and nobody else's", arguments: 0..<50)
    func tenants(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let access = try #require(AuditQueryAccess(of: Self.caller(["acme", "globex"])))
        for _ in 0..<50 {
            var record = AuditRecordTests.random(&random)
            record.tenant =
                ["acme", "globex", "initech", "acme ", "ACME", "", nil].randomElement(using: &random) ?? nil
            #expect(access.allows(record) == (record.tenant == "acme" || record.tenant == "globex"))
        }
    }

    @Test("an auditor of all tenants sees their records, and not those that belong to none")
    func allTenants() throws {
        let access = try #require(AuditQueryAccess(of: Self.caller(["*"])))
        var record = AuditRecordTests.call
        #expect(access.allows(record))
        record.tenant = nil
        #expect(!access.allows(record))
    }

    @Test("without the scope, or without a tenant, there is no access")
    func noAccess() {
        #expect(AuditQueryAccess(of: Self.caller(["acme"], scopes: ["other"])) == nil)
        #expect(AuditQueryAccess(of: Self.caller([])) == nil)
        #expect(AuditQueryAccess(of: Caller.anonymous) == nil)
        #expect(AuditQueryAccess(of: Self.caller(["acme"], scopes: ["own"]), scope: "own") != nil)
    }

    @Test("a query matches records that meet all conditions")
    func query() {
        let call = AuditRecordTests.call
        #expect(AuditQuery().matches(call))
        let time = call.time
        let later = MicroTimestamp(microsecondsSinceEpoch: time.microsecondsSinceEpoch + 1)
        #expect(AuditQuery(since: time, until: later).matches(call))
        #expect(!AuditQuery(since: later).matches(call))
        #expect(!AuditQuery(until: time).matches(call))
        for query in [
            AuditQuery(kind: .call), AuditQuery(tenant: "acme"), AuditQuery(server: "time"), AuditQuery(server: "all"),
            AuditQuery(server: "mcp-acme/time"), AuditQuery(tool: "now"), AuditQuery(principal: "alice"),
            AuditQuery(client: "agent"), AuditQuery(result: .success),
        ] {
            #expect(query.matches(call), "\(query)")
        }
        for query in [
            AuditQuery(kind: .refusal), AuditQuery(tenant: "acm"), AuditQuery(server: "tim"),
            AuditQuery(server: "other/time"), AuditQuery(server: "mcp-acme/time/x"), AuditQuery(tool: "Now"),
            AuditQuery(principal: "bob"), AuditQuery(client: "x"), AuditQuery(result: .timeout),
            AuditQuery(tenant: "acme", tool: "other"),
        ] {
            #expect(!query.matches(call), "\(query)")
        }
    }
}
