import MCPProtocol
import Testing

/// How a client finds out what a server speaks.
@Suite struct NegotiationTests {
    typealias Action = ClientNegotiation.Action
    typealias Outcome = ClientNegotiation.Outcome

    /// Runs outcomes one after the other, and returns every action.
    private func run(
        _ outcomes: [Outcome],
        versions: SupportedVersions = .all,
        transport: ClientNegotiation.Transport = .streamableHTTP,
        remembered: ClientNegotiation.Agreement? = nil
    ) -> [Action] {
        var negotiation = ClientNegotiation(versions: versions, transport: transport, remembered: remembered)
        var actions = [negotiation.start()]
        for outcome in outcomes { actions.append(negotiation.receive(outcome)) }
        return actions
    }

    private static func unsupported(_ versions: [String], id: RequestID? = 1) -> JSONRPCResponse {
        Sample.error(
            .unsupportedProtocolVersion,
            data: ["supported": .array(versions.map { .string($0) }), "requested": "2026-07-28"],
            id: id
        )
    }

    private static let discovered = Outcome.response(
        JSONRPCResponse(id: 1, result: Sample.discoverResult.raw),
        httpStatus: 200
    )

    private static func initialized(_ version: ProtocolVersion, _ status: Int? = 200) -> Outcome {
        .response(JSONRPCResponse(id: 1, result: Sample.initializeResult(version).raw), httpStatus: status)
    }

    private func agreement(_ action: Action?) -> ClientNegotiation.Agreement? {
        if case .ready(let agreement) = action { agreement } else { nil }
    }

    private func failure(_ action: Action?) -> ClientNegotiation.Failure? {
        if case .fail(let failure) = action { failure } else { nil }
    }

    @Test(
        "a modern server is settled by its discovery",
        arguments: [.streamableHTTP, .stdio] as [ClientNegotiation.Transport]
    )
    func modern(transport: ClientNegotiation.Transport) {
        let actions = run([Self.discovered], transport: transport)
        #expect(actions.first == .discover(.v2026_07_28))
        let agreement = agreement(actions.last)
        #expect(agreement?.version == .v2026_07_28 && agreement?.transport == transport)
        #expect(agreement?.capabilities.toolsListChanged == true && agreement?.serverInfo?.name == "server")
        #expect(agreement?.instructions == "Use it well.")
    }

    @Test(
        "whatever is not a modern answer leads to the handshake",
        arguments: [
            .httpStatus(400), .httpStatus(404), .httpStatus(405), .httpStatus(406), .httpStatus(415), .httpStatus(500),
            .httpStatus(202),
            .response(Sample.error(.methodNotFound), httpStatus: 200),
            .response(Sample.error(.methodNotFound), httpStatus: 404),
            .response(Sample.error(.invalidParams), httpStatus: 400),
            .response(Sample.error(.invalidRequest, id: nil), httpStatus: 400),
            .response(Sample.error(ErrorCode(rawValue: -32000), id: nil), httpStatus: 400),
            .response(JSONRPCResponse(id: 1, result: [:]), httpStatus: 200), .timedOut,
        ] as [Outcome]
    )
    func legacy(outcome: Outcome) {
        let actions = run([outcome, Self.initialized(.v2025_06_18)])
        #expect(Array(actions.prefix(2)) == [.discover(.v2026_07_28), .initialize(.v2025_11_25)])
        #expect(agreement(actions.last)?.version == .v2025_06_18)
    }

    @Test("a modern server that starts slowly is asked again when it refuses the handshake", arguments: [true, false])
    func slowStart(answers: Bool) {
        let refusal = Outcome.response(Self.unsupported([]), httpStatus: nil)
        let actions = run([.timedOut, refusal, answers ? Self.discovered : .timedOut], transport: .stdio)
        #expect(
            Array(actions.prefix(3)) == [
                .discover(.v2026_07_28), .initialize(.v2025_11_25), .discover(.v2026_07_28),
            ]
        )
        #expect(agreement(actions.last)?.version == (answers ? .v2026_07_28 : nil))
        #expect((failure(actions.last) != nil) == !answers)
    }

    @Test(
        "the status of a proxy or of a failing server says nothing about the era",
        arguments: [401, 403, 407, 429, 502, 503, 504, 301]
    )
    func statuses(status: Int) {
        #expect(failure(run([.httpStatus(status)]).last) == .httpStatus(status))
        #expect(failure(run([.response(Sample.error(.internalError), httpStatus: status)]).last) == .httpStatus(status))
        #expect(failure(run([.httpStatus(400), .httpStatus(status)]).last) == .httpStatus(status))
        #expect(failure(run([.httpStatus(400), .httpStatus(404), .httpStatus(status)]).last) == .httpStatus(status))
    }

    @Test("M5: an unsupported version is answered with one that both support, or the handshake")
    func unsupportedVersion() {
        let legacyOnly = run([
            .response(Self.unsupported(["2025-06-18", "2025-03-26", "1.0"]), httpStatus: 400),
            Self.initialized(.v2025_06_18),
        ])
        #expect(legacyOnly.dropFirst().first == .initialize(.v2025_06_18))
        #expect(agreement(legacyOnly.last)?.version == .v2025_06_18)
        let future = run([.response(Self.unsupported(["2027-01-01"]), httpStatus: 400)])
        #expect(failure(future.last) == .noCommonVersion(server: [ProtocolVersion(rawValue: "2027-01-01")]))
        // A server that refuses a version and lists it is asked once more, and no more than once.
        let refusal = Outcome.response(Self.unsupported(["2026-07-28"]), httpStatus: 400)
        let contradiction = run([refusal, refusal])
        #expect(Array(contradiction.prefix(2)) == [.discover(.v2026_07_28), .discover(.v2026_07_28)])
        #expect(failure(contradiction.last) == .noCommonVersion(server: [.v2026_07_28]))
        let malformed = run([.response(Sample.error(.unsupportedProtocolVersion), httpStatus: 400)])
        #expect(failure(malformed.last) == .refused(JSONRPCError(code: .unsupportedProtocolVersion, message: "no")))
    }

    @Test(
        "a modern error that is not about the version does not lead to the handshake",
        arguments: [ErrorCode.headerMismatch, .missingRequiredClientCapability]
    )
    func modernErrors(code: ErrorCode) {
        let actions = run([.response(Sample.error(code), httpStatus: 400)])
        #expect(failure(actions.last) == .refused(JSONRPCError(code: code, message: "no")))
    }

    @Test("after a refused handshake HTTP+SSE is tried", arguments: [400, 404, 405])
    func eventStream(status: Int) {
        let actions = run([.httpStatus(status), .httpStatus(status), .endpoint, Self.initialized(.v2024_11_05, nil)])
        #expect(actions.count == 5)
        #expect(
            Array(actions.prefix(4)) == [
                .discover(.v2026_07_28), .initialize(.v2025_11_25), .openEventStream, .initialize(.v2025_11_25),
            ]
        )
        #expect(agreement(actions.last)?.version == .v2024_11_05 && agreement(actions.last)?.transport == .httpSSE)
        #expect(
            failure(run([.httpStatus(status), .httpStatus(status), .httpStatus(404)]).last) == .notMCP(httpStatus: 404)
        )
        let modern = SupportedVersions([.v2026_07_28, .v2025_11_25])
        #expect(
            failure(run([.httpStatus(status), .httpStatus(status)], versions: modern).last)
                == .notMCP(httpStatus: status)
        )
        #expect(failure(run([.timedOut, .timedOut], transport: .stdio).last) == .timedOut)
    }

    @Test("a modern server's refusal of the handshake does not lead to HTTP+SSE")
    func modernRefusal() {
        let actions = run([.timedOut, .response(Sample.error(.methodNotFound), httpStatus: 404)])
        #expect(failure(actions.last) == .refused(JSONRPCError(code: .methodNotFound, message: "no")))
    }

    @Test("an answer to the handshake must be valid, and of a version with a handshake that the client supports")
    func handshake() {
        let versions = SupportedVersions([.v2025_11_25])
        #expect(run([], versions: versions) == [.initialize(.v2025_11_25)])
        #expect(
            failure(run([Self.initialized(.v2025_03_26)], versions: versions).last)
                == .noCommonVersion(server: [.v2025_03_26])
        )
        #expect(
            failure(run([.timedOut, Self.initialized(.v2026_07_28)]).last) == .noCommonVersion(server: [.v2026_07_28])
        )
        let invalid = run([.timedOut, .response(JSONRPCResponse(id: 1, result: [:]), httpStatus: 200)])
        guard case .invalidAnswer = failure(invalid.last) else {
            Issue.record("\(invalid)")
            return
        }
        #expect(failure(run([.httpStatus(404)], versions: SupportedVersions([.v2026_07_28])).last) == .legacyServer)
        #expect(failure(run([.connectionFailed]).last) == .connectionFailed)
    }

    @Test("what is remembered is tried first, and forgotten when it fails")
    func remembered() throws {
        let legacy = try #require(agreement(run([.timedOut, Self.initialized(.v2025_06_18)]).last))
        let again = run([Self.initialized(.v2025_06_18)], remembered: legacy)
        #expect(again.first == .initialize(.v2025_11_25) && agreement(again.last) != nil)
        let upgraded = run(
            [.response(Sample.error(.methodNotFound), httpStatus: 404), Self.discovered],
            remembered: legacy
        )
        #expect(
            upgraded.dropFirst().first == .discover(.v2026_07_28) && agreement(upgraded.last)?.version == .v2026_07_28
        )

        let sse = try #require(
            agreement(run([.httpStatus(404), .httpStatus(404), .endpoint, Self.initialized(.v2024_11_05, nil)]).last)
        )
        #expect(run([], remembered: sse) == [.openEventStream])
        let gone = run([.httpStatus(404), Self.discovered], remembered: sse)
        #expect(gone.dropFirst().first == .discover(.v2026_07_28) && agreement(gone.last)?.transport == .streamableHTTP)

        let unsupported = run(
            [],
            versions: SupportedVersions([.v2025_11_25]),
            remembered: agreement(run([Self.discovered]).last)
        )
        #expect(unsupported == [.initialize(.v2025_11_25)])
    }

    @Test("HTTP+SSE alone, where it is asked for")
    func onlyEventStream() {
        let actions = run([.endpoint, Self.initialized(.v2025_06_18, nil)], transport: .httpSSE)
        #expect(Array(actions.prefix(2)) == [.openEventStream, .initialize(.v2025_11_25)])
        #expect(agreement(actions.last)?.transport == .httpSSE)
        #expect(failure(run([.httpStatus(405)], transport: .httpSSE).last) == .notMCP(httpStatus: 405))
        #expect(failure(run([.endpoint, .timedOut], transport: .httpSSE).last) == .timedOut)
        #expect(failure(run([.endpoint, .httpStatus(404)], transport: .httpSSE).last) == .notMCP(httpStatus: 404))
    }

    @Test("whatever servers answer, a negotiation ends within six actions", arguments: Fuzz.seeds(0x4E01))
    func ends(seed: UInt64) {
        var random = Fuzz.generator(seed)
        let versions = ProtocolVersion.all.map(\.rawValue) + ["1.0"]
        let some = ClientNegotiation.Agreement?.none
        let memories = [
            some, agreement(run([Self.discovered]).last),
            agreement(run([.timedOut, Self.initialized(.v2025_06_18)]).last),
            agreement(run([.endpoint, Self.initialized(.v2024_11_05)], transport: .httpSSE).last),
        ]
        var agreements = 0
        for number in 0..<Fuzz.cases {
            var negotiation = ClientNegotiation(
                versions: SupportedVersions(
                    ProtocolVersion.all.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
                ),
                transport: [.streamableHTTP, .httpSSE, .stdio].randomElement(using: &random) ?? .stdio,
                remembered: memories.randomElement(using: &random) ?? nil
            )
            var action = negotiation.start()
            var count = 1
            while true {
                if case .ready = action { agreements += 1 }
                switch action {
                case .ready, .fail: break
                default:
                    count += 1
                    guard count <= 6 else {
                        Issue.record("case \(number) of seed \(seed) does not end")
                        return
                    }
                    let status = [nil, 200, 400, 404, 405, 500, 503].randomElement(using: &random) ?? nil
                    let codes: [ErrorCode] = [
                        .methodNotFound, .unsupportedProtocolVersion, .invalidRequest, .headerMismatch,
                    ]
                    let outcomes: [Outcome] = [
                        .httpStatus(status ?? 400), .timedOut, .endpoint, Self.discovered, .connectionFailed,
                        Self.initialized(
                            ProtocolVersion(rawValue: versions.randomElement(using: &random) ?? ""),
                            status
                        ),
                        .response(Sample.error(codes.randomElement(using: &random) ?? .parseError), httpStatus: status),
                        .response(
                            Self.unsupported(versions.filter { _ in Bool.random(using: &random) }),
                            httpStatus: status
                        ),
                    ]
                    action = negotiation.receive(outcomes.randomElement(using: &random) ?? .timedOut)
                    continue
                }
                break
            }
        }
        #expect((Fuzz.cases / 20..<Fuzz.cases).contains(agreements), "\(agreements) agreements")
    }

    @Test("a server answers initialize with the version asked for, or its best, never with one without a handshake")
    func serverAnswer() {
        let all = SupportedVersions.all
        for version in all.legacy { #expect(all.answer(toInitialize: version) == version) }
        for other in ["2026-07-28", "1.0", "", "2025-11-26"] {
            #expect(all.answer(toInitialize: ProtocolVersion(rawValue: other)) == .v2025_11_25)
        }
        #expect(SupportedVersions([.v2026_07_28]).answer(toInitialize: .v2025_11_25) == nil)
        #expect(
            SupportedVersions([.v2025_03_26, .v2025_03_26, ProtocolVersion(rawValue: "x")]).versions == [.v2025_03_26]
        )
    }
}
