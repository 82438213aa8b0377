import Foundation
import TestSupport
import Testing

/// The renders of all examples, compared with reviewed files. After an intended change, update the files with
/// `MOORAGE_UPDATE_GOLDEN=1 swift test --filter GoldenRenderTests`, and review the difference like code.
@Suite("Golden renders")
struct GoldenRenderTests {
    static let examples = [
        "quickstart", "obot", "falcone", "avelino", "observability", "remote", "telemcp", "telemetry", "time",
        "virtual-server",
    ]
    static let directory = "\(Binary.packageRoot)/Tests/ControllerTests/Golden"

    @Test("each example renders as reviewed", arguments: examples)
    func render(example: String) async throws {
        let result = try await Binary.run("render", "--quiet", "-f", "examples/\(example).yaml")
        #expect(result.status == 0)
        #expect(result.error == "")
        let path = "\(Self.directory)/\(example).yaml"
        if ProcessInfo.processInfo.environment["MOORAGE_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(atPath: Self.directory, withIntermediateDirectories: true)
            try Data(result.output.utf8).write(to: URL(filePath: path))
        }
        let golden = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        if let difference = firstDifference(result.output, golden ?? "") {
            Issue.record(
                """
                examples/\(example).yaml no longer renders as Tests/ControllerTests/Golden/\(example).yaml has it:
                \(difference)
                Where that is meant: MOORAGE_UPDATE_GOLDEN=1 swift test --filter GoldenRenderTests, and review the change.
                """
            )
        }
    }

    @Test("every example has a golden render, and every golden render an example")
    func complete() throws {
        func names(_ path: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".yaml") }.sorted()
        }
        let files = try names("\(Binary.packageRoot)/examples")
        #expect(files == Self.examples.map { "\($0).yaml" }.sorted())
        #expect(try names(Self.directory) == files)
    }

    @Test("each example passes validation without messages", arguments: examples)
    func validate(example: String) async throws {
        let result = try await Binary.run("validate", "--quiet", "-f", "examples/\(example).yaml")
        #expect(result.status == 0)
        #expect(result.output == "")
        #expect(result.error == "")
    }

    @Test("all examples can be rendered together, as on one cluster")
    func together() async throws {
        let result = try await Binary.run("render", "--quiet", "-f", "examples")
        #expect(result.status == 0)
        #expect(result.error == "")
        var alone: Set<String> = []
        for example in Self.examples {
            let one = try await Binary.run("render", "--quiet", "-f", "examples/\(example).yaml")
            // A remote server alone needs no objects.
            alone.formUnion(one.output.components(separatedBy: "\n---\n").map(trimmed).filter { !$0.isEmpty })
        }
        #expect(Set(result.output.components(separatedBy: "\n---\n").map(trimmed)) == alone)
    }

    private func trimmed(_ document: String) -> String {
        let text = document.hasPrefix("---\n") ? String(document.dropFirst(4)) : document
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("rendering is deterministic, whatever the order of the files")
    func deterministic() async throws {
        let one = try await Binary.run("render", "-q", "-f", "examples/obot.yaml", "examples/falcone.yaml")
        let other = try await Binary.run("render", "-q", "-f", "examples/falcone.yaml", "-f", "examples/obot.yaml")
        #expect(one.status == 0)
        #expect(!one.output.isEmpty)
        #expect(one.output == other.output)
    }

    private func firstDifference(_ actual: String, _ expected: String) -> String? {
        if actual == expected { return nil }
        let actual = actual.split(separator: "\n", omittingEmptySubsequences: false)
        let expected = expected.split(separator: "\n", omittingEmptySubsequences: false)
        for index in 0..<max(actual.count, expected.count) {
            let left = index < actual.count ? String(actual[index]) : "(end)"
            let right = index < expected.count ? String(expected[index]) : "(end)"
            if left != right { return "line \(index + 1)\n- \(right)\n+ \(left)" }
        }
        return nil
    }
}
