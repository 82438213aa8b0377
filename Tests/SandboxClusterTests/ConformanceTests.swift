import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import Testing

/// Runs the table against the sandbox, and against the cluster that `MOORAGE_TEST_KUBECONFIG` names where it is set.
@Suite("Conformance")
struct ConformanceTests {
    struct Case: Sendable {
        var title: String
        var method: String
        var path: String
        var kind: String
        var code: Int
        var body: [UInt8]?
        var fragments: [String]
    }

    static func cases(namespace: String) -> [Case] {
        ConformanceTable.text.replacing("NS", with: namespace).split(separator: "\n\n").compactMap { block in
            let lines = block.split(separator: "\n").map(String.init)
            guard let words = lines.first?.split(separator: " ").map(String.init), words.count == 4,
                let code = Int(words[3])
            else {
                Issue.record("the table holds a block that is no case: \(block)")
                return nil
            }
            return Case(
                title: words.joined(separator: " "),
                method: words[0],
                path: words[1],
                kind: words[2],
                code: code,
                body: lines.dropFirst().first { !$0.hasPrefix(">") }.map { Array($0.utf8) },
                fragments: lines.dropFirst().filter { $0.hasPrefix(">") }.map { String($0.dropFirst(2)) }
            )
        }
    }

    private func run(_ kubeconfig: String) async throws {
        let namespace = "conformance-\(UInt32.random(in: 1...UInt32.max))"
        let config = try Kubeconfig(text: kubeconfig, directory: nil, file: "kubeconfig")
        let configuration = try config.configuration()
        let transport = try HTTPTransport(configuration)
        for item in ConformanceTests.cases(namespace: namespace) {
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
            let forms = ["table": "Table", "partial": "PartialObjectMetadata"]
            headers[.accept] = "application/json" + (forms[item.kind].map { ";as=\($0);g=meta.k8s.io;v=v1" } ?? "")
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
            let bytes = try await response.body.collect(upTo: 1 << 24)
            let written = (try? JSONValue(parsing: bytes))?.serialized() ?? bytes
            let text = String(decoding: written, as: UTF8.self)
            #expect(response.status.code == item.code, "\(item.title): \(text)")
            for fragment in item.fragments {
                #expect(text.contains(fragment), "\(item.title) lacks \(fragment): \(text)")
            }
        }
        try await transport.shutdown()
    }

    @Test("the sandbox answers as the table says")
    func sandbox() async throws {
        try await withSandbox { try await self.run(try await $0.sandbox.kubeconfig()) }
    }

    @Test(
        "a real cluster answers as the table says",
        .enabled(if: ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"] != nil)
    )
    func realCluster() async throws {
        let path = try #require(ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"])
        try await run(try String(contentsOfFile: path, encoding: .utf8))
    }
}
