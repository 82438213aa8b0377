import ArgumentParser

/// `moorage contract`.
struct ContractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract",
        abstract: "Read and compare what MCP servers offer.",
        discussion: """
            The contract of a server is what clients and models act on: of each tool, prompt, resource and resource \
            template the name, title, description, schemas and annotations, in canonical JSON (RFC 8785). Equal contracts \
            are equal texts.
            """,
        subcommands: [ContractReadCommand.self, ContractDiffCommand.self]
    )
}
