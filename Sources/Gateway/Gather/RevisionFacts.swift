package import CRDModels
package import KubernetesAPI
internal import MCPProtocol
internal import Policy

/// What is kept of an `MCPServerRevision`: whether it may serve, and what it publishes. Pure.
package struct RevisionFacts: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// The name of the server.
    package var server: String
    /// The UID of the server that owns the revision.
    package var serverUID: String?
    /// Whether it may serve: by policy, or because somebody approved it.
    package var isAdmitted: Bool
    /// The path of the endpoint of the pods that offered it; `nil` if that is not recorded.
    package var path: String?
    /// What it publishes of its tools; `nil` if that is not known.
    package var catalogue: Catalogue?
    /// The names of its prompts.
    package var prompts: [String] = []
    /// Why what it publishes is not known.
    package var problem: String?
    /// The version that the server gave itself.
    package var version: String?
    /// When it was recorded.
    package var recorded: Timestamp?

    /// - Parameters:
    ///   - revision: a revision.
    ///   - contract: its contract, from the revision itself or from its parts; `nil` if parts are missing.
    package init(_ revision: MCPServerRevision, contract: RevisionContract?) {
        name = revision.metadata.name ?? ""
        server = revision.spec.server
        serverUID = revision.metadata.controllerReference?.uid
        isAdmitted = ReviewedRevision(revision).standing.admits
        path = revision.spec.template.flatMap { Self.path(in: $0) }
        version = revision.spec.provenance.serverVersion
        recorded = revision.spec.provenance.time
        do {
            catalogue = try Self.catalogue(contract, revision.spec)
            prompts = (contract?.prompts ?? []).map(\.identity)
        } catch let error as Unusable {
            problem = error.description
        } catch {
            problem = "a tool of it is not valid: \(error)"
        }
    }

    /// A revision that does not exist, or cannot be read.
    package init(server: String, problem: String) {
        name = ""
        self.server = server
        isAdmitted = false
        self.problem = problem
    }

    private struct Unusable: Error {
        var description: String
    }

    private static func path(in template: RevisionTemplate) -> String? {
        if let path = template.spec["path"] { return path.stringValue }
        guard let transport = template.spec["transport"] else {
            return EffectiveSettings.defaultPath(.streamableHTTP)
        }
        return transport.stringValue.flatMap(Transport.init(rawValue:)).map(EffectiveSettings.defaultPath)
    }

    private static func catalogue(_ contract: RevisionContract?, _ spec: MCPServerRevisionSpec) throws -> Catalogue {
        guard let contract else { throw Unusable(description: "a part of its contract is missing or was changed") }
        guard contract.isIntact(in: spec) else {
            throw Unusable(
                description: "its contract does not have the digest \(spec.digest) that it was recorded with"
            )
        }
        return Catalogue(
            try (contract.tools ?? []).filter(\.published).map { tool in
                let entry = try Catalogue.Entry(
                    definition: RawJSON(parsing: tool.definition),
                    title: tool.title,
                    description: tool.description,
                    requiredScopes: Set([tool.scope].compactMap { $0 })
                )
                // The curation is of the name beside the definition.
                guard entry.originalName.utf8.elementsEqual(tool.name.utf8) else {
                    throw Unusable(description: "a tool of it has two names, \(tool.name) and \(entry.originalName)")
                }
                return entry
            },
            revisionDigest: spec.digest
        )
    }
}
