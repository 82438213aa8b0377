public import ControllerRuntime
internal import HTTPTypes
internal import KubernetesAPI
public import Logging
public import MCPTransport
public import Policy
public import ServiceLifecycle

/// Reads once a minute from all gateways how many tools the tenants have called. Only the leader reads.
///
/// The gateways write nothing into the cluster, and this needs no permission there: their addresses come from DNS.
public final class UsageReader: Service, CustomStringConvertible {
    /// Where the gateways report their usage.
    public enum Source: Sendable {
        /// Gateways in pods: the name of a Service without a cluster address, which has the addresses of all, and the port of each.
        case service(host: String, port: Int)
        /// The only gateway runs in this process.
        case process(@Sendable () -> ToolCallReport)
    }

    static let period = Duration.seconds(60)
    private static let timeout = Duration.seconds(5)
    private static let maximumBytes = 16 << 20
    /// After how many failures in a row the usage is not known any more.
    private static let maximumFailures = 3

    private let source: Source
    private let table: UsageTable
    private let tenants: @Sendable () -> [String]
    private let gate: LeadershipGate?
    /// `nil` for connections of its own.
    private let exchange: (any HTTPExchange)?
    private let resolver: any HostResolver
    private let clock: RuntimeClock
    private let logger: Logger

    init(
        _ source: Source,
        table: UsageTable,
        tenants: @escaping @Sendable () -> [String],
        gate: LeadershipGate?,
        exchange: (any HTTPExchange)?,
        resolver: any HostResolver,
        clock: RuntimeClock,
        logger: Logger
    ) {
        self.source = source
        self.table = table
        self.tenants = tenants
        self.gate = gate
        self.exchange = exchange
        self.resolver = resolver
        self.clock = clock
        self.logger = logger
    }

    public var description: String { "UsageReader" }

    /// Reads until shut down.
    public func run() async throws {
        guard let exchange else {
            var options = HTTPClientExchange.Options()
            options.maximumRedirects = 0
            let own = try HTTPClientExchange(options)
            await run(own)
            return await own.shutdown()
        }
        await run(exchange)
    }

    private func run(_ exchange: any HTTPExchange) async {
        try? await cancelWhenGracefulShutdown { [self] in
            var failures = 0
            while true {
                try await clock.sleep(until: clock.now.advanced(by: Self.period), tolerance: .seconds(1))
                guard gate?.isLeading ?? true else { continue }
                failures = await read(exchange, after: failures)
            }
        }
    }

    /// Reads all gateways once. The numbers of some of them alone would be wrong, so that nothing changes then.
    ///
    /// - Parameter failures: how often this has failed in a row before.
    /// - Returns: how often it has failed now.
    func read(_ exchange: any HTTPExchange, after failures: Int = 0) async -> Int {
        do {
            let reports = try await reports(exchange)
            if failures > 0 { logger.notice("the usage of tenants is known again") }
            table.update(ToolCallUsage.byTenant(reports), tenants: tenants())
            return 0
        } catch {
            if failures == 0 {
                logger.warning("the usage of tenants cannot be read from the gateways", metadata: ["error": "\(error)"])
            }
            if failures + 1 == Self.maximumFailures { table.update(nil, tenants: tenants()) }
            return failures + 1
        }
    }

    private func reports(_ exchange: any HTTPExchange) async throws -> [ToolCallReport] {
        switch source {
        case .process(let report): [report()]
        case .service(let host, let port): try await reports(of: host, port: port, exchange)
        }
    }

    private func reports(of service: String, port: Int, _ exchange: any HTTPExchange) async throws -> [ToolCallReport] {
        let addresses = try await resolver.addresses(of: service)
        return try await withThrowingTaskGroup(of: ToolCallReport.self) { group in
            for address in addresses {
                let host = address.contains(":") ? "[\(address)]" : address
                let url = "http://\(host):\(port)\(ToolCallReport.path)"
                group.addTask { [self] in try await report(url, exchange) }
            }
            var reports: [ToolCallReport] = []
            for try await report in group { reports.append(report) }
            return reports
        }
    }

    private func report(_ url: String, _ exchange: any HTTPExchange) async throws -> ToolCallReport {
        try await withTimeout(Self.timeout, clock: clock, operation: "the answer of \(url)") {
            let response = try await exchange.send(HTTPExchangeRequest(method: .get, url: url))
            guard response.status == 200 else { throw UsageError("\(url): the status is \(response.status)") }
            var bytes: [UInt8] = []
            for try await chunk in response.body {
                bytes += chunk
                guard bytes.count <= Self.maximumBytes else {
                    throw UsageError("\(url): the answer has more than \(Self.maximumBytes) bytes")
                }
            }
            return try JSONValue(parsing: bytes).decode()
        }
    }
}

/// Why the usage cannot be read.
private struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
