import AsyncHTTPClient
import ControllerRuntime
import Foundation
import KubernetesAPI
import Logging
import MCPProtocol
import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("The endpoint of the audit log")
struct AuditEndpointTests {
    private struct Tokens: Authenticator {
        let callers: [String: Caller]

        func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller {
            guard let token = try credentials.bearerToken(maximumBytes: 100), let caller = callers[token] else {
                throw AuthenticationFailure(.missingCredentials, "the request has no credentials")
            }
            return caller
        }
    }

    private static func caller(_ name: String, _ scopes: Set<String>, _ tenants: Set<String>) -> Caller {
        Caller(issuer: "https://issuer.example", subject: name, scopes: scopes, tenants: tenants)
    }

    private static let callers = [
        "acme": caller("acme", ["moorage:audit"], ["acme"]), "other": caller("other", ["moorage:audit"], ["other"]),
        "plain": caller("plain", ["math"], ["acme"]), "nobody": caller("nobody", ["moorage:audit"], []),
        "platform": caller("platform", ["moorage:audit"], ["*"]),
    ]

    /// A log with records of two tenants, and of none.
    private static func run(
        arguments: RawJSON? = nil,
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "audit.jsonl").path()
        var chain = AuditChain(id: "test")
        var bytes: [UInt8] = []
        for index in 0..<300 {
            var record = AuditRecord(
                time: MicroTimestamp(microsecondsSinceEpoch: Int64(1_800_000_000 + index) * 1_000_000),
                kind: index % 10 == 0 ? .refusal : .call
            )
            record.tenant = [0: "acme", 1: "other"][index % 3]
            record.tool = "tool-\(index)"
            record.result = .success
            record.arguments = arguments
            bytes += chain.seal(record)
        }
        try Data(bytes).write(to: URL(filePath: file))
        var shield = GatewayGuard()
        shield.authenticator = Tokens(callers: callers)
        shield.auditFiles = AuditFiles(file)
        try await RunningGateway.run(RouteTable(), shield: shield, body: body)
    }

    private static func get(
        _ gateway: RunningGateway,
        _ token: String?,
        _ query: String = ""
    ) async throws -> RunningGateway.Answer {
        try await gateway.send("GET", "/audit\(query)", token.map { ["Authorization": "Bearer \($0)"] } ?? [:])
    }

    private static func tenants(_ answer: RunningGateway.Answer) throws -> [String?] {
        try answer.body.split(separator: "\n").map { try RawJSON(parsing: String($0))["tenant"]?.stringValue }
    }

    @Test("an auditor gets the records of its own tenants, whatever it asks for")
    func tenants() async throws {
        try await Self.run { gateway in
            for tenant in ["acme", "other"] {
                let answer = try await Self.get(gateway, tenant, "?limit=1000")
                let tenants = try Self.tenants(answer)
                #expect(answer.status == 200 && tenants.count == 100 && Set(tenants) == [tenant])
                let foreign = try await Self.get(gateway, tenant, "?tenant=\(tenant == "acme" ? "other" : "acme")")
                #expect(foreign.status == 200 && foreign.body.isEmpty)
                // A second value does not replace the first one.
                let twice = try await Self.get(gateway, tenant, "?tenant=acme&tenant=other")
                #expect(twice.status == 400)
            }
            let all = try Self.tenants(try await Self.get(gateway, "platform", "?limit=1000"))
            #expect(all.count == 200 && Set(all) == ["acme", "other"])
        }
    }

    @Test("without credentials 401; without the scope, or a tenant, 403 that names it; nothing but GET")
    func refusals() async throws {
        try await Self.run { gateway in
            let anonymous = try await Self.get(gateway, nil)
            #expect(anonymous.status == 401)
            let plain = try await Self.get(gateway, "plain")
            #expect(plain.status == 403 && plain.body == "the caller lacks the scope moorage:audit\n")
            #expect(plain.headers[all: "WWW-Authenticate"].first?.contains("scope=\"moorage:audit\"") ?? false)
            // Another scope would not help.
            let nobody = try await Self.get(gateway, "nobody")
            #expect(nobody.status == 403 && nobody.body.hasPrefix("the caller belongs to no tenant"))
            #expect(nobody.headers[all: "WWW-Authenticate"].isEmpty)
            let post = try await gateway.send("POST", "/audit", ["Authorization": "Bearer acme"], [])
            #expect(post.status == 405)
        }
        // Without authentication nobody is an auditor.
        try await RunningGateway.run(RouteTable()) { gateway in
            let answer = try await Self.get(gateway, nil)
            #expect(answer.status == 403)
        }
    }

    @Test("conditions are met by all records, the newest ones come, and a wrong condition is named")
    func conditions() async throws {
        try await Self.run { gateway in
            let refusals = try await Self.get(gateway, "acme", "?kind=refusal&since=2027-01-15T08:01:40Z&limit=3")
            let tools = try refusals.body.split(separator: "\n").map {
                try RawJSON(parsing: String($0))["tool"]?.stringValue
            }
            #expect(tools == ["tool-210", "tool-240", "tool-270"], "\(refusals)")
            #expect(refusals.headers[all: "Moorage-Audit-More"] == ["true"])
            let whole = try await Self.get(gateway, "acme", "?kind=refusal")
            #expect(try Self.tenants(whole).count == 10 && whole.headers[all: "Moorage-Audit-More"].isEmpty)
            let standard = try await Self.get(gateway, "platform")
            #expect(try Self.tenants(standard).count == 100)
            for (query, name) in [
                ("kind=x", "kind"), ("result=x", "result"), ("since=yesterday", "since"), ("limit=0", "limit"),
                ("limit=1001", "limit"), ("tennant=acme", "tennant"),
            ] {
                let answer = try await Self.get(gateway, "acme", "?\(query)")
                #expect(answer.status == 400 && answer.body.contains(name), "\(query): \(answer)")
            }
        }
    }

    @Test("an answer is bounded in bytes: the newest records come, and a single one that is larger")
    func bytes() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var chain = AuditChain(id: "test")
        var lines: [[UInt8]] = []
        for index in 0..<5_000 {
            var record = AuditRecord(time: MicroTimestamp(microsecondsSinceEpoch: Int64(index)), kind: .call)
            record.tenant = "acme"
            record.tool = "tool-\(index)"
            lines.append(Array(chain.seal(record)))
        }
        let file = directory.appending(path: "audit.jsonl").path()
        try Data(lines.flatMap { $0 }).write(to: URL(filePath: file))
        // Without their line breaks.
        let three = lines.suffix(3).reduce(0) { $0 + $1.count - 1 }
        for (maximum, count) in [(three, 3), (three - 1, 2), (0, 1)] {
            let page = try AuditFiles(file).newestRecords(matching: AuditQuery(), access: nil, maximumBytes: maximum)
            #expect(page.entries.map(\.record.tool) == (5_000 - count..<5_000).map { "tool-\($0)" })
            #expect(page.hasMore)
        }
        let limited = try AuditFiles(file).records(matching: AuditQuery(limit: 1_500), access: nil)
        #expect(limited.map(\.sequence) == Array(3_500..<5_000))
        #expect(try AuditFiles(file).records(matching: AuditQuery(limit: 0), access: nil).isEmpty)
    }

    @Test("the metadata of the endpoint names the scope, and without a file the answer says what to set")
    func withoutFile() async throws {
        var shield = GatewayGuard()
        shield.authenticator = Tokens(callers: Self.callers)
        shield.authorizationServers = ["https://issuer.example"]
        try await RunningGateway.run(RouteTable(), shield: shield) { gateway in
            let metadata = try await gateway.send("GET", "/.well-known/oauth-protected-resource/audit")
            #expect(metadata.json?["scopes_supported"] == ["moorage:audit"])
            let answer = try await Self.get(gateway, "acme")
            #expect(answer.status == 404 && answer.body.contains("gateway.audit.sinks"))
        }
    }

    @Test("a caller that does not read its answer gets no second one, and others do")
    func slowReader() async throws {
        // More than the buffers of a connection.
        let arguments: RawJSON = ["text": .string(String(repeating: "x", count: 100_000))]
        try await Self.run(arguments: arguments) { gateway in
            var request = HTTPClientRequest(url: gateway.url("/audit"))
            request.headers.add(name: "Authorization", value: "Bearer acme")
            let slow = try await gateway.client.execute(request, timeout: .seconds(30))
            #expect(slow.status == .ok)
            let second = try await Self.get(gateway, "acme")
            #expect(second.status == 429 && second.headers[all: "Retry-After"] == ["1"])
            let other = try await Self.get(gateway, "other", "?limit=1")
            #expect(other.status == 200)
            let bytes = try await slow.body.collect(upTo: 16 << 20)
            #expect(bytes.readableBytes > 7 << 20 && bytes.readableBytes <= (8 << 20) + 100)
            var third = try await Self.get(gateway, "acme", "?limit=1")
            while third.status == 429 { third = try await Self.get(gateway, "acme", "?limit=1") }
            #expect(third.status == 200)
        }
    }
}
