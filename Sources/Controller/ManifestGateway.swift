import CommandSupport
import FoundationEssentials
import Gateway
import Logging
import Policy
import ServiceLifecycle

/// Serves the manifests of files, and serves changes of them within seconds. Files that contain an error change nothing.
struct ManifestGateway: Service {
    private let paths: [String]
    private let platform: PlatformConfiguration?
    private let gateway: GatewayServer
    private let logger: Logger
    /// What the files contained at the start.
    private let first: [ManifestSource]

    /// How often the files are read.
    private static let period = Duration.seconds(1)

    /// - Parameters:
    ///   - first: the files as they were read for the routes that the gateway begins with.
    init(
        paths: [String],
        first: [ManifestSource],
        platform: PlatformConfiguration?,
        gateway: GatewayServer,
        logger: Logger
    ) {
        self.paths = paths
        self.first = first
        self.platform = platform
        self.gateway = gateway
        self.logger = logger
    }

    /// The routes of files.
    ///
    /// - Throws: `CommandFailure` with all errors in them.
    static func routes(of sources: [ManifestSource], platform: PlatformConfiguration?) throws -> ManifestRoutes {
        let routes = ManifestRoutes(sources, platform: platform)
        let errors = routes.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else { throw CommandFailure(errors.map(\.description).joined(separator: "\n")) }
        return routes
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var known = self.first
            while (try? await Task.sleep(for: Self.period)) != nil {
                guard let sources = try? ManifestSource.read(paths: self.paths, recursive: false), sources != known
                else {
                    continue
                }
                known = sources
                self.take(sources)
            }
        }
    }

    private func take(_ sources: [ManifestSource]) {
        do {
            let routes = try Self.routes(of: sources, platform: platform)
            Self.report(routes, to: logger)
            gateway.update(routes.table)
            logger.notice("other manifests are in force", metadata: ["routes": "\(routes.table.all.count)"])
        } catch {
            logger.error(
                "the manifests contain an error; those before stay in force",
                metadata: ["error": "\(error)"]
            )
        }
    }

    /// Logs what cannot be called, and why.
    static func report(_ routes: ManifestRoutes, to logger: Logger) {
        for problem in routes.problems { problem.report(to: logger) }
    }
}
