import ArgumentParser
import CommandSupport
import FoundationEssentials
import KubernetesAPI
import NIOCore
import NIOPosix

/// `moorage network-probe`, which the pods of `moorage verify isolation --probe` run.
struct NetworkProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network-probe",
        abstract: "What the pods of moorage verify isolation --probe run.",
        shouldDisplay: false,
        subcommands: [NetworkProbeServeCommand.self, NetworkProbeConnectCommand.self]
    )
}

/// Accepts connections and closes them.
struct NetworkProbeServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

    @Option var port: Int

    func run() async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.close() }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: "::", port: port).get()
        } catch {
            // A node without IPv6.
            channel = try await bootstrap.bind(host: "0.0.0.0", port: port).get()
        }
        try await channel.closeFuture.get()
    }
}

/// Tries to open connections, and reports which of them were opened.
struct NetworkProbeConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "connect", shouldDisplay: false)

    @Option(help: "How long one attempt takes, in seconds.") var timeout = 3
    @Option(help: "How many attempts are made.") var attempts = 2
    @Option(help: "The file that the kubelet reads the results from.") var results = "/dev/termination-log"
    @Option var port: Int
    @Argument var addresses: [String]

    func run() async throws {
        let outcomes = await withTaskGroup(of: (String, ProbeOutcome).self) { group in
            for address in addresses { group.addTask { (address, await connect(address)) } }
            var outcomes: [String: ProbeOutcome] = [:]
            for await (address, outcome) in group { outcomes[address] = outcome }
            return outcomes
        }
        let report = try JSONValue(encoding: outcomes).serialized()
        // In place: the kubelet mounts the file, and nothing can be created beside it.
        do {
            try Data(report).write(to: URL(filePath: results))
        } catch {
            throw CommandFailure("\(results): the results cannot be written")
        }
    }

    private func connect(_ address: String) async -> ProbeOutcome {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(Int64(timeout)))
        for _ in 0..<max(1, attempts) {
            do {
                let channel = try await bootstrap.connect(host: address, port: port).get()
                try? await channel.close()
                return .open
            } catch let error as IOError where error.errnoCode == Self.refused {
                return .refused
            } catch let error as NIOConnectionError
                where error.connectionErrors.contains(where: { ($0.error as? IOError)?.errnoCode == Self.refused })
            {
                return .refused
            } catch {
                continue
            }
        }
        return .closed
    }

    /// `ECONNREFUSED`.
    #if os(Linux)
        private static let refused: CInt = 111
    #else
        private static let refused: CInt = 61
    #endif
}
