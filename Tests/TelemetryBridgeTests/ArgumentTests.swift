import KubernetesAPI
import MCPProtocol
import MCPTransport
import Testing

@testable import TelemetryBridge

@Suite("Arguments of tools")
struct ArgumentTests {
    private static let parameters: [Parameter] = [
        Parameter(
            name: "expr",
            kind: .text(maximumBytes: 8),
            description: "The expression.",
            isRequired: true,
            example: "up"
        ),
        Parameter(name: "name", kind: .name, description: "A name."),
        Parameter(name: "mode", kind: .choice(["a", "b"]), description: "A mode.", standard: "a"),
        Parameter(name: "limit", kind: .integer(1...10), description: "A limit.", standard: 5),
        Parameter(name: "all", kind: .boolean, description: "Whether all.", standard: false),
        Parameter(
            name: "range",
            kind: .duration(minimum: PrometheusDuration(seconds: 1), maximum: PrometheusDuration(seconds: 3_600)),
            description: "A range."
        ),
        Parameter(name: "time", kind: .time, description: "A time."),
        Parameter(name: "list", kind: .texts(maximumCount: 2, maximumBytes: 4), description: "A list."),
    ]

    private func read(_ json: String) throws -> Arguments {
        try Arguments(RawJSON(parsing: json), of: Self.parameters, tool: "tool")
    }

    @Test(
        "an argument that is not valid is refused with its name, its value and the way out",
        arguments: [
            (#"{}"#, "the argument expr is missing, such as \"up\""),
            (#"{"expr":null}"#, "the argument expr is missing"),
            (#"{"expr":7}"#, "the argument expr is 7, and must be a text"),
            (#"{"expr":""}"#, "must not be empty"),
            (#"{"expr":"123456789"}"#, "at most 8 bytes"),
            (#"{"expr":"a\u0000"}"#, "null character"),
            (#"{"expr":"up","other":1}"#, "tool has no argument \"other\"; its arguments are: expr, name, mode"),
            (#"{"expr":"up","name":"a/b"}"#, "the argument name is \"a/b\", and must be a name of Kubernetes"),
            (#"{"expr":"up","name":".."}"#, "must be a name"), (#"{"expr":"up","name":"a%2fb"}"#, "must be a name"),
            (#"{"expr":"up","mode":"c"}"#, "the argument mode is \"c\", and must be one of: a, b"),
            (#"{"expr":"up","limit":11}"#, "the argument limit is 11, and must be a whole number from 1 to 10"),
            (#"{"expr":"up","limit":1.5}"#, "whole number"), (#"{"expr":"up","limit":"5"}"#, "whole number"),
            (#"{"expr":"up","limit":99999999999999999999999}"#, "whole number"),
            (#"{"expr":"up","all":"yes"}"#, "must be true or false"),
            (#"{"expr":"up","range":"5x"}"#, "must be a duration such as 5m"),
            (#"{"expr":"up","range":"2h"}"#, "must be from 1s to 1h"),
            (#"{"expr":"up","range":"0s"}"#, "must be from 1s"),
            (#"{"expr":"up","time":"yesterday"}"#, "RFC 3339"),
            (#"{"expr":"up","list":"a"}"#, "must be a list of texts"),
            (#"{"expr":"up","list":["a","b","c"]}"#, "at most 2 elements"),
            (#"{"expr":"up","list":["abcde"]}"#, "each element must have at most 4 bytes"),
        ]
    )
    func refused(json: String, message: String) throws {
        let failure = try #require(throws: ToolFailure.self) { try read(json) }
        #expect(failure.message.contains(message), "\(failure.message)")
    }

    @Test("valid arguments are read, and missing ones have their defaults")
    func valid() throws {
        let arguments = try read(
            #"{"expr":"up","name":"system:node","range":"1h","time":"2026-01-31T12:00:00Z","list":["a"],"all":null}"#
        )
        #expect(arguments.text("expr") == "up" && arguments.text("name") == "system:node")
        #expect(arguments.integer("limit") == 5 && arguments.text("mode") == "a" && !arguments.flag("all"))
        #expect(arguments.duration("range") == PrometheusDuration(seconds: 3_600))
        #expect(arguments.time("time")?.microsecondsSinceEpoch == 1_769_860_800_000_000)
        #expect(arguments.texts("list") == ["a"])
    }

    @Test("a long value is shortened in the message")
    func longValue() throws {
        let failure = try #require(throws: ToolFailure.self) {
            try read(#"{"expr":"\#(String(repeating: "x", count: 10_000))"}"#)
        }
        #expect(failure.message.utf8.count < 300)
    }

    @Test(
        "durations as Prometheus writes them",
        arguments: [
            ("5m", 300_000, "5m"), ("1h30m", 5_400_000, "1h30m"), ("250ms", 250, "250ms"), ("1d", 86_400_000, "1d"),
            ("2w", 1_209_600_000, "14d"), ("1y", 31_536_000_000, "365d"), ("0s", 0, "0s"), ("90s", 90_000, "1m30s"),
        ]
    )
    func durations(text: String, milliseconds: Int64, shown: String) {
        #expect(PrometheusDuration(text)?.milliseconds == milliseconds)
        #expect(PrometheusDuration(text)?.description == shown)
    }

    @Test(
        "what is not a duration of Prometheus",
        arguments: [
            "", "5", "m", "5m5m", "5s1m", "-5m", "1.5h", "5 m", "5M", "101y", "9999999999999999999s", "٥m", "1h-1m",
        ]
    )
    func noDurations(text: String) {
        #expect(PrometheusDuration(text) == nil)
    }

    @Test(
        "the step of a range query is chosen, or checked",
        arguments: [
            (nil, "1h", "1m"), (nil, "10s", "1s"), (nil, "30d", "12h"), ("15s", "1h", "15s"), ("1s", "1h", nil),
        ] as [(String?, String, String?)]
    )
    func step(wanted: String?, range: String, expected: String?) throws {
        let range = try #require(PrometheusDuration(range))
        let wanted = wanted.flatMap(PrometheusDuration.init)
        if let expected {
            #expect(try BridgeTool.step(wanted, over: range).description == expected)
        } else {
            let failure = try #require(throws: ToolFailure.self) { try BridgeTool.step(wanted, over: range) }
            #expect(failure.message.contains("use a step of at least 8s"), "\(failure.message)")
        }
    }
}

@Suite("Definitions of tools")
struct ToolDefinitionTests {
    @Test(
        "each has a title, a description, schemas that can be compiled, and says that it only reads",
        arguments: BridgeTool.all.map(\.name)
    )
    func definition(name: String) throws {
        let tool = try #require(BridgeTool.all.first { $0.name == name })
        #expect(Tool.isRecommendedName(name))
        #expect(!tool.title.isEmpty && tool.description.count > 40)
        let input = try JSONSchema(Parameter.inputSchema(tool.parameters))
        _ = try JSONSchema(tool.outputSchema)
        for parameter in tool.parameters {
            #expect(parameter.description.hasSuffix("."), "\(parameter.name)")
            // What the schema says of the default and the example is also what the reader says.
            for value in [parameter.standard, parameter.example].compactMap({ $0 }) {
                #expect(parameter.problem(of: value) == nil, "\(parameter.name): \(value)")
            }
        }
        let examples = tool.parameters.compactMap { parameter in
            (parameter.example ?? parameter.standard).map { (parameter.name, $0 as RawJSON?) }
        }
        #expect(input.violation(in: .object(examples)) == nil)
    }

    @Test("names are the ones that clients know")
    func names() {
        #expect(
            Set(BridgeTool.all.map(\.name)) == [
                "promql.query", "loki.query", "k8s.get", "k8s.events", "inventory.snapshot", "tail.pod_logs",
                "systemd.status", "alerts.active", "k8s.top",
            ]
        )
    }
}
