import FoundationEssentials
import TestSupport
import Testing

@testable import Controller

@Suite("The documentation")
struct DocumentationTests {
    static func pages() throws -> [String] {
        let root = Binary.packageRoot
        var pages = try FileManager.default.contentsOfDirectory(atPath: root).filter { $0.hasSuffix(".md") }
        for directory in ["docs", "docs/adr", "docs/deployments", "docs/runbooks", "docs/tasks"] {
            pages += try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(directory)")
                .filter { $0.hasSuffix(".md") }.map { "\(directory)/\($0)" }
        }
        return pages.sorted()
    }

    static func read(_ page: String) throws -> String {
        let contents = try #require(FileManager.default.contents(atPath: "\(Binary.packageRoot)/\(page)"))
        return String(decoding: contents, as: UTF8.self)
    }

    @Test("every link between pages and files has a target")
    func links() throws {
        var seen = 0
        for page in try Self.pages() {
            let directory = page.lastIndex(of: "/").map { String(page[...$0]) } ?? ""
            for part in try Self.read(page).split(separator: "](").dropFirst() {
                let target = String(part.prefix { $0 != ")" && $0 != "#" && $0 != " " })
                if target.isEmpty || target.contains("://") { continue }
                seen += 1
                let path = "\(Binary.packageRoot)/\(directory)\(target)"
                #expect(FileManager.default.fileExists(atPath: path), "\(page) links to \(target), which is not there")
            }
        }
        #expect(seen > 5)
    }

    @Test("the index leads to every page")
    func index() throws {
        let index = try Self.read("docs/README.md")
        let pages = try Self.pages().filter { $0.hasPrefix("docs/") && $0 != "docs/README.md" }
        // Decisions and runbooks have lists of their own.
        for page in pages where !page.hasPrefix("docs/adr/") && !page.hasPrefix("docs/runbooks/") {
            #expect(index.contains("](\(page.dropFirst("docs/".count)))"), "docs/README.md does not link to \(page)")
        }
    }

    @Test("every option in the documentation exists")
    func options() async throws {
        for page in ["README.md", "CONTRIBUTING.md"] {
            for line in try Self.read(page).split(separator: "\n") {
                guard let start = line.range(ofText: "moorage ") else { continue }
                let words = line[start...].split(separator: " ").map(String.init)
                guard words.count > 1, Self.commands.contains(words[1]) else { continue }
                let help = try await Binary.run(words[1], "--help")
                for option in words.prefix(while: { $0 != "|" && $0 != "&&" && $0 != "#" }) where option.hasPrefix("--")
                {
                    #expect(help.output.contains(option), "\(page): moorage \(words[1]) has no \(option)")
                }
            }
        }
    }

    static let commands = ["controller", "render", "validate", "crd", "sandbox", "version"]

    @Test("the README fits on one screen")
    func size() throws {
        #expect(try Self.read("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 60)
    }
}

extension Substring {
    /// The start of a text, or `nil` if it is not here.
    func range(ofText text: String) -> Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }
}
