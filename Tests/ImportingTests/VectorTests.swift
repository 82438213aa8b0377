import Foundation
import KubernetesAPI
import Testing

@testable import Importing

/// Files that the other projects have published, in the folder `import` below `MOORAGE_VECTORS`.
enum Vectors {
    static let folder = ProcessInfo.processInfo.environment["MOORAGE_VECTORS"].map {
        URL(filePath: $0).appending(path: "import")
    }

    /// The files, without the schema of the registry's format. If there are none, the tests fail.
    static let files: [String] = {
        guard let folder else { return [] }
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path())) ?? []
        return names.sorted().filter {
            [".yaml", ".yml", ".json"].contains(where: $0.hasSuffix) && !$0.hasSuffix("schema.json")
        }
    }()
}

@Suite("Published files of other projects", .enabled(if: Vectors.folder != nil, "MOORAGE_VECTORS is not set"))
struct VectorTests {
    private func source(_ name: String) throws -> ImportSource {
        let folder = try #require(Vectors.folder)
        let data = try #require(FileManager.default.contents(atPath: folder.appending(path: name).path()))
        return ImportSource(name: name, text: String(decoding: data, as: UTF8.self))
    }

    @Test("each is imported into valid manifests or refused with a reason, and nothing is lost silently")
    func all() throws {
        try #require(Vectors.files.count > 40)
        var servers = 0
        var carried = 0
        var reported = 0
        for name in Vectors.files {
            let source = try source(name)
            let result = Importer.run(
                [source],
                options: ImportOptions(images: ["server-name": "ghcr.io/acme/server:1"])
            )
            #expect(Judge.problems(result) == [], "\(name)")
            #expect(Accounting.problems(result, [source]) == [], "\(name)")
            #expect(!result.manifests.isEmpty || !result.findings.isEmpty, "\(name)")
            for finding in result.findings where finding.kind == .refused || finding.kind == .notCarriedOver {
                #expect(!finding.reason.isEmpty, "\(name)")
            }
            let documents = try YAML.documents(in: source.text).map(\.value).filter { !$0.isNull }
            let leaves = documents.reduce(0) { $0 + Accounting.leaves($1) }
            let counted = result.inputs.reduce(0) { $0 + $1.carriedOver.count + $1.reported.count }
            #expect(counted == leaves, "\(name)")
            servers += result.manifests.count { $0["kind"] == "MCPServer" }
            carried += result.inputs.reduce(0) { $0 + $1.carriedOver.count }
            reported += result.inputs.reduce(0) { $0 + $1.reported.count }
        }
        #expect(servers > 35, "\(servers) servers, \(carried) fields carried over, \(reported) reported")
        #expect(carried > 400)
    }

    /// A field that counts as carried over must be visible in a manifest, or a finding must say what became of it.
    @Test("what counts as carried over is in a manifest or in a finding")
    func visible() throws {
        for name in Vectors.files {
            let source = try source(name)
            let result = Importer.run([source], options: ImportOptions(includesSecrets: true))
            let documents = try YAML.documents(in: source.text).map(\.value).filter { !$0.isNull }
            guard documents.count == result.inputs.count else { continue }
            let text = YAML.text(result.manifests)
            for (document, input) in zip(documents, result.inputs) {
                for path in input.carriedOver {
                    guard let value = document[path: path], !Self.isName(path, of: document) else { continue }
                    let shown: String? =
                        switch value {
                        case .string(let text): text.isEmpty ? nil : text
                        case .integer(let number): String(number)
                        default: nil
                        }
                    guard let shown, !shown.contains("\n"), !Self.meanings.contains(shown) else { continue }
                    let isReported = result.findings.contains {
                        $0.subject == input.subject && path.isAtOrBelow($0.field)
                    }
                    #expect(text.contains(shown) || isReported, "\(name): \(path): \(shown)")
                }
            }
        }
    }

    /// Whether a field only says what the object is, or which other object it names, whose fields are carried over.
    private static func isName(_ path: FieldPath, of document: JSONValue) -> Bool {
        let text = path.description
        if ["apiVersion", "kind"].contains(text) || text.hasSuffix("Ref.name") { return true }
        let kind = document["kind"]?.stringValue ?? ""
        return kind.hasSuffix("Config") && text.hasPrefix("metadata.")
    }

    /// Values that are carried over as another field or value.
    private static let meanings: Set<String> = [
        "prefix", "priority", "manual", "{workload}_", "tokenExchange", "bearerToken", "ContainerImage",
    ]

    @Test("a published file is imported the same each time, in any order of files")
    func deterministic() throws {
        let sources = try Vectors.files.filter {
            $0.hasPrefix("toolhive/mcp-servers/mcpserver_github") || $0.hasPrefix("kmcp/")
        }.map(source)
        let first = Importer.run(sources)
        #expect(Importer.run(sources) == first)
        #expect(Importer.run(sources.reversed()).manifests == first.manifests)
    }
}
