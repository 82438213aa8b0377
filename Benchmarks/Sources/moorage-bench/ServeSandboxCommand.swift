import ArgumentParser
import CRDModels
import Foundation
import SandboxCluster
import ServiceLifecycle

/// Runs only the sandbox, and prints its address.
struct ServeSandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve-sandbox", shouldDisplay: false)

    func run() async throws {
        var configuration = SandboxConfiguration()
        configuration.nativeRuleChecks = CustomResourceDefinitions.nativeRuleChecks
        let sandbox = SandboxCluster(configuration: configuration, logger: Connection.logger)
        for definition in CustomResourceDefinitions.all { try sandbox.register(customResource: definition) }
        // SIGTERM stops it immediately: there is nothing that needs a graceful shutdown.
        let group = ServiceGroup(services: [sandbox], logger: Connection.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            FileHandle.standardOutput.write(Data("\(try await sandbox.url())\n".utf8))
            try await tasks.waitForAll()
        }
    }
}
