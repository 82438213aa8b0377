public import ControllerRuntime
internal import FoundationEssentials
internal import HTTPTypes
public import Logging
internal import MCPProtocol
public import MCPTransport
public import Policy
public import ServiceLifecycle
internal import Synchronization

/// Sends spans to a collector, as JSON over HTTP (OTLP). It is the only part of the gateway that sends telemetry, and it only exists where
/// it is configured.
///
/// Recording never waits. Spans that do not fit into the queue, or that the collector does not take, are dropped and counted.
public final class SpanExporter: Service, CustomStringConvertible {
    /// How long spans wait for others at most.
    private static let delay = Duration.seconds(5)
    /// How often a batch is sent that the collector could take later (OTLP, section "Failures").
    private static let attempts = 3
    private static let retryableStatuses: Set<Int> = [429, 502, 503, 504]

    private let settings: GatewayTracing
    private let http: IssuerHTTP
    private let resource: [Span.Attribute]
    private let version: String
    private let queue: Mutex<SpanQueue>
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let isStopping = ControllerRuntime.Signal()
    private let isFailing = Mutex(false)
    private let metrics: GatewayMetrics
    private let logger: Logger
    private let clock: RuntimeClock

    /// - Parameters:
    ///   - settings: valid settings.
    ///   - podName: the instance that spans come from.
    ///   - makeExchange: how the collector is reached.
    public init(
        _ settings: GatewayTracing,
        podName: String,
        version: String,
        metrics: GatewayMetrics,
        logger: Logger = Logger(label: "gateway.tracing"),
        clock: RuntimeClock = .system,
        makeExchange: @escaping @Sendable (HTTPClientExchange.Trust) throws -> any HTTPExchange = SpanExporter.exchange
    ) {
        self.settings = settings
        http = IssuerHTTP(caFile: settings.caFile, timeout: settings.timeout, makeExchange, clock)
        resource = [
            ("service.name", "moorage-gateway"), ("service.version", version), ("service.instance.id", podName),
        ]
        .map { Span.Attribute(name: $0, value: .text($1)) }
        self.version = version
        queue = Mutex(SpanQueue(capacity: settings.queueLength ?? GatewayTracing.defaultQueueLength))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
    }

    /// A connection to the collector: redirects are not followed, so that credentials and spans go nowhere else.
    public static func exchange(_ trust: HTTPClientExchange.Trust) throws -> any HTTPExchange {
        var options = HTTPClientExchange.Options()
        options.trust = trust
        options.maximumRedirects = 0
        return try HTTPClientExchange(options)
    }

    public var description: String { "SpanExporter" }

    /// Whether a trace that begins here is recorded. All gateways decide the same for the same trace.
    func isSampled(traceID: String) -> Bool {
        guard let ratio = settings.sampleRatio else { return true }
        // The last 7 bytes are random (W3C Trace Context, level 2).
        let number = UInt64(traceID.suffix(14), radix: 16) ?? 0
        return Double(number) < ratio * Double(1 << 56)
    }

    /// Records a span. Spans of traces that are not sampled are not exported.
    func record(_ span: Span) {
        switch queue.withLock({ $0.add(span) }) {
        case .queued: break
        case .batchIsFull: wake.yield()
        case .dropped: metrics.countDroppedSpans(1)
        }
    }

    /// Sends spans until shut down, and then what is left.
    public func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in
                    while !isStopping.isRaised {
                        try? await clock.sleep(until: clock.now.advanced(by: Self.delay), tolerance: .seconds(1))
                        wake.yield()
                        if Task.isCancelled { break }
                    }
                }
                for await _ in wakes {
                    await sendAll()
                    if isStopping.isRaised { break }
                }
                group.cancelAll()
            }
            await sendAll()
        } onCancelOrGracefulShutdown: {
            self.isStopping.raise()
            self.wake.yield()
        }
        let left = queue.withLock { queue in
            var count = 0
            while !queue.isEmpty { count += queue.takeBatch().count }
            return count
        }
        if left > 0 { metrics.countDroppedSpans(left) }
    }

    private func sendAll() async {
        while !Task.isCancelled {
            let spans = queue.withLock { $0.takeBatch() }
            guard !spans.isEmpty else { return }
            await send(spans)
        }
    }

    private func send(_ spans: [Span]) async {
        let body = Array(Span.request(spans, resource: resource, version: version).bytes)
        var problem = ""
        for attempt in 1...Self.attempts {
            do {
                let status = try await http.send(try request(body)).status
                if (200..<300).contains(status) {
                    metrics.countExportedSpans(spans.count)
                    return report(nil)
                }
                problem = "the collector answers with status \(status)"
                guard Self.retryableStatuses.contains(status) else { break }
            } catch {
                problem = "\(error)"
            }
            // A gateway that stops does not wait for its collector.
            guard attempt < Self.attempts, !isStopping.isRaised, !Task.isCancelled else { break }
            await pause(.seconds(1 << (attempt - 1)))
        }
        metrics.countDroppedSpans(spans.count)
        report(problem)
    }

    private func pause(_ time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.isStopping.wait() }
            group.addTask { [clock] in try? await clock.sleep(until: clock.now.advanced(by: time), tolerance: nil) }
            await group.next()
            group.cancelAll()
        }
    }

    private func request(_ body: [UInt8]) throws(FetchFailure) -> HTTPExchangeRequest {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let path = settings.authorizationFile {
            var value = String(decoding: try BoundedFile.read(path), as: UTF8.self)
            while value.last?.isNewline == true { value.removeLast() }
            guard HTTPField.isValidValue(value) else {
                throw FetchFailure("\(path) does not contain the value of a header field")
            }
            headers[.authorization] = value
        }
        return HTTPExchangeRequest(method: .post, url: settings.endpoint, headers: headers, body: body)
    }

    /// Logs when spans cannot be exported, and when they can again.
    private func report(_ problem: String?) {
        let hasChanged = isFailing.withLock { isFailing in
            defer { isFailing = problem != nil }
            return isFailing != (problem != nil)
        }
        guard hasChanged else { return }
        if let problem {
            logger.warning("spans are dropped: the collector does not take them", metadata: ["error": "\(problem)"])
        } else {
            logger.notice("spans are exported again")
        }
    }
}
