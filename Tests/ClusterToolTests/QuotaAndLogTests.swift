import ClusterTool
import KubernetesAPI
import Testing

@Suite("Quotas and logs")
struct QuotaAndLogTests {
    @Test("limits, what is used, and the servers that wait, in order")
    func quota() {
        let report = QuotaReport(
            Objects.tenant,
            servers: [
                Objects.waitingServer("late", position: 2), Objects.crashing,
                Objects.waitingServer("early", position: 1),
            ]
        )
        #expect(
            report.rendered(console: .plain) == """
                MCPTenant acme  namespace mcp-acme, plan standard
                LIMIT                        MAXIMUM  USED  REMAINING
                serversPerTenant             2        2     0
                toolsPerServer               50       -     -
                toolCallsPerMinutePerClient  -        -     -
                In the last minute: 120 tool calls, 3 of them over a limit.
                Servers: 2 of 2 admitted, 2 waiting.
                Waiting, in this order:
                  1.  early
                  2.  late

                """
        )
        #expect(report.json["queue"] == [["server": "early", "position": 1], ["server": "late", "position": 2]])
    }

    @Test("a queue that must not be read is not an empty one")
    func unreadQueue() {
        let report = QuotaReport(Objects.tenant, servers: nil)
        #expect(report.rendered(console: .plain).contains("The queue is not shown: your account is not allowed"))
        #expect(report.json["queue"] == nil)
    }

    @Test("only containers that have started have a log, and each run is another one")
    func sources() {
        #expect(
            LogSource.find([Objects.crashingPod], container: nil, isPrevious: false).map(\.run) == [4]
        )
        var waiting = Objects.crashingPod
        waiting[path: ["status", "containerStatuses"]] = [["name": "mcp", "state": ["waiting": [:]]]]
        #expect(LogSource.find([waiting], container: nil, isPrevious: false).isEmpty)
        #expect(LogSource.find([waiting], container: nil, isPrevious: true).isEmpty)
        var running = waiting
        running[path: ["status", "containerStatuses"]] = [["name": "mcp", "state": ["running": [:]]]]
        #expect(LogSource.find([running], container: nil, isPrevious: false).count == 1)
        #expect(LogSource.find([running], container: nil, isPrevious: true).isEmpty)
    }

    @Test(
        "why there is no log",
        arguments: [
            ([JSONValue](), nil, false, "MCPServer a/b has no pods: kubectl moorage status says why"),
            (
                [Objects.crashingPod], "sidecar", false,
                "no pod of MCPServer a/b has a container sidecar: use one of mcp"
            ),
            (
                [Objects.crashingPod], "mcp", true,
                "container mcp has not been restarted in any pod of MCPServer a/b: use logs without --previous"
            ),
            (
                [Objects.crashingPod], nil, false,
                "container mcp has not started in any pod of MCPServer a/b: kubectl moorage status says why"
            ),
        ]
    )
    func problem(pods: [JSONValue], container: String?, isPrevious: Bool, expected: String) {
        let failure = LogSource.problem(
            server: "a/b",
            pods: pods,
            container: container,
            isPrevious: isPrevious,
            program: "kubectl moorage"
        )
        #expect("\(failure)" == expected)
    }

    @Test("lines are put together from pieces of any size", arguments: [1, 2, 3, 7, 100])
    func lines(size: Int) {
        let bytes = Array("one\r\ntwo \u{1B}[31mred\n\nl\u{E9}st".utf8)
        var lines = LogLines(prefix: "[p/mcp] ")
        var output = ""
        for start in stride(from: 0, to: bytes.count, by: size) {
            output += lines.add(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        output += lines.finish()
        #expect(output == "[p/mcp] one\n[p/mcp] two \\u{1B}[31mred\n[p/mcp] \n[p/mcp] l\u{E9}st\n")
    }

    @Test("a line without an end is broken, so that the memory has a limit")
    func longLine() {
        var lines = LogLines(prefix: "", maximumLength: 4)
        #expect(lines.add(Array("abcdefgh\n".utf8)) == "abcd\nefgh\n\n")
    }
}
