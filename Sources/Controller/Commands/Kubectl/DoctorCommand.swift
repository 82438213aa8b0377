import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import FoundationEssentials
import KubernetesAPI
import KubernetesClient

/// `kubectl moorage doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check an installation: cluster, controller, gateway, tenants and servers.",
        discussion: """
            Everything is only read. What your account is not allowed to read is not checked, and named. The exit status is 1 if a \
            check has failed; warnings do not change it.

            Examples:
              \(ProgramName.commands) doctor
              \(ProgramName.commands) doctor --system-namespace moorage-system -o json
            """
    )

    @OptionGroup
    var installation: InstallationOptions

    @OptionGroup
    var cluster: KubeconfigOptions

    @OptionGroup
    var format: FactOutputOptions

    func run() async throws {
        let program = DoctorFacts.Program(
            name: ProgramName.commands,
            version: MoorageVersion.current.version,
            definitions: CustomResourceDefinitions.all
        )
        let facts = try await cluster.withClient { client, configuration in
            await DoctorReader(
                reader: ClusterReader(client: client, namespace: configuration.namespace),
                systemNamespace: installation.systemNamespace
            )
            .facts(program)
        }
        let report = DoctorReport(facts)
        format.write(report.json) { report.rendered(console: $0) }
        if report.hasFailed { throw ExitCode(1) }
    }
}
