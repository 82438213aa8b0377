import Crypto
import KubernetesAPI
import MCPProtocol
import Policy
import TestSupport
import Testing

@testable import Gateway

@Suite("Audit records")
struct AuditRecordTests {
    static let call = AuditRecord(
        time: MicroTimestamp(microsecondsSinceEpoch: 1_795_737_600_123_456),
        kind: .call,
        tenant: "acme",
        namespace: "mcp-acme",
        server: "time",
        virtualServer: "all",
        tool: "now",
        principal: "alice",
        client: "agent",
        era: .modern,
        result: .success,
        reason: "none",
        durationMilliseconds: 12,
        bytesIn: 100,
        bytesOut: 2_000,
        traceID: "4bf92f3577b34da6a3ce929d0e0e4736",
        revisionDigest: "sha256:abc",
        arguments: ["zone"]
    )

    @Test("the fields of a line have a fixed order, and its hash covers everything before it")
    func line() throws {
        var chain = AuditChain(id: "c1")
        let line = String(decoding: chain.seal(Self.call), as: UTF8.self)
        let content =
            #"{"time":"2026-11-27T00:00:00.123456Z","kind":"call","tenant":"acme","namespace":"mcp-acme","server":"time","#
            + #""virtualServer":"all","tool":"now","principal":"alice","client":"agent","era":"modern","result":"Success","#
            + #""reason":"none","durationMilliseconds":12,"bytesIn":100,"bytesOut":2000,"#
            + #""traceID":"4bf92f3577b34da6a3ce929d0e0e4736","revisionDigest":"sha256:abc","arguments":["zone"],"#
            + #""chain":"c1","sequence":0,"#
            + #""previous":"0000000000000000000000000000000000000000000000000000000000000000""#
        let hash = SHA256.hash(data: Array((content + "}").utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        #expect(line == content + #","hash":"\#(hash)"}"# + "\n")
        #expect(chain.sequence == 1)
        #expect(chain.previous == hash)
        let entry = try AuditEntry(line: line.dropLast().utf8)
        #expect(entry.record == Self.call)
        #expect(AuditChain(continuing: entry) == chain)
    }

    @Test("random records are read as they were written", arguments: 0..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let record = Self.random(&random)
        var chain = AuditChain(id: "c")
        let line = chain.seal(record)
        #expect(line.filter { $0 == 0x0A }.count == 1 && line.last == 0x0A, "seed \(seed)")
        #expect(try AuditEntry(line: line.dropLast()).record == record, "seed \(seed)")
    }

    static func random(_ random: inout SeededGenerator) -> AuditRecord {
        func text() -> String? {
            let alphabet: [Character] = [
                "a", "B", "\"", "\\", "\n", "\u{0}", "é", "😀", "{", "}", ",", "\u{7F}", "\u{2028}",
            ]
            guard Bool.random(using: &random) else { return nil }
            return String(
                (0..<Int.random(in: 0...12, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "x" }
            )
        }
        func number() -> Int64? { Bool.random(using: &random) ? .random(in: 0..<1 << 53, using: &random) : nil }
        var record = AuditRecord(
            time: MicroTimestamp(microsecondsSinceEpoch: .random(in: 0...4_000_000_000_000_000, using: &random)),
            kind: AuditRecord.Kind.allCases.randomElement(using: &random) ?? .call
        )
        record.tenant = text()
        record.namespace = text()
        record.server = text()
        record.virtualServer = text()
        record.tool = text()
        record.principal = text()
        record.client = text()
        record.era = [.modern, .legacy, nil].randomElement(using: &random) ?? nil
        record.result = CallResult.allCases.randomElement(using: &random)
        record.reason = text()
        record.durationMilliseconds = number()
        record.bytesIn = number()
        record.bytesOut = number()
        record.traceID = text()
        record.revisionDigest = text()
        record.arguments = text().map { ["name": .string($0)] }
        record.lost = number()
        return record
    }

    @Test("very long texts are shortened")
    func longTexts() throws {
        var record = Self.call
        record.principal = String(repeating: "é", count: 100_000)
        var chain = AuditChain(id: "c")
        let entry = try AuditEntry(line: chain.seal(record).dropLast())
        let principal = try #require(entry.record.principal)
        #expect(principal.utf8.count <= 1_028)
        #expect(principal.hasSuffix("é…"))
    }

    @Test(
        "a line that is not a record is refused by an error that says why",
        arguments: [
            ("", "is not JSON"), ("[]", "is not a JSON object"), ("{}", "has no valid time"),
            (#"{"time":"2026-11-27T00:00:00Z"}"#, "has no kind"),
            (#"{"time":"2026-11-27T00:00:00Z","kind":"other"}"#, "has an unknown kind: other"),
            (#"{"time":"2026-11-27T00:00:00Z","kind":"call"}"#, "has no chain"),
            (#"{"time":"2026-11-27T00:00:00Z","kind":7}"#, "has a kind that is not a string"),
            (
                #"{"time":"2026-11-27T00:00:00Z","kind":"call","chain":"c","sequence":9223372036854775807}"#,
                "has a sequence that is not an integer from 0"
            ),
            (
                #"{"time":"2026-11-27T00:00:00Z","kind":"call","chain":"c","sequence":-1}"#,
                "has a sequence that is not an integer from 0"
            ),
        ]
    )
    func notARecord(line: String, problem: String) {
        let error = #expect(throws: AuditLineError.self) { try AuditEntry(line: line.utf8) }
        #expect(error?.problem.hasPrefix(problem) == true, "\(String(describing: error))")
    }
}

@Suite("Arguments in audit records")
struct AuditArgumentTests {
    private static let arguments: RawJSON = [
        "query": "weather", "password": "p1",
        "user": ["name": "alice", "token": "t1", "nested": ["password": "p2"]],
        "items": [["secret": "s1", "id": 1], ["secret": "s2", "id": 2]],
        "a/b": "slash",
    ]

    private func recorded(_ mode: AuditArguments, _ paths: [String] = [], maximumBytes: Int = 16_384) throws -> RawJSON?
    {
        let redactions = try paths.map { try #require(RedactionPath($0)) }
        return AuditArgumentPolicy(mode: mode, redactions: redactions, maximumBytes: maximumBytes).recorded(
            Self.arguments
        )
    }

    @Test("None records nothing, and Keys only the names")
    func modes() throws {
        #expect(try recorded(.none) == nil)
        #expect(try recorded(.keys) == ["a/b", "items", "password", "query", "user"])
        #expect(try recorded(.full) == Self.arguments)
        #expect(AuditArgumentPolicy(mode: .full).recorded(nil) == nil)
    }

    @Test("what a path leads to is replaced, and nothing else")
    func redaction() throws {
        #expect(
            try recorded(.full, ["/user/token"]) == Self.arguments.setting(path: ["user", "token"], to: "[redacted]")
        )
        #expect(try recorded(.full, ["/user"])?["user"] == "[redacted]")
        #expect(try recorded(.full, ["/a~1b"])?["a/b"] == "[redacted]")
        let passwords = try #require(try recorded(.full, ["/**/password"]))
        #expect(passwords["password"] == "[redacted]")
        #expect(passwords[path: ["user", "nested", "password"]] == "[redacted]")
        #expect(passwords[path: ["user", "token"]] == "t1")
        let secrets = try #require(try recorded(.full, ["/items/*/secret", "/items/1/id"]))
        #expect(
            secrets["items"] == [["secret": "[redacted]", "id": 1], ["secret": "[redacted]", "id": "[redacted]"]]
        )
        let everything = try #require(try recorded(.full, ["/*"]))
        #expect(everything.members?.allSatisfy { $0.value == "[redacted]" } == true)
        #expect(try recorded(.full, ["/user/**/name", "/missing"])?[path: ["user", "name"]] == "[redacted]")
        #expect(try recorded(.full, ["/missing/password"]) == Self.arguments)
    }

    @Test("a name that is written with escapes is redacted as well")
    func escapes() throws {
        let arguments = try RawJSON(parsing: #"{"p\u0061ssword":"secret"}"#)
        let path = try #require(RedactionPath("/password"))
        let recorded = AuditArgumentPolicy(mode: .full, redactions: [path]).recorded(arguments)
        #expect(recorded?.text.contains("secret") == false)
    }

    @Test("of large arguments only the size is recorded, and of many names the first")
    func sizes() throws {
        let size = Int64(Self.arguments.bytes.count)
        #expect(try recorded(.full, maximumBytes: 64) == ["bytes": .integer(size)])
        let many = RawJSON.object((0..<1_000).map { ("key-\($0)", 1) })
        #expect(AuditArgumentPolicy(mode: .keys).recorded(many)?.elements?.count == 100)
    }
}
