internal import CRDModels
internal import KubernetesAPI
internal import MCPProtocol
internal import Policy

/// The content of a revision: the contract with its curation, as it is stored. Pure.
struct RevisionContent: Sendable {
    /// The largest contract that a revision holds itself, in bytes of JSON. Objects in etcd have at most 1.5 MiB.
    static let maximumInline = 700 << 10
    /// The largest part, in bytes. A ConfigMap has at most 1 MiB.
    static let maximumPart = 700 << 10
    /// The largest contract that is stored at all, in bytes of JSON: no server may fill the cluster's storage.
    static let maximumTotal = 8 << 20

    /// The contract.
    let contract: RevisionContract
    /// Its digest, with the curation.
    let digest: String
    /// How many items there are.
    let counts: RevisionCounts
    /// What is wrong with the curation.
    let warnings: [String]

    init(_ contract: ServerContract, curation: Curation) {
        let curated = curation.apply(to: contract)
        let tools = zip(contract.items.lazy.filter { $0.kind == .tool }, curated).map { item, tool in
            RevisionTool(
                name: item.identity,
                definition: item.canonical.text,
                digest: ContractDigest.of(item.canonical),
                published: tool.isPublished,
                scope: tool.scope,
                title: tool.title,
                description: tool.description
            )
        }
        func items(_ kind: ServerContract.Kind) -> [RevisionItem]? {
            let items = contract.items.filter { $0.kind == kind }.map { item in
                RevisionItem(
                    identity: item.identity,
                    definition: item.canonical.text,
                    digest: ContractDigest.of(item.canonical)
                )
            }
            return items.isEmpty ? nil : items
        }
        self.contract = RevisionContract(
            tools: tools.isEmpty ? nil : tools,
            prompts: items(.prompt),
            resources: items(.resource),
            resourceTemplates: items(.resourceTemplate)
        )
        digest = ContractDigest.of(contract.canonical, curated: curated)
        counts = RevisionCounts(
            tools: tools.count,
            publishedTools: tools.count { $0.published },
            prompts: self.contract.prompts?.count ?? 0,
            resources: self.contract.resources?.count ?? 0,
            resourceTemplates: self.contract.resourceTemplates?.count ?? 0
        )
        warnings = curation.warnings(about: curated)
    }

    /// The revision as it is created, and the ConfigMaps with its parts, if it is too large for one object.
    ///
    /// A contract is split and not compressed: parts need no code that readers without ours would have to repeat, and there
    /// is no compression among the dependencies.
    ///
    /// - Throws: a problem in words, if the contract is too large to be stored.
    func stored(
        as target: RevisionTarget,
        provenance: RevisionProvenance
    ) throws(RevisionTooLarge) -> (spec: MCPServerRevisionSpec, parts: [String]) {
        let bytes = ((try? JSONValue(encoding: contract)) ?? [:]).serialized()
        guard bytes.count <= Self.maximumTotal else { throw RevisionTooLarge(bytes: bytes.count) }
        var spec = MCPServerRevisionSpec(
            server: target.server,
            image: target.image,
            digest: digest,
            contractDigest: target.contractDigest,
            counts: counts,
            provenance: provenance,
            template: target.template
        )
        guard bytes.count + target.template.spec.serialized().count > Self.maximumInline else {
            spec.contract = contract
            return (spec, [])
        }
        let parts = Self.parts(bytes, maximum: Self.maximumPart)
        spec.parts = parts.enumerated().map { index, part in
            RevisionPart(
                name: Self.partName(index, of: target.name),
                digest: ContractDigest.of(part)
            )
        }
        return (spec, parts)
    }

    /// The name of the ConfigMap with a part.
    static func partName(_ index: Int, of revision: String) -> String { "\(revision)-\(index)" }

    /// Splits UTF-8 between characters.
    static func parts(_ bytes: [UInt8], maximum: Int) -> [String] {
        var parts: [String] = []
        var start = 0
        while start < bytes.count {
            var end = min(start + max(4, maximum), bytes.count)
            // Not before a byte that continues a character.
            while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            parts.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return parts
    }
}

/// A contract that is too large to be stored.
struct RevisionTooLarge: Error, Hashable {
    /// Its size, as JSON.
    var bytes: Int
}
