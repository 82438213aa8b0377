import CRDModels
import KubernetesAPI
import MCPProtocol
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Revisions") struct RevisionTests {
    private static func contract(_ tools: [RawJSON], prompts: [RawJSON] = []) throws -> ServerContract {
        try ServerContract([.tool: tools, .prompt: prompts])
    }

    private static func tool(_ name: String, _ description: String = "") -> RawJSON {
        ["name": .string(name), "description": .string(description), "inputSchema": ["type": "object"]]
    }

    private static let contractDigest = "sha256:" + String(repeating: "1", count: 64)

    private func checked(
        _ contract: String = contractDigest,
        image: String? = Sample.image,
        template: String? = "t1"
    ) -> ServerProtocolStatus {
        ServerProtocolStatus(contractDigest: contract, image: image, podTemplateHash: template)
    }

    private func target(_ checked: ServerProtocolStatus) throws -> RevisionTarget {
        try target(Sample.server(), checked)
    }

    private func target(_ server: MCPServer, _ checked: ServerProtocolStatus) throws -> RevisionTarget {
        try #require(
            RevisionTarget(
                server: server,
                template: ReviewedSpec.template(of: server.spec, image: Sample.image),
                checked: checked
            )
        )
    }

    private func serving(_ target: RevisionTarget, drift: ContractDrift? = nil) -> ServingRevision {
        ServingRevision(
            name: target.name,
            contractDigest: target.contractDigest,
            image: target.image.reference,
            podTemplateHash: target.podTemplateHash,
            tools: 1,
            publishedTools: 1,
            drift: drift
        )
    }

    // MARK: Names

    @Test("the name depends on the image, the contract and the curation, and on nothing else")
    func names() throws {
        let base = try target(checked())
        #expect(base.name.hasPrefix("weather-") && base.name.utf8.count == "weather-".utf8.count + 10)
        #expect(base.image.digest == Sample.digest)
        var same = checked(template: "t2")
        same.pod = "another"
        same.serverVersion = "2"
        let scaled = Sample.server { $0.replicas = 3 }
        #expect(try target(scaled, same).name == base.name)
        let curated = Sample.server { $0.tools = [ToolCuration(name: "a", enabled: false)] }
        let limited = Sample.server { $0.tools = [ToolCuration(name: "a", callsPerMinute: 5)] }
        #expect(try target(limited, checked()).name == base.name)
        let both = Sample.server { $0.tools = [ToolCuration(name: "a", enabled: false, callsPerMinute: 5)] }
        #expect(try target(both, checked()).name == target(curated, checked()).name)
        let others = [
            try target(curated, checked()), try target(checked(image: "ghcr.io/acme/weather:2")),
            try target(checked("sha256:" + String(repeating: "2", count: 64))),
        ]
        #expect(Set(others.map(\.name) + [base.name]).count == 4)
    }

    @Test("pods that were of another template cannot be of the rendered one")
    func podsOfAnotherTemplate() throws {
        let target = try target(checked(template: "t1"))
        var known = ServingRevision(
            name: "weather-1",
            contractDigest: "sha256:1",
            image: Sample.image,
            podTemplateHash: "t1",
            podTemplate: RevisionTarget.digest(ofPodTemplate: "one"),
            tools: 1,
            publishedTools: 1
        )
        #expect(target.canBe(of: "one", known) && target.canBe(of: "two", nil))
        #expect(!target.canBe(of: "two", known))
        known.podTemplateHash = "t0"
        #expect(target.canBe(of: "two", known))
        known.podTemplateHash = "t1"
        known.podTemplate = nil
        #expect(target.canBe(of: "two", known))
    }

    @Test("the digest of the pod template is made again only where the pods may be of another template")
    func podTemplateDigest() throws {
        let digest = RevisionTarget.digest(ofPodTemplate: "rendered")
        let target = try target(checked(template: "t1"))
        var known = serving(target)
        known.template = target.template.digest
        // A value that is no digest of anything shows that it was kept.
        known.podTemplate = "kept"
        #expect(target.unchanged(known, podTemplate: "rendered")?.podTemplate == "kept")
        for change in [
            { (known: inout ServingRevision) in known.podTemplate = nil }, { $0.template = "another" },
            { $0.template = nil }, { $0.podTemplateHash = "t0" }, { $0.image = "ghcr.io/acme/weather:2" },
        ] {
            var changed = known
            change(&changed)
            #expect(target.unchanged(changed, podTemplate: "rendered")?.podTemplate == digest)
        }
        // Nothing is known of the pods' template.
        let unknown = try self.target(checked(template: nil))
        var without = known
        without.podTemplateHash = nil
        #expect(unknown.unchanged(without, podTemplate: "rendered")?.podTemplate == digest)
    }

    @Test("a check without a contract or an image has no revision")
    func noTarget() {
        let template = ReviewedSpec.template(of: Sample.server().spec, image: Sample.image)
        #expect(
            RevisionTarget(
                server: Sample.server(),
                template: template,
                checked: ServerProtocolStatus(image: Sample.image)
            ) == nil
        )
        #expect(RevisionTarget(server: Sample.server(), template: template, checked: checked(image: nil)) == nil)
    }

    // MARK: Drift

    @Test("another contract of the same pods has drifted; of another image or template it has not")
    func drift() throws {
        let first = try target(checked())
        let known = serving(first)
        #expect(first.origin(known) == nil)
        #expect(first.origin(nil) == nil)
        let other = "sha256:" + String(repeating: "2", count: 64)
        let drifted = try target(checked(other))
        #expect(drifted.origin(known)?.revision == first.name)
        #expect(drifted.origin(known)?.contractDigest == first.contractDigest)
        #expect(try target(checked(other, template: "t2")).origin(known) == nil)
        #expect(try target(checked(other, image: "ghcr.io/acme/weather:2")).origin(known) == nil)
    }

    @Test("a second drift is compared with what the pods offered first, and ends when they offer that again")
    func secondDrift() throws {
        let first = try target(checked())
        let second = try target(checked("sha256:" + String(repeating: "2", count: 64)))
        let third = try target(checked("sha256:" + String(repeating: "3", count: 64)))
        let drift = ContractDrift(from: first.name, contractDigest: first.contractDigest, difference: ["x"])
        let known = serving(second, drift: drift)
        #expect(third.origin(known)?.revision == first.name)
        #expect(first.origin(known) == nil)
        #expect(second.unchanged(known, podTemplate: "p")?.drift == drift)
        #expect(third.unchanged(known, podTemplate: "p") == nil)
    }

    @Test("new pods with the same contract are no drift any more")
    func acceptedDrift() throws {
        let second = try target(checked("sha256:" + String(repeating: "2", count: 64)))
        let known = serving(second, drift: ContractDrift(from: "a", contractDigest: "b", difference: []))
        let restarted = try target(checked("sha256:" + String(repeating: "2", count: 64), template: "t2"))
        let now = try #require(restarted.unchanged(known, podTemplate: "p"))
        #expect(now.drift == nil && now.podTemplateHash == "t2" && now.name == known.name)
    }

    // MARK: Content

    @Test("a revision has each definition with its digest, and comes back as the same contract")
    func content() throws {
        let contract = try Self.contract(
            [Self.tool("b"), Self.tool("a", "caf\u{E9} \u{1F600}")],
            prompts: [["name": "p", "arguments": [["name": "x"]]]]
        )
        let curation = Curation(MCPServerSpec(tools: [ToolCuration(name: "b", enabled: false, title: "B", scope: "s")]))
        let content = RevisionContent(contract, curation: curation)
        #expect(
            content.counts
                == RevisionCounts(tools: 2, publishedTools: 1, prompts: 1, resources: 0, resourceTemplates: 0)
        )
        let tools = try #require(content.contract.tools)
        #expect(tools.map(\.name) == ["a", "b"])
        #expect(tools[1].published == false && tools[1].scope == "s" && tools[1].title == "B")
        #expect(
            tools[1].digest == ContractDigest.of(try RawJSON(parsing: tools[1].definition).canonical()),
            "the digest is that of the definition"
        )
        #expect(try content.contract.serverContract == contract)
        #expect(RevisionContent(contract, curation: Curation(MCPServerSpec())).digest != content.digest)
    }

    @Test(
        "a contract of 500 tools fits into one object; a larger one is split, and comes back complete",
        arguments: [500, 3_000]
    )
    func size(tools: Int) throws {
        let contract = try Self.contract(
            (0..<tools).map { Self.tool("tool-\($0)", String(repeating: "\u{E9}\u{1F600}x", count: 60)) }
        )
        let content = RevisionContent(contract, curation: Curation(MCPServerSpec()))
        let target = try target(checked(ContractDigest.of(contract.canonical)))
        let (spec, parts) = try content.stored(
            as: target,
            provenance: RevisionProvenance(time: Timestamp(secondsSinceEpoch: 1), pod: "p")
        )
        let size = try JSONValue(encoding: content.contract).serialized().count
        #expect((size > RevisionContent.maximumInline) == (tools == 3_000), "\(size)")
        if tools == 500 {
            #expect(parts.isEmpty && spec.parts == nil && spec.contract?.tools?.count == 500)
        } else {
            #expect(parts.count > 1 && spec.contract == nil)
            #expect(spec.parts?.map(\.name) == parts.indices.map { "\(target.name)-\($0)" })
            #expect(parts.allSatisfy { $0.utf8.count <= RevisionContent.maximumPart })
            #expect(try RevisionContract(parts: parts).serverContract == contract)
            #expect(throws: (any Error).self) { try RevisionContract(parts: Array(parts.dropLast())) }
        }
        var object = try JSONValue(encoding: MCPServerRevision(metadata: ObjectMeta(name: "x"), spec: spec))
        #expect(MCPServerRevision.schema.validate(object) == [])
        #expect(MCPServerRevision.schema.prune(&object).isEmpty)
    }

    @Test("a split is between characters, and nothing is lost", arguments: 4...9)
    func split(maximum: Int) {
        let text = "a\u{E9}\u{20AC}\u{1F600}\u{1F600}bc\u{E9}"
        let parts = RevisionContent.parts(Array(text.utf8), maximum: maximum)
        #expect(parts.joined().utf8.elementsEqual(text.utf8))
        #expect(parts.allSatisfy { $0.utf8.count <= maximum && !$0.isEmpty })
    }

    @Test("a contract over the limit is refused with its size, and not cut")
    func tooLarge() throws {
        let contract = try Self.contract((0..<10).map { Self.tool("t\($0)", String(repeating: "x", count: 1 << 20)) })
        let content = RevisionContent(contract, curation: Curation(MCPServerSpec()))
        let target = try target(checked())
        let provenance = RevisionProvenance(time: Timestamp(secondsSinceEpoch: 1), pod: "p")
        let error = #expect(throws: RevisionTooLarge.self) { try content.stored(as: target, provenance: provenance) }
        #expect((error?.bytes ?? 0) > 10 << 20)
    }

    // MARK: Differences

    @Test("differences name the items, their fields and the curation")
    func differences() throws {
        let old = RevisionContent(
            try Self.contract([Self.tool("a", "x"), Self.tool("b"), Self.tool("c")]),
            curation: Curation(MCPServerSpec())
        ).contract
        let new = RevisionContent(
            try Self.contract([Self.tool("a", "y"), Self.tool("c"), Self.tool("d")]),
            curation: Curation(MCPServerSpec(tools: [ToolCuration(name: "c", enabled: false, scope: "s")]))
        ).contract
        #expect(
            try RevisionDifference.lines(from: old, to: new) == [
                "tool \"a\" was changed: description", "tool \"b\" was removed", "tool \"d\" was added",
                "tool \"c\" is no longer published", "tool \"c\": its scope is \"s\", before none",
            ]
        )
        #expect(try RevisionDifference.lines(from: old, to: old) == [])
    }

    @Test("many differences are counted, and every line fits the schema")
    func manyDifferences() throws {
        let name = String(repeating: "\u{202E}n", count: 300)
        let old = RevisionContent(try Self.contract([]), curation: Curation(MCPServerSpec())).contract
        let new = RevisionContent(
            try Self.contract((0..<100).map { Self.tool("\(name)\($0)") }),
            curation: Curation(MCPServerSpec())
        ).contract
        let lines = try RevisionDifference.lines(from: old, to: new)
        #expect(lines.count == RevisionDifference.maximumLines)
        #expect(lines.last == "and 69 more differences")
        let status = MCPServerRevisionStatus(state: .serving, difference: lines)
        #expect(MCPServerRevisionStatus.schema.validate(try JSONValue(encoding: status)) == [])
        #expect(!lines.joined().unicodeScalars.contains("\u{202E}"))
    }

    // MARK: History

    @Test("the oldest revisions beyond the limit are deleted, never those that are needed")
    func history() {
        let entries = (0..<15).map {
            RevisionHistory.Entry(name: "r\($0)", creationTimestamp: Timestamp(secondsSinceEpoch: Int64($0)))
        }
        #expect(RevisionHistory.expired(entries, keeping: ["r14"], limit: nil) == ["r0", "r1", "r2", "r3"])
        #expect(RevisionHistory.expired(entries, keeping: ["r0"], limit: 12) == ["r1", "r2"])
        #expect(RevisionHistory.expired(entries, keeping: ["r3"], limit: 0).count == 14)
        #expect(RevisionHistory.expired(entries, keeping: [], limit: 100) == [])
    }

    // MARK: Memory

    @Test("contracts that are not stored yet are bounded, one for each server")
    func inbox() throws {
        let small = try Self.contract([Self.tool("a", String(repeating: "x", count: 400))])
        let inbox = ContractInbox(maximumBytes: 1_000)
        let servers = (0..<3).map { NamespacedName(namespace: "n", name: "s\($0)") }
        for server in servers { inbox.put(small, digest: "d", of: server) }
        #expect(servers.map(inbox.hasContract) == [true, true, false])
        inbox.put(small, digest: "e", of: servers[0])
        #expect(inbox.contract(of: servers[0], digest: "d") == nil)
        #expect(inbox.contract(of: servers[0], digest: "e") == small)
        inbox.remove(servers[0], digest: "d")
        #expect(inbox.hasContract(of: servers[0]), "something else was read meanwhile")
        inbox.remove(servers[0], digest: "e")
        inbox.put(small, digest: "d", of: servers[2])
        #expect(inbox.contract(of: servers[2], digest: "d") == small)
        let one = ContractInbox(maximumBytes: 1)
        one.put(small, digest: "d", of: servers[0])
        #expect(one.hasContract(of: servers[0]), "a single contract is always accepted")
    }
}
