import AdapterCommand
import ArgumentParser
import CommandSupport

/// `moorage-adapter`: the adapter for stdio alone, small, and linked statically so that it runs in any image.
struct MoorageAdapter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moorage-adapter",
        abstract: "Serves a command that speaks MCP on its standard input and output over HTTP, in any image.",
        version: MoorageVersion.current.version,
        subcommands: [AdaptCommand.self, InstallCommand.self]
    )
}

@main
enum Main {
    static func main() async {
        EventLoops.useOne()
        await CommandRunner.main(MoorageAdapter.self)
    }
}
