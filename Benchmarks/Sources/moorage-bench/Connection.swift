import KubernetesClient
import Logging
import ServiceLifecycle

/// Creates clients for a measurement.
struct Connection: Sendable {
    /// Where the API server is.
    let configuration: KubernetesClientConfiguration

    init(_ options: ClusterOptions) throws {
        _ = Connection.quietLogs
        if let server = options.server {
            configuration = KubernetesClientConfiguration(server: server)
        } else {
            configuration = try KubernetesClientConfiguration.load(kubeconfig: options.kubeconfig)
        }
    }

    /// Runs a body with a separate transport.
    func withTransport<Result>(_ body: (HTTPTransport) async throws -> Result) async throws -> Result {
        let transport = try HTTPTransport(configuration, logger: Connection.logger)
        do {
            let result = try await body(transport)
            try await transport.shutdown()
            return result
        } catch {
            try? await transport.shutdown()
            throw error
        }
    }

    /// Only logs what makes a measurement invalid.
    static let quietLogs: Void = LoggingSystem.bootstrap { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = .error
        return handler
    }

    /// Only reports what makes a measurement invalid.
    static let logger: Logger = {
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        return logger
    }()
}

/// Runs a service during a body, then shuts it down gracefully.
func whileRunning<Result: Sendable>(
    _ services: [any Service],
    _ body: @Sendable () async throws -> Result
) async throws -> Result {
    let group = ServiceGroup(services: services, logger: Connection.logger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let result: Result
        do {
            result = try await body()
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return result
    }
}
