import CRDModels
import KubernetesAPI
import MCPProtocol
import Testing

@testable import Policy
@testable import Reconcilers

private struct Refused: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var reason: Reason
    var field: String
    var change: @Sendable (inout MCPServerSpec) -> Void

    init(
        _ description: String,
        _ reason: Reason,
        _ field: String,
        _ change: @escaping @Sendable (inout MCPServerSpec) -> Void
    ) {
        testDescription = description
        (self.reason, self.field, self.change) = (reason, field, change)
    }
}

private let refusedRemotes: [Refused] = [
    Refused("an image as well", .specInvalid, "spec.image") { $0.image = Sample.image },
    Refused("a command", .specInvalid, "spec.command") { $0.command = ["server"] },
    Refused("a number of pods", .specInvalid, "spec.replicas") { $0.replicas = 2 },
    Refused("network rules of its own", .specInvalid, "spec.network") { $0.network = ServerNetwork() },
    Refused("a path", .specInvalid, "spec.path") { $0.path = "/mcp" },
    Refused("another port", .specInvalid, "spec.port") { $0.port = 9000 },
    Refused("stdio", .specInvalid, "spec.transport") { $0.transport = .stdio },
    Refused("a header of HTTP", .specInvalid, "spec.remote.headers[0].name") {
        $0.remote?.headers = [RemoteHeader(name: "Host", value: "a")]
    },
    Refused("a header of MCP", .specInvalid, "spec.remote.headers[0].name") {
        $0.remote?.headers = [RemoteHeader(name: "mcp-session-id", value: "a")]
    },
    Refused("a header twice", .specInvalid, "spec.remote.headers[1].name") {
        $0.remote?.headers = [RemoteHeader(name: "X-Key", value: "a"), RemoteHeader(name: "x-key", value: "b")]
    },
    Refused("a header without a value", .specInvalid, "spec.remote.headers[0]") {
        $0.remote?.headers = [RemoteHeader(name: "X-Key")]
    },
    Refused("a Secret that does not exist", .referenceNotFound, "spec.remote.headers[0].secretKeyRef") {
        $0.remote?.headers = [RemoteServerDecisionTests.header("missing")]
    },
    Refused("a key that does not exist", .referenceKeyNotFound, "spec.remote.headers[0].secretKeyRef") {
        $0.remote?.headers = [RemoteServerDecisionTests.header("known", key: "other")]
    },
    Refused(
        "an authority that does not exist",
        .referenceNotFound,
        "spec.remote.certificateAuthority.configMapKeyRef"
    ) {
        $0.remote?.certificateAuthority = CertificateAuthority(
            configMapKeyRef: ConfigMapKeySelector(name: "ca", key: "ca.crt")
        )
    },
    Refused("user information", .remoteURLInvalid, "spec.remote.url") { $0.remote?.url = "https://a:b@example.com/" },
    Refused("an address as a number", .remoteURLInvalid, "spec.remote.url") { $0.remote?.url = "https://2130706433/" },
    Refused("no URL", .remoteURLInvalid, "spec.remote.url") { $0.remote?.url = "mcp.example.com" },
    Refused("http", .remoteNotSecure, "spec.remote.url") { $0.remote?.url = "http://mcp.example.com/mcp" },
    Refused("a loopback address", .remoteAddressNotAllowed, "spec.remote.url") {
        $0.remote?.url = "https://127.0.0.1/"
    },
    Refused("a private address", .remoteAddressNotAllowed, "spec.remote.url") { $0.remote?.url = "https://10.1.2.3/" },
    Refused("the metadata of a cloud", .remoteAddressNotAllowed, "spec.remote.url") {
        $0.remote?.url = "https://169.254.169.254/latest/"
    },
]

@Suite("Decisions about remote servers")
struct RemoteServerDecisionTests {
    private static func server(_ change: (inout MCPServerSpec) -> Void = { _ in }) -> MCPServer {
        Sample.server {
            $0.image = nil
            $0.remote = RemoteServer(url: "https://mcp.example.com/mcp")
            change(&$0)
        }
    }

    fileprivate static func header(_ secret: String, key: String = "token", optional: Bool? = nil) -> RemoteHeader {
        RemoteHeader(
            name: "Authorization",
            secretKeyRef: SecretKeySelector(name: secret, key: key, optional: optional)
        )
    }

    /// What the API server defaults is accepted.
    @Test("a remote server needs a URL and nothing else")
    func minimal() throws {
        let input = Sample.input(
            Self.server {
                $0.port = 8080
                $0.transport = .streamableHTTP
                $0.suspend = false
            }
        )
        let plan = try #require(decide(input).plan)
        let remote = try #require(plan.remote)
        #expect(remote.url.description == "https://mcp.example.com/mcp")
        #expect(remote.addresses.reachesInternet && !remote.addresses.reachesLoopback)
        #expect(render(plan).isEmpty)
        #expect(plan.address == plan.url && plan.networkPolicy == nil)
    }

    @Test("what cannot work is refused, with the field", arguments: refusedRemotes)
    private func refusals(refused: Refused) throws {
        var input = Sample.input(Self.server(refused.change))
        input.contents = [ContentReference(kind: .secret, name: "known"): .digests(["token": "d"])]
        let refusal = try #require(decide(input).refusal)
        #expect(refusal.reason == refused.reason, "\(refusal)")
        #expect(refusal.field == refused.field, "\(refusal)")
    }

    @Test("an address that the tenant's rules name can be called, over http as well, and no other")
    func allowed() {
        func reason(_ url: String) -> Reason? {
            let tenant = Sample.tenant { $0.network = TenantNetwork(allow: [NetworkPeer(cidr: "10.1.2.0/24")]) }
            return decide(Sample.input(Self.server { $0.remote?.url = url }, tenants: [tenant])).refusal?.reason
        }
        #expect(reason("http://10.1.2.3:8080/mcp") == nil)
        #expect(reason("https://10.1.2.3/mcp") == nil)
        #expect(reason("http://10.1.3.3/mcp") == .remoteAddressNotAllowed)
        #expect(reason("http://93.184.216.34/mcp") == .remoteAddressNotAllowed)
        // The name is resolved when it is called.
        #expect(reason("http://mcp.internal/mcp") == nil)
    }

    @Test("a tenant without the internet calls only what its rules name")
    func airgapped() {
        let tenant = Sample.tenant { $0.airgapped = true }
        let server = Self.server { $0.remote?.url = "https://93.184.216.34/mcp" }
        #expect(decide(Sample.input(server, tenants: [tenant])).refusal?.reason == .remoteAddressNotAllowed)
    }

    @Test("quotas and reviews apply as to any other server")
    func sameRules() throws {
        var input = Sample.input(Self.server())
        input.admission = .waiting(position: 1, running: 3, limit: 3)
        #expect(decide(input).refusal?.reason == .quotaExceeded)
        let lax = Self.server { $0.review = ServerReview(policy: .never) }
        #expect(decide(Sample.input(lax)).refusal?.reason == .reviewTooLax)
        let unread = Self.server { $0.handshake = .disabled }
        let strict = Sample.tenant { $0.review = TenantReview(policy: .onContractChange) }
        #expect(decide(Sample.input(unread, tenants: [strict])).refusal?.reason == .reviewNeedsHandshake)
    }

    @Test("the gateway gets access to exactly the Secrets that the server names")
    func permissions() throws {
        let server = Self.server {
            $0.remote?.headers = [
                Self.header("b"), RemoteHeader(name: "X-Key", secretKeyRef: SecretKeySelector(name: "a", key: "k")),
                RemoteHeader(name: "X-Other", secretKeyRef: SecretKeySelector(name: "b", key: "token")),
            ]
        }
        var input = Sample.input(server)
        input.contents = [
            ContentReference(kind: .secret, name: "a"): .digests(["k": "d"]),
            ContentReference(kind: .secret, name: "b"): .digests(["token": "d"]),
        ]
        let without = try #require(decide(input).plan)
        #expect(render(without).isEmpty && without.warnings.contains { $0.contains("gateway.serviceAccountName") })
        input.platform.gateway = GatewaySettings(serviceAccountName: "moorage-gateway")
        let objects = render(try #require(decide(input).plan))
        #expect(objects.map(\.reference.name) == ["weather-gateway", "weather-gateway"])
        #expect(objects["Role"]?.at("rules.0.resourceNames") == ["a", "b"])
        #expect(objects["Role"]?.at("rules.0.verbs") == ["get"])
        #expect(objects["RoleBinding"]?.at("subjects.0.name") == "moorage-gateway")
        #expect(objects["RoleBinding"]?.at("subjects.0.namespace") == .string(input.controllerNamespace))
        // A version that does not serve is not called by the gateway.
        input.role = .candidate(template: "sha256:abc")
        #expect(render(try #require(decide(input).plan)).isEmpty)
    }

    @Test("the reviewed part contains the URL and no image, and each replaces the other")
    func reviewed() throws {
        let remote = ReviewedSpec.template(of: Self.server().spec, image: "https://mcp.example.com/mcp")
        #expect(remote.spec["image"] == nil)
        #expect(remote.spec.at("remote.url") == "https://mcp.example.com/mcp")
        let image = ReviewedSpec.template(of: Sample.server().spec, image: Sample.image)
        let back = try #require(ReviewedSpec.replacing(in: Self.server().spec, by: image))
        #expect(back.image == Sample.image && back.remote == nil)
        let forth = try #require(ReviewedSpec.replacing(in: Sample.server().spec, by: remote))
        #expect(forth.image == nil && forth.remote == Self.server().spec.remote)
        #expect(RevisionImage(image: "https://example.com/@scope/mcp").digest == nil)
    }

    @Test("another version of a Secret is another plan, and says nothing about its content")
    func contentVersion() throws {
        let reference = ContentReference(kind: .secret, name: "s")
        func version(_ text: String?) throws -> String? {
            var input = Sample.input(Self.server { $0.remote?.headers = [Self.header("s")] })
            input.contents = [reference: .digests(["token": "d"])]
            if let text { input.contentVersions = [reference: text] }
            return try #require(decide(input).plan?.remote).contentVersion
        }
        let (one, two) = (try version("1"), try version("2"))
        #expect(one != two && one?.count == 32)
        #expect(try version("1") == one)
        #expect(try version(nil) == nil)
    }
}

@Suite("Credentials of remote servers")
struct RemoteCredentialsTests {
    private let remote = RemoteServer(
        url: "https://mcp.example.com/mcp",
        headers: [
            RemoteHeader(name: "Authorization", secretKeyRef: SecretKeySelector(name: "s", key: "token")),
            RemoteHeader(name: "X-Team", value: "red"),
            RemoteHeader(name: "X-Trace", secretKeyRef: SecretKeySelector(name: "s", key: "none", optional: true)),
        ],
        certificateAuthority: CertificateAuthority(configMapKeyRef: ConfigMapKeySelector(name: "ca", key: "ca.crt"))
    )
    private static let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"

    private func objects(_ token: String, authority: String = pem) -> [RemoteCredentials.Source: JSONValue] {
        [
            .init(isSecret: true, name: "s"): ["data": ["token": .string(token)]],
            .init(isSecret: false, name: "ca"): ["data": ["ca.crt": .string(authority)]],
        ]
    }

    private func problem(_ objects: [RemoteCredentials.Source: JSONValue]) -> String? {
        do throws(RemoteCredentials.Problem) {
            _ = try RemoteCredentials(remote, objects: objects)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("values are read from Secrets and ConfigMaps, without a line break at the end, and shown nowhere")
    func values() throws {
        #expect(RemoteCredentials.sources(of: remote).map(\.name) == ["ca", "s"])
        // "Bearer hush\n"
        let credentials = try RemoteCredentials(remote, objects: objects("QmVhcmVyIGh1c2gK"))
        #expect(credentials.headers.map(\.name) == ["Authorization", "X-Team"])
        #expect(credentials.headers.map(\.value) == ["Bearer hush", "red"])
        #expect(credentials.authorities == Self.pem)
        for text in ["\(credentials)", "\(credentials.headers)", String(reflecting: credentials)] {
            #expect(!text.contains("hush"), "\(text)")
        }
    }

    @Test("what cannot be used is refused with its field, and without its value")
    func problems() {
        // "a\nX-Admin: yes"
        let split = problem(objects("YQpYLUFkbWluOiB5ZXM="))
        #expect(split?.contains("spec.remote.headers[0]") == true && split?.contains("X-Admin") == false)
        #expect(problem([:])?.contains("Secret \"s\" does not exist") == true)
        #expect(problem(objects("QQ==", authority: "no certificate"))?.contains("certificateAuthority") == true)
        var withoutKey = objects("QQ==")
        withoutKey[.init(isSecret: true, name: "s")] = ["data": [:]]
        #expect(problem(withoutKey)?.contains("has no key \"token\"") == true)
    }
}
