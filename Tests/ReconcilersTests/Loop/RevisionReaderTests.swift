import CRDModels
import KubernetesAPI
import MCPProtocol
import SupplyChain
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Reading the contract of a revision")
struct RevisionReaderTests {
    /// A revision and its parts, as a cluster has them.
    private static func objects(tools: Int) throws -> (contract: ServerContract, objects: [ObjectReference: JSONValue])
    {
        let definitions = try (0..<tools).map { number in
            try RawJSON(
                parsing: #"{"name":"t\#(number)","description":"\#(String(repeating: "x", count: 1_000))","#
                    + #""inputSchema":{"type":"object"}}"#
            )
        }
        let contract = try ServerContract([.tool: definitions])
        let content = RevisionContent(contract, curation: Curation(MCPServerSpec()))
        var spec = MCPServerRevisionSpec(
            server: "hello",
            image: RevisionImage(image: "registry.example/x@sha256:\(String(repeating: "a", count: 64))"),
            digest: content.digest,
            contractDigest: ContractDigest.of(contract.canonical),
            counts: content.counts,
            provenance: RevisionProvenance(time: Timestamp(secondsSinceEpoch: 1), pod: "p")
        )
        let bytes = try JSONValue(encoding: content.contract).serialized()
        let parts = tools == 1 ? [] : RevisionContent.parts(bytes, maximum: 500_000)
        if parts.isEmpty {
            spec.contract = content.contract
        } else {
            spec.parts = parts.enumerated().map { index, part in
                RevisionPart(name: "r-\(index)", digest: "sha256:\(ContentDigest.sha256(of: part.utf8))")
            }
        }
        var objects: [ObjectReference: JSONValue] = [
            ObjectReference(type: MCPServerRevision.resourceType, namespace: "n", name: "r"): [
                "spec": try JSONValue(encoding: spec)
            ]
        ]
        for (part, text) in zip(spec.parts ?? [], parts) {
            objects[ObjectReference(type: .configMap, namespace: "n", name: part.name)] = [
                "data": [RevisionPart.dataKey: .string(text)]
            ]
        }
        return (contract, objects)
    }

    @Test("a contract is read from the revision, or from all of its parts", arguments: [1, 2_000])
    func whole(tools: Int) async throws {
        let (contract, objects) = try Self.objects(tools: tools)
        #expect((objects.count > 1) == (tools > 1))
        let read = try await RevisionReader { objects[$0] }.contract(namespace: "n", name: "r")
        #expect(read == contract)
    }

    private static func failure(_ objects: [ObjectReference: JSONValue]) async throws -> String {
        do {
            _ = try await RevisionReader { objects[$0] }.contract(namespace: "n", name: "r")
            return ""
        } catch let failure as RevisionReader.Failure {
            return failure.description
        }
    }

    @Test("what is missing or was changed is named")
    func failures() async throws {
        #expect(try await Self.failure([:]) == "MCPServerRevision n/r does not exist")
        let objects = try Self.objects(tools: 2_000).objects
        let part = try #require(objects.keys.filter { $0.type == .configMap }.max { $0.name < $1.name })
        var missing = objects
        missing[part] = nil
        #expect(
            try await Self.failure(missing)
                == "MCPServerRevision n/r: the ConfigMap n/\(part.name) with a part of its contract does not exist"
        )
        var changed = objects
        changed[part] = ["data": [RevisionPart.dataKey: "[]"]]
        #expect(
            try await Self.failure(changed)
                == "MCPServerRevision n/r: the ConfigMap n/\(part.name) with a part of its contract was changed"
        )
        var (_, inline) = try Self.objects(tools: 1)
        let revision = try #require(inline.keys.first)
        inline[revision]?[path: ["spec", "contractDigest"]] = "sha256:0"
        #expect(try await Self.failure(inline).contains("does not have the digest sha256:0"))
        inline[revision]?[path: ["spec", "contract"]] = nil
        #expect(try await Self.failure(inline) == "MCPServerRevision n/r: it has no contract that can be read")
    }
}
