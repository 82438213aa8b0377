import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Conditions about revisions")
struct RevisionConditionsTests {
    private static let now = Timestamp(secondsSinceEpoch: 5_000)
    private static let revision = ServingRevision(
        name: "weather-1",
        contractDigest: "sha256:1",
        image: Sample.image,
        podTemplateHash: "t",
        tools: 3,
        publishedTools: 2,
        warnings: ["spec.tools names \"x\", which the server does not offer"]
    )
    private static let drifted: ServingRevision = {
        var revision = Self.revision
        let lines = (0..<9).map { "tool \"\($0)\" was added" }
        revision.drift = ContractDrift(from: "weather-0", contractDigest: "sha256:0", difference: lines)
        return revision
    }()
    private static let problem = WriteProblem(
        .forbidden,
        ObjectReference(type: MCPServerRevision.resourceType, namespace: "mcp-acme", name: "weather-1"),
        message: "no"
    )

    private func status(
        _ server: MCPServer,
        _ report: RevisionReport?,
        tools: Int = 3,
        tenant: MCPTenant = Sample.tenant()
    ) -> MCPServerStatus {
        let state = ProtocolState.settled(.verified(ServerProtocolStatus(tools: tools)))
        let observed = ObservedServer(
            deployment: ObservedDeployment(
                generation: 1,
                replicas: 1,
                status: DeploymentStatus(
                    observedGeneration: 1,
                    replicas: 1,
                    updatedReplicas: 1,
                    readyReplicas: 1,
                    availableReplicas: 1
                )
            ),
            protocolState: report == .notRead ? .disabled(by: "spec.handshake") : state,
            revision: report
        )
        let status = serverStatus(
            of: server,
            decision: decide(Sample.input(server, tenants: [tenant])),
            observed: observed,
            claims: NamespaceClaims(tenants: [tenant]),
            now: Self.now
        )
        let violations = ConditionInvariants.violations(
            of: status.conditions ?? [],
            generation: server.metadata.generation,
            previous: server.status?.conditions ?? []
        )
        #expect(violations.isEmpty, "\(violations)")
        return status
    }

    private func condition(_ status: MCPServerStatus, _ type: String) -> Condition? { status.conditions?[type: type] }

    private let curated = Sample.server { $0.tools = [ToolCuration(name: "x", enabled: false)] }

    @Test("a stored revision is named with its numbers; the curation is reported only if there is one")
    func stored() {
        let status = status(curated, .stored(Self.revision))
        #expect(status.revision == Self.revision)
        let recorded = condition(status, ConditionType.contractRecorded)
        #expect(recorded?.status == .true)
        #expect(recorded?.message == "revision weather-1: 3 tools, of which the curation publishes 2")
        #expect(condition(status, ConditionType.contractDrifted)?.status == .false)
        let enforced = condition(status, ConditionType.curationEnforced)
        #expect(enforced?.status == .false && enforced?.message.hasSuffix("which the server does not offer") == true)
        #expect(condition(self.status(Sample.server(), .stored(Self.revision)), ConditionType.curationEnforced) == nil)
    }

    @Test("a drift is reported with its first differences, and the server stays ready")
    func drift() {
        let status = status(Sample.server(), .stored(Self.drifted))
        let drifted = condition(status, ConditionType.contractDrifted)
        #expect(drifted?.status == .true && drifted?.reason == Reason.contractDrifted.rawValue)
        #expect(drifted?.message.contains("tool \"2\" was added; and more") == true)
        #expect(drifted?.message.contains("tool \"3\"") == false)
        #expect(condition(status, ConditionType.ready)?.status == .true)
    }

    @Test(
        "what is known stays until something new is stored",
        arguments: [
            nil, .asBefore, .pending, .notStored(problem), .tooLarge(bytes: 9, limit: 8),
        ] as [RevisionReport?]
    )
    func kept(report: RevisionReport?) {
        var server = curated
        server.status = status(server, .stored(Self.drifted))
        let next = status(server, report)
        #expect(next.revision == Self.drifted)
        for type in [ConditionType.contractDrifted, ConditionType.curationEnforced] {
            #expect(condition(next, type) == condition(server.status ?? next, type))
        }
        let expected: Condition.Status =
            switch report {
            case nil, .asBefore: .true
            case .pending: .unknown
            default: .false
            }
        #expect(condition(next, ConditionType.contractRecorded)?.status == expected)
        #expect(condition(next, ConditionType.ready)?.status == .true)
    }

    @Test("everything is removed when the check is disabled")
    func disabled() {
        var server = curated
        server.status = status(server, .stored(Self.drifted))
        let next = status(server, .notRead)
        #expect(next.revision == nil)
        #expect(ServerConditions.revisionTypes.allSatisfy { condition(next, $0) == nil })
    }

    @Test("a refused spec changes nothing about the revision of the pods that still run")
    func refused() {
        var server = curated
        server.status = status(server, .stored(Self.revision))
        server.spec.image = "ghcr.io/acme/weather:latest"
        server.metadata.generation = 2
        let next = status(server, .asBefore)
        #expect(condition(next, ConditionType.accepted)?.status == .false)
        #expect(next.revision == Self.revision)
        #expect(condition(next, ConditionType.contractRecorded)?.status == .true)
        #expect(condition(next, ConditionType.curationEnforced)?.status == .false)
    }

    @Test("the quota of tools is reached, exceeded, or not enforced", arguments: [(3, true), (4, false)])
    func quota(tools: Int, isReady: Bool) throws {
        let bounded = Sample.tenant { $0.quotas = TenantQuotas(overrides: QuotaOverrides(toolsPerServer: 3)) }
        let ready = try #require(
            condition(status(Sample.server(), .asBefore, tools: tools, tenant: bounded), ConditionType.ready)
        )
        #expect(ready.status == (isReady ? .true : .false))
        if !isReady {
            #expect(ready.reason == Reason.toolQuotaExceeded.rawValue)
            #expect(ready.message.contains("offers 4 tools") && ready.message.contains("may offer 3"))
        }
        let plan = try #require(decide(Sample.input(Sample.server(), tenants: [bounded])).plan)
        #expect(
            plan.toolQuotaBreach(tools)
                == (isReady
                    ? nil
                    : QuotaBreach(
                        tenant: "acme",
                        server: "mcp-acme/weather",
                        dimension: .toolsPerServer,
                        limit: 3,
                        observed: 4
                    ))
        )
        #expect(plan.toolQuotaBreach(nil) == nil)
    }
}
