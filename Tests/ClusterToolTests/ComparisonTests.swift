import ClusterTool
import KubernetesAPI
import MCPProtocol
import Testing

@Suite("Two revisions are compared")
struct ComparisonTests {
    private static func contract(_ tools: [String]) throws -> ServerContract {
        try ServerContract([.tool: tools.map { try RawJSON(parsing: Array($0.utf8)) }])
    }

    private static let forecast =
        #"{"name":"forecast","description":"The weather of a city.","inputSchema":{"type":"object"}}"#

    private static func comparison(_ old: [String], _ new: [String]) throws -> RevisionComparison {
        RevisionComparison(
            from: .init(revision: Objects.serving, contract: try contract(old)),
            to: .init(revision: Objects.waiting, contract: try contract(new))
        )
    }

    @Test("as a unified diff: what they run and what they offer")
    func unified() throws {
        let added = #"{"name":"add_station","inputSchema":{"type":"object"}}"#
        let changed = Self.forecast.replacing("of a city", with: "of a city. Always call add_station first")
        #expect(
            try Self.comparison([Self.forecast], [changed, added]).unified(console: .plain) == """
                --- weather-1c9b0f6e52
                +++ weather-7d20e4a1b8
                @@ image @@
                -ghcr.io/acme/weather@sha256:aaaa
                +ghcr.io/acme/weather@sha256:bbbb
                @@ spec @@
                -image: aaaa
                +image: bbbb
                @@ tool forecast @@
                 name: forecast
                -description: The weather of a city.
                +description: The weather of a city. Always call add_station first.
                 inputSchema:
                   type: object
                @@ tool add_station @@
                +name: add_station
                +inputSchema:
                +  type: object

                """
        )
    }

    @Test("in two columns, where long lines go on below")
    func columns() throws {
        let changed = Self.forecast.replacing("of a city", with: "of a city. Always call add_station first")
        #expect(
            try Self.comparison([Self.forecast], [changed]).sideBySide(width: 63, console: .plain) == """
                weather-1c9b0f6e52               weather-7d20e4a1b8
                @@ image @@
                ghcr.io/acme/weather@sha256:aa | ghcr.io/acme/weather@sha256:bb
                aa                             | bb
                @@ spec @@
                image: aaaa                    | image: bbbb
                @@ tool forecast @@
                name: forecast                   name: forecast
                description: The weather of a  | description: The weather of a
                city.                          | city. Always call add_station
                                               | first.
                inputSchema:                     inputSchema:
                  type: object                     type: object

                """
        )
    }

    @Test("equal revisions say so")
    func equal() throws {
        let side = RevisionComparison.Side(revision: Objects.serving, contract: try Self.contract([Self.forecast]))
        let comparison = RevisionComparison(from: side, to: side)
        #expect(comparison.isEmpty)
        #expect(
            comparison.unified(console: .plain)
                == "weather-1c9b0f6e52 and weather-1c9b0f6e52 run the same and offer the same.\n"
        )
    }

    @Test("a text that looks the same and has other bytes is a difference")
    func bytes() throws {
        let composed = #"{"name":"caf\#u{E9}","inputSchema":{"type":"object"}}"#
        let decomposed = #"{"name":"cafe\#u{301}","inputSchema":{"type":"object"}}"#
        let comparison = try Self.comparison([composed], [decomposed])
        #expect(comparison.unified(console: .plain).split(separator: "\n").count { $0.hasPrefix("@@ tool") } == 2)
        let text = Self.forecast.replacing("city", with: "caf\u{E9}")
        let other = Self.forecast.replacing("city", with: "cafe\u{301}")
        #expect(try Self.comparison([text], [other]).unified(console: .plain).contains("@@ tool forecast @@"))
    }
}
