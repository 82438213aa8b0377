import ArgumentParser
import CommandSupport
import KubernetesAPI

/// How the facts of a command are written.
struct FactOutputOptions: ParsableArguments {
    /// A format of data.
    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text
        case json
        case yaml
    }

    @Option(name: .shortAndLong, help: "The output format; json and yaml have the same facts as data.")
    var output = Format.text

    /// Writes facts to standard output.
    func write(_ json: @autoclosure () -> JSONValue, text: (Console) -> String) {
        let console = Console.standard
        switch output {
        case .text: console.output(text(console))
        case .json: console.output(RenderedOutput(format: .json).text([json()]))
        case .yaml: console.output(RenderedOutput(format: .yaml).text([json()]))
        }
    }
}
