import CRDModels
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import Synchronization
import TestSupport
import Testing

/// New versions of servers, which are compared, reviewed, approved and rolled back. The pods are the MCP servers of the sandbox.
@Suite("Reviews of new versions")
struct ReviewTests {
    private static let namespace = "default"
    private static let name = "weather"
    private static let candidate = "weather-candidate"

    private static func platform(
        _ review: TenantReview = TenantReview(),
        period: Int = 10,
        quota: Int? = nil
    ) -> PlatformConfiguration {
        PlatformConfiguration(
            quotas: quota.map {
                PlatformQuotas(
                    mode: .enforced,
                    defaultPlan: "small",
                    plans: ["small": QuotaOverrides(toolsPerServer: $0)]
                )
            },
            handshake: PlatformHandshake(mode: .enabled, periodSeconds: period),
            review: review
        )
    }

    /// An image whose contract depends on its last letter: a and b offer the same, c one more tool, and so on.
    private static func image(_ letter: Character) -> String {
        "registry.example/mcp/weather@sha256:" + String(repeating: String(letter), count: 64)
    }

    private static func contract(_ tools: String..., status: Int64? = nil) -> String {
        var contract: [String: JSONValue] = [
            "name": "weather", "tools": .array(tools.map { ["name": .string($0)] }),
        ]
        contract["status"] = status.map { .integer($0) }
        return String(decoding: JSONValue.object(contract).serialized(), as: UTF8.self)
    }

    private static let contracts: [String: String] = [
        image("a"): contract("forecast"), image("b"): contract("forecast"),
        image("c"): contract("forecast", "shell"), image("d"): contract("forecast", status: 404),
        image("e"): contract("forecast", status: 401), image("f"): contract("history"),
    ]

    private func withServers(
        _ platform: PlatformConfiguration = platform(),
        speed: Int = 1,
        _ body: @Sendable (TestCluster, SandboxCluster) async throws -> Void
    ) async throws {
        try await withSandbox(configure: { $0.contracts = Self.contracts }) { cluster, sandbox in
            var options = OperatorOptions()
            if speed > 1 { options.clock = .scaled(by: speed) }
            try await withOperator(cluster, platform: platform, options: options) { _ in
                try await body(cluster, sandbox)
            }
        }
    }

    private func apply(
        _ cluster: TestCluster,
        _ letter: Character,
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) async throws {
        var spec = MCPServerSpec(image: Self.image(letter))
        change(&spec)
        try await cluster.apply(cluster.server(Self.name, in: Self.namespace, spec: spec))
    }

    private func status(_ cluster: TestCluster) async throws -> MCPServerStatus? {
        try await cluster.server(named: Self.name, in: Self.namespace)?.status
    }

    /// Waits until an image serves, and nothing else is tried.
    @discardableResult
    private func serving(_ cluster: TestCluster, _ letter: Character) async throws -> MCPServerStatus {
        try await eventually("image \(letter) serves") { () -> MCPServerStatus? in
            guard let status = try await status(cluster), status.revision?.image == Self.image(letter),
                status.candidate == nil, status.conditions?[type: ConditionType.ready]?.status == .true
            else { return nil }
            return status
        }
    }

    /// Waits until a new version has reached a state.
    @discardableResult
    private func candidate(
        _ cluster: TestCluster,
        _ letter: Character,
        _ state: CandidateState
    ) async throws -> MCPServerStatus {
        try await eventually("image \(letter) is \(state.rawValue)") { () -> MCPServerStatus? in
            guard let status = try await status(cluster), status.candidate?.image == Self.image(letter),
                status.candidate?.state == state
            else { return nil }
            return status
        }
    }

    private func decide(
        _ cluster: TestCluster,
        _ revision: String?,
        _ decision: ApprovalDecision,
        by approver: String? = nil
    ) async throws {
        var approval: [String: JSONValue] = ["decision": .string(decision.rawValue), "reason": "a test"]
        approval["approver"] = approver.map { .string($0) }
        _ = try await cluster.client.patch(
            MCPServerRevision.resourceType,
            name: try #require(revision),
            namespace: Self.namespace,
            .merge(["spec": ["approval": .object(approval)]])
        )
    }

    private func deployment(_ cluster: TestCluster, _ name: String) async throws -> JSONValue? {
        try await cluster.find(.deployment, name, in: Self.namespace)
    }

    private func runningImage(_ cluster: TestCluster) async throws -> String? {
        try await deployment(cluster, Self.name)?[
            path: ["spec", "template", "spec", "containers"]
        ]?.arrayValue?.first?["image"]?.stringValue
    }

    private func revision(_ cluster: TestCluster, _ name: String?) async throws -> MCPServerRevision {
        try await cluster.client.get(MCPServerRevision.self, name: try #require(name), namespace: Self.namespace)
    }

    private func condition(_ status: MCPServerStatus, _ type: String) -> Condition? { status.conditions?[type: type] }

    // MARK: Upgrades

    @Test("another image with the same contract takes over by itself, after it was read beside the one that serves")
    func equal() async throws {
        try await withServers { cluster, sandbox in
            try await apply(cluster, "a")
            let first = try await serving(cluster, "a")
            let acceptance = try await revision(cluster, first.revision?.name).spec.acceptance
            #expect(acceptance == .firstVersion)
            #expect(condition(first, ConditionType.reviewRequired) == nil)
            sandbox.clearRequests()
            try await apply(cluster, "b")
            let second = try await serving(cluster, "b")
            let stored = try await revision(cluster, second.revision?.name)
            #expect(stored.spec.acceptance == .contractUnchanged)
            #expect(stored.status?.state == .serving && stored.status?.previous == first.revision?.name)
            #expect(condition(second, ConditionType.contractDrifted)?.status == .false)
            let writes = sandbox.writes().filter { $0.resource == "deployments" && $0.userAgent.hasPrefix("moorage") }
            #expect(writes.first?.name == Self.candidate && writes.first?.verb == "create", "\(writes)")
            try await eventually("nothing of the candidate is left") {
                let policy = try await cluster.find(.networkPolicy, Self.candidate, in: Self.namespace)
                return try await deployment(cluster, Self.candidate) == nil && policy == nil
            }
        }
    }

    @Test("another contract is held beside the version that serves, and takes over when it is approved")
    func approved() async throws {
        try await withServers { cluster, _ in
            try await apply(cluster, "a") { $0.config = ServerConfiguration(env: ["KEY": "1"]) }
            let first = try await serving(cluster, "a")
            try await apply(cluster, "c") { $0.config = ServerConfiguration(env: ["KEY": "2"]) }
            let held = try await candidate(cluster, "c", .held)
            #expect(condition(held, ConditionType.ready)?.status == .true)
            #expect(condition(held, ConditionType.reconciling)?.reason == Reason.reviewRequired.rawValue)
            let review = try #require(condition(held, ConditionType.reviewRequired))
            #expect(review.status == .true && review.message.contains("tool \"shell\" was added"), "\(review.message)")
            #expect(held.revision == first.revision)
            #expect(try await runningImage(cluster) == Self.image("a"))
            let stored = try await revision(cluster, held.candidate?.revision)
            #expect(stored.spec.acceptance == nil && stored.status?.state == .held)
            #expect(stored.status?.difference == ["tool \"shell\" was added"])

            // What the candidate reads is its own, and nothing selects its pods.
            let secret = try await cluster.find(.secret, "weather-env", in: Self.namespace)
            #expect(secret?[path: ["data", "KEY"]]?.stringValue == "MQ==")
            let own = try await cluster.find(.secret, "weather-candidate-env", in: Self.namespace)
            #expect(own?[path: ["data", "KEY"]]?.stringValue == "Mg==")
            let labels =
                try await deployment(cluster, Self.candidate)?[
                    path: ["spec", "template", "metadata", "labels"]
                ]?.objectValue ?? [:]
            #expect(labels[MoorageLabels.server] == nil && labels[MoorageLabels.candidate] == "weather")
            let policy = try #require(
                try await cluster.find(.networkPolicy, Self.candidate, in: Self.namespace)
            )
            let ingress = policy[path: ["spec", "ingress"]]?.arrayValue ?? []
            #expect(ingress.count == 1 && ingress.first?["from"]?.arrayValue?.count == 1)

            // What is not reviewed takes effect at once.
            try await apply(cluster, "c") {
                $0.config = ServerConfiguration(env: ["KEY": "2"])
                $0.replicas = 2
            }
            try await eventually("the version that serves is scaled") {
                try await deployment(cluster, Self.name)?[path: ["spec", "replicas"]]?.integerValue == 2
            }
            #expect(try await runningImage(cluster) == Self.image("a"))

            try await decide(cluster, held.candidate?.revision, .approved, by: "alice")
            let second = try await serving(cluster, "c")
            #expect(second.revision?.name == held.candidate?.revision)
            #expect(condition(second, ConditionType.reviewRequired) == nil)
            #expect(condition(second, ConditionType.contractDrifted)?.status == .false)
            try await eventually("the candidate is gone") {
                try await deployment(cluster, Self.candidate) == nil
            }
            let after = try await cluster.find(.secret, "weather-env", in: Self.namespace)
            #expect(after?[path: ["data", "KEY"]]?.stringValue == "Mg==")
            try await events(cluster, [.reviewRequired, .revisionAccepted])
        }
    }

    @Test("a rejected version is removed, and what serves is not changed")
    func rejected() async throws {
        try await withServers { cluster, _ in
            try await apply(cluster, "a")
            try await serving(cluster, "a")
            try await apply(cluster, "c")
            let held = try await candidate(cluster, "c", .held)
            try await decide(cluster, held.candidate?.revision, .rejected)
            let status = try await candidate(cluster, "c", .rejected)
            #expect(condition(status, ConditionType.ready)?.status == .true)
            #expect(condition(status, ConditionType.stalled)?.reason == Reason.candidateRejected.rawValue)
            try await eventually("the candidate is gone") {
                let state = try await revision(cluster, held.candidate?.revision).status?.state
                return try await deployment(cluster, Self.candidate) == nil && state == .rejected
            }
            #expect(try await runningImage(cluster) == Self.image("a"))
            // The person who decides can change their mind.
            try await decide(cluster, held.candidate?.revision, .approved)
            try await serving(cluster, "c")
            // Back to a version that may serve: at once, without a candidate.
            try await apply(cluster, "a")
            try await serving(cluster, "a")
        }
    }

    @Test("a version that waits is replaced by the next one")
    func superseded() async throws {
        try await withServers { cluster, _ in
            try await apply(cluster, "a")
            try await serving(cluster, "a")
            try await apply(cluster, "c")
            let held = try await candidate(cluster, "c", .held)
            try await apply(cluster, "f")
            let next = try await candidate(cluster, "f", .held)
            #expect(next.candidate?.revision != held.candidate?.revision)
            try await eventually("the one before is superseded") {
                try await revision(cluster, held.candidate?.revision).status?.state == .superseded
            }
            try await apply(cluster, "b")
            try await serving(cluster, "b")
        }
    }

    @Test("with Always, nothing serves before it is approved, not even the first version")
    func always() async throws {
        try await withServers(Self.platform(TenantReview(policy: .always))) { cluster, _ in
            try await apply(cluster, "a")
            let held = try await candidate(cluster, "a", .held)
            #expect(condition(held, ConditionType.ready)?.status == .false)
            #expect(condition(held, ConditionType.ready)?.reason == Reason.reviewRequired.rawValue)
            #expect(try await deployment(cluster, Self.name) == nil)
            #expect(try await cluster.find(.service, Self.name, in: Self.namespace) == nil)
            try await decide(cluster, held.candidate?.revision, .approved)
            try await serving(cluster, "a")
            // The same contract needs an approval too.
            try await apply(cluster, "b")
            let second = try await candidate(cluster, "b", .held)
            #expect(second.candidate?.message == "the policy requires an approval of every version")
            #expect(try await runningImage(cluster) == Self.image("a"))
        }
    }

    @Test("a version that cannot be read in time is removed, and tried again after a restart")
    func timedOut() async throws {
        try await withServers(Self.platform(TenantReview(startTimeoutSeconds: 10)), speed: 20) { cluster, _ in
            try await apply(cluster, "a")
            try await serving(cluster, "a")
            try await apply(cluster, "d")
            let status = try await candidate(cluster, "d", .timedOut)
            #expect(condition(status, ConditionType.reviewRequired)?.message.contains("404") == true)
            #expect(condition(status, ConditionType.ready)?.status == .true)
            try await eventually("the candidate is gone") { try await deployment(cluster, Self.candidate) == nil }
            #expect(try await runningImage(cluster) == Self.image("a"))
            _ = try await cluster.client.patch(
                MCPServer.resourceType,
                name: Self.name,
                namespace: Self.namespace,
                .merge(["metadata": ["annotations": ["moorage.dev/restart": "1"]]])
            )
            try await candidate(cluster, "d", .starting)
            try await candidate(cluster, "d", .timedOut)
        }
    }

    @Test("a version that requires credentials cannot be compared, and is held")
    func credentials() async throws {
        try await withServers { cluster, _ in
            try await apply(cluster, "a")
            try await serving(cluster, "a")
            try await apply(cluster, "e")
            let held = try await candidate(cluster, "e", .held)
            #expect(held.candidate?.message?.contains("requires credentials") == true)
            try await decide(cluster, held.candidate?.revision, .approved)
            try await eventually("it serves") {
                let status = try await status(cluster)
                let running = try await runningImage(cluster)
                return status?.candidate == nil && running == Self.image("e")
                    && status?.conditions?[type: ConditionType.ready]?.status == .true
            }
        }
    }

    @Test("a version with more tools than the quota is refused with the numbers, and the one before serves on")
    func quota() async throws {
        try await withServers(Self.platform(quota: 1)) { cluster, _ in
            try await apply(cluster, "a")
            try await serving(cluster, "a")
            try await apply(cluster, "c")
            let status = try await candidate(cluster, "c", .refused)
            let message = condition(status, ConditionType.reviewRequired)?.message ?? ""
            #expect(message.contains("offers 2 tools") && message.contains("may offer 1"), "\(message)")
            #expect(condition(status, ConditionType.ready)?.status == .true)
            #expect(condition(status, ConditionType.stalled)?.status == .true)
            try await eventually("the candidate is gone") { try await deployment(cluster, Self.candidate) == nil }
        }
    }

    @Test("a changed curation is reviewed like a changed contract")
    func curation() async throws {
        try await withServers { cluster, _ in
            try await apply(cluster, "a")
            try await serving(cluster, "a")
            try await apply(cluster, "a") { $0.tools = [ToolCuration(name: "forecast", scope: "weather:read")] }
            let held = try await candidate(cluster, "a", .held)
            #expect(
                condition(held, ConditionType.reviewRequired)?.message.contains("its scope is \"weather:read\"") == true
            )
            try await decide(cluster, held.candidate?.revision, .approved)
            let status = try await serving(cluster, "a")
            #expect(status.revision?.name == held.candidate?.revision)
        }
    }

    // MARK: Rollback

    @Test("a rollback needs no review, and stays until it is removed")
    func rollback() async throws {
        try await withServers { cluster, _ in
            try await apply(cluster, "a")
            let first = try await serving(cluster, "a")
            try await apply(cluster, "c")
            let held = try await candidate(cluster, "c", .held)
            // What was never approved cannot be rolled back to.
            try await apply(cluster, "c") { $0.rollbackTo = held.candidate?.revision }
            try await cluster.wait(
                for: ConditionType.accepted,
                .false,
                reason: .rollbackNotPossible,
                of: Self.name,
                in: Self.namespace
            )
            #expect(try await runningImage(cluster) == Self.image("a"))
            try await apply(cluster, "c")
            try await candidate(cluster, "c", .held)
            try await decide(cluster, held.candidate?.revision, .approved)
            try await serving(cluster, "c")

            try await apply(cluster, "c") { $0.rollbackTo = first.revision?.name }
            let back = try await serving(cluster, "a")
            #expect(back.revision?.name == first.revision?.name)
            // A change of the image waits until the rollback is removed.
            try await apply(cluster, "f") { $0.rollbackTo = first.revision?.name }
            try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
            #expect(try await runningImage(cluster) == Self.image("a"))
            #expect(try await deployment(cluster, Self.candidate) == nil)
            try await apply(cluster, "f")
            try await candidate(cluster, "f", .held)
            #expect(try await runningImage(cluster) == Self.image("a"))
        }
    }

    // MARK: Drift

    @Test("with Quarantine, a server that changes its mind is out of service until that is approved")
    func quarantine() async throws {
        let platform = Self.platform(TenantReview(onDrift: .quarantine), period: 10)
        try await withServers(platform, speed: 10) { cluster, _ in
            try await apply(cluster, "a")
            let first = try await serving(cluster, "a")
            func offer(_ contract: String?) async throws {
                let value: JSONValue = contract.map { .string($0) } ?? .null
                _ = try await cluster.client.patch(
                    MCPServer.resourceType,
                    name: Self.name,
                    namespace: Self.namespace,
                    .merge(["metadata": ["annotations": ["sandbox.moorage.dev/mcp": value]]])
                )
            }
            func isOpen() async throws -> Bool {
                let service = try await cluster.find(.service, Self.name, in: Self.namespace)
                return service?[path: ["spec", "selector", MoorageLabels.quarantine]] == nil
            }
            try await offer(Self.contract("forecast", "shell"))
            let server = try await cluster.wait(
                for: ConditionType.ready,
                .false,
                reason: .quarantined,
                of: Self.name,
                in: Self.namespace
            )
            #expect(try await !isOpen())
            let policy = try await cluster.find(.networkPolicy, Self.name, in: Self.namespace)
            #expect(policy?[path: ["spec", "ingress"]]?.arrayValue?.count == 1)
            let drifted = try #require(server.status?.revision)
            #expect(drifted.drift?.from == first.revision?.name)
            // New pods do not make it acceptable.
            _ = try await cluster.client.patch(
                MCPServer.resourceType,
                name: Self.name,
                namespace: Self.namespace,
                .merge(["metadata": ["annotations": ["moorage.dev/restart": "1"]]])
            )
            try await cluster.letOperatorPass()
            #expect(try await !isOpen())

            // It offers again what was approved.
            try await offer(nil)
            try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
            #expect(try await isOpen())

            // Somebody approves what it offers now.
            try await offer(Self.contract("forecast", "shell"))
            try await cluster.wait(
                for: ConditionType.ready,
                .false,
                reason: .quarantined,
                of: Self.name,
                in: Self.namespace
            )
            try await decide(cluster, drifted.name, .approved)
            try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
            #expect(try await isOpen())
            let status = try #require(try await status(cluster))
            #expect(status.revision?.name == drifted.name && status.revision?.drift == nil)

            // And takes the approval back.
            try await decide(cluster, drifted.name, .rejected)
            try await cluster.wait(
                for: ConditionType.ready,
                .false,
                reason: .quarantined,
                of: Self.name,
                in: Self.namespace
            )
            #expect(try await !isOpen())
        }
    }

    // MARK: Crashes

    @Test("after a crash after any single write, nothing that is not approved serves, and the next operator goes on")
    func crashes() async throws {
        let count = try await upgrade(killedAfter: nil)
        #expect(count >= 8, "the candidate's objects, its revision, the statuses, the Deployment")
        for spared in 0..<count { _ = try await upgrade(killedAfter: spared) }
    }

    /// Upgrades a server to a version that is held and then approved, with an operator that is killed after some of its
    /// writes, if a number is given, and another one.
    ///
    /// - Returns: how many writes there were.
    private func upgrade(killedAfter spared: Int?) async throws -> Int {
        try await withSandbox(configure: { $0.contracts = Self.contracts }) { cluster, sandbox in
            let platform = Self.platform(period: 86_400)
            try await withOperator(cluster, platform: platform) { _ in
                try await apply(cluster, "a")
                try await serving(cluster, "a")
            }
            try await apply(cluster, "c")
            sandbox.clearRequests()
            if let spared {
                sandbox.inject(Fault(.delay(.zero), resource: "events"))
                sandbox.inject(
                    Fault(
                        Fault.internalError,
                        verbs: ["create", "update", "patch", "apply", "delete"],
                        userAgentPrefix: "moorage-operator",
                        skip: spared
                    )
                )
                try await killing({ try await withOperator(cluster, platform: platform) { _ in try await parked() } }) {
                    try await eventually("the operator reaches its last allowed write, or has no more writes") {
                        if sandbox.writes().contains(where: { $0.code == 500 }) { return true }
                        if try await approveIfHeld(cluster) { return false }
                        return try await isUpgraded(cluster)
                    }
                }
                try await checkNothingUnapprovedServes(cluster)
                sandbox.removeFaults()
            }
            try await withOperator(cluster, platform: platform) { _ in
                try await eventually("the approved version serves") {
                    try await checkNothingUnapprovedServes(cluster)
                    if try await approveIfHeld(cluster) { return false }
                    return try await isUpgraded(cluster)
                }
                try await eventually("the candidate is gone") { try await deployment(cluster, Self.candidate) == nil }
            }
            return sandbox.writes().filter { $0.userAgent.hasPrefix("moorage-operator") && $0.resource != "events" }
                .count
        }
    }

    private func isUpgraded(_ cluster: TestCluster) async throws -> Bool {
        let status = try await status(cluster)
        return status?.revision?.image == Self.image("c") && status?.candidate == nil
    }

    /// Approves the revision that waits, once its server says so.
    private func approveIfHeld(_ cluster: TestCluster) async throws -> Bool {
        guard let candidate = try await status(cluster)?.candidate, candidate.state == .held,
            try await revision(cluster, candidate.revision).spec.approval == nil
        else { return false }
        try await decide(cluster, candidate.revision, .approved)
        return true
    }

    /// The Deployment behind the Service runs an image that may serve.
    private func checkNothingUnapprovedServes(_ cluster: TestCluster) async throws {
        let running = try await runningImage(cluster)
        guard running != Self.image("a") else { return }
        let revisions = try await cluster.client.list(MCPServerRevision.self, namespace: Self.namespace).items
        let admitted = revisions.filter { $0.spec.acceptance != nil || $0.spec.approval?.decision == .approved }
        #expect(admitted.contains { $0.spec.image.reference == running }, "\(running ?? "nothing") serves")
    }

    // MARK: Under load

    /// What clients of the Service saw.
    private final class Observer: Sendable {
        struct Seen: Sendable {
            var tools: Set<String> = []
            var answers = 0
            var failures: [String] = []
            var approved: Set<String> = []
        }

        private let state = Mutex(Seen())

        var seen: Seen { state.withLock { $0 } }

        func approve(_ tool: String) { state.withLock { _ = $0.approved.insert(tool) } }

        func note(_ answer: Result<Set<String>, Failure>) {
            state.withLock { seen in
                seen.answers += 1
                switch answer {
                case .success(let names):
                    seen.tools.formUnion(names)
                    if !seen.approved.isSuperset(of: names) { seen.failures.append("\(names) serve") }
                case .failure(let failure): seen.failures.append(failure.text)
                }
            }
        }
    }

    @Test("during 100 upgrades, the Service always answers, and never with what is not approved")
    func sampled() async throws {
        let images = (0..<100).map { number -> (image: String, tool: String) in
            let digits = String(number)
            return (
                "registry.example/mcp/weather@sha256:" + String(repeating: "0", count: 64 - digits.count) + digits,
                "tool-\(number)"
            )
        }
        let contracts = Dictionary(uniqueKeysWithValues: images.map { ($0.image, Self.contract($0.tool)) })
        let observer = Observer()
        observer.approve(images[0].tool)
        var generator = SeededGenerator(seed: 8)
        let rejections = Set((1..<images.count).filter { _ in Int.random(in: 0..<5, using: &generator) == 0 })
        try await withSandbox(configure: { $0.contracts = contracts }) { cluster, _ in
            try await withOperator(cluster, platform: Self.platform(period: 86_400)) { _ in
                func apply(_ image: String) async throws {
                    try await cluster.apply(
                        cluster.server(Self.name, in: Self.namespace, spec: MCPServerSpec(image: image))
                    )
                }
                try await apply(images[0].image)
                try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while !Task.isCancelled {
                            // What was approved is known before the answer can contain it.
                            observer.note(try await tools(cluster))
                            try await Task.sleep(for: .milliseconds(2))
                        }
                    }
                    for number in images.indices.dropFirst() {
                        let version = images[number]
                        try await apply(version.image)
                        let held = try await eventually("\(version.tool) is held") { () -> String? in
                            let candidate = try await status(cluster)?.candidate
                            return candidate?.image == version.image && candidate?.state == .held
                                ? candidate?.revision : nil
                        }
                        guard !rejections.contains(number) else {
                            try await decide(cluster, held, .rejected)
                            continue
                        }
                        observer.approve(version.tool)
                        try await decide(cluster, held, .approved)
                        try await eventually("\(version.tool) serves") {
                            try await status(cluster)?.revision?.image == version.image
                        }
                    }
                    group.cancelAll()
                    do { try await group.waitForAll() } catch is CancellationError {}
                }
            }
        }
        let result = observer.seen
        #expect(result.failures.isEmpty, "\(result.failures.prefix(5))")
        #expect(result.answers > 500, "\(result.answers)")
        #expect(result.tools.count > images.count / 2, "\(result.tools.count) versions were seen")
        #expect(rejections.allSatisfy { !result.tools.contains("tool-\($0)") })
    }

    private struct Failure: Error {
        var text: String
    }

    /// The tools that the server lists through its Service.
    private func tools(_ cluster: TestCluster) async throws -> Result<Set<String>, Failure> {
        let body: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": "tools/list",
            "params": [
                "_meta": [
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": [:],
                ]
            ],
        ]
        var request = APIRequest(
            method: .post,
            path: "/api/v1/namespaces/\(Self.namespace)/services/\(Self.name):\(Moorage.portName)/proxy/mcp"
        )
        request.headers = [.contentType: "application/json", .accept: "application/json, text/event-stream"]
        request.headers[try #require(HTTPField.Name("MCP-Protocol-Version"))] = "2026-07-28"
        request.headers[try #require(HTTPField.Name("Mcp-Method"))] = "tools/list"
        request.body = body.serialized()
        let response = try await cluster.client.transport.execute(request)
        var bytes: [UInt8] = []
        for try await chunk in response.body { bytes += chunk }
        let text = String(decoding: bytes, as: UTF8.self)
        // One message, as JSON or as an event.
        let json = text.split(separator: "\n").first { $0.hasPrefix("data: {") }?.dropFirst(6) ?? text[...]
        guard response.status.code == 200, let answer = try? JSONValue(parsing: Array(json.utf8)),
            let tools = answer[path: ["result", "tools"]]?.arrayValue
        else { return .failure(Failure(text: "\(response.status.code) \(text.prefix(200))")) }
        return .success(Set(tools.compactMap { $0["name"]?.stringValue }))
    }

    private func events(_ cluster: TestCluster, _ reasons: [Reason]) async throws {
        let type = ResourceType(
            group: "events.k8s.io",
            version: "v1",
            kind: "Event",
            plural: "events",
            isNamespaced: true
        )
        try await eventually("Events \(reasons)") {
            let found = Set(
                try await cluster.client.list(type, namespace: Self.namespace).items
                    .compactMap { $0["reason"]?.stringValue }
            )
            return found.isSuperset(of: reasons.map(\.rawValue))
        }
    }
}
