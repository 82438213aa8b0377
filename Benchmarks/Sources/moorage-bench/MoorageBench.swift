import ArgumentParser

/// Measures Moorage, each figure beside a reference that is measured in the same run.
@main
struct MoorageBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moorage-bench",
        abstract: "Measure Moorage against references.",
        subcommands: [
            ConvergeCommand.self, RestartCommand.self, RenderCommand.self, ServeSandboxCommand.self,
            MeasureConvergeCommand.self, MeasureRestartCommand.self, MeasureRenderCommand.self,
        ]
    )
}

/// Where the API server is.
struct ClusterOptions: ParsableArguments {
    @Option(help: "The kubeconfig of a real cluster; without it a sandbox is started in a process of its own.")
    var kubeconfig: String?

    @Option(help: .hidden)
    var server: String?
}

/// A benchmark could not be carried out.
struct BenchmarkFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
