import Foundation
import KubernetesAPI
import Testing

@testable import TelemetryBridge

@Suite("Saved queries")
struct QueryTests {
    @Test(
        "parameters are found inside and outside of texts, and not in comments",
        arguments: [
            (#"up{job="$job"}"#, ["job"]), (#"rate(x[$range])"#, ["range"]), (#"{a=~"b$"}"#, []), (#"{a="\$b"}"#, []),
            ("up # $no\n + $yes", ["yes"]), (#"{a=`$x`, b='$y', c="$x"}"#, ["x", "y"]), ("$", []), ("$1", []),
        ]
    )
    func parameters(text: String, expected: [String]) throws {
        #expect(try QueryTemplate(text).parameters == expected)
    }

    @Test(
        "values cannot change the query",
        arguments: [
            (#"up{job="$v"}"#, #"a"} or up{x=""#, #"up{job="a\"} or up{x=\""}"#),
            (#"up{job='$v'}"#, #"a'"#, #"up{job='a\''}"#), (#"up{job="$v"}"#, "a\\", #"up{job="a\\"}"#),
            (#"up{job="$v"}"#, "a\nb\u{1}", #"up{job="a\nb\x01"}"#), ("up{job=`$v`}", "a`", nil),
            ("up{job=`$v`}", "a\\", "up{job=`a\\`}"),
            ("rate(x[$v])", "5m", "rate(x[5m])"), ("rate(x[$v])", "5m]) or y", nil),
            ("topk($v, x)", "10", "topk(10, x)"),
            ("topk($v, x)", "1e5", nil), ("topk($v, x)", "nan", nil), ("topk($v, x)", "-1", nil),
            ("rate(x[$v])", "", nil),
        ] as [(String, String, String?)]
    )
    func injection(text: String, value: String, expected: String?) throws {
        let template = try QueryTemplate(text)
        if let expected {
            #expect(try template.filled(with: ["v": value]) == expected)
        } else {
            let problem = try #require(throws: QueryTemplate.Problem.self) { try template.filled(with: ["v": value]) }
            #expect(problem.description.contains("the value of v is"), "\(problem)")
        }
    }

    @Test("whatever the value is, the text that it is in ends where it did, with seeds 0 to 499", arguments: 0..<500)
    func randomValues(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let alphabet: [Character] = ["\"", "'", "\\", "a", "}", "{", "$", "\n", "#", "é", "\u{7F}", "`", "x"]
        let value = String(
            (0..<Int.random(in: 0...12, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a"
            }
        )
        for mark in ["\"", "'"] {
            let filled = try QueryTemplate("up{a=\(mark)$v\(mark)}").filled(with: ["v": value])
            let inner = filled.dropFirst(5).dropLast(1)
            #expect(Self.unquoted(inner.dropFirst()) == value + "|end", "seed \(seed): \(filled)")
        }
    }

    /// The text of a literal with Go's rules, and whether it ends with the input.
    private static func unquoted(_ text: Substring) -> String {
        var output = ""
        var rest = text
        guard let mark = text.last else { return output }
        while let character = rest.popFirst() {
            if character == mark { return output + (rest.isEmpty ? "|end" : "|early") }
            guard character == "\\", let escape = rest.popFirst() else {
                output.append(character)
                continue
            }
            switch escape {
            case "n": output += "\n"
            case "x":
                let code = rest.prefix(2)
                rest = rest.dropFirst(2)
                output.unicodeScalars.append(Unicode.Scalar(UInt8(code, radix: 16) ?? 0))
            default: output.append(escape)
            }
        }
        return output + "|never"
    }

    @Test("a file has a description, parameters and a query")
    func file() throws {
        let query = try SavedQuery(
            name: "errors.logql",
            text: "# Lines of errors.\n# @param namespace The namespace.\n\n{namespace=\"$namespace\"} |= \"error\"\n\n"
        )
        #expect(query.uri == "res://dashboards/errors.logql/{namespace}")
        #expect(try query.template.filled(with: ["namespace": "a"]) == #"{namespace="a"} |= "error""#)
        #expect(
            query.fullDescription
                == "Lines of errors. Parameters: namespace: The namespace. Run it with loki.query, as logql."
        )
    }

    @Test(
        "a file that cannot be used is refused with the reason",
        arguments: [
            ("a.txt", "up", "end with .promql or .logql"), ("../a.promql", "up", "letters, digits"),
            (".promql", "up", "letters"),
            ("a.promql", "# only\n", "has no query"), ("a.promql", "up{a=\"b}", "has no end"),
            ("a.promql", String(repeating: "x", count: 20_000), "more than 16384 bytes"),
        ]
    )
    func refused(name: String, text: String, message: String) throws {
        let problem = try #require(throws: QueryTemplate.Problem.self) { try SavedQuery(name: name, text: text) }
        #expect(problem.description.contains(message), "\(problem)")
    }

    @Test("the built-in queries are all valid, and files replace those of the same name")
    func builtIn() throws {
        #expect(SavedQuery.builtIn.count == 5)
        let uris = Set(SavedQuery.builtIn.map(\.uri))
        for name in ["top-pods-by-cpu.promql", "pod-restarts.promql", "warn-events.logql"] {
            #expect(uris.contains("res://dashboards/\(name)"))
        }
        let own = try SavedQuery(name: "pod-restarts.promql", text: "up")
        let merged = SavedQuery.merged(files: [own])
        #expect(merged.count == 5 && merged.contains(own))
    }

    @Test("a folder is read as a mounted ConfigMap is, and files that cannot be used are reported")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "queries-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: "\(folder)/..data", withIntermediateDirectories: true)
        try Data("# Up.\nup\n".utf8).write(to: URL(filePath: "\(folder)/..data/up.promql"))
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/up.promql",
            withDestinationPath: "..data/up.promql"
        )
        try Data("up{".utf8 + [0xFF]).write(to: URL(filePath: "\(folder)/bad.promql"))
        try Data("{a=\"".utf8).write(to: URL(filePath: "\(folder)/open.logql"))
        try Data("# notes".utf8).write(to: URL(filePath: "\(folder)/README.md"))
        let content = QueryFolder(path: folder).read()
        #expect(content.queries.map(\.name) == ["up.promql"])
        #expect(content.problems.count == 2, "\(content.problems)")
        #expect(QueryFolder(path: folder + "-missing").read().problems.count == 1)
    }
}
