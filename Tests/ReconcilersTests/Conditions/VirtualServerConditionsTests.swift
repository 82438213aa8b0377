import CRDModels
import KubernetesAPI
import Policy
import Testing

@testable import Reconcilers

/// What the status of a virtual server says.
@Suite("Conditions of virtual servers")
struct VirtualServerConditionsTests {
    private static let now = Timestamp(secondsSinceEpoch: 1_800_000_000)

    private static func status(
        _ spec: MCPVirtualServerSpec,
        _ servers: [VirtualServerPlan.Server],
        isProtected: Bool = false,
        status: MCPVirtualServerStatus? = nil
    ) -> MCPVirtualServerStatus {
        var virtualServer = MCPVirtualServer(metadata: ObjectMeta(name: "all", namespace: "team"), spec: spec)
        virtualServer.metadata.generation = 3
        virtualServer.status = status
        var input = VirtualServerInput(virtualServer: virtualServer, servers: servers)
        input.isProtected = isProtected
        return virtualServerStatus(of: input, now: now)
    }

    private static let everything = MCPVirtualServerSpec(serverSelector: LabelSelector())

    private static func server(_ name: String, _ tools: [String]) -> VirtualServerPlan.Server {
        .init(name: name, offer: .recorded(tools: tools, prompts: []))
    }

    private func states(_ status: MCPVirtualServerStatus) -> [String] {
        (status.conditions ?? []).map { "\($0.type)=\($0.status.rawValue):\($0.reason)" }
    }

    @Test("a virtual server that publishes everything is ready and settled")
    func ready() {
        let status = Self.status(Self.everything, [Self.server("a", ["x", "y"]), Self.server("b", ["z"])])
        #expect(
            states(status) == [
                "Accepted=True:Accepted", "ResolvedRefs=True:ResolvedRefs", "Ready=True:Published",
                "Reconciling=False:Settled", "Stalled=False:Settled",
            ]
        )
        #expect(status.observedGeneration == 3 && status.path == "/team/all/mcp" && status.tools == 3)
        #expect(status.members?.map(\.tools) == [2, 1])
        #expect(status.conditions?.allSatisfy { $0.observedGeneration == 3 } == true)
    }

    @Test("one that publishes nothing waits for its servers")
    func empty() {
        let nobody = Self.status(Self.everything, [])
        #expect(
            states(nobody) == [
                "Accepted=True:Accepted", "ResolvedRefs=True:ResolvedRefs", "Ready=False:NothingPublished",
                "Reconciling=True:NothingPublished", "Stalled=False:Progressing",
            ]
        )
        let missing = Self.status(MCPVirtualServerSpec(servers: [VirtualServerMember(name: "gone")]), [])
        #expect(states(missing).contains("ResolvedRefs=False:ServerNotFound"))
        #expect(states(missing).contains("Ready=False:NothingPublished"))
    }

    @Test("one with the name of a server, or in a protected namespace, is not served")
    func refused() {
        let taken = Self.status(Self.everything, [Self.server("all", ["x"])])
        #expect(
            states(taken) == [
                "Accepted=False:ServerNameTaken", "ResolvedRefs=Unknown:Waiting", "Ready=False:ServerNameTaken",
                "Reconciling=False:Waiting", "Stalled=True:ServerNameTaken",
            ]
        )
        #expect(taken.path == nil && taken.members == nil && taken.tools == nil)
        let protected = Self.status(Self.everything, [], isProtected: true)
        #expect(states(protected).first == "Accepted=False:NamespaceProtected")
    }

    @Test("a server that publishes less than the spec names says why, and long lists are cut")
    func members() {
        let picks = (0..<40).map { VirtualTool(name: String(repeating: "n", count: 200) + "\($0)") }
        let status = Self.status(
            MCPVirtualServerSpec(servers: [VirtualServerMember(name: "a", tools: picks + [VirtualTool(name: "x")])]),
            [Self.server("a", ["x"])]
        )
        #expect(status.members?.first?.tools == 1)
        #expect((status.members?.first?.message?.unicodeScalars.count ?? 0) <= 1_000)
        #expect(status.members?.first?.message?.contains("publishes no tool") == true)
    }

    @Test("a condition that does not change keeps its time")
    func times() {
        let first = Self.status(Self.everything, [Self.server("a", ["x"])])
        var input = VirtualServerInput(
            virtualServer: MCPVirtualServer(
                metadata: ObjectMeta(name: "all", namespace: "team"),
                spec: Self.everything
            ),
            servers: [Self.server("a", ["x"]), Self.server("b", ["y"])]
        )
        input.virtualServer.status = first
        let second = virtualServerStatus(of: input, now: Timestamp(secondsSinceEpoch: 1_900_000_000))
        #expect(second.tools == 2)
        #expect(second.conditions?.allSatisfy { $0.lastTransitionTime == Self.now } == true)
    }
}
