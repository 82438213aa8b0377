import KubernetesAPI
import Testing

@testable import Isolation

@Suite("The isolation of tenants")
struct CheckTests {
    private static let namespaces = """
        acme tenant=acme
        acme-2 tenant=acme
        umbrella tenant=umbrella
        gateway
        """

    private static func report(
        pods: String = "acme/a\nacme-2/b\numbrella/c\ngateway/g",
        _ policies: String,
        blocked: [BlockedRange] = [],
        allow: [String] = []
    ) throws -> IsolationReport {
        let world = try World(namespaces: namespaces, pods: pods, policies: policies, podRanges: ["10.0.0.0/8"])
        return try IsolationCheck(
            world.model,
            blocked: blocked,
            allowances: allow.map { try #require(Allowance($0)) }
        ).report()
    }

    private static let metadata = BlockedRange("169.254.0.0/16", reason: "metadata")

    /// Denies everything in the namespaces of both tenants.
    private static let denied = ["acme", "acme-2", "umbrella"].map { name in
        "metadata: {name: deny, namespace: \(name)}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n---\n"
    }.joined()

    @Test("a path between two tenants is a crossing; paths within a tenant and from and to the platform are not")
    func kinds() throws {
        let report = try Self.report("")
        let kinds = Dictionary(
            report.paths.map { ("\($0.source.namespace) \($0.target.namespace)", $0.kind) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(kinds["acme umbrella"] == .crossing)
        #expect(kinds["umbrella acme-2"] == .crossing)
        #expect(kinds["acme acme-2"] == .sameTenant)
        #expect(kinds["gateway acme"] == .shared)
        #expect(kinds["umbrella gateway"] == .shared)
        #expect(kinds["acme acme"] == nil)
        #expect(!report.isIsolated)
        #expect(report.crossings.allSatisfy { $0.egress == .notSelected && $0.ingress == .notSelected })
        #expect(report.podCount == 4)
    }

    @Test("tenants that deny everything are isolated")
    func isolated() throws {
        let report = try Self.report(Self.denied, blocked: [try #require(Self.metadata)])
        #expect(report.isIsolated)
        #expect(report.paths == [])
        #expect(report.outside == [])
    }

    @Test("a hole is named at both ends")
    func hole() throws {
        let holes = """
            metadata: {name: out, namespace: acme}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: 80}]}]}
            ---
            metadata: {name: in, namespace: umbrella}
            spec: {podSelector: {}, ingress: [{}]}
            """
        let report = try Self.report(Self.denied + holes)
        let crossing = try #require(report.crossings.first)
        #expect(report.crossings.count == 1)
        #expect(crossing.source == .init(namespace: "acme", tenant: "acme", pods: ["a"]))
        #expect(crossing.target == .init(namespace: "umbrella", tenant: "umbrella", pods: ["c"]))
        #expect(crossing.ports == PortSet(.tcp, 80...80))
        #expect(crossing.egress == .policies(["acme/out"]))
        #expect(crossing.ingress == .policies(["umbrella/in"]))
    }

    @Test("an allowed crossing is listed, in its direction alone")
    func allowed() throws {
        let report = try Self.report("", allow: ["acme=umbrella"])
        #expect(report.paths.contains { $0.kind == .allowed && $0.source.tenant == "acme" })
        #expect(!report.crossings.contains { $0.source.tenant == "acme" })
        #expect(report.crossings.contains { $0.source.tenant == "umbrella" })
        #expect(try Self.report("", allow: ["*=umbrella", "umbrella=acme"]).isIsolated)
    }

    @Test(
        "what is not A=B is not an allowance",
        arguments: ["", "a", "a=", "=b", "a=*", "a=b=c", "a=10.0.0.0/99", "a=10.0.0.0/"]
    )
    func notAllowances(text: String) {
        #expect(Allowance(text) == nil)
    }

    @Test("a blocked range is reached if any of its addresses is")
    func blocked() throws {
        let blocked = [try #require(Self.metadata), try #require(BlockedRange("198.51.100.0/24", reason: "platform"))]
        let hole = """
            metadata: {name: one, namespace: acme}
            spec:
              podSelector: {}
              policyTypes: [Egress]
              egress: [{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 80}]}]
            """
        let report = try Self.report(Self.denied + hole, blocked: blocked)
        let path = try #require(report.blocked.first)
        #expect(report.blocked.count == 1)
        #expect(path.source.pods == ["a"])
        #expect(path.ranges.map(\.text) == ["169.254.0.0/16"])
        #expect(path.ports == PortSet(.tcp, 80...80))
        #expect(path.egress == .policies(["acme/one"]))
        #expect(!report.isIsolated)
        #expect(try Self.report(Self.denied + hole, blocked: blocked, allow: ["acme=169.254.169.254/32"]).isIsolated)
        #expect(try Self.report(Self.denied + hole, blocked: blocked, allow: ["*=169.254.0.0/16"]).isIsolated)
        #expect(try Self.report(Self.denied + hole, blocked: blocked, allow: ["*=169.254.169.254"]).isIsolated)
        #expect(try !Self.report(Self.denied + hole, blocked: blocked, allow: ["umbrella=169.254.0.0/16"]).isIsolated)
        #expect(try !Self.report(Self.denied + hole, blocked: blocked, allow: ["acme=169.254.169.253/32"]).isIsolated)
    }

    @Test("a range without the blocked one does not reach it; one without a part of it does")
    func exceptions() throws {
        let blocked = [try #require(Self.metadata)]
        func policy(_ except: String) -> String {
            """
            metadata: {name: internet, namespace: acme}
            spec:
              podSelector: {}
              policyTypes: [Egress]
              egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [\(except)]}}]}]
            """
        }
        #expect(try Self.report(Self.denied + policy("169.254.0.0/16"), blocked: blocked).isIsolated)
        #expect(try Self.report(Self.denied + policy("169.254.0.0/17, 169.254.128.0/17"), blocked: blocked).isIsolated)
        #expect(try !Self.report(Self.denied + policy("169.254.0.0/17"), blocked: blocked).isIsolated)
        #expect(try !Self.report(Self.denied + policy("169.254.169.254/32"), blocked: blocked).isIsolated)
    }

    @Test("a range that is blocked for one tenant is not for another")
    func ofTenant() throws {
        let range = try #require(BlockedRange("203.0.113.0/24", reason: "tenant", tenant: "umbrella"))
        let report = try Self.report("", blocked: [range])
        #expect(Set(report.blocked.map(\.source.tenant)) == ["umbrella"])
        #expect(report.blocked.first?.egress == .notSelected)
    }

    @Test("pods of the platform may reach blocked ranges")
    func platform() throws {
        let report = try Self.report(pods: "gateway/g", "", blocked: [try #require(Self.metadata)])
        #expect(report.isIsolated)
        #expect(report.blocked == [])
    }

    @Test("a pod of a tenant on the network of its node reaches everything")
    func hostNetwork() throws {
        let report = try Self.report(
            pods: "acme/a host\numbrella/c",
            Self.denied,
            blocked: [try #require(Self.metadata)]
        )
        #expect(report.onHostNetwork.map(\.pods) == [["a"]])
        #expect(report.blocked.first?.egress == .hostNetwork)
        #expect(report.crossings.count == 2)
        #expect(report.crossings.allSatisfy { $0.egress == .hostNetwork && $0.ingress == .hostNetwork })
    }

    @Test("equal input results in an equal report")
    func stable() throws {
        let first = try Self.report("")
        for _ in 0..<5 { #expect(try Self.report("") == first) }
    }
}
