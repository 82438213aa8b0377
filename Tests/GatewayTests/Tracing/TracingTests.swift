import ControllerRuntime
import Foundation
import HTTPTypes
import KubernetesAPI
import Logging
import MCPProtocol
import MCPTransport
import Observability
import Policy
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Answers with what it gets of a trace.
private struct TraceEcho: MCPServerHandler {
    func respond(to request: ServerRequest) async throws -> JSONRPCResponse {
        switch request.method {
        case .initialize:
            let result = InitializeResult(
                protocolVersion: request.version,
                capabilities: try ServerCapabilities(["tools": [:]]),
                serverInfo: Implementation(name: "echo", version: "1")
            )
            return JSONRPCResponse(id: request.id, result: result.raw)
        case .discover:
            let result = DiscoverResult(
                supportedVersions: SupportedVersions.all.versions,
                capabilities: try ServerCapabilities(["tools": [:]]),
                serverInfo: Implementation(name: "echo", version: "1"),
                caching: EraTranslation.caching
            )
            return JSONRPCResponse(id: request.id, result: result.raw)
        case .toolsCall:
            if request.message.params?["name"] == "fail" {
                throw ProtocolError(.internalError, "broken", id: request.id)
            }
            let meta = request.message.params?["_meta"]
            let seen: RawJSON = [
                "parent": meta?["traceparent"], "state": meta?["tracestate"], "baggage": meta?["baggage"],
                "headerParent": request.headers?[all: "traceparent"].first.map(RawJSON.string),
                "headerState": request.headers?[all: "tracestate"].first.map(RawJSON.string),
            ]
            return JSONRPCResponse(
                id: request.id,
                result: [
                    "resultType": request.era == .modern ? "complete" : nil, "content": [], "structuredContent": seen,
                ]
            )
        default: return JSONRPCResponse(id: request.id, result: ["tools": [], "ttlMs": 0, "cacheScope": "private"])
        }
    }
}

/// A collector of spans.
private final class Collector: HTTPExchange {
    private struct State {
        var requests: [HTTPExchangeRequest] = []
        var statuses: [Int] = []
        var isSilent = false
    }

    private let state = Mutex(State())

    /// - Parameter statuses: of the first answers; 200 after them.
    init(_ statuses: [Int] = []) { state.withLock { $0.statuses = statuses } }

    /// It takes requests, and never answers.
    func becomeSilent() { state.withLock { $0.isSilent = true } }

    var requests: [HTTPExchangeRequest] { state.withLock { $0.requests } }

    var spans: [RawJSON] {
        get throws {
            try requests.flatMap { request in
                let json = try RawJSON(parsing: request.body ?? [])
                let scope = json["resourceSpans"]?.elements?.first?["scopeSpans"]?.elements?.first
                return scope?["spans"]?.elements ?? []
            }
        }
    }

    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        let (status, isSilent) = state.withLock { state in
            state.requests.append(request)
            return (state.statuses.isEmpty ? 200 : state.statuses.removeFirst(), state.isSilent)
        }
        if isSilent { try await Task.sleep(for: .seconds(3_600)) }
        return HTTPExchangeResponse(status: status)
    }
}

@Suite("Traces through the gateway")
struct TracingTests {
    private static let traceID = RequestTraceTests.traceID
    private static let clientParent = "00-\(traceID)-\(RequestTraceTests.parent)-01"

    private static func exporter(
        _ collector: Collector,
        _ settings: GatewayTracing = GatewayTracing(endpoint: "http://127.0.0.1:4318/v1/traces"),
        registry: MetricsRegistry = MetricsRegistry(),
        clock: RuntimeClock = .scaled(by: 100)
    ) -> SpanExporter {
        SpanExporter(
            settings,
            podName: "gateway-0",
            version: "1.2.3",
            metrics: GatewayMetrics(registry: registry),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: clock
        ) { _ in collector }
    }

    private static func run(
        versions: SupportedVersions = .all,
        shield: GatewayGuard = .open,
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        try await RunningGateway.run([.init("demo", TraceEcho(), versions: versions)], shield: shield) { backends in
            RouteTable([Route(path: "/mcp", backend: backends[0])])
        } body: {
            try await body($0)
        }
    }

    /// Calls the tool as a client of one era, and returns what the server has seen.
    private static func call(
        _ gateway: RunningGateway,
        legacy: Bool,
        tool: String = "echo",
        meta: RawJSON? = nil,
        headers extra: HeaderFields = HeaderFields()
    ) async throws -> RawJSON? {
        var params: RawJSON = ["name": .string(tool), "arguments": [:]]
        if let meta { params = params.setting("_meta", to: meta) }
        let answer: RunningGateway.Answer
        if legacy {
            var headers = HeaderFields.legacyPost(version: nil, sessionID: nil)
            let initialize = InitializeParams(
                protocolVersion: .v2025_11_25,
                capabilities: ClientCapabilities(),
                clientInfo: Implementation(name: "test", version: "1")
            ).request(id: 0)
            let opened = try await gateway.post("/mcp", .request(initialize), headers)
            let session = try #require(opened.headers[all: "Mcp-Session-Id"].first, "\(opened)")
            headers = .legacyPost(version: .v2025_11_25, sessionID: session)
            for field in extra.fields { headers.set(field.name, field.value) }
            let request = JSONRPCRequest(id: 1, method: "tools/call", params: params)
            answer = try await gateway.post("/mcp", .request(request), headers)
        } else {
            let request = JSONRPCRequest(id: 1, method: "tools/call", params: params)
                .with(metadata: RequestMetadata(clientCapabilities: ClientCapabilities(), clientInfo: nil))
            var headers = try HeaderFields.modern(for: request)
            for field in extra.fields { headers.set(field.name, field.value) }
            answer = try await gateway.post("/mcp", .request(request), headers)
        }
        return answer.json?[path: ["result", "structuredContent"]]
    }

    @Test(
        "in all four cells of eras, the server gets the client's trace with another span, in _meta and in headers",
        arguments: [false, true],
        [SupportedVersions.all, SupportedVersions([.v2025_11_25])]
    )
    func propagation(legacyClient: Bool, server: SupportedVersions) async throws {
        try await Self.run(versions: server) { gateway in
            let meta: RawJSON = [
                "traceparent": .string(Self.clientParent), "tracestate": "vendor=1", "baggage": "user=7",
            ]
            let seen = try await Self.call(gateway, legacy: legacyClient, meta: meta)
            let parent = try #require(seen?["parent"]?.stringValue, "\(String(describing: seen))")
            #expect(parent.hasPrefix("00-\(Self.traceID)-") && parent.hasSuffix("-01") && parent != Self.clientParent)
            #expect(seen?["headerParent"]?.stringValue == parent)
            #expect(seen?["state"] == "vendor=1" && seen?["headerState"] == "vendor=1" && seen?["baggage"] == "user=7")
            // Another call has another span.
            let next = try await Self.call(gateway, legacy: legacyClient, meta: meta)
            #expect(next?["parent"]?.stringValue != parent)
            // A header alone reaches the server in both places.
            let header = try await Self.call(
                gateway,
                legacy: legacyClient,
                headers: ["traceparent": Self.clientParent]
            )
            let passed = try #require(header?["parent"]?.stringValue, "\(String(describing: header))")
            #expect(passed.hasPrefix("00-\(Self.traceID)-") && header?["headerParent"]?.stringValue == passed)
            // Without a trace there is none, and one that is not well-formed does not arrive.
            for meta: RawJSON? in [nil, ["traceparent": "00-x-y-01", "tracestate": "vendor=1"]] {
                let none = try await Self.call(gateway, legacy: legacyClient, meta: meta)
                #expect(none == [:], "\(String(describing: none))")
            }
        }
    }

    @Test("a span is exported of each sampled request: its place in the trace, what was called and what became of it")
    func spans() async throws {
        let (collector, registry) = (Collector(), MetricsRegistry())
        let exporter = Self.exporter(collector, registry: registry)
        var shield = GatewayGuard.open
        shield.spans = exporter
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await exporter.run() }
            try await Self.run(shield: shield) { gateway in
                let seen = try await Self.call(
                    gateway,
                    legacy: false,
                    meta: ["traceparent": .string(Self.clientParent)]
                )
                // The trace of the client that is not recorded is passed on, and not recorded here either.
                let unsampled = Self.clientParent.dropLast(2) + "00"
                let other = try await Self.call(
                    gateway,
                    legacy: false,
                    meta: ["traceparent": .string(String(unsampled))]
                )
                #expect(other?["parent"]?.stringValue?.hasSuffix("-00") ?? false)
                // A trace begins at the gateway.
                let new = try await Self.call(gateway, legacy: false)
                _ = try await Self.call(gateway, legacy: false, tool: "fail")
                let deadline = ContinuousClock.now + .seconds(20)
                while try collector.spans.count < 3, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(10))
                }
                let spans = try collector.spans
                #expect(spans.count == 3)
                #expect(spans.allSatisfy { $0["name"] == "tools/call" && $0["kind"] == 2 })
                let first = try #require(spans.first)
                #expect(first["traceId"]?.stringValue == Self.traceID)
                #expect(first["parentSpanId"]?.stringValue == RequestTraceTests.parent)
                #expect(
                    seen?["parent"]?.stringValue
                        == "00-\(Self.traceID)-\(first["spanId"]?.stringValue ?? "")-01"
                )
                let attributes = Dictionary(
                    (first["attributes"]?.elements ?? []).map { ($0["key"]?.stringValue ?? "", $0["value"]) },
                    uniquingKeysWith: { first, _ in first }
                )
                #expect(attributes["mcp.method.name"] == ["stringValue": "tools/call"])
                #expect(attributes["moorage.server"] == ["stringValue": "demo"])
                #expect(attributes["moorage.result"] == ["stringValue": "Success"])
                let start = try #require(first["startTimeUnixNano"]?.stringValue.flatMap { Int64($0) })
                let end = try #require(first["endTimeUnixNano"]?.stringValue.flatMap { Int64($0) })
                #expect(start > 1_700_000_000_000_000_000 && end >= start)
                let began = spans[1]
                #expect(began["parentSpanId"] == nil)
                #expect(
                    new?["parent"]?.stringValue
                        == "00-\(began["traceId"]?.stringValue ?? "")-\(began["spanId"]?.stringValue ?? "")-01"
                )
                #expect(registry.exposition().contains("moorage_gateway_spans_exported_total 3"))
            }
            group.cancelAll()
        }
        let request = try #require(collector.requests.first)
        #expect(request.method == .post && request.url == "http://127.0.0.1:4318/v1/traces")
        #expect(request.headers[.contentType] == "application/json" && request.headers[.authorization] == nil)
        let body = try RawJSON(parsing: request.body ?? [])
        let resource = body["resourceSpans"]?.elements?.first?[path: ["resource", "attributes"]]
        #expect(resource?.elements?.first == ["key": "service.name", "value": ["stringValue": "moorage-gateway"]])
    }

    @Test("the audit record has the trace, and latencies have it as an exemplar if it is recorded")
    func auditAndExemplars() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString).jsonl").path()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let registry = MetricsRegistry()
        let metrics = GatewayMetrics(registry: registry)
        let settings = GatewayAudit(sinks: [.file], file: GatewayAuditFile(path: file))
        let audit = AuditLog(settings, podName: "test", metrics: metrics)
        let unrecorded = "00-\(RequestTraceTests.other)-\(RequestTraceTests.parent)-00"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await audit.run() }
            try await Self.run(shield: GatewayGuard(audit: audit, metrics: metrics)) { gateway in
                for parent in [Self.clientParent, unrecorded] {
                    _ = try await Self.call(gateway, legacy: false, meta: ["traceparent": .string(parent)])
                }
                _ = try await Self.call(gateway, legacy: false)
            }
            var lines: [RawJSON] = []
            let deadline = ContinuousClock.now + .seconds(10)
            while lines.count < 3, ContinuousClock.now < deadline {
                let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
                lines = text.split(separator: "\n").compactMap { try? RawJSON(parsing: String($0)) }
                try await Task.sleep(for: .milliseconds(20))
            }
            group.cancelAll()
            let traces = lines.map { $0["traceID"]?.stringValue }
            #expect(traces == [Self.traceID, RequestTraceTests.other, nil])
        }
        let text = registry.exposition(.openMetrics)
        let exemplars = text.split(separator: "\n").filter { $0.contains(" # ") && !$0.hasPrefix("#") }
        #expect(exemplars.count == 3 && exemplars.allSatisfy { $0.contains("{trace_id=\"\(Self.traceID)\"}") })
        #expect(exemplars.contains { $0.hasPrefix("moorage_gateway_call_duration_seconds_bucket{") })
    }

    // MARK: - The exporter

    private static func span(_ number: Int) throws -> Span {
        let context = try #require(TraceContext(traceparent: clientParent))
        var span = Span(
            RequestTrace(context: context, parentID: nil),
            method: "tools/call",
            version: "2026-07-28",
            start: MicroTimestamp(microsecondsSinceEpoch: 0),
            duration: .milliseconds(1),
            failed: false
        )
        span.name = "\(number)"
        return span
    }

    private static func value(_ registry: MetricsRegistry, _ name: String) -> Int {
        let line = registry.exposition().split(separator: "\n").first { $0.hasPrefix("moorage_gateway_spans_\(name) ") }
        return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    }

    @Test("spans that the collector could take later are sent again, others are dropped and counted")
    func failures() async throws {
        for (statuses, requests, exported, dropped) in [
            ([503, 429], 3, 5, 0), ([503, 503, 502], 3, 0, 5), ([400], 1, 0, 5), ([307], 1, 0, 5),
        ] {
            let (collector, registry) = (Collector(statuses), MetricsRegistry())
            let exporter = Self.exporter(collector, registry: registry)
            for number in 0..<5 { exporter.record(try Self.span(number)) }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await exporter.run() }
                let deadline = ContinuousClock.now + .seconds(20)
                while Self.value(registry, "exported_total") + Self.value(registry, "dropped_total") < 5,
                    ContinuousClock.now < deadline
                {
                    try? await Task.sleep(for: .milliseconds(5))
                }
                group.cancelAll()
            }
            #expect(collector.requests.count == requests, "\(statuses)")
            #expect(
                Self.value(registry, "exported_total") == exported && Self.value(registry, "dropped_total") == dropped
            )
        }
    }

    @Test("recording never waits: what does not fit while the collector is silent is dropped and counted")
    func fullQueue() async throws {
        let (collector, registry) = (Collector(), MetricsRegistry())
        collector.becomeSilent()
        let exporter = Self.exporter(
            collector,
            GatewayTracing(endpoint: "http://127.0.0.1:4318/v1/traces", queueLength: 100),
            registry: registry,
            clock: .system
        )
        let span = try Self.span(0)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await exporter.run() }
            for _ in 0..<100 { exporter.record(span) }
            let deadline = ContinuousClock.now + .seconds(20)
            while collector.requests.isEmpty, ContinuousClock.now < deadline {
                try? await Task.sleep(for: .milliseconds(5))
            }
            // 100 are on their way, 100 wait, and the rest is lost.
            let start = ContinuousClock.now
            for _ in 0..<1_000 { exporter.record(span) }
            #expect(ContinuousClock.now - start < .seconds(1))
            #expect(Self.value(registry, "dropped_total") == 900)
            group.cancelAll()
        }
        // Nothing is left uncounted when the process ends.
        #expect(Self.value(registry, "dropped_total") == 1_100 && Self.value(registry, "exported_total") == 0)
    }

    @Test("the header Authorization comes from a file, and without it nothing is sent")
    func authorization() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        for text in [nil, "Bearer secret\n", "Bearer\nEvil: 1"] {
            if let text { try Data(text.utf8).write(to: file) }
            let (collector, registry) = (Collector(), MetricsRegistry())
            let settings = GatewayTracing(
                endpoint: "http://127.0.0.1:4318/v1/traces",
                authorizationFile: file.path()
            )
            let exporter = Self.exporter(collector, settings, registry: registry)
            exporter.record(try Self.span(0))
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await exporter.run() }
                let deadline = ContinuousClock.now + .seconds(20)
                while Self.value(registry, "exported_total") + Self.value(registry, "dropped_total") < 1,
                    ContinuousClock.now < deadline
                {
                    try? await Task.sleep(for: .milliseconds(5))
                }
                group.cancelAll()
            }
            let sent = collector.requests.map { $0.headers[.authorization] }
            #expect(sent == (text == "Bearer secret\n" ? ["Bearer secret"] : []))
        }
    }

    @Test("the ratio of recorded traces is kept, and is the same decision everywhere")
    func ratio() {
        for (ratio, range) in [(0.0, 0...0), (0.25, 2_200...2_800), (1.0, 10_000...10_000)] {
            let settings = GatewayTracing(endpoint: "http://127.0.0.1/", sampleRatio: ratio)
            let exporters = (0..<2).map { _ in Self.exporter(Collector(), settings) }
            let ids = (0..<10_000).map { _ in TraceContext.randomID(16) }
            #expect(range.contains(ids.count { exporters[0].isSampled(traceID: $0) }))
            #expect(ids.allSatisfy { exporters[0].isSampled(traceID: $0) == exporters[1].isSampled(traceID: $0) })
        }
    }

    @Test(
        "settings that cannot be used are refused by name",
        arguments: [
            (#"{"endpoint":"collector:4318"}"#, "tracing.endpoint"),
            (#"{"endpoint":"ftp://collector"}"#, "tracing.endpoint"),
            (#"{"endpoint":"http://collector:4318/v1/traces"}"#, "tracing.endpoint"),
            (#"{"endpoint":"https://user:secret@collector/"}"#, "tracing.endpoint"),
            (#"{"endpoint":"https://c/","authorizationFile":"token"}"#, "tracing.authorizationFile"),
            (#"{"endpoint":"https://c/","caFile":"ca.pem"}"#, "tracing.caFile"),
            (#"{"endpoint":"https://c/","sampleRatio":1.5}"#, "tracing.sampleRatio"),
            (#"{"endpoint":"https://c/","queueLength":0}"#, "tracing.queueLength"),
            (#"{"endpoint":"https://c/","timeoutSeconds":0}"#, "tracing.timeoutSeconds"),
        ]
    )
    func invalid(text: String, field: String) throws {
        let json = try JSONValue(parsing: Array("{\"tracing\":\(text)}".utf8))
        let settings: GatewaySettings = try json.decode()
        let error = #expect(throws: SettingsError.self) { try settings.validate() }
        #expect(error?.field == field)
    }

    @Test("complete settings are accepted, plain HTTP if that is written")
    func complete() throws {
        let text = """
            {"tracing":{"endpoint":"http://collector.observability.svc:4318/v1/traces","allowPlainHTTP":true,\
            "authorizationFile":"/etc/a","caFile":"/etc/ca.pem","sampleRatio":0.1,"queueLength":100,"timeoutSeconds":5}}
            """
        let json = try JSONValue(parsing: Array(text.utf8))
        let settings: GatewaySettings = try json.decode()
        try settings.validate()
        #expect(try JSONValue(encoding: settings) == json)
    }
}
