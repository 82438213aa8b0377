import CRDModels
import KubernetesAPI
import Testing

@testable import Policy

/// What a virtual server publishes, and under which names.
@Suite("Virtual servers: names")
struct VirtualServerPlanTests {
    private typealias Server = VirtualServerPlan.Server

    private static func server(_ name: String, _ tools: [String], prompts: [String] = []) -> Server {
        Server(name: name, labels: ["app": name], offer: .recorded(tools: tools, prompts: prompts))
    }

    private static func plan(_ spec: MCPVirtualServerSpec, _ servers: [Server]) -> VirtualServerPlan {
        VirtualServerPlan(spec, servers: servers)
    }

    private static func all(_ prefixes: NamePrefixes? = nil) -> MCPVirtualServerSpec {
        MCPVirtualServerSpec(serverSelector: LabelSelector(), prefixes: prefixes)
    }

    private func names(_ plan: VirtualServerPlan) -> [String] { plan.members.flatMap { $0.tools.map(\.name) } }

    @Test("names are the servers' own, and only those that several servers use get a prefix")
    func conflicts() {
        let plan = Self.plan(
            Self.all(),
            [
                Self.server("b", ["get", "list"], prompts: ["hi"]),
                Self.server("a", ["get", "put"], prompts: ["hi", "ho"]),
            ]
        )
        #expect(names(plan) == ["a_get", "put", "b_get", "list"])
        #expect(plan.members.map { $0.prompts.map(\.name) } == [["a_hi", "ho"], ["b_hi"]])
        #expect(plan.problems == [])
    }

    @Test("all names have a prefix if the spec says so, except those that it gives")
    func always() {
        let spec = MCPVirtualServerSpec(
            servers: [
                VirtualServerMember(name: "a", tools: [VirtualTool(name: "x", as: "y"), VirtualTool(name: "z")])
            ],
            prefixes: .always
        )
        let plan = Self.plan(spec, [Self.server("a", ["x", "z", "hidden"])])
        #expect(names(plan) == ["y", "a_z"])
        #expect(plan.members[0].tools.map(\.original) == ["x", "z"])
    }

    @Test("servers are in the order of the spec, then by name; each is a member once")
    func order() {
        let spec = MCPVirtualServerSpec(
            servers: [VirtualServerMember(name: "z"), VirtualServerMember(name: "m")],
            serverSelector: LabelSelector(matchLabels: ["app": "a"])
        )
        let servers = ["a", "b", "m", "z"].map { Self.server($0, ["\($0)-tool"]) }
        #expect(Self.plan(spec, servers).members.map(\.name) == ["z", "m", "a"])
        let named = MCPVirtualServerSpec(
            servers: [VirtualServerMember(name: "b", tools: [])],
            serverSelector: LabelSelector()
        )
        #expect(Self.plan(named, servers).members.map(\.name) == ["b", "a", "m", "z"])
        #expect(Self.plan(named, servers).members[0].tools == [])
    }

    @Test("a name that the spec gives wins; what would also have it gets a prefix")
    func given() {
        let spec = MCPVirtualServerSpec(
            servers: [
                VirtualServerMember(name: "a", tools: [VirtualTool(name: "x", as: "list")]),
                VirtualServerMember(name: "b"),
            ]
        )
        let plan = Self.plan(spec, [Self.server("a", ["x"]), Self.server("b", ["list"])])
        #expect(names(plan) == ["list", "b_list"])
        #expect(plan.problems == [])
    }

    @Test("a name with a prefix that is another's own name gives that one a prefix too")
    func chain() {
        // b_get is a tool of c; b and a both have get.
        let plan = Self.plan(
            Self.all(),
            [Self.server("a", ["get"]), Self.server("b", ["get"]), Self.server("c", ["b_get"])]
        )
        #expect(names(plan) == ["a_get", "b_get", "c_b_get"])
        #expect(plan.problems == [])
    }

    @Test("names that still are equal are not published, and reported for each")
    func unsolvable() {
        // a_b of x, with the prefix x, is x_a_b; so is b of x_a.
        let spec = MCPVirtualServerSpec(
            servers: [VirtualServerMember(name: "x"), VirtualServerMember(name: "x.a")],
            prefixes: .always
        )
        let solved = Self.plan(spec, [Self.server("x", ["a_b"]), Self.server("x.a", ["b"])])
        #expect(names(solved) == ["x_a_b", "x.a_b"])

        let twice = MCPVirtualServerSpec(
            servers: [
                VirtualServerMember(
                    name: "a",
                    tools: [VirtualTool(name: "x", as: "n"), VirtualTool(name: "y", as: "n")]
                ),
                VirtualServerMember(name: "b"),
            ]
        )
        let plan = Self.plan(twice, [Self.server("a", ["x", "y"]), Self.server("b", ["other"])])
        #expect(names(plan) == ["other"])
        #expect(
            plan.problems == [
                .nameConflict(server: "a", original: "x", name: "n"),
                .nameConflict(server: "a", original: "y", name: "n"),
            ]
        )

        let prefixed = MCPVirtualServerSpec(
            servers: [
                VirtualServerMember(name: "a", tools: [VirtualTool(name: "x", as: "b_y")]),
                VirtualServerMember(name: "b", tools: [VirtualTool(name: "y")]),
            ],
            prefixes: .always
        )
        let wins = Self.plan(prefixed, [Self.server("a", ["x"]), Self.server("b", ["y"])])
        #expect(names(wins) == ["b_y"])
        #expect(wins.problems == [.nameConflict(server: "b", original: "y", name: "b_y")])
    }

    @Test("what does not exist is reported, and hides nothing else")
    func missing() {
        let spec = MCPVirtualServerSpec(
            servers: [
                VirtualServerMember(name: "gone"),
                VirtualServerMember(name: "a", tools: [VirtualTool(name: "nope"), VirtualTool(name: "x")]),
                VirtualServerMember(name: "new"),
            ]
        )
        let plan = Self.plan(
            spec,
            [Self.server("a", ["x"]), Server(name: "new", offer: .unknown("what it offers was not read yet"))]
        )
        #expect(names(plan) == ["x"])
        #expect(
            plan.problems == [
                .serverNotFound("gone"), .toolNotFound(server: "a", "nope"),
                .offerUnknown(server: "new", "what it offers was not read yet"),
            ]
        )
    }

    @Test("of a server that nobody records, everything is published with its prefix, or what the spec picks")
    func unrecorded() {
        let live = Server(name: "live", offer: .unrecorded)
        let open = Self.plan(MCPVirtualServerSpec(servers: [VirtualServerMember(name: "live")]), [live])
        #expect(open.members[0].publishesOthers && open.members[0].tools == [] && !open.members[0].isRecorded)
        let picked = Self.plan(
            MCPVirtualServerSpec(
                servers: [
                    VirtualServerMember(name: "live", tools: [VirtualTool(name: "x", as: "y"), VirtualTool(name: "z")])
                ]
            ),
            [live]
        )
        #expect(!picked.members[0].publishesOthers && names(picked) == ["y", "live_z"])
    }

    @Test("names do not depend on the order in which servers are known, and are unique")
    func stable() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let servers = ["a", "b", "a_b", "a-b", "c"].map { name in
                Self.server(
                    name,
                    Array(Set((0..<6).map { _ in ["x", "b_x", "a_x", "y", "a-b_x", "b_b_x"].randomElement() ?? "x" }))
                        .sorted()
                )
            }
            let spec = Self.all([nil, .always, .conflicts].randomElement() ?? nil)
            let plan = Self.plan(spec, servers)
            #expect(plan == Self.plan(spec, servers.shuffled(using: &generator)))
            #expect(Set(names(plan)).count == names(plan).count)
            let conflicts = plan.problems.count
            #expect(
                names(plan).count + conflicts
                    == servers.reduce(0) { sum, server in
                        guard case .recorded(let tools, _) = server.offer else { return sum }
                        return sum + tools.count
                    }
            )
        }
    }

    @Test("what a server without a revision offers")
    func absence() {
        typealias Offer = VirtualServerPlan.Offer
        #expect(Offer.withoutRevision(mustBeRecorded: false, isUnread: true, isReady: false) == .unrecorded)
        #expect(Offer.withoutRevision(mustBeRecorded: false, isUnread: false, isReady: true) == .unrecorded)
        #expect(
            Offer.withoutRevision(mustBeRecorded: false, isUnread: false, isReady: false)
                == .unknown("what it offers was not read yet")
        )
        #expect(
            Offer.withoutRevision(mustBeRecorded: true, isUnread: true, isReady: true)
                == .unknown("the controller does not read what it offers: enable its handshake")
        )
    }
}
