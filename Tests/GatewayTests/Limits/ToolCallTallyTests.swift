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

    @Test("the last whole minute is reported, and nothing older")
    func minutes() {
        var minutes = ToolCallTally.Minutes()
        minutes.count(Self.key("time"), calls: 1, at: 7)
        minutes.count(Self.key("time"), calls: 1, at: 7)
        minutes.count(Self.key("time"), overLimit: 1, at: 7)
        #expect(minutes.whole(at: 7).isEmpty)
        minutes.count(Self.key("git"), calls: 1, at: 8)
        #expect(minutes.whole(at: 8) == [Self.key("time"): .init(calls: 2, overLimit: 1)])
        #expect(minutes.whole(at: 9) == [Self.key("git"): .init(calls: 1)])
        #expect(minutes.whole(at: 10).isEmpty)
        // A minute without any request in between.
        minutes.count(Self.key("time"), calls: 5, at: 10)
        #expect(minutes.whole(at: 12).isEmpty)
        // Another thread has read the clock before, and counts after.
        minutes.count(Self.key("time"), calls: 1, at: 11)
        #expect(minutes.whole(at: 13) == [Self.key("time"): .init(calls: 1)])
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
        let report = ToolCallReport(servers: [
            .init(tenant: "acme", namespace: "mcp-acme", server: "time", calls: 3, overLimit: 1)
        ])
        let read: ToolCallReport = try JSONValue(encoding: report).decode()
        #expect(read == report)
    }
}
