package import CRDModels
internal import KubernetesAPI
package import MCPProtocol
internal import SupplyChain

extension RevisionContract {
    /// A contract that was stored in parts.
    ///
    /// - Throws: `DecodingError` or `JSONParseError` if the parts are not a contract.
    package init(parts: [String]) throws {
        self = try JSONValue(parsing: Array(parts.joined().utf8)).decode(RevisionContract.self)
    }

    /// The contract as the server gave it.
    ///
    /// - Throws: `JSONSyntaxError` or `MessageFieldError` if a definition is not valid.
    package var serverContract: ServerContract {
        get throws {
            func parse(_ definitions: [String]?) throws -> [RawJSON] {
                try definitions?.map { try RawJSON(parsing: $0) } ?? []
            }
            return try ServerContract([
                .tool: parse(tools?.map(\.definition)), .prompt: parse(prompts?.map(\.definition)),
                .resource: parse(resources?.map(\.definition)),
                .resourceTemplate: parse(resourceTemplates?.map(\.definition)),
            ])
        }
    }

    /// Whether its definitions are valid and have the digest that they were recorded with.
    package func isIntact(_ digest: String) -> Bool {
        (try? serverContract).map { ContractDigest.of($0.canonical) } == digest
    }

    /// Whether its definitions and its curation are what the revision was recorded with.
    package func isIntact(in revision: MCPServerRevisionSpec) -> Bool {
        guard let contract = try? serverContract else { return false }
        return ContractDigest.of(contract.canonical) == revision.contractDigest
            && ContractDigest.of(contract.canonical, curated: (tools ?? []).map(\.curated)) == revision.digest
    }
}

extension RevisionTool {
    /// What the curation says about the tool.
    var curated: CuratedTool {
        CuratedTool(
            name: name,
            isPublished: published,
            scope: scope,
            title: title,
            description: description
        )
    }
}

extension RevisionPart {
    /// The key of the ConfigMap that contains the text of a part.
    package static let dataKey = "contract"

    /// Whether a text is the one that was recorded as this part.
    package func isIntact(_ text: String) -> Bool { digest == ContractDigest.of(text) }
}

/// The digests that revisions are recorded with.
package enum ContractDigest {
    /// The digest of a contract, or of a definition of one, in canonical JSON.
    package static func of(_ value: RawJSON) -> String { "sha256:\(ContentDigest.sha256(of: value.bytes))" }

    /// The digest of a contract, in canonical JSON, with what its curation says about each tool.
    package static func of(_ contract: RawJSON, curated: [CuratedTool]) -> String {
        of(.object([("contract", contract), ("curation", .array(curated.map(\.canonical)))]))
    }

    /// The digest of a part of a contract.
    package static func of(_ text: String) -> String { "sha256:\(ContentDigest.sha256(of: text.utf8))" }
}
