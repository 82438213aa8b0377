import Gateway
import KubernetesAPI
import TestSupport
import Testing

@testable import Controller

@Suite("moorage audit")
struct AuditCommandTests {
    private static func record(_ second: Int64, _ tenant: String, _ result: CallResult) -> AuditRecord {
        AuditRecord(
            time: MicroTimestamp(microsecondsSinceEpoch: 1_795_737_600_000_000 + second * 1_000_000),
            kind: result == .rateLimited ? .refusal : .call,
            tenant: tenant,
            namespace: "mcp-\(tenant)",
            server: "time",
            tool: "now",
            principal: "alice\u{1B}[31m",
            client: "agent",
            result: result,
            durationMilliseconds: 12
        )
    }

    private static func lines(chain id: String = "c1") -> [String] {
        var chain = AuditChain(id: id)
        return [
            record(0, "acme", .success), record(1, "globex", .success), record(2, "acme", .rateLimited),
            record(3, "acme", .success),
        ].map { String(decoding: chain.seal($0), as: UTF8.self) }
    }

    /// A log in two files.
    private static func log(_ folder: borrowing TemporaryDirectory) throws -> String {
        let lines = lines()
        _ = try folder.write(lines[0] + lines[1], to: "audit.jsonl.1")
        return try folder.write(lines[2] + lines[3], to: "audit.jsonl")
    }

    @Test("verify prints the chains of intact logs, rotated files included, with status 0")
    func verify() async throws {
        let folder = try TemporaryDirectory()
        let result = try await Binary.run("audit", "verify", try Self.log(folder))
        #expect(result.status == 0, "\(result.error)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("chain c1: 4 records, 0 to 3, last hash ") == true)
        #expect(lines.last == "4 records are intact")
        let input = try await Binary.run("audit", "verify", "-", input: Self.lines().joined())
        #expect(input.status == 0, "\(input.error)")
        #expect(input.output == result.output)
    }

    @Test("verify has status 1 for a broken log, and says where it is broken")
    func broken() async throws {
        let folder = try TemporaryDirectory()
        let path = try Self.log(folder)
        _ = try folder.write(Self.lines()[2].replacing("acme", with: "acne") + Self.lines()[3], to: "audit.jsonl")
        let changed = try await Binary.run("audit", "verify", path)
        #expect(changed.status == 1)
        #expect(changed.output.contains("\(path):1: record 2 was changed: its hash does not match its content\n"))
        #expect(changed.output.contains("the log is broken in 1 places\n") || changed.output.contains("broken"))
        _ = try folder.write(Self.lines()[3] + "{\"time\":", to: "audit.jsonl")
        let removed = try await Binary.run("audit", "verify", path)
        #expect(removed.status == 1)
        #expect(removed.output.contains("\(path):1: records 2 to 2 are missing before this one\n"))
        #expect(removed.error.contains("note: \(path):2: the last 8 bytes are not a complete record yet"))
    }

    @Test("what cannot be read has status 2")
    func unreadable() async throws {
        let folder = try TemporaryDirectory()
        for command in ["verify", "query"] {
            let missing = try await Binary.run("audit", command, folder.path + "/missing")
            #expect(missing.status == 2)
            #expect(missing.error == "error: \(folder.path)/missing: the file does not exist\n")
            #expect(try await Binary.run("audit", command).status == 2)
        }
        let path = try Self.log(folder)
        #expect(try await Binary.run("audit", "query", path, "--result", "Wrong").status == 2)
        #expect(try await Binary.run("audit", "query", path, "--since", "yesterday").status == 2)
        #expect(try await Binary.run("audit", "query", path, "--limit", "0").status == 2)
    }

    @Test("query prints the records that meet all conditions, as they were written or as a table")
    func query() async throws {
        let folder = try TemporaryDirectory()
        let path = try Self.log(folder)
        let lines = Self.lines()
        func json(_ options: String...) async throws -> String {
            let result = try await Tool.moorage()
                .attempt(["audit", "query", path, "-o", "json"] + options)
            #expect(result.status == 0, "\(result.error)")
            return result.output
        }
        #expect(try await json() == lines.joined())
        #expect(try await json("--tenant", "acme") == lines[0] + lines[2] + lines[3])
        #expect(try await json("--tenant", "acme", "--result", "RateLimited") == lines[2])
        #expect(try await json("--kind", "refusal") == lines[2])
        #expect(try await json("--server", "mcp-globex/time") == lines[1])
        #expect(try await json("--limit", "2") == lines[2] + lines[3])
        #expect(
            try await json("--since", "2026-11-27T00:00:01Z", "--until", "2026-11-27T00:00:03Z") == lines[1] + lines[2]
        )
        #expect(try await json("--tenant", "initech") == "")
        let table = try await Binary.run("audit", "query", path, "--result", "RateLimited")
        #expect(table.status == 0)
        let rows = table.output.split(separator: "\n")
        #expect(rows.count == 2)
        #expect(rows.first?.hasPrefix("TIME ") == true)
        #expect(rows.last?.hasPrefix("2026-11-27T00:00:02.000000Z   refusal   acme     mcp-acme/time   now") == true)
        #expect(!table.output.contains("\u{1B}"))
    }

    @Test("records of several logs are printed in the order of their times")
    func several() async throws {
        let folder = try TemporaryDirectory()
        let first = Self.lines(chain: "a")
        let second = Self.lines(chain: "b")
        let one = try folder.write(first[0] + first[3], to: "one.jsonl")
        let two = try folder.write(second[1] + second[2], to: "two.jsonl")
        let result = try await Binary.run("audit", "query", one, two, "-o", "json", "--limit", "3")
        #expect(result.output == second[1] + second[2] + first[3])
    }

    @Test("a duration is a time before now")
    func times() {
        let now = MicroTimestamp(microsecondsSinceEpoch: 10_000_000_000)
        #expect(AuditTimeArgument(argument: "1h")?.time(before: now).microsecondsSinceEpoch == 6_400_000_000)
        #expect(
            AuditTimeArgument(argument: "1970-01-01T00:00:01Z")?.time(before: now).microsecondsSinceEpoch == 1_000_000
        )
        #expect(AuditTimeArgument(argument: "soon") == nil)
    }
}
