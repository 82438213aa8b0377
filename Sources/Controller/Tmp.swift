import KubernetesClient
import Logging
import Reconcilers
import ServiceLifecycle

struct OperatorProcess: Service {
    init(configuration: KubernetesClientConfiguration, platform: PlatformConfiguration) async throws {}
    func run() async throws { try await gracefulShutdown() }
}
extension LogOptions {
    func bootstrap(_ environment: EnvironmentReader, standard: Logger.Level) throws {}
}
