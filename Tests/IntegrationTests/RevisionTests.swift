import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import Synchronization
import TestSupport
import Testing

/// Revisions of servers, whose pods are the MCP servers of the sandbox.
@Suite("Revisions of servers")
struct RevisionTests {
    private static let namespace = "default"
    private static let name = "weather"
    private static let enabled = PlatformConfiguration(
        handshake: PlatformHandshake(mode: .enabled, periodSeconds: 10),
        review: TenantReview(policy: .never)
    )
    /// No regular check is due during a test.
    private static let rare = PlatformConfiguration(
        handshake: PlatformHandshake(mode: .enabled, periodSeconds: 86_400),
        review: TenantReview(policy: .never)
    )
    private static let otherImage = "registry.example/mcp/echo@sha256:" + String(repeating: "b", count: 64)

    private static func contract(_ tools: String...) -> JSONValue {
        [
            "name": "weather", "version": "1.2",
            "tools": .array(tools.map { ["name": .string($0), "annotations": ["readOnlyHint": true]] }),
            "prompts": [["name": "summary"]],
        ]
    }

    private func apply(
        _ cluster: TestCluster,
        _ contract: JSONValue? = contract("forecast", "history"),
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) async throws {
        var spec = MCPServerSpec(image: TestCluster.image)
        change(&spec)
        var server = cluster.server(Self.name, in: Self.namespace, spec: spec)
        if let contract {
            server.metadata.annotations = [
                "sandbox.moorage.dev/mcp": String(decoding: contract.serialized(), as: UTF8.self)
            ]
        }
        try await cluster.apply(server)
    }

    private func revisions(_ cluster: TestCluster) async throws -> [MCPServerRevision] {
        try await cluster.client.list(MCPServerRevision.self, namespace: Self.namespace).items
            .sorted { ($0.metadata.name ?? "") < ($1.metadata.name ?? "") }
    }

    private func status(_ cluster: TestCluster) async throws -> MCPServerStatus? {
        try await cluster.server(named: Self.name, in: Self.namespace)?.status
    }

    /// The revision that serves, once it meets a condition, with the server's status.
    @discardableResult
    private func serving(
        _ cluster: TestCluster,
        where isExpected: @Sendable (ServingRevision) -> Bool = { _ in true }
    ) async throws -> (MCPServerRevision, MCPServerStatus) {
        try await eventually("the expected revision serves") {
            guard let revision = try await self.status(cluster)?.revision else { return false }
            return isExpected(revision)
        }
        let status = try #require(try await self.status(cluster))
        let name = try #require(status.revision?.name)
        return (try await cluster.client.get(MCPServerRevision.self, name: name, namespace: Self.namespace), status)
    }

    private func condition(_ status: MCPServerStatus, _ type: String) -> Condition? { status.conditions?[type: type] }

    @Test("what a server offers is stored in a revision that its status names")
    func first() async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.enabled) { _ in
                try await apply(cluster)
                let (revision, status) = try await serving(cluster)
                #expect(revision.status == MCPServerRevisionStatus(state: .serving))
                #expect(revision.spec.server == Self.name)
                #expect(revision.spec.image.reference == TestCluster.image)
                #expect(revision.spec.image.digest == TestCluster.image.split(separator: "@").last.map(String.init))
                #expect(revision.spec.contract?.tools?.map(\.name) == ["forecast", "history"])
                #expect(revision.spec.contract?.tools?.allSatisfy(\.published) == true)
                #expect(revision.spec.contract?.prompts?.map(\.identity) == ["summary"])
                #expect(revision.spec.counts.tools == 2 && revision.spec.counts.publishedTools == 2)
                #expect(revision.spec.contractDigest == status.mcp?.contractDigest)
                #expect(revision.spec.provenance.pod == status.mcp?.pod)
                #expect(revision.spec.provenance.serverName == "weather")
                #expect(revision.metadata.controllerReference?.name == Self.name)
                #expect(condition(status, ConditionType.contractRecorded)?.status == .true)
                #expect(condition(status, ConditionType.contractDrifted)?.status == .false)
                #expect(condition(status, ConditionType.curationEnforced) == nil)
                try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
            }
            // The spec cannot be changed.
            let revision = try #require(try await revisions(cluster).first)
            await #expect(throws: APIError.self) {
                _ = try await cluster.client.patch(
                    MCPServerRevision.resourceType,
                    name: revision.metadata.name ?? "",
                    namespace: Self.namespace,
                    .merge(["spec": ["server": "another"]])
                )
            }
            // It is deleted with its server.
            _ = try await cluster.client.delete(MCPServer.resourceType, name: Self.name, namespace: Self.namespace)
            try await eventually("no revision is left") { try await revisions(cluster).isEmpty }
        }
    }

    @Test("a restarted operator writes nothing, and reads no revision")
    func restart() async throws {
        try await withSandbox { cluster, sandbox in
            try await withOperator(cluster, platform: Self.rare) { _ in
                try await apply(cluster) { $0.tools = [ToolCuration(name: "forecast", scope: "weather:read")] }
                try await serving(cluster)
                try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
                try await eventually("the operator is idle") {
                    sandbox.clearRequests()
                    try await cluster.letOperatorPass()
                    return sandbox.writes().allSatisfy(\.isOfPass)
                }
            }
            sandbox.clearRequests()
            try await withOperator(cluster, platform: Self.rare) { _ in
                try await cluster.letOperatorPass()
                try await cluster.letOperatorPass()
            }
            let writes = sandbox.writes().filter { !$0.isOfPass }
            #expect(writes.isEmpty, "\(writes.map { "\($0.verb) \($0.path)" })")
            let reads = sandbox.requests.filter { $0.verb == "get" && $0.resource == "mcpserverrevisions" }
            #expect(reads.isEmpty, "\(reads)")
        }
    }

    @Test("another image with another contract is a new revision, with its difference, and no drift")
    func upgrade() async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.enabled) { _ in
                try await apply(cluster)
                let (first, _) = try await serving(cluster)
                try await apply(cluster, Self.contract("forecast", "warnings")) { $0.image = Self.otherImage }
                let (second, status) = try await serving(cluster) { $0.image == Self.otherImage }
                #expect(second.status?.previous == first.metadata.name)
                #expect(
                    second.status?.difference == [
                        "tool \"history\" was removed", "tool \"warnings\" was added",
                    ]
                )
                #expect(condition(status, ConditionType.contractDrifted)?.status == .false)
                let old = try await cluster.client.get(
                    MCPServerRevision.self,
                    name: first.metadata.name ?? "",
                    namespace: Self.namespace
                )
                #expect(old.status?.state == .superseded)
                #expect(old.spec == first.spec)
                try await event(cluster, reason: .contractChanged)
            }
        }
    }

    private func event(_ cluster: TestCluster, reason: Reason) async throws {
        let events = ResourceType(
            group: "events.k8s.io",
            version: "v1",
            kind: "Event",
            plural: "events",
            isNamespaced: true
        )
        try await eventually("an Event \(reason)") {
            try await cluster.client.list(events, namespace: Self.namespace).items
                .contains { $0["reason"]?.stringValue == reason.rawValue }
        }
    }

    @Test("a server that changes its mind has drifted, until it offers again what it did or its pods are replaced")
    func drift() async throws {
        try await withSandbox { cluster, _ in
            var options = OperatorOptions()
            options.clock = .scaled(by: 10)
            try await withOperator(cluster, platform: Self.enabled, options: options) { _ in
                try await apply(cluster)
                let (first, _) = try await serving(cluster)
                let firstName = first.metadata.name
                try await apply(cluster, Self.contract("forecast", "history", "shell"))
                let (second, drifted) = try await serving(cluster) { $0.name != firstName }
                let message = try #require(condition(drifted, ConditionType.contractDrifted))
                #expect(message.status == .true)
                #expect(message.message.contains("tool \"shell\" was added"))
                #expect(drifted.revision?.drift?.from == firstName)
                #expect(second.status?.difference == ["tool \"shell\" was added"])
                #expect(condition(drifted, ConditionType.ready)?.status == .true)
                try await event(cluster, reason: .contractDrifted)

                // Back to what it offered: the first revision serves again.
                try await apply(cluster)
                let (back, stable) = try await serving(cluster) { $0.name == firstName }
                #expect(back.status?.state == .serving)
                #expect(condition(stable, ConditionType.contractDrifted)?.status == .false)
                #expect(try await revisions(cluster).map(\.status?.state).filter { $0 == .serving }.count == 1)

                // And away again; a restart accepts it.
                try await apply(cluster, Self.contract("forecast"))
                try await serving(cluster) { $0.drift != nil }
                _ = try await cluster.client.patch(
                    MCPServer.resourceType,
                    name: Self.name,
                    namespace: Self.namespace,
                    .merge(["metadata": ["annotations": ["moorage.dev/restart": "1"]]])
                )
                try await serving(cluster) { $0.drift == nil && $0.tools == 1 }
            }
        }
    }

    @Test("a curation is part of the revision, its mistakes are reported, and that nothing enforces it")
    func curation() async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.rare) { _ in
                try await apply(cluster)
                let (first, _) = try await serving(cluster)
                // No check is due: the contract comes from the first revision.
                try await apply(cluster) {
                    $0.tools = [
                        ToolCuration(name: "forecast", title: "Forecast", scope: "weather:read"),
                        ToolCuration(name: "histroy", enabled: true),
                    ]
                    $0.toolPolicy = ToolPolicy(default: .disabled)
                }
                let (second, status) = try await serving(cluster) { $0.name != first.metadata.name }
                #expect(second.spec.contractDigest == first.spec.contractDigest)
                #expect(second.spec.digest != first.spec.digest)
                #expect(second.spec.counts.publishedTools == 0)
                let forecast = second.spec.contract?.tools?.first
                #expect(forecast?.scope == "weather:read" && forecast?.title == "Forecast")
                let enforced = try #require(condition(status, ConditionType.curationEnforced))
                #expect(enforced.status == .false)
                #expect(enforced.message.contains("the gateway enforces the curation"))
                #expect(enforced.message.contains("did you mean \"history\"?"))
                #expect(condition(status, ConditionType.contractDrifted)?.status == .false)
                #expect(second.status?.difference?.contains("tool \"history\" is no longer published") == true)

                try await apply(cluster)
                let (back, last) = try await serving(cluster) { $0.name == first.metadata.name }
                #expect(back.status?.state == .serving)
                #expect(condition(last, ConditionType.curationEnforced) == nil)
            }
        }
    }

    @Test(
        "a server with more tools than its quota is not ready, and the breach is audited once",
        arguments: [true, false]
    )
    func quota(isEnforced: Bool) async throws {
        try await withSandbox { cluster, _ in
            var platform = Self.rare
            platform.quotas = PlatformQuotas(
                mode: isEnforced ? .enforced : .unbounded,
                defaultPlan: "small",
                plans: ["small": QuotaOverrides(toolsPerServer: 1)]
            )
            let lines = Mutex<[String]>([])
            var options = OperatorOptions()
            options.audit = AuditLog(now: { "now" }) { line in lines.withLock { $0.append(line) } }
            try await withOperator(cluster, platform: platform, options: options) { _ in
                try await apply(cluster)
                guard isEnforced else {
                    try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
                    let audited = lines.withLock { $0 }
                    #expect(audited.isEmpty)
                    return
                }
                let server = try await cluster.wait(
                    for: ConditionType.ready,
                    .false,
                    reason: .toolQuotaExceeded,
                    of: Self.name,
                    in: Self.namespace
                )
                let message = server.status?.conditions?[type: ConditionType.ready]?.message ?? ""
                #expect(message.contains("offers 2 tools") && message.contains("may offer 1"))
                #expect(server.status?.conditions?[type: ConditionType.stalled]?.status == .true)
                try await serving(cluster)
                try await cluster.letOperatorPass()
                let audited = lines.withLock { $0 }
                #expect(audited.count == 1, "\(audited)")
                #expect(audited.first?.contains("\"observed\":2") == true)
                #expect(audited.first?.contains("\"dimension\":\"toolsPerServer\"") == true)
                try await apply(cluster, Self.contract("forecast")) { $0.image = Self.otherImage }
                try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
            }
        }
    }

    @Test("old revisions are deleted, and the one that serves is kept")
    func history() async throws {
        try await withSandbox { cluster, _ in
            try await withOperator(cluster, platform: Self.rare) { _ in
                var names: [String] = []
                for scope in ["a", "b", "c", "d"] {
                    try await apply(cluster) {
                        $0.tools = [ToolCuration(name: "forecast", scope: scope)]
                        $0.revisionHistoryLimit = 1
                    }
                    let known = names
                    let (revision, _) = try await serving(cluster) { !known.contains($0.name) }
                    names.append(revision.metadata.name ?? "")
                }
                try await eventually("two revisions are left") {
                    let left = Set(try await revisions(cluster).compactMap(\.metadata.name))
                    return left.count == 2 && left.contains(names[3])
                }
            }
        }
    }

    @Test("contracts of 500 tools and of more than 700 KiB are stored whole", arguments: [500, 2_000])
    func large(tools: Int) async throws {
        let description = String(repeating: "What it does, \"quoted\". ", count: 10)
        let contract: JSONValue = [
            "tools": .array(
                (0..<tools).map { ["name": .string("tool-\($0)"), "description": .string(description)] }
            )
        ]
        let text = String(decoding: contract.serialized(), as: UTF8.self)
        var platform = Self.rare
        platform.quotas = PlatformQuotas(mode: .unbounded)
        try await withSandbox(configure: { $0.contracts = [TestCluster.image: text] }) { [platform] cluster, _ in
            try await withOperator(cluster, platform: platform) { _ in
                try await apply(cluster, nil)
                let (revision, status) = try await serving(cluster)
                #expect(revision.spec.counts.tools == tools)
                #expect(condition(status, ConditionType.contractRecorded)?.status == .true)
                let isSplit = tools == 2_000
                #expect((revision.spec.contract == nil) == isSplit)
                if !isSplit { #expect(revision.spec.contract?.tools?.count == tools) }
                var joined: [String] = []
                for part in revision.spec.parts ?? [] {
                    let object = try await cluster.client.get(.configMap, name: part.name, namespace: Self.namespace)
                    #expect(object["immutable"] == true)
                    joined.append(try #require(object[path: ["data", "contract"]]?.stringValue))
                }
                #expect(isSplit == (joined.count > 1))
                if isSplit {
                    let whole: RevisionContract = try JSONValue(parsing: Array(joined.joined().utf8)).decode()
                    #expect(whole.tools?.count == tools)
                    #expect(whole.tools?.allSatisfy { $0.definition.contains("\\\"quoted\\\"") } == true)
                }
                // Reading it back: a curation needs the whole contract, and no check is due.
                try await apply(cluster, nil) { $0.tools = [ToolCuration(name: "tool-7", enabled: false)] }
                let (second, _) = try await serving(cluster) { $0.publishedTools == tools - 1 }
                #expect(second.status?.difference == ["tool \"tool-7\" is no longer published"])
                if let part = second.spec.parts?.first {
                    _ = try await cluster.client.delete(.configMap, name: part.name, namespace: Self.namespace)
                    // Any pass over the server notices it.
                    try await apply(cluster, nil) {
                        $0.tools = [ToolCuration(name: "tool-7", enabled: false)]
                        $0.replicas = 2
                    }
                    try await eventually("the part is stored again") {
                        try await cluster.find(.configMap, part.name, in: Self.namespace) != nil
                    }
                }
                _ = try await cluster.client.delete(MCPServer.resourceType, name: Self.name, namespace: Self.namespace)
                try await eventually("nothing is left") {
                    let configMaps = try await cluster.client.list(.configMap, namespace: Self.namespace).items
                        .filter { $0[path: ["metadata", "name"]]?.stringValue?.hasPrefix("\(Self.name)-") == true }
                    return try await revisions(cluster).isEmpty && configMaps.isEmpty
                }
            }
        }
    }

    @Test(
        "after a crash after any single write of an upgrade, the next operator stores what is missing, and nothing twice"
    )
    func crashes() async throws {
        let (expected, count) = try await upgrade(killedAfter: nil)
        #expect(expected.map(\.state) == [.superseded, .serving])
        #expect(expected.last?.difference == ["tool \"history\" was removed"])
        #expect(count >= 5, "the Deployment, the revision, two statuses of revisions, the status of the server")
        for spared in 0..<count {
            let (found, _) = try await upgrade(killedAfter: spared)
            #expect(found == expected, "after \(spared) writes")
        }
    }

    /// Upgrades a server, with an operator that is killed after some of its writes, if a number is given, and another one.
    ///
    /// - Returns: the statuses of the revisions, the oldest first, and how many writes there were.
    private func upgrade(killedAfter spared: Int?) async throws -> ([MCPServerRevisionStatus], Int) {
        try await withSandbox { cluster, sandbox in
            let firstName = try await withOperator(cluster, platform: Self.rare) { _ in
                try await apply(cluster)
                let (first, _) = try await serving(cluster)
                try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
                return first.metadata.name
            }
            try await apply(cluster, Self.contract("forecast")) { $0.image = Self.otherImage }
            sandbox.clearRequests()
            let isUpgraded = { @Sendable in try await status(cluster)?.revision?.image == Self.otherImage }
            if let spared {
                // Events are excluded: the first matching fault applies, and this one does nothing.
                sandbox.inject(Fault(.delay(.zero), resource: "events"))
                sandbox.inject(
                    Fault(
                        Fault.internalError,
                        verbs: ["create", "update", "patch", "apply", "delete"],
                        userAgentPrefix: "moorage-operator",
                        skip: spared
                    )
                )
                try await killing({ try await withOperator(cluster, platform: Self.rare) { _ in try await parked() } })
                {
                    try await eventually("the operator reaches its last allowed write, or has no more writes") {
                        if sandbox.writes().contains(where: { $0.code == 500 }) { return true }
                        return try await isUpgraded()
                    }
                }
                sandbox.removeFaults()
            }
            var options = OperatorOptions()
            options.clock = .scaled(by: 10)
            try await withOperator(cluster, platform: Self.rare, options: options) { _ in
                try await eventually("the new revision serves, after \(spared ?? -1) writes") { try await isUpgraded() }
                try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
            }
            let writes = sandbox.writes().filter { $0.resource != "events" }
            let created = writes.filter { $0.code == 201 && $0.resource == "mcpserverrevisions" }
            #expect(created.count == 1, "after \(spared ?? -1) writes")
            let revisions = try await revisions(cluster)
            let ordered =
                revisions.filter { $0.metadata.name == firstName } + revisions.filter { $0.metadata.name != firstName }
            return (ordered.map { $0.status ?? MCPServerRevisionStatus() }, writes.count)
        }
    }

    @Test("a revision that was deleted is stored again, and one that cannot be written is reported")
    func repairs() async throws {
        try await withSandbox { cluster, sandbox in
            var options = OperatorOptions()
            options.clock = .scaled(by: 10)
            try await withOperator(cluster, platform: Self.enabled, options: options) { _ in
                sandbox.inject(
                    Fault(Fault.internalError, verbs: ["create"], resource: "mcpserverrevisions")
                )
                try await apply(cluster)
                try await cluster.wait(
                    for: ConditionType.contractRecorded,
                    .false,
                    reason: .applyFailed,
                    of: Self.name,
                    in: Self.namespace
                )
                // It serves all the same.
                try await cluster.wait(for: ConditionType.ready, .true, of: Self.name, in: Self.namespace)
                sandbox.removeFaults()
                let (revision, _) = try await serving(cluster)
                let name = revision.metadata.name ?? ""
                _ = try await cluster.client.delete(
                    MCPServerRevision.resourceType,
                    name: name,
                    namespace: Self.namespace
                )
                try await eventually("it is stored again") {
                    try await revisions(cluster).first?.status?.state == .serving
                }
                #expect(try await revisions(cluster).map(\.metadata.name) == [name])
            }
        }
    }
}
