import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Observability
import ServiceLifecycle

/// Serves `/metrics`.
struct MetricsServer: Service {
    let host: String
    let port: Int
    let metrics: MetricsRegistry
    let logger: Logger

    func run() async throws {
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
