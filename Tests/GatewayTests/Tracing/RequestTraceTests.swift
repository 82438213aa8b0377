import MCPProtocol
import Testing

@testable import Gateway

@Suite("The trace of a request")
struct RequestTraceTests {
    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let parent = "00f067aa0ba902b7"
    static let other = "0af7651916cd43dd8448eb211c80319c"

    private static func request(_ meta: RawJSON?) -> JSONRPCRequest {
        JSONRPCRequest(id: 1, method: "tools/call", params: ["name": "a", "_meta": meta])
    }

    private static func trace(
        _ meta: RawJSON?,
        _ headers: HeaderFields? = nil,
        begins: ((String) -> Bool)? = nil
    ) -> RequestTrace? {
        RequestTrace.of(request(meta), headers, beginsTraces: begins) { String(repeating: "a", count: $0 * 2) }
    }

    @Test("the trace of the client goes on, with a span of the gateway, the same flag, and the rest unchanged")
    func continued() throws {
        for flags in ["00", "01"] {
            let meta: RawJSON = [
                "traceparent": .string("00-\(Self.traceID)-\(Self.parent)-\(flags)"), "tracestate": "v=1",
                "baggage": "user=1",
            ]
            let trace = try #require(Self.trace(meta))
            #expect(trace.context.traceparent == "00-\(Self.traceID)-aaaaaaaaaaaaaaaa-\(flags)")
            #expect(trace.context.tracestate == "v=1" && trace.context.baggage == "user=1")
            #expect(trace.parentID == Self.parent && trace.context.isSampled == (flags == "01"))
        }
    }

    @Test("a later version is passed on as version 00, and unknown flags are not")
    func laterVersion() {
        let trace = Self.trace(["traceparent": .string("cc-\(Self.traceID)-\(Self.parent)-ff-more")])
        #expect(trace?.context.traceparent == "00-\(Self.traceID)-aaaaaaaaaaaaaaaa-01")
    }

    @Test("header fields count where _meta has no trace, and where they continue the same trace")
    func headers() {
        let header: HeaderFields = ["Traceparent": "00-\(Self.traceID)-bbbbbbbbbbbbbbbb-01", "tracestate": "p=1"]
        let alone = Self.trace(nil, header)
        #expect(alone?.context.traceID == Self.traceID && alone?.parentID == "bbbbbbbbbbbbbbbb")
        #expect(alone?.context.tracestate == "p=1")
        // A proxy of the same trace is nearer than the client.
        let same = Self.trace(
            ["traceparent": .string("00-\(Self.traceID)-\(Self.parent)-01"), "tracestate": "v=1"],
            header
        )
        #expect(same?.parentID == "bbbbbbbbbbbbbbbb" && same?.context.tracestate == "v=1")
        let different = Self.trace(["traceparent": .string("00-\(Self.other)-\(Self.parent)-00")], header)
        #expect(different?.context.traceID == Self.other && different?.parentID == Self.parent)
        // Which of two counts would depend on who reads them.
        let twice = HeaderFields([
            (name: "traceparent", value: "00-\(Self.traceID)-bbbbbbbbbbbbbbbb-01"),
            (name: "traceparent", value: "00-\(Self.other)-bbbbbbbbbbbbbbbb-01"),
        ])
        #expect(Self.trace(nil, twice) == nil)
    }

    @Test(
        "a trace context that is not well-formed is replaced where the gateway traces, and removed elsewhere",
        arguments: [
            "", "x", "00-\(traceID)-\(parent)", "00-\(traceID)-\(parent)-01-x", "ff-\(traceID)-\(parent)-01",
            "00-00000000000000000000000000000000-\(parent)-01", "00-\(traceID)-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-\(parent)-01", "00-\(traceID)-\(parent)-01\r\nEvil: 1",
        ]
    )
    func malformed(text: String) {
        let meta: RawJSON = ["traceparent": .string(text), "tracestate": "v=1", "baggage": "user=1", "other": 1]
        let trace = Self.trace(meta, begins: { _ in true })
        #expect(trace?.context.traceparent == "00-\(String(repeating: "a", count: 32))-aaaaaaaaaaaaaaaa-01")
        #expect(trace?.context.tracestate == nil && trace?.context.baggage == "user=1" && trace?.parentID == nil)
        #expect(Self.trace(meta) == nil)
        let passed = Self.request(meta).inTrace(nil)
        #expect(passed.params?["_meta"] == ["baggage": "user=1", "other": 1])
    }

    @Test("a request without a trace stays as it is, byte for byte, where the gateway does not trace")
    func untouched() {
        let request = Self.request(["progressToken": 1])
        #expect(Self.trace(["progressToken": 1]) == nil)
        #expect(request.inTrace(nil).bytes.elementsEqual(request.bytes))
    }

    @Test("whether a new trace is recorded is in its flag")
    func sampled() {
        #expect(Self.trace(nil, begins: { _ in false })?.context.isSampled == false)
        #expect(Self.trace(nil, begins: { _ in true })?.context.isSampled == true)
    }

    @Test("ids are random and well-formed")
    func ids() {
        let ids = Set((0..<100).map { _ in TraceContext.randomID(16) })
        #expect(ids.count == 100 && ids.allSatisfy { $0.count == 32 })
        #expect(ids.allSatisfy { TraceContext(traceparent: "00-\($0)-\(TraceContext.randomID(8))-01") != nil })
    }
}
