import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("What a tenant can expose")
struct ExposureTests {
    private static let gateway = RouteParentReference(name: "shared", namespace: "infra")

    private func ingress(
        _ host: String,
        className: String? = "nginx",
        annotations: [String: String]? = nil
    ) -> MCPServer {
        Sample.server {
            $0.exposure = Exposure(
                ingress: IngressExposure(className: className, host: host, annotations: annotations)
            )
        }
    }

    private func route(_ hostnames: [String]?, parent: RouteParentReference = gateway) -> MCPServer {
        Sample.server {
            $0.exposure = Exposure(httpRoute: HTTPRouteExposure(parentRefs: [parent], hostnames: hostnames))
        }
    }

    private func refusal(
        _ server: MCPServer,
        _ exposure: TenantExposure?,
        platform: TenantExposure? = nil
    ) -> Refusal? {
        decide(
            Sample.input(server, tenants: [Sample.tenant { $0.exposure = exposure }]) {
                $0.platform = PlatformConfiguration(exposure: platform)
            }
        ).refusal
    }

    private static let full = TenantExposure(
        hosts: ["*.t1.example.com", "mcp.example.com"],
        ingressClasses: ["nginx"],
        gateways: [TenantGateway(name: "shared", namespace: "infra"), TenantGateway(name: "*")],
        annotations: ["cert-manager.io/cluster-issuer", "nginx.ingress.kubernetes.io/*"]
    )

    @Test("nothing can be exposed by default, or in a namespace without a tenant")
    func nothing() throws {
        for server in [ingress("mcp.example.com"), route(["mcp.example.com"])] {
            let refused = try #require(refusal(server, nil))
            #expect(refused.reason == .exposureNotAllowed)
            #expect(refused.message.contains("spec.exposure.hosts"))
            let unclaimed = try #require(decide(Sample.input(server, tenants: [])).refusal)
            #expect(unclaimed.reason == .exposureNotAllowed)
            #expect(unclaimed.message.contains("no MCPTenant claims"))
            #expect(refusal(server, Self.full) == nil)
        }
    }

    @Test(
        "hosts are allowed by name, or by a wildcard for every name below",
        arguments: [
            ("mcp.example.com", true), ("a.t1.example.com", true), ("a.b.t1.example.com", true),
            ("*.t1.example.com", true), ("*.a.t1.example.com", true), ("t1.example.com", false),
            ("at1.example.com", false), ("x.mcp.example.com", false), ("*.example.com", false), ("example.com", false),
            ("t1.example.com.evil.example", false), ("*.com", false),
        ]
    )
    func hosts(host: String, isAllowed: Bool) {
        #expect((refusal(ingress(host), Self.full) == nil) == isAllowed)
        #expect((refusal(route([host]), Self.full) == nil) == isAllowed)
        #expect((refusal(route(["mcp.example.com", host]), Self.full) == nil) == isAllowed, "each host counts")
        #expect(refusal(ingress(host), TenantExposure(hosts: ["*"], ingressClasses: ["nginx"])) == nil)
    }

    @Test("a route without hostnames matches every host, and needs the pattern for every host")
    func noHostnames() throws {
        for names in [nil, []] as [[String]?] {
            let refused = try #require(refusal(route(names), Self.full))
            #expect(refused.field == "spec.exposure.httpRoute.hostnames")
            var exposure = Self.full
            exposure.hosts?.append("*")
            #expect(refusal(route(names), exposure) == nil)
        }
    }

    @Test("an Ingress without a class gets the allowed one, and cannot have another")
    func classes() throws {
        let server = ingress("mcp.example.com", className: nil)
        let plan = try #require(decide(Sample.input(server, tenants: [Sample.tenant { $0.exposure = Self.full }])).plan)
        #expect(render(plan)["Ingress"]?.at("spec.ingressClassName") == "nginx")
        #expect(
            refusal(ingress("mcp.example.com", className: "other"), Self.full)?.field
                == "spec.exposure.ingress.className"
        )
        var several = Self.full
        several.ingressClasses = ["nginx", "internal"]
        #expect((refusal(server, several)?.message ?? "").contains("internal, nginx"))
        #expect(refusal(server, several, platform: TenantExposure(ingressClasses: ["internal"])) == nil)
        var none = Self.full
        none.ingressClasses = nil
        #expect(refusal(server, none)?.reason == .exposureNotAllowed)
    }

    @Test("a route can only be attached to allowed Gateways")
    func gateways() {
        let cases: [(RouteParentReference, Bool)] = [
            (Self.gateway, true), (RouteParentReference(name: "own"), true),
            (RouteParentReference(name: "own", namespace: "mcp-acme"), true),
            (RouteParentReference(name: "other", namespace: "infra"), false),
            (RouteParentReference(name: "shared", namespace: "mcp-other"), false),
            (RouteParentReference(name: "own", group: "", kind: "Service"), false),
            (RouteParentReference(name: "own", kind: "Mesh"), false),
        ]
        for (parent, isAllowed) in cases {
            #expect((refusal(route(["mcp.example.com"], parent: parent), Self.full) == nil) == isAllowed, "\(parent)")
        }
    }

    @Test(
        "annotations are allowed by key or by prefix, and dangerous ones only by their exact key",
        arguments: [
            ("cert-manager.io/cluster-issuer", true), ("cert-manager.io/issuer", false),
            ("nginx.ingress.kubernetes.io/proxy-read-timeout", true),
            ("nginx.ingress.kubernetes.io/configuration-snippet", false),
            ("nginx.ingress.kubernetes.io/server-snippet", false), ("nginx.ingress.kubernetes.io/auth-snippet", false),
            ("nginx.ingress.kubernetes.io/auth-tls-secret", false), ("nginx.ingress.kubernetes.io/auth-url", false),
            ("nginx.ingress.kubernetes.io/proxy-ssl-secret", false),
            ("nginx.ingress.kubernetes.io/server-alias", false),
            ("nginx.ingress.kubernetes.io/canary", false), ("nginx.ingress.kubernetes.io/mirror-target", false),
            ("nginx.ingress.kubernetes.io/Configuration-Snippet", false), ("nginx.org/server-snippets", false),
            ("external-dns.alpha.kubernetes.io/target", false), ("external-dns.alpha.kubernetes.io/hostname", false),
            ("kubernetes.io/ingress.class", false), ("alb.ingress.kubernetes.io/group.name", false),
            ("traefik.ingress.kubernetes.io/router.middlewares", false), ("haproxy.org/backend-config-snippet", false),
        ]
    )
    func annotations(key: String, isAllowed: Bool) {
        let server = ingress("mcp.example.com", annotations: [key: "x"])
        #expect((refusal(server, Self.full) == nil) == isAllowed)
        let prefix = String(key.prefix { $0 != "/" })
        for pattern in ["*", "\(prefix)/*", "\(key)*"] {
            var wide = Self.full
            wide.annotations = [pattern]
            #expect((refusal(server, wide) == nil) == !SensitiveAnnotations.contains(key), "\(pattern)")
            wide.annotations?.append(key)
            #expect(refusal(server, wide) == nil, "the exact key always allows")
            // The platform's limit does not bypass it either.
            #expect(
                (refusal(server, wide, platform: TenantExposure(annotations: [pattern])) == nil)
                    == !SensitiveAnnotations.contains(key)
            )
        }
    }

    @Test("annotations of the Service that could expose it need the same permission; harmless ones do not")
    func serviceAnnotations() {
        func server(_ key: String) -> MCPServer {
            Sample.server { $0.service = ServiceSettings(annotations: [key: "x"]) }
        }
        for key in ["a", "prometheus.io/scrape", "agentgateway.dev/mcp-path"] {
            #expect(refusal(server(key), nil) == nil, "\(key)")
        }
        for key in ["tailscale.com/expose", "external-dns.alpha.kubernetes.io/hostname", "getambassador.io/config"] {
            #expect(refusal(server(key), nil)?.field == "spec.service.annotations", "\(key)")
            #expect(refusal(server(key), TenantExposure(annotations: [key])) == nil, "\(key)")
        }
    }

    @Test("the platform's settings are a limit, field by field")
    func ceiling() {
        let server = ingress("mcp.example.com")
        #expect(refusal(server, Self.full, platform: TenantExposure(hosts: ["*.example.com"])) == nil)
        #expect(
            (refusal(server, Self.full, platform: TenantExposure(hosts: ["*.t1.example.com"]))?.message ?? "")
                .contains("the platform does not allow")
        )
        #expect(refusal(server, Self.full, platform: TenantExposure(hosts: []))?.reason == .exposureNotAllowed)
        #expect(refusal(server, Self.full, platform: TenantExposure(ingressClasses: []))?.reason == .exposureNotAllowed)
        #expect(
            refusal(server, nil, platform: Self.full)?.reason == .exposureNotAllowed,
            "a ceiling allows nothing itself"
        )
        for bad in [
            TenantExposure(hosts: ["a_b"]), TenantExposure(hosts: ["a.*"]), TenantExposure(annotations: ["a*b"]),
        ] {
            #expect(throws: ConfigurationError.self) { try PlatformConfiguration(exposure: bad).validate() }
        }
    }
}

@Suite("Hosts that two tenants request")
struct HostClaimTests {
    private static let tenants = ["a", "b", "c"].map { name in
        Sample.tenant(name) {
            $0.exposure = TenantExposure(hosts: ["*"], ingressClasses: ["nginx"], gateways: [.init(name: "*")])
        }
    }

    private func server(_ name: String, of tenant: String, _ hosts: [String]?, created: Int64) -> MCPServer {
        var server = Sample.server(name, namespace: "mcp-\(tenant)") {
            $0.exposure =
                hosts?.count == 1
                ? Exposure(ingress: IngressExposure(host: hosts?.first ?? ""))
                : Exposure(httpRoute: HTTPRouteExposure(parentRefs: [.init(name: "gw")], hostnames: hosts))
        }
        server.metadata.creationTimestamp = Timestamp(secondsSinceEpoch: created)
        return server
    }

    private func refusal(_ server: MCPServer, among others: [MCPServer], tenants: [MCPTenant] = tenants) -> Refusal? {
        decide(
            Sample.input(server, tenants: tenants) { $0.hostClaims = (others + [server]).compactMap { HostClaim($0) } }
        ).refusal
    }

    @Test("the oldest server keeps a host, then the first by namespace and name; within a tenant hosts are shared")
    func oldest() throws {
        let first = server("x", of: "b", ["h.example"], created: 10)
        let second = server("y", of: "a", ["h.example"], created: 20)
        #expect(refusal(first, among: [second]) == nil)
        let refused = try #require(refusal(second, among: [first]))
        #expect(refused.reason == .hostTaken)
        #expect(refused.message.contains("tenant \"b\""))
        #expect(refusal(second, among: []) == nil, "the host is free as soon as its holder is deleted")
        let third = server("z", of: "a", ["h.example"], created: 10)
        #expect(refusal(third, among: [first]) == nil)
        #expect(refusal(first, among: [third])?.reason == .hostTaken)
        #expect(refusal(second, among: [third]) == nil, "the same tenant")
    }

    @Test(
        "wildcards hold what they match, and a route without hostnames holds every host",
        arguments: [
            (["*.example"], ["a.example"], true), (["a.example"], ["*.example"], true),
            (["*.a.example"], ["*.example"], true), (["*.example"], ["example"], false),
            (["a.example"], ["b.example"], false), (nil, ["a.example"], true), (["a.example"], nil, true),
            (["a.example", "b.example"], ["c.example", "b.example"], true), (["*.a.example"], ["b.example"], false),
        ] as [([String]?, [String]?, Bool)]
    )
    func overlap(holder: [String]?, asked: [String]?, isTaken: Bool) {
        let old = server("old", of: "a", holder, created: 1)
        let new = server("new", of: "b", asked, created: 2)
        #expect((refusal(new, among: [old])?.reason == .hostTaken) == isTaken)
    }

    @Test("a server whose tenant does not allow the host does not hold it")
    func squatter() {
        let squatter = server("s", of: "a", ["h.example"], created: 1)
        let rightful = server("r", of: "b", ["h.example"], created: 2)
        #expect(refusal(rightful, among: [squatter], tenants: [Sample.tenant("a"), Self.tenants[1]]) == nil)
        // Its tenant was deleted, and it was never exposed there.
        #expect(refusal(rightful, among: [squatter], tenants: [Self.tenants[1]]) == nil)
        var frozen = squatter
        frozen.status = MCPServerStatus(url: "https://h.example/mcp")
        #expect(refusal(rightful, among: [frozen], tenants: [Self.tenants[1]])?.reason == .hostTaken)
    }

    @Test("exposure that is no longer allowed is withdrawn, except after the tenant was deleted")
    func withdrawn() {
        let server = server("s", of: "a", ["h.example"], created: 1)
        func input(_ tenants: [MCPTenant]) -> ServerInput { Sample.input(server, tenants: tenants) }
        #expect(!input(Self.tenants).withdrawsExposure)
        #expect(input([Sample.tenant("a")]).withdrawsExposure)
        #expect(!input([]).withdrawsExposure)
    }

    @Test("the index finds every overlapping host")
    func index() {
        var generator = SeededGenerator(seed: 7)
        let labels = ["a", "b", "c"]
        func host() -> String {
            let depth = Int.random(in: 0...3, using: &generator)
            let name = (0..<depth).map { _ in labels.randomElement(using: &generator) ?? "a" }.joined(separator: ".")
            if name.isEmpty { return "*" }
            return Bool.random(using: &generator) ? "*.\(name)" : name
        }
        var overlaps = 0
        for _ in 0..<3_000 {
            let (left, right) = (host(), host())
            guard HostNames.overlap(left, right) else { continue }
            overlaps += 1
            #expect(
                !Set(HostNames.indexKeys(of: left)).isDisjoint(with: HostNames.lookupKeys(of: right)),
                "\(left) \(right)"
            )
        }
        #expect(overlaps > 300)
    }
}
