import CRDModels
import MCPProtocol
import Testing

@testable import Policy

@Suite("Curation") struct CurationTests {
    private func contract(_ tools: (String, Bool?)...) throws -> ServerContract {
        try ServerContract([
            .tool: tools.map { name, isReadOnly in
                var tool: RawJSON = ["name": .string(name), "inputSchema": ["type": "object"]]
                if let isReadOnly { tool = tool.setting("annotations", to: ["readOnlyHint": .bool(isReadOnly)]) }
                return tool
            }
        ])
    }

    private func published(_ spec: MCPServerSpec, _ contract: ServerContract) -> [String] {
        Curation(spec).apply(to: contract).filter(\.isPublished).map(\.name)
    }

    @Test("without a curation, every tool is published")
    func none() throws {
        let curation = Curation(MCPServerSpec())
        #expect(!curation.isDeclared)
        #expect(published(MCPServerSpec(), try contract(("read", true), ("write", nil))) == ["read", "write"])
    }

    @Test("an entry decides before the default, and an entry that says nothing follows the default")
    func defaults() throws {
        let tools = [
            ToolCuration(name: "a", enabled: true), ToolCuration(name: "b"), ToolCuration(name: "c", enabled: false),
        ]
        let contract = try contract(("a", nil), ("b", nil), ("c", nil), ("d", nil))
        let closed = MCPServerSpec(tools: tools, toolPolicy: ToolPolicy(default: .disabled))
        #expect(published(closed, contract) == ["a"])
        let open = MCPServerSpec(tools: tools, toolPolicy: ToolPolicy(default: .enabled))
        #expect(published(open, contract) == ["a", "b", "d"])
    }

    @Test("a tool that can change something needs a scope, even if an entry enables it, where scopes are required")
    func scopes() throws {
        let spec = MCPServerSpec(
            tools: [ToolCuration(name: "delete", enabled: true), ToolCuration(name: "put", scope: "files:write")],
            toolPolicy: ToolPolicy(requireScopeForWrites: true)
        )
        let contract = try contract(("delete", false), ("get", true), ("move", nil), ("put", nil))
        #expect(published(spec, contract) == ["get", "put"])
        let curation = Curation(spec)
        #expect(
            curation.warnings(about: curation.apply(to: contract)) == [
                "not published because they can change something and have no scope: \"delete\", \"move\""
            ]
        )
    }

    @Test(
        "a name that no tool has is a warning with the nearest name",
        arguments: [
            ("serach", "search"), ("search_", "search"), ("Search", "search"), ("forcast", "forecast"), ("xyz", nil),
            ("se", nil),
        ] as [(String, String?)]
    )
    func nearest(wrong: String, right: String?) throws {
        let curation = Curation(MCPServerSpec(tools: [ToolCuration(name: wrong, enabled: true)]))
        let tools = curation.apply(to: try contract(("search", nil), ("forecast", nil)))
        let hint = right.map { ": did you mean \"\($0)\"?" } ?? ""
        #expect(
            curation.warnings(about: tools)
                == ["spec.tools names \"\(wrong)\", which the server does not offer\(hint)"]
        )
    }

    @Test("many wrong names are counted")
    func many() throws {
        let spec = MCPServerSpec(tools: (0..<40).map { ToolCuration(name: "wrong-\($0)") })
        let warnings = Curation(spec).warnings(about: [])
        #expect(warnings.count == 17)
        #expect(warnings.last == "spec.tools has 24 more names that the server does not offer")
    }

    @Test("names are compared by bytes, and nothing of a server's names acts on a terminal")
    func bytes() throws {
        let spec = MCPServerSpec(tools: [ToolCuration(name: "caf\u{E9}", enabled: false)])
        let contract = try contract(("cafe\u{301}", nil))
        #expect(published(spec, contract).count == 1, "another spelling is another tool")
        #expect(Words.quoted("a\u{1B}[31m\u{202E}b\n") == "\"a[31mb\"")
        #expect(Words.quoted(String(repeating: "x", count: 500)).count == 123)
    }

    @Test("the order of entries and entries without effect do not matter; everything else does")
    func canonical() {
        let a = ToolCuration(name: "a", enabled: true)
        let b = ToolCuration(name: "b", scope: "x")
        let base = Curation(MCPServerSpec(tools: [a, b])).canonical
        #expect(Curation(MCPServerSpec(tools: [b, ToolCuration(name: "c"), a])).canonical == base)
        #expect(
            Curation(
                MCPServerSpec(tools: [a, b], toolPolicy: ToolPolicy(default: .enabled, requireScopeForWrites: false))
            )
            .canonical == base
        )
        for other in [
            MCPServerSpec(tools: [a]), MCPServerSpec(tools: [a, ToolCuration(name: "b", scope: "y")]),
            MCPServerSpec(tools: [a, ToolCuration(name: "b", title: "x")]),
            MCPServerSpec(tools: [a, ToolCuration(name: "b", description: "x")]),
            MCPServerSpec(tools: [ToolCuration(name: "a", enabled: false), b]),
            MCPServerSpec(tools: [a, b], toolPolicy: ToolPolicy(default: .disabled)),
            MCPServerSpec(tools: [a, b], toolPolicy: ToolPolicy(requireScopeForWrites: true)),
        ] {
            #expect(Curation(other).canonical != base)
        }
    }
}
