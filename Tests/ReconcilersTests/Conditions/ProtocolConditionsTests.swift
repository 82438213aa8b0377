import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

private let now = Timestamp(secondsSinceEpoch: 5_000)

private let report = ServerProtocolStatus(
    serverName: "weather",
    serverVersion: "1.2",
    protocolVersion: "2026-07-28",
    tools: 2,
    prompts: 0,
    resources: 1,
    pod: "weather-1",
    lastCheckTime: Timestamp(secondsSinceEpoch: 4_000)
)

private let wrongPath = ProtocolVerdict.failed(
    ProtocolFailure(.endpointNotFound, "POST /mcp answers 404: set spec.path to /sse, which works")
)

private let wants = ProtocolVerdict.credentialsRequired(report, message: "the server wants credentials")

private struct ProtocolCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var state: ProtocolState
    /// Whether the server was ready before.
    var wasReady = false
    var ready: Condition.Status
    var readyReason: Reason
    var verified: Condition.Status
    var verifiedReason: Reason
    var isStalled = false
}

private let cases: [ProtocolCase] = [
    ProtocolCase(
        testDescription: "verified",
        state: .settled(.verified(report)),
        ready: .true,
        readyReason: .serving,
        verified: .true,
        verifiedReason: .protocolVerified
    ),
    ProtocolCase(
        testDescription: "credentials are required",
        state: .settled(wants),
        ready: .true,
        readyReason: .serving,
        verified: .true,
        verifiedReason: .credentialsRequired
    ),
    ProtocolCase(
        testDescription: "disabled",
        state: .disabled(by: "spec.handshake"),
        ready: .true,
        readyReason: .serving,
        verified: .unknown,
        verifiedReason: .handshakeDisabled
    ),
    ProtocolCase(
        testDescription: "never checked",
        state: .pending(last: nil),
        ready: .false,
        readyReason: .handshakePending,
        verified: .unknown,
        verifiedReason: .handshakePending
    ),
    ProtocolCase(
        testDescription: "another pod of a ready server",
        state: .pending(last: .verified(report)),
        wasReady: true,
        ready: .true,
        readyReason: .handshakePending,
        verified: .true,
        verifiedReason: .protocolVerified
    ),
    ProtocolCase(
        testDescription: "another pod of a server that was not ready",
        state: .pending(last: .verified(report)),
        ready: .false,
        readyReason: .handshakePending,
        verified: .true,
        verifiedReason: .protocolVerified
    ),
    ProtocolCase(
        testDescription: "a failure that someone has to fix",
        state: .settled(wrongPath),
        wasReady: true,
        ready: .false,
        readyReason: .endpointNotFound,
        verified: .false,
        verifiedReason: .endpointNotFound,
        isStalled: true
    ),
    ProtocolCase(
        testDescription: "a failure that may pass",
        state: .settled(.failed(ProtocolFailure(.timedOut, "no answer in 10 seconds"))),
        ready: .false,
        readyReason: .handshakeTimedOut,
        verified: .false,
        verifiedReason: .handshakeTimedOut
    ),
]

@Suite("A server's protocol in its status")
struct ProtocolConditionsTests {
    private func observed(_ state: ProtocolState?, available: Int = 1) -> ObservedServer {
        ObservedServer(
            deployment: ObservedDeployment(
                generation: 1,
                replicas: 1,
                status: DeploymentStatus(
                    observedGeneration: 1,
                    replicas: 1,
                    updatedReplicas: 1,
                    readyReplicas: available,
                    availableReplicas: available
                )
            ),
            protocolState: state
        )
    }

    private func status(_ server: MCPServer, _ observed: ObservedServer) -> MCPServerStatus {
        let status = serverStatus(
            of: server,
            decision: decide(Sample.input(server)),
            observed: observed,
            claims: NamespaceClaims(tenants: [Sample.tenant()]),
            now: now
        )
        let violations = ConditionInvariants.violations(
            of: status.conditions ?? [],
            generation: server.metadata.generation,
            previous: server.status?.conditions ?? []
        )
        #expect(violations.isEmpty, "\(violations)")
        return status
    }

    @Test("Ready means that a pod has spoken MCP", arguments: cases)
    fileprivate func ready(_ example: ProtocolCase) throws {
        var server = Sample.server()
        if example.wasReady { server.status = status(server, observed(.settled(.verified(report)))) }
        let conditions = status(server, observed(example.state)).conditions ?? []
        let ready = try #require(conditions[type: ConditionType.ready])
        #expect(ready.status == example.ready)
        #expect(ready.reason == example.readyReason.rawValue)
        let verified = try #require(conditions[type: ConditionType.protocolVerified])
        #expect(verified.status == example.verified)
        #expect(verified.reason == example.verifiedReason.rawValue)
        #expect((conditions[type: ConditionType.stalled]?.status == .true) == example.isStalled)
    }

    @Test("the condition says who the server is and what it offers")
    func message() {
        let status = status(Sample.server(), observed(.settled(.verified(report))))
        #expect(
            status.conditions?[type: ConditionType.protocolVerified]?.message
                == "weather 1.2 speaks MCP 2026-07-28 and offers 2 tools, 1 resource"
        )
        #expect(status.mcp == report)
    }

    @Test("what a server said is kept while it has no pod, and removed when the check is disabled")
    func kept() {
        var server = Sample.server()
        server.status = status(server, observed(.settled(.verified(report))))
        let without = status(server, observed(.noPod(last: nil), available: 0))
        #expect(without.mcp == report)
        #expect(without.conditions?[type: ConditionType.protocolVerified]?.status == .unknown)
        #expect(status(server, observed(.settled(wrongPath))).mcp == report)
        #expect(status(server, observed(.disabled(by: "spec.handshake"))).mcp == nil)
    }

    @Test("pods that are not ready are the first problem, whatever the protocol says")
    func podsFirst() {
        let status = status(Sample.server(), observed(.settled(wrongPath), available: 0))
        #expect(status.conditions?[type: ConditionType.ready]?.reason == Reason.rollingOut.rawValue)
    }

    @Test("the server decides before its class, and the class before the platform")
    func setting() {
        func setting(_ own: HandshakeMode?, _ inherited: HandshakeMode?, _ platform: HandshakeMode?) -> HandshakeSetting
        {
            HandshakeSetting(
                spec: MCPServerSpec(handshake: own),
                class: MCPServerClassSpec(handshake: inherited),
                platform: PlatformConfiguration(handshake: PlatformHandshake(mode: platform))
            )
        }
        #expect(setting(nil, nil, nil) == .enabled)
        #expect(setting(.disabled, .enabled, .enabled) == .disabled(by: "spec.handshake"))
        #expect(setting(.enabled, .disabled, .disabled) == .enabled)
        #expect(setting(nil, .disabled, .enabled) == .disabled(by: "spec.handshake of the class"))
        #expect(
            setting(nil, nil, .disabled) == .disabled(by: "handshake.mode of the platform's configuration")
        )
    }

    @Test("a policy lets exactly the controller's pods in, and nobody where the check is disabled")
    func networkPolicy() throws {
        let controller = NetworkPolicyPeer(
            podSelector: PlatformHandshake.builtInControllerPods,
            namespaceSelector: LabelSelector(matchLabels: [MoorageLabels.namespaceName: "moorage-system"])
        )
        func rules(_ mode: HandshakeMode?) throws -> [NetworkPolicyIngressRule] {
            let plan = try #require(decide(Sample.input(Sample.server { $0.handshake = mode })).plan)
            return (plan.networkPolicy?.ingress ?? []).filter { ($0.from ?? []).contains(controller) }
        }
        #expect(try rules(nil).map(\.ports) == [[NetworkPolicyPort(protocol: "TCP", port: .string("http"))]])
        #expect(try rules(nil).first?.from == [controller])
        #expect(try rules(.disabled).isEmpty)
    }

    @Test("a verdict is restored from the status that reported it", arguments: [true, false])
    func restored(wantsCredentials: Bool) {
        let verdict: ProtocolVerdict = wantsCredentials ? wants : .verified(report)
        #expect(ProtocolVerdict(status(Sample.server(), observed(.settled(verdict)))) == verdict)
        #expect(ProtocolVerdict(status(Sample.server(), observed(.settled(wrongPath)))) == nil)
        #expect(ProtocolVerdict(nil) == nil)
    }
}
