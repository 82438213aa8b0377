import CRDModels
import KubernetesAPI
import SupplyChain
import Testing

@testable import Policy
@testable import Reconcilers

private let digest = ImageDigest(of: Array("manifest".utf8)).description

private func input(
    tenants: [MCPTenant] = [Sample.tenant()],
    _ change: (inout MCPServerSpec) -> Void = { _ in }
) -> ServerInput {
    let server = Sample.server {
        $0.image = "ghcr.io/acme/time:1"
        $0.transport = .stdio
        change(&$0)
    }
    return Sample.input(server, tenants: tenants) {
        $0.platform.stdio = PlatformStdio(image: "registry.example.com/moorage:1")
        $0.platform.images = TenantImages(requireDigest: false)
    }
}

/// What the adapter of a plan runs.
private func commandLine(_ plan: ServerPlan?) -> [String] {
    let container = plan?.podTemplate["spec"]?["containers"]?.arrayValue?.first
    let arguments = container?["args"]?.arrayValue?.compactMap(\.stringValue) ?? []
    return arguments.firstIndex(of: "--").map { Array(arguments[($0 + 1)...]) } ?? []
}

@Suite("Decisions about entry points")
struct EntryPointDecisionTests {
    private let record = ServerEntryPoint(
        image: "ghcr.io/acme/time:1",
        digest: digest,
        command: ["mcp-server-time"],
        args: ["--local-timezone", "UTC"]
    )

    @Test("the server runs the entry point, by the digest that it was read from")
    func run() throws {
        var input = input()
        input.entryPoint = .read(record)
        let plan = try #require(decide(input).plan)
        #expect(commandLine(plan) == ["mcp-server-time", "--local-timezone", "UTC"])
        #expect(plan.image.resolved == "ghcr.io/acme/time:1@\(digest)")
        #expect(plan.entryPoint == record)
        // The digest does not change, so the kubelet need not ask the registry for each pod.
        let container = plan.podTemplate["spec"]?["containers"]?.arrayValue?.first
        #expect(container?["imagePullPolicy"]?.stringValue == "IfNotPresent")
        #expect(container?["image"]?.stringValue == plan.image.resolved)
        let status = serverStatus(
            of: input.server,
            decision: .run(plan),
            observed: ObservedServer(),
            now: Timestamp(secondsSinceEpoch: 1)
        )
        #expect(status.entryPoint == record)
        let condition = status.conditions?[type: ConditionType.imagePolicySatisfied]
        #expect(condition?.reason == Reason.imagePinned.rawValue)
        #expect(condition?.message.contains("it is pinned as ghcr.io/acme/time:1@\(digest)") == true)
    }

    @Test(
        "arguments are replaced as in Kubernetes",
        arguments: [
            (["/a"], ["b"], nil, ["/a", "b"]), (["/a"], ["b"], [], ["/a", "b"]), (["/a"], ["b"], ["c"], ["/a", "c"]),
            (["/a"], nil, ["c"], ["/a", "c"]), (nil, ["/b", "x"], nil, ["/b", "x"]), (nil, ["/b"], ["/c"], ["/c"]),
            (["/a", "$(X)"], ["$$"], nil, ["/a", "$$(X)", "$$$$"]), (["/a"], nil, ["$(X)"], ["/a", "$(X)"]),
        ] as [([String]?, [String]?, [String]?, [String])]
    )
    func arguments(command: [String]?, args: [String]?, own: [String]?, expected: [String]) {
        let entryPoint = ServerEntryPoint(image: "a", digest: digest, command: command, args: args)
        #expect(entryPoint.commandLine(arguments: own) == expected)
    }

    @Test("while the entry point is not known, the server is refused with the reason, and keeps what it has recorded")
    func refused() {
        func refusal(_ state: EntryPointState) -> Refusal? {
            var input = input()
            input.entryPoint = state
            return decide(input).refusal
        }
        #expect(refusal(.pending)?.reason == .entryPointPending)
        // What was read of another image is not used.
        var other = record
        other.image = "ghcr.io/acme/time:2"
        #expect(refusal(.read(other))?.reason == .entryPointPending)
        #expect(refusal(.disabled)?.reason == .commandMissing)
        #expect(refusal(.notRead)?.message.contains("nothing is read from registries here") == true)
        let failed = refusal(.failed(ImageFailure(.registryDenied, "401")))
        #expect(failed?.reason == .registryDenied)
        #expect(failed?.field == "spec.image")
        var server = input().server
        server.status = MCPServerStatus(entryPoint: record)
        let status = serverStatus(
            of: server,
            decision: .refused(Refusal(.registryUnavailable, "down")),
            observed: ObservedServer(),
            now: Timestamp(secondsSinceEpoch: 1)
        )
        #expect(status.entryPoint == record)
        // It is tried again, so nobody has to act at once.
        #expect(status.conditions?[type: ConditionType.reconciling]?.status == .true)
        #expect(status.conditions?[type: ConditionType.stalled]?.status == .false)
    }

    @Test(
        "the spec of a version runs the same pods without a registry",
        arguments: [nil, [], ["--utc"]] as [[String]?]
    )
    func complete(args: [String]?) throws {
        var asked = input { $0.args = args }
        asked.platform.images?.mirrors = [ImageMirror(source: "ghcr.io", mirror: "mirror.example/ghcr")]
        let image = try #require(EntryPointRequest(asked)?.image.description)
        asked.entryPoint = .read(
            ServerEntryPoint(image: image, digest: digest, command: ["/server", "$HOME"], args: ["$(X)"])
        )
        let plan = try #require(decide(asked).plan)
        #expect(plan.completeSpec.image == "ghcr.io/acme/time:1@\(digest)")
        var complete = asked
        complete.server.spec = plan.completeSpec
        complete.entryPoint = .notRead
        #expect(EntryPointRequest(complete) == nil)
        let again = try #require(decide(complete).plan)
        #expect(again.podTemplate == plan.podTemplate)
        #expect(again.image.resolved == plan.image.resolved)
        #expect(again.completeSpec == plan.completeSpec)
    }

    @Test("an assumed entry point is a marker, and pins nothing")
    func assumed() throws {
        var input = input { $0.args = ["--utc"] }
        input.entryPoint = .assumed
        let plan = try #require(decide(input).plan)
        #expect(commandLine(plan) == ["<entry point of ghcr.io/acme/time:1>", "--utc"])
        #expect(plan.image.resolved == "ghcr.io/acme/time:1")
    }

    @Test("nothing is requested that is not needed, or that the image policy does not allow")
    func request() throws {
        #expect(EntryPointRequest(input())?.image.description == "ghcr.io/acme/time:1")
        #expect(EntryPointRequest(input { $0.command = ["/a"] }) == nil)
        #expect(EntryPointRequest(input { $0.transport = .streamableHTTP }) == nil)
        #expect(EntryPointRequest(input { $0.image = "ghcr.io/acme/time:latest" }) == nil)
        let strict = Sample.tenant { $0.images = TenantImages(allowedRegistries: ["registry.example.com"]) }
        #expect(EntryPointRequest(input(tenants: [strict])) == nil)
        var withoutAdapter = input()
        withoutAdapter.platform.stdio = nil
        #expect(EntryPointRequest(withoutAdapter) == nil)
        #expect(decide(withoutAdapter).refusal?.reason == .transportUnsupported)
        // From the mirror, with the class's image.
        var mirrored = input { $0.image = nil }
        mirrored.platform.images?.mirrors = [ImageMirror(source: "ghcr.io", mirror: "mirror.example/ghcr")]
        mirrored.classes = [Sample.serverClass(isDefault: true) { $0.image = "ghcr.io/acme/base:2" }]
        #expect(EntryPointRequest(mirrored)?.image.description == "mirror.example/ghcr/acme/base:2")
    }

    @Test("the pull Secrets are those of the pod, in its order")
    func pullSecrets() {
        let tenant = Sample.tenant { $0.imagePullSecrets = [LocalObjectReference(name: "tenant")] }
        var input = input(tenants: [tenant]) {
            $0.imagePullSecrets = [LocalObjectReference(name: "own")]
            $0.podTemplate = ["spec": ["imagePullSecrets": [["name": "override"], ["name": "own"]]]]
        }
        input.classes = [
            Sample.serverClass(isDefault: true) { $0.imagePullSecrets = [LocalObjectReference(name: "class")] }
        ]
        let request = EntryPointRequest(input)
        #expect(request?.pullSecrets == ["own", "class", "tenant", "override"])
        #expect(request?.serviceAccount == "weather")
        // A change of each of them is noticed.
        let needs = ServerReferences.needs(of: input).filter(\.value.isPullSecret).keys.map(\.name)
        #expect(Set(needs) == ["own", "class", "tenant", "override"])
    }

    @Test("a record of the status is used for the image that it is about, and for no other")
    func recorded() throws {
        let request = try #require(EntryPointRequest(input()))
        func recorded(_ change: (inout ServerEntryPoint) -> Void = { _ in }) -> ServerEntryPoint? {
            var record = record
            change(&record)
            return request.recorded(in: MCPServerStatus(entryPoint: record))
        }
        #expect(recorded() == record)
        #expect(request.recorded(in: nil) == nil)
        #expect(recorded { $0.image = "ghcr.io/acme/time:2" } == nil)
        #expect(recorded { $0.digest = "sha256:1" } == nil)
        #expect(
            recorded {
                $0.command = nil; $0.args = []
            } == nil
        )
        let pinned = try #require(EntryPointRequest(input { $0.image = "ghcr.io/acme/time@\(digest)" }))
        var other = record
        other.image = "ghcr.io/acme/time@\(digest)"
        #expect(pinned.recorded(in: MCPServerStatus(entryPoint: other)) == other)
        other.digest = ImageDigest(of: []).description
        #expect(pinned.recorded(in: MCPServerStatus(entryPoint: other)) == nil)
    }

    @Test(
        "settings for registries are checked",
        arguments: [
            ("registries.plainHTTP[0]", PlatformRegistries(plainHTTP: ["http://registry:5000"])),
            ("registries.plainHTTP[0]", PlatformRegistries(plainHTTP: ["registry:5000/path"])),
            ("registries.plainHTTP[0]", PlatformRegistries(plainHTTP: ["registry"])),
            ("registries.plainHTTP[1]", PlatformRegistries(plainHTTP: ["registry:5000", "Registry.example"])),
            ("registries.timeoutSeconds", PlatformRegistries(timeoutSeconds: 0)),
            ("registries.caFile", PlatformRegistries(caFile: "ca.crt")),
            (nil, PlatformRegistries(mode: .disabled, plainHTTP: ["registry:5000", "10.0.0.1"], caFile: "/ca.crt")),
        ] as [(String?, PlatformRegistries)]
    )
    func settings(field: String?, registries: PlatformRegistries) {
        let platform = PlatformConfiguration(registries: registries)
        do {
            try platform.validate()
            #expect(field == nil)
        } catch {
            #expect(error.field == field)
        }
    }
}
