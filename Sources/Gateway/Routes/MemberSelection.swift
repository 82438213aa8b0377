internal import MCPProtocol
package import Policy

/// What a virtual server publishes of one of its servers, and under which names. Pure.
public struct MemberSelection: Sendable, Hashable {
    /// The contract that is published; `nil` if nobody records what the server offers.
    let catalogue: Catalogue?
    /// Whether tools that have no name here are published, with the prefix.
    let publishesOthers: Bool
    private let tools: Names
    private let prompts: Names

    /// Names of tools or prompts, by bytes: strings take different spellings of a character for the same.
    private struct Names: Sendable, Hashable {
        var items: [[UInt8]: VirtualServerPlan.Item] = [:]
        var originals: [[UInt8]: String] = [:]

        init(_ items: [VirtualServerPlan.Item]) {
            for item in items {
                self.items[Array(item.original.utf8)] = item
                originals[Array(item.name.utf8)] = item.original
            }
        }
    }

    package init(_ member: VirtualServerPlan.Member, catalogue: Catalogue?) {
        self.catalogue = catalogue
        publishesOthers = member.publishesOthers
        tools = Names(member.tools)
        prompts = Names(member.prompts)
    }

    /// The published name of a tool or prompt; `nil` if it has none here.
    func name(of kind: NamedPart, _ original: String) -> String? { names(kind).items[Array(original.utf8)]?.name }

    /// The server's own name of what is published under a name; `nil` if that is not here.
    func original(of kind: NamedPart, _ name: String) -> String? { names(kind).originals[Array(name.utf8)] }

    /// A tool with the title and the description that the virtual server gives it.
    func described(_ tool: RawJSON, original: String) -> RawJSON {
        let item = tools.items[Array(original.utf8)]
        var tool = tool
        if let title = item?.title { tool = tool.setting("title", to: .string(title)) }
        if let description = item?.description { tool = tool.setting("description", to: .string(description)) }
        return tool
    }

    private func names(_ kind: NamedPart) -> Names { kind == .tool ? tools : prompts }
}

/// What a server offers by name.
public enum NamedPart: Sendable, Hashable {
    case tool
    case prompt
}
