import ClusterTool
import CRDModels
import FoundationEssentials
import KubernetesAPI
import MCPProtocol
import Testing

/// Objects with fields that are missing or of another type. `MOORAGE_FUZZ_CASES` sets how many, and `MOORAGE_FUZZ_SEED` the first
/// seed.
@Suite("Nothing crashes on strange objects")
struct FuzzTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static let odd: [JSONValue] = [
        .null, true, 0, -1, .integer(.max), .integer(.min), .number(1e308), .number(-0.5), "", "\u{1B}[0m\n", "-", [],
        [:],
        [.null], ["x": [:]], "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
    ]

    /// The object with a field that is missing, of another type, or repeated.
    private static func mutated(_ value: JSONValue, _ random: inout SplitMix64) -> JSONValue {
        if Int.random(in: 0..<12, using: &random) == 0 { return odd.randomElement(using: &random) ?? .null }
        switch value {
        case .object(var members):
            // The order of a dictionary's keys differs between processes.
            guard let key = members.keys.sorted().randomElement(using: &random) else { return value }
            if Int.random(in: 0..<6, using: &random) == 0 {
                members[key] = nil
            } else {
                members[key] = mutated(members[key] ?? .null, &random)
            }
            return .object(members)
        case .array(var elements):
            guard let index = elements.indices.randomElement(using: &random) else { return value }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            default: elements[index] = mutated(elements[index], &random)
            }
            return .array(elements)
        default: return odd.randomElement(using: &random) ?? .null
        }
    }

    @Test(
        "statuses, decisions, quotas and logs of 1,000 strange clusters are shown, on lines without control characters"
    )
    func strange() throws {
        let first = Self.number("MOORAGE_FUZZ_SEED") ?? 0x6B6D_0000
        let contract = try ServerContract([:])
        let plain = StatusReportTests.report(StatusReportTests.crashing).rendered(console: .plain)
        var changed = 0
        for seed in first..<first + (Self.number("MOORAGE_FUZZ_CASES") ?? 1_000) {
            var random = SplitMix64(seed: seed)
            func strange(_ object: JSONValue) -> JSONValue {
                var object = object
                for _ in 0..<Int.random(in: 0...4, using: &random) { object = Self.mutated(object, &random) }
                return object
            }
            let subject = strange(
                [Objects.crashing, Objects.held, Objects.tenant].randomElement(using: &random) ?? [:]
            )
            let revisions = [Objects.serving, Objects.waiting, Objects.rejected].map(strange)
            let pods = [Objects.crashingPod].map(strange)
            let others = ([Objects.deployment, Objects.service] + Objects.others).map(strange)
            let report = StatusReportTests.report(
                ClusterObjects(subject: subject, objects: pods + others + revisions, events: [strange(Objects.event)])
            )
            var texts = [report.rendered(console: .plain)]
            _ = report.json.serialized()
            let quota = QuotaReport(subject, servers: [subject, strange(Objects.waitingServer("x", position: 1))])
            texts.append(quota.rendered(console: .plain))
            _ = quota.json
            texts.append(
                ServerOverview(
                    [subject],
                    namespace: "n",
                    catalogue: Objects.catalogue,
                    program: "kubectl moorage"
                )
                .rendered(console: .plain)
            )
            let choice = RevisionChoice(server: subject, revisions: revisions.map(RevisionFact.init))
            if let chosen = try? choice.toRollBack(nil) {
                texts.append(ProposedChange.rollback(of: subject, to: chosen).rendered(console: .plain))
            }
            _ = try? choice.toCompare(nil, nil)
            for revision in revisions {
                for decision in ApprovalDecision.allCases {
                    let change = try? ProposedChange.decision(decision, about: revision, approver: "joe", reason: nil)
                    if let change { texts.append(change.rendered(console: .plain)) }
                }
            }
            texts.append(ProposedChange.endOfRollback(of: subject).rendered(console: .plain))
            texts.append(ProposedChange.restart(of: subject, now: Objects.now).rendered(console: .plain))
            let comparison = RevisionComparison(
                from: .init(revision: revisions[0], contract: contract),
                to: .init(revision: revisions[1], contract: contract)
            )
            texts += [comparison.unified(console: .plain), comparison.sideBySide(width: 60, console: .plain)]
            _ = LogSource.find(pods, container: nil, isPrevious: false)
            _ = LogSource.containers(pods)
            for text in texts {
                let isSafe = text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F }
                #expect(isSafe, "seed \(seed)")
            }
            if texts.first != plain { changed += 1 }
        }
        // The objects are strange indeed.
        #expect(changed > 0)
    }

    @Test(
        "checks, ways, calls, metrics and completions of 1,000 strange inputs are shown, on lines without control characters"
    )
    func strangeInputs() throws {
        let first = Self.number("MOORAGE_FUZZ_SEED") ?? 0x6B6E_0000
        let metrics = Array(UsageTests.metrics(success: 5, failed: 1, buckets: [("0.1", 3), ("+Inf", 5)]).utf8)
        let schema = try JSONValue(parsing: Array(CallTests.schema.bytes))
        var (changed, parsed, typed) = (0, 0, 0)
        for seed in first..<first + (Self.number("MOORAGE_FUZZ_CASES") ?? 1_000) {
            var random = SplitMix64(seed: seed)
            func strange(_ object: JSONValue) -> JSONValue {
                var object = object
                for _ in 0..<Int.random(in: 0...3, using: &random) { object = Self.mutated(object, &random) }
                return object
            }
            var facts = DoctorTests.healthy
            facts.version = .found(strange(facts.version.value ?? [:]))
            facts.lease = .found(strange(facts.lease.value ?? [:]))
            facts.definitions = .found((facts.definitions.value ?? []).prefix(2).map(strange))
            facts.deployments = .found((facts.deployments.value ?? []).map(strange))
            facts.services = .found((facts.services.value ?? []).map(strange))
            facts.tenants = .found((facts.tenants.value ?? []).map(strange))
            facts.servers = .found([strange(Objects.crashing)])
            facts.namespaces = .found((facts.namespaces.value ?? []).map(strange))
            facts.policies = .found((facts.policies.value ?? []).map(strange))
            let report = DoctorReport(facts)
            var texts = [report.rendered(console: .plain)]
            if report.hasFailed { changed += 1 }
            let server = strange(Objects.crashing)
            _ = ServerRoute(server: server, service: strange(Objects.service))
            _ = ForwardedPod.ready(
                [strange(ConnectTests.pod("a")), strange(Objects.crashingPod)],
                portName: "http",
                fallback: 1
            )

            let raw = (try? RawJSON(parsing: String(decoding: strange(schema).serialized(), as: UTF8.self))) ?? [:]
            let arguments = ToolArguments(CallTests.tool(raw))
            for text in ["city=1", "tags=2", "place=[1]", "loop=x", "unit=3", "maybe=q"] {
                do {
                    _ = try arguments.object(base: nil, texts: [text])
                    typed += 1
                } catch {
                    texts.append("\(error)")
                }
            }
            texts.append(ToolList([["name": "x", "description": "y", "inputSchema": raw]]).rendered(console: .plain))

            var bytes = metrics
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let samples = try? MetricSample.parse(text, names: GatewayUsage.Metric.all) {
                parsed += 1
                let increase = GatewayUsage.Reading(samples).increase(since: GatewayUsage.Reading([]))
                let usage = GatewayUsage(increase, period: .seconds(1), namespace: nil)
                texts.append(usage.rendered(console: .plain))
                _ = usage.json.serialized()
            }
            _ = CompletionRequest(strange(CompletionTests.description), words: ["logs", "-n", "a", "--", "b"]).answer([]
            )
            for text in texts {
                let isSafe = text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F }
                #expect(isSafe, "seed \(seed): \(text)")
            }
        }
        // Some are strange, and not all of them are useless.
        #expect(changed > 0)
        #expect(parsed > 0)
        #expect(typed > 0)
    }
}
