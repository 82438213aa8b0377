import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import Observability
package import ServiceLifecycle

/// Serves `/metrics`.
package struct MetricsServer: Service {
    private let host: String
    private let port: Int
    private let metrics: MetricsRegistry
    private let logger: Logger

    package init(host: String, port: Int, metrics: MetricsRegistry, logger: Logger) {
        self.host = host
        self.port = port
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        let metrics = metrics
        let router = Router()
        router.get("metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: ExpositionFormat.prometheus.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.exposition()))
            )
        }
        let application = Application(
            router: router,
            server: .http1Server(),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            logger: logger
        )
        try await application.run()
    }
}
