package import CRDModels
internal import KubernetesAPI
package import MCPProtocol

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
}
