import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import Testing

/// Runs the tables against the sandbox, and against the cluster that `MOORAGE_TEST_KUBECONFIG` names, if it is set.
@Suite("Conformance")
struct ConformanceTests {
    struct Case: Sendable {
        var title: String
        var method: String
        var path: String
        var kind: String
        var code: Int
        var body: [UInt8]?
        /// The user to impersonate, and their groups; `nil` for the administrator.
        var user: String?
        var groups: [String]
        /// What the answer must contain.
        var fragments: [String]
        /// What the answer must not contain.
        var absent: [String]
        /// What its warnings must contain, quotes escaped as they are in the header.
        var warnings: [String]
        /// Whether the answer is expected only after a while, so that the request is repeated until then.
        var isAwaited: Bool
    }

    static func cases(_ table: String, namespace: String) -> [Case] {
        table.replacing("NS", with: namespace).split(separator: "\n\n").compactMap { block in
            let lines = block.split(separator: "\n").map(String.init)
            guard let words = lines.first?.split(separator: " ").map(String.init), words.count == 4,
                let code = Int(words[3].prefix { $0 != "~" })
            else {
                Issue.record("the table contains a block that is not a case: \(block)")
                return nil
            }
            let user = rest(lines, "@").first?.split(separator: " ").map(String.init) ?? []
            return Case(
                title: words.joined(separator: " "),
                method: words[0],
                path: words[1],
                kind: words[2],
                code: code,
                body: lines.dropFirst().first { $0.hasPrefix("{") || $0.hasPrefix("[") }.map { Array($0.utf8) },
                user: user.first,
                groups: user.dropFirst().first?.split(separator: ",").map(String.init) ?? [],
                fragments: rest(lines, ">"),
                absent: rest(lines, "-"),
                warnings: rest(lines, "!"),
                isAwaited: words[3].hasSuffix("~")
            )
        }
    }

    private static func rest(_ lines: [String], _ mark: String) -> [String] {
        lines.dropFirst().filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(2)) }
    }

    /// An answer: its code, its body as JSON with sorted keys, its warnings.
    private struct Answer {
        var code: Int
        var text: String
        var warnings: [String]

        func problems(_ item: Case) -> [String] {
            var problems: [String] = []
            if code != item.code { problems.append("the code is \(code)") }
            problems += item.fragments.filter { !text.contains($0) }.map { "it lacks \($0)" }
            problems += item.absent.filter { text.contains($0) }.map { "it has \($0)" }
            problems += item.warnings.filter { warning in !warnings.contains { $0.contains(warning) } }
                .map { "no warning has \($0)" }
            return problems
        }
    }

    private func ask(_ item: Case, _ transport: HTTPTransport) async throws -> Answer {
        let parts = item.path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
            let pieces = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return APIRequest.QueryItem(pieces[0], pieces[1].replacing("%3D", with: "="))
        }
        var headers = HTTPFields()
        let media = [
            "merge": "merge-patch+json", "jsonpatch": "json-patch+json", "apply": "apply-patch+yaml",
            "strategic": "strategic-merge-patch+json",
        ]
        headers[.contentType] = "application/\(media[item.kind] ?? "json")"
        let forms = [
            "table": "Table", "partial": "PartialObjectMetadata", "partiallist": "PartialObjectMetadataList",
        ]
        headers[.accept] = "application/json" + (forms[item.kind].map { ";as=\($0);g=meta.k8s.io;v=v1" } ?? "")
        if let user = item.user {
            for (name, value) in [("Impersonate-User", user)] + item.groups.map({ ("Impersonate-Group", $0) }) {
                if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
            }
        }
        var fields = query
        let isWrite = item.method != "GET" && item.method != "DELETE" && item.kind != "apply"
        if isWrite { fields.append(APIRequest.QueryItem("fieldManager", "conformance")) }
        let response = try await transport.execute(
            APIRequest(
                method: HTTPRequest.Method(item.method) ?? .get,
                path: parts[0],
                query: fields,
                headers: headers,
                body: item.body
            )
        )
        let bytes = try await response.body.collect(upTo: 1 << 26)
        let written = (try? JSONValue(parsing: bytes))?.serialized() ?? bytes
        let name = HTTPField.Name("Warning")
        return Answer(
            code: response.status.code,
            text: String(decoding: written, as: UTF8.self),
            warnings: name.map { response.headers[values: $0] } ?? []
        )
    }

    private func run(_ table: String, _ kubeconfig: String) async throws {
        let namespace = "conformance-\(UInt32.random(in: 1...UInt32.max))"
        let config = try Kubeconfig(text: kubeconfig, directory: nil, file: "kubeconfig")
        let configuration = try config.configuration()
        let transport = try HTTPTransport(configuration)
        for item in ConformanceTests.cases(table, namespace: namespace) {
            let deadline = ContinuousClock.now + .seconds(60)
            var answer = try await ask(item, transport)
            while item.isAwaited, !answer.problems(item).isEmpty, ContinuousClock.now < deadline {
                await Task.yield()
                answer = try await ask(item, transport)
            }
            let problems = answer.problems(item)
            #expect(problems.isEmpty, "\(item.title): \(answer.text.prefix(20_000)) \(answer.warnings)")
        }
        try await transport.shutdown()
    }

    @Test("the sandbox gives the answers in the table", arguments: ConformanceTable.all.keys.sorted())
    func sandbox(table: String) async throws {
        let text = try #require(ConformanceTable.all[table])
        var configuration = SandboxConfiguration()
        configuration.enforcesRBAC = true
        try await withSandbox(configuration) { try await self.run(text, try await $0.sandbox.kubeconfig()) }
    }

    @Test(
        "a real cluster gives the answers in the table",
        .enabled(if: ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"] != nil),
        arguments: ConformanceTable.all.keys.sorted()
    )
    func realCluster(table: String) async throws {
        let text = try #require(ConformanceTable.all[table])
        let path = try #require(ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"])
        try await run(text, try String(contentsOfFile: path, encoding: .utf8))
    }
}
