import ArgumentParser

extension GenerateCommand {
    /// `moorage generate dashboards`.
    struct DashboardsAndRules: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dashboards",
            abstract: "Write the dashboards for Grafana and the rules for Prometheus that the chart installs.",
            discussion: """
                Dashboards are written to the subdirectory dashboards, rules to rules.

                Examples:
                  moorage generate dashboards --output-dir charts/moorage
                """
        )

        @Option(help: ArgumentHelp("The output directory.", valueName: "dir"), completion: .directory)
        var outputDir = "charts/moorage"

        func run() throws {
            try GeneratedFiles.write(
                DashboardFiles.dashboards,
                to: "\(outputDir)/\(DashboardFiles.dashboardFolder)"
            )
            try GeneratedFiles.write(DashboardFiles.rules, to: "\(outputDir)/\(DashboardFiles.ruleFolder)")
        }
    }
}
