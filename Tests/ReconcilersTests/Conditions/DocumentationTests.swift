import Foundation
import Policy
import Reconcilers
import Testing

@Suite("docs/conditions.md")
struct DocumentationTests {
    @Test("is up to date with the reasons")
    func page() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/conditions.md")
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(committed == Reason.page, "docs/conditions.md is out of date: run `make generate`")
    }
}
