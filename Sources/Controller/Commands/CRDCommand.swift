import CommandSupport
import ArgumentParser
import CRDModels
import Dashboards
import FoundationEssentials
import KubernetesAPI
import Policy
import Reconcilers

/// `moorage crd`.
struct CRDCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crd",
        abstract: "Print the CustomResourceDefinitions of Moorage's kinds.",
        discussion: """
            Examples:
              moorage crd | kubectl apply --server-side -f -
              moorage crd --output-dir config/crd
            """
    )

    @Option(name: .shortAndLong, help: "The output format.")
    var output: RenderedOutput.Format = .yaml

    @Option(
        help: ArgumentHelp(
            "Write a file for each definition, and the kustomization that lists them, instead of standard output.",
            valueName: "dir"
        ),
        completion: .directory
    )
    var outputDir: String?

    func run() throws {
        guard let outputDir else {
            Console.standard.output(RenderedOutput(format: output).text(CustomResourceDefinitions.all))
            return
        }
        try GeneratedFiles.write(CustomResourceDefinitions.files, to: outputDir)
    }
}

/// `moorage generate`, which only `make generate` uses.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write the files that are generated from the code.",
        shouldDisplay: false,
        subcommands: [Docs.self, Chart.self, DashboardsAndRules.self]
    )

    /// `moorage generate docs`.
    struct Docs: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write api.md, from the types, conditions.md, from the reasons, and alerts.md, from the alerts."
        )

        @Option(help: ArgumentHelp("The output directory.", valueName: "dir"), completion: .directory)
        var outputDir = "docs"

        func run() throws {
            try GeneratedFiles.write(GeneratedFiles.documentation, to: outputDir)
        }
    }

    /// `moorage generate chart`.
    struct Chart: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: """
                Write the chart's CustomResourceDefinitions, its admission policies, and the parts of its values schema \
                that come from the API.
                """
        )

        @Option(help: ArgumentHelp("The directory of the chart.", valueName: "dir"), completion: .directory)
        var outputDir = "charts/moorage"

        func run() throws {
            let path = "\(outputDir)/\(ChartFiles.schemaName)"
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw CommandFailure("\(path): no such file; set the directory of the chart with --output-dir")
            }
            let current: JSONValue
            do {
                current = try JSONValue(parsing: Array(bytes))
            } catch {
                throw CommandFailure("\(path): \(error)")
            }
            try GeneratedFiles.write(
                ChartFiles.definitions + AdmissionPolicies.chartTemplates
                    + [(ChartFiles.schemaName, ChartFiles.schema(from: current))],
                to: outputDir
            )
        }
    }
}

/// Files that are generated from the code and committed.
enum GeneratedFiles {
    /// The generated pages of `docs`.
    static var documentation: [(name: String, text: String)] {
        [("api.md", APIReference.markdown), ("conditions.md", Reason.page), ("alerts.md", AlertPage.markdown)]
    }

    /// Writes files into a directory, and creates it if it does not exist.
    ///
    /// - Throws: `CommandFailure` naming what could not be written.
    static func write(_ files: [(name: String, text: String)], to directory: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure("\(directory): the directory cannot be created", underlying: error)
        }
        for file in files {
            let path = "\(directory)/\(file.name)"
            do {
                try Data(file.text.utf8).write(to: URL(filePath: path))
            } catch {
                throw CommandFailure("\(path): the file cannot be written", underlying: error)
            }
            Console.standard.output("\(path)\n")
        }
    }
}
