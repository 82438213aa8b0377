import Foundation
import MCPTestSupport
import Testing

/// The schemas and examples of the MCP specification, in the folder `mcp-schema/schema` below `MOORAGE_VECTORS`: a folder a revision,
/// with `schema.json` and, since 2026-07-28, `examples/TYPE/NAME.json`.
enum Vectors {
    static let folder = SchemaJudge.folder

    static let areThere = folder != nil
    static let comment: Comment = "MOORAGE_VECTORS is not set"

    struct Example: Sendable, CustomTestStringConvertible {
        let type: String
        let name: String
        let bytes: [UInt8]

        var testDescription: String { "\(type)/\(name)" }
    }

    /// All examples of a revision. If there is a folder without examples, tests that use them fail.
    static let examples: [Example] = {
        guard let folder = folder?.appending(path: "2026-07-28/examples") else { return [] }
        let manager = FileManager.default
        let names = (try? manager.subpathsOfDirectory(atPath: folder.path())) ?? []
        return names.sorted().filter { $0.hasSuffix(".json") }.compactMap { name in
            let parts = name.split(separator: "/").map(String.init)
            guard parts.count == 2, let data = manager.contents(atPath: folder.appending(path: name).path()) else {
                return nil
            }
            return Example(type: parts[0], name: parts[1], bytes: [UInt8](data))
        }
    }()

    /// The examples of a type.
    static func examples(of type: String) -> [Example] { examples.filter { $0.type == type } }
}

/// A JSON text as Foundation reads it, which is not our parser.
func foundationValue(_ bytes: some Sequence<UInt8>) throws -> NSObject {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? NSObject)
}
