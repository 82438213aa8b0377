internal import KubernetesAPI
internal import MCPProtocol

/// What the gateway did for one request, as part of a trace.
struct Span: Sendable, Hashable {
    /// A value of an attribute.
    enum Value: Sendable, Hashable {
        case text(String)
        case number(Int64)
    }

    struct Attribute: Sendable, Hashable {
        var name: String
        var value: Value
    }

    var traceID: String
    var spanID: String
    var parentID: String?
    var traceState: String?
    var name: String
    var start: MicroTimestamp
    var end: MicroTimestamp
    var attributes: [Attribute]
    /// Whether the request failed for a reason that is not the client's.
    var isError: Bool

    /// A span of a request that has ended.
    ///
    /// The attributes are those of OpenTelemetry's conventions for MCP, and `moorage.*`.
    ///
    /// - Parameters:
    ///   - end: when it ended; not before the start, even if the clock was set meanwhile.
    ///   - failed: whether the request ended with an error.
    init(
        _ trace: RequestTrace,
        method: String,
        version: String,
        start: MicroTimestamp,
        duration: Duration,
        failed: Bool
    ) {
        let noted = trace.noted
        let tool = noted?.target.tool
        traceID = trace.context.traceID
        spanID = trace.context.spanID
        parentID = trace.parentID
        traceState = trace.context.tracestate
        name = [Self.bounded(method), tool].compactMap { $0 }.joined(separator: " ")
        self.start = start
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        end = MicroTimestamp(microsecondsSinceEpoch: start.microsecondsSinceEpoch + max(0, microseconds))
        attributes = [
            Attribute(name: "mcp.method.name", value: .text(Self.bounded(method))),
            Attribute(name: "mcp.protocol.version", value: .text(Self.bounded(version))),
        ]
        let texts = [
            ("gen_ai.tool.name", tool), ("moorage.tenant", noted?.target.tenant),
            ("moorage.namespace", noted?.target.namespace), ("moorage.server", noted?.target.server),
            ("moorage.result", noted?.result.rawValue),
        ]
        for case (let name, let text?) in texts where !text.isEmpty {
            attributes.append(Attribute(name: name, value: .text(text)))
        }
        if let backend = noted?.backend {
            attributes.append(Attribute(name: "moorage.backend.milliseconds", value: .number(backend.milliseconds)))
        }
        isError = noted?.result.isFailure ?? failed
        if failed || isError {
            attributes.append(Attribute(name: "error.type", value: .text(noted?.result.rawValue ?? "_OTHER")))
        }
    }

    /// What clients write is bounded.
    private static func bounded(_ text: String) -> String { String(text.prefix(128)) }

    /// The span in OTLP's JSON (opentelemetry-proto 1.x, `trace.proto`: ids in hexadecimal digits, 64-bit integers as text).
    var json: RawJSON {
        [
            "traceId": .string(traceID), "spanId": .string(spanID), "parentSpanId": parentID.map(RawJSON.string),
            "traceState": traceState.map(RawJSON.string), "name": .string(name),
            // SPAN_KIND_SERVER
            "kind": 2,
            "startTimeUnixNano": .string("\(start.microsecondsSinceEpoch)000"),
            "endTimeUnixNano": .string("\(end.microsecondsSinceEpoch)000"),
            "attributes": .array(attributes.map(\.json)),
            // STATUS_CODE_ERROR
            "status": isError ? ["code": 2] : [:],
        ]
    }

    /// The body of a request to a collector.
    ///
    /// - Parameter resource: what describes this process.
    static func request(_ spans: [Span], resource: [Attribute], version: String) -> RawJSON {
        [
            "resourceSpans": [
                [
                    "resource": ["attributes": .array(resource.map(\.json))],
                    "scopeSpans": [
                        [
                            "scope": ["name": "moorage", "version": .string(version)],
                            "spans": .array(spans.map(\.json)),
                        ]
                    ],
                ]
            ]
        ]
    }
}

extension Span.Attribute {
    fileprivate var json: RawJSON {
        switch value {
        case .text(let text): ["key": .string(name), "value": ["stringValue": .string(text)]]
        case .number(let number): ["key": .string(name), "value": ["intValue": .string(String(number))]]
        }
    }
}

extension CallResult {
    /// Whether the server or the gateway failed, rather than the client.
    var isFailure: Bool {
        switch self {
        case .timeout, .backendError, .unavailable: true
        case .success, .toolError, .protocolError, .invalidRequest, .unauthenticated, .forbidden, .notFound,
            .rateLimited,
            .cancelled:
            false
        }
    }
}
