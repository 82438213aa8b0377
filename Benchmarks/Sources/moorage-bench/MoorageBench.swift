import ArgumentParser

/// Measures Moorage. Each figure is shown with a reference that is measured in the same run.
@main
struct MoorageBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moorage-bench",
        abstract: "Measure Moorage against references.",
        subcommands: [
            ConvergeCommand.self, RestartCommand.self, RenderCommand.self, ContractCommand.self, IsolationCommand.self,
            VerificationCommand.self,
            ServeSandboxCommand.self, GuardedGatewayCommand.self,
            MeasureConvergeCommand.self, MeasureRestartCommand.self, MeasureRenderCommand.self,
        ]
    )
}

/// The API server to use.
struct ClusterOptions: ParsableArguments {
    @Option(help: "The kubeconfig of a real cluster; without it a sandbox is started in a process of its own.")
    var kubeconfig: String?

    @Option(help: .hidden)
    var server: String?
}

/// An error that prevents a benchmark.
struct BenchmarkFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
