import ControllerRuntime
import KubernetesAPI
import Policy
import Testing

@testable import Gateway

@Suite("Tool calls of tenants")
struct ToolCallTallyTests {
    private static func key(_ server: String, _ tenant: String = "acme") -> ToolCallTally.Key {
        ToolCallTally.Key(tenant: tenant, namespace: "mcp-\(tenant)", server: server)
    }

    private static func client(_ name: String, _ tenant: String = "acme") -> ToolCallTally.ClientKey {
        ToolCallTally.ClientKey(tenant: tenant, digest: name)
    }

    @Test("the last whole minute is reported, and nothing older")
    func minutes() {
        var minutes = ToolCallTally.Minutes()
        func call(_ server: String, _ client: String, at minute: Int64) {
            minutes.count(at: minute) { $0.countCall(Self.key(server), Self.client(client)) }
        }
        call("time", "ada", at: 7)
        call("time", "bob", at: 7)
        minutes.count(at: 7) { $0.countOverLimit(Self.key("time")) }
        #expect(minutes.whole(at: 7) == .init())
        call("git", "ada", at: 8)
        #expect(
            minutes.whole(at: 8)
                == .init(
                    servers: [Self.key("time"): .init(calls: 2, overLimit: 1)],
                    clients: [Self.client("ada"): 1, Self.client("bob"): 1]
                )
        )
        #expect(
            minutes.whole(at: 9)
                == .init(servers: [Self.key("git"): .init(calls: 1)], clients: [Self.client("ada"): 1])
        )
        #expect(minutes.whole(at: 10) == .init())
        // A minute without any request in between.
        call("time", "ada", at: 10)
        #expect(minutes.whole(at: 12) == .init())
        // Another thread has read the clock before, and counts after.
        call("time", "ada", at: 11)
        #expect(minutes.whole(at: 13).servers == [Self.key("time"): .init(calls: 1)])
    }

    @Test("clients are counted up to a maximum, and are not known beyond it")
    func manyClients() {
        var counts = ToolCallTally.Counts()
        for index in 0..<ToolCallTally.Counts.maximumClients {
            counts.countCall(Self.key("time"), Self.client("client \(index)"))
        }
        counts.countCall(Self.key("time"), Self.client("client 0"))
        #expect(counts.clients?.count == ToolCallTally.Counts.maximumClients)
        #expect(counts.clients?[Self.client("client 0")] == 2)
        counts.countCall(Self.key("time"), Self.client("one too many"))
        counts.countCall(Self.key("time"), Self.client("client 0"))
        #expect(counts.clients == nil)
        #expect(counts.servers[Self.key("time")]?.calls == Int64(ToolCallTally.Counts.maximumClients) + 3)
    }

    @Test("the busiest client is that of all gateways, and each tenant has its own")
    func clients() {
        func client(_ name: String, _ calls: Int64, of tenant: String = "acme") -> ToolCallReport.Client {
            .init(tenant: tenant, digest: name, calls: calls)
        }
        func server(_ calls: Int64, of tenant: String = "acme") -> ToolCallReport.Server {
            .init(tenant: tenant, namespace: "mcp-\(tenant)", server: "time", calls: calls, overLimit: 0)
        }
        let reports = [
            ToolCallReport(
                servers: [server(7), server(3, of: "globex")],
                clients: [
                    client("ada", 4), client("bob", 3), client("ada", 3, of: "globex"),
                ]
            ),
            ToolCallReport(servers: [server(6)], clients: [client("bob", 4), client("eve", .max), client("eve", -9)]),
        ]
        #expect(ToolCallUsage.byTenant([reports[0]])["acme"]?.busiestClient == 4)
        #expect(ToolCallUsage.byTenant(reports)["acme"]?.busiestClient == .max)
        #expect(ToolCallUsage.byTenant(reports)["globex"]?.busiestClient == 3)
        // One gateway of an older version, or with too many clients.
        let unknown = ToolCallUsage.byTenant(reports + [ToolCallReport(clients: nil)])
        #expect(unknown["acme"]?.calls == 13 && unknown["acme"]?.busiestClient == .some(nil))
    }

    @Test("a client has the same digest at every gateway, and another one for each tenant, issuer and id")
    func digests() {
        func caller(_ issuer: String, _ clientID: String?, _ subject: String = "ada") -> Caller {
            var caller = Caller(issuer: issuer, subject: subject)
            caller.clientID = clientID
            return caller
        }
        typealias Key = ToolCallTally.ClientKey
        let key = Key(caller("https://a", "app"), of: "acme")
        #expect(key == Key(caller("https://a", "app", "bob"), of: "acme"))
        let others = [
            Key(caller("https://a", "app"), of: "globex"), Key(caller("https://b", "app"), of: "acme"),
            Key(caller("https://a", "other"), of: "acme"), Key(caller("https://a", nil), of: "acme"),
        ]
        #expect(Set(others.map(\.digest) + [key.digest]).count == 5)
        #expect(key.digest.count == 22)
    }

    @Test("the counts of all gateways are added, and the busiest server is that of all of them")
    func merge() {
        func server(_ name: String, _ calls: Int64, _ overLimit: Int64 = 0, of tenant: String = "acme")
            -> ToolCallReport.Server
        {
            .init(tenant: tenant, namespace: "mcp-\(tenant)", server: name, calls: calls, overLimit: overLimit)
        }
        let usage = ToolCallUsage.byTenant([
            ToolCallReport(servers: [server("time", 5), server("git", 4, 1), server("time", 1, of: "globex")]),
            ToolCallReport(servers: [server("git", 4, 2)]), ToolCallReport(),
        ])
        #expect(usage["acme"] == ToolCallUsage(calls: 13, overLimit: 3, busiestServer: 8))
        #expect(usage["globex"] == ToolCallUsage(calls: 1, overLimit: 0, busiestServer: 1))
        #expect(usage.count == 2)
        // Whatever a process reports, nothing overflows.
        let strange = ToolCallUsage.byTenant([
            ToolCallReport(servers: [server("time", .max), server("time", .max), server("git", -5, .min)])
        ])
        #expect(strange["acme"] == ToolCallUsage(calls: .max, overLimit: 0, busiestServer: .max))
    }

    @Test("a report is read as it is written")
    func json() throws {
        let report = ToolCallReport(
            servers: [
                .init(tenant: "acme", namespace: "mcp-acme", server: "time", calls: 3, overLimit: 1)
            ],
            clients: [.init(tenant: "acme", digest: "ada", calls: 3)]
        )
        let read: ToolCallReport = try JSONValue(encoding: report).decode()
        #expect(read == report)
        // As a gateway of an older version writes it.
        let older: ToolCallReport = try JSONValue(parsing: Array(#"{"servers": []}"#.utf8)).decode()
        #expect(older == ToolCallReport(clients: nil))
    }
}
