import CRDModels
import ControllerRuntime
import Foundation
import KubernetesAPI
import Observability
import Registry
import SupplyChain
import Synchronization
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

private func server(_ name: String) -> NamespacedName { NamespacedName(namespace: "default", name: name) }

private func result(_ program: String = "/server") -> RegistryClient.ImageEntryPoint {
    RegistryClient.ImageEntryPoint(
        digest: ImageDigest(of: Array(program.utf8)),
        entryPoint: EntryPoint(command: [program])
    )
}

extension EntryPointCache.Step {
    fileprivate var name: String {
        switch self {
        case .read: "read"
        case .wait: "wait"
        case .known(.success): "success"
        case .known(.failure): "failure"
        }
    }
}

@Suite("Which images are read")
struct EntryPointCacheTests {
    private let down = RegistryError(.unavailable, "down")

    private func key(_ image: String = "ghcr.io/acme/time:1", _ credentials: String = "") throws -> EntryPointCache.Key
    {
        EntryPointCache.Key(image: try ImageReference(image), credentials: credentials)
    }

    @Test("servers with one image are one request, and others wait for its result")
    func singleFlight() throws {
        var cache = EntryPointCache()
        let key = try key()
        #expect(cache.begin(key, for: server("a"), now: .zero).name == "read")
        #expect(cache.begin(key, for: server("b"), now: .zero).name == "wait")
        #expect(cache.begin(key, for: server("c"), now: .zero).name == "wait")
        // Those who have other credentials ask for themselves.
        #expect(cache.begin(try self.key("ghcr.io/acme/time:1", "other"), for: server("d"), now: .zero).name == "read")
        #expect(cache.finish(key, .success(result()), now: .seconds(1)) == [server("b"), server("c")])
        #expect(cache.begin(key, for: server("b"), now: .seconds(2)).name == "success")
        // A tag can move.
        #expect(cache.begin(key, for: server("e"), now: .seconds(12)).name == "read")
        #expect(cache.finish(key, .success(result()), now: .seconds(12)).isEmpty)
    }

    @Test("a digest is read once in ten minutes, a failure again after seconds, and an interrupted request at once")
    func periods() throws {
        var cache = EntryPointCache()
        let pinned = try key("ghcr.io/acme/time@\(ImageDigest(of: []))")
        _ = cache.begin(pinned, for: server("a"), now: .zero)
        _ = cache.finish(pinned, .success(result()), now: .zero)
        #expect(cache.begin(pinned, for: server("b"), now: .seconds(599)).name == "success")
        let key = try key()
        _ = cache.begin(key, for: server("a"), now: .zero)
        _ = cache.finish(key, .failure(RegistryError(.denied, "401")), now: .zero)
        #expect(cache.begin(key, for: server("b"), now: .seconds(2)).name == "failure")
        #expect(cache.begin(key, for: server("b"), now: .seconds(4)).name == "read")
        #expect(cache.begin(key, for: server("c"), now: .seconds(4)).name == "wait")
        #expect(cache.finish(key, nil, now: .seconds(5)) == [server("c")])
        #expect(cache.begin(key, for: server("c"), now: .seconds(5)).name == "read")
    }

    @Test("a registry that is down is tried with one image at a time, and the others learn the result")
    func outage() throws {
        var cache = EntryPointCache()
        let first = try key("dead.example/a:1")
        _ = cache.begin(first, for: server("a"), now: .zero)
        _ = cache.finish(first, .failure(down), now: .seconds(30))
        #expect(cache.begin(try key("dead.example/b:1"), for: server("b"), now: .seconds(31)).name == "failure")
        #expect(cache.begin(try key("other.example/b:1"), for: server("c"), now: .seconds(31)).name == "read")
        let second = try key("dead.example/c:1")
        #expect(cache.begin(second, for: server("d"), now: .seconds(34)).name == "read")
        #expect(cache.begin(try key("dead.example/d:1"), for: server("e"), now: .seconds(34)).name == "failure")
        _ = cache.finish(second, .failure(RegistryError(.notFound, "404")), now: .seconds(35))
        // It answers again.
        #expect(cache.begin(try key("dead.example/d:1"), for: server("e"), now: .seconds(35)).name == "read")
    }

    @Test("what is kept is bounded, and what is being read is not forgotten")
    func bounds() throws {
        var cache = EntryPointCache()
        let running = try key("ghcr.io/acme/running:1")
        _ = cache.begin(running, for: server("running"), now: .zero)
        for number in 0..<600 {
            let key = try key("ghcr.io/acme/image-\(number):1")
            _ = cache.begin(key, for: server("a"), now: .milliseconds(number))
            _ = cache.finish(key, .success(result()), now: .milliseconds(number))
        }
        #expect(cache.count <= EntryPointCache.limit + 1)
        #expect(cache.begin(running, for: server("b"), now: .seconds(2)).name == "wait")
        #expect(cache.begin(try key("ghcr.io/acme/image-599:1"), for: server("a"), now: .seconds(2)).name == "success")
    }
}

/// A registry whose answers a test releases.
private final class HeldReader: EntryPointReader {
    private let reads = Mutex<[String]>([])
    private let gate = AsyncStream<EntryPointCache.Outcome>.makeStream()

    var images: [String] { reads.withLock { $0 } }

    func release(_ outcome: EntryPointCache.Outcome) { gate.continuation.yield(outcome) }

    func read(_ image: ImageReference, keyring: Keyring) async throws -> RegistryClient.ImageEntryPoint {
        reads.withLock {
            $0.append("\(image) \(keyring.credentials(for: image).map(\.username).joined(separator: ","))")
        }
        for await outcome in gate.stream { return try outcome.get() }
        throw CancellationError()
    }
}

/// Secrets and ServiceAccounts by name.
private struct Objects: PartialCluster {
    var objects: [String: JSONValue] = [:]

    func get(_ reference: ObjectReference) async throws -> JSONValue? {
        objects["\(reference.type.kind)/\(reference.namespace ?? "")/\(reference.name)"]
    }
}

/// A cluster of which nothing can be read.
private struct Unreadable: PartialCluster {}

@Suite("Reading entry points in the background")
struct EntryPointReconcilerTests {
    private func pullSecret(_ user: String, type: String = "kubernetes.io/dockerconfigjson") -> JSONValue {
        let file = #"{"auths":{"ghcr.io":{"username":"\#(user)","password":"p"}}}"#
        return ["type": .string(type), "data": [".dockerconfigjson": .string(Data(file.utf8).base64EncodedString())]]
    }

    private func target(_ image: String = "ghcr.io/acme/time:1", secrets: [String] = []) throws
        -> EntryPointTable.Target
    {
        let input = Sample.input(
            Sample.server {
                $0.image = image
                $0.transport = .stdio
                $0.imagePullSecrets = secrets.map { LocalObjectReference(name: $0) }
            }
        ) {
            $0.platform.stdio = PlatformStdio(image: "registry.example.com/moorage:1")
            $0.platform.images = TenantImages(requireDigest: false)
        }
        return EntryPointTable.Target(
            request: try #require(EntryPointRequest(input)),
            secretVersions: secrets.map { _ in "1" }
        )
    }

    /// A table with its queues, whose workers the test is.
    private struct Setup {
        let reads = WorkQueue<NamespacedName>(name: "reads")
        let servers = WorkQueue<NamespacedName>(name: "servers")
        let table: EntryPointTable
        let reader = HeldReader()
        let reconciler: EntryPointReconciler

        init(objects: [String: JSONValue] = [:], clock: RuntimeClock = .system) {
            table = EntryPointTable(clock: clock)
            table.connect(reads: reads, servers: servers)
            reconciler = EntryPointReconciler(
                table: table,
                reader: reader,
                cluster: Objects(objects: objects),
                metrics: OperatorMetrics(registry: MetricsRegistry())
            )
        }
    }

    @Test("many servers with one image ask the registry once, and each learns the result")
    func once() async throws {
        let setup = Setup()
        let target = try target()
        let names = (0..<50).map { server("s\($0)") }
        for name in names { #expect(setup.table.observe(name, uid: "u", target: target) == .pending) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { _ = try await setup.reconciler.reconcile(names[0]) }
            try await eventually("the image is being read") { setup.reader.images.count == 1 }
            // They do not wait in a worker.
            for name in names.dropFirst() { _ = try await setup.reconciler.reconcile(name) }
            setup.reader.release(.success(result()))
            try await tasks.waitForAll()
        }
        for name in names.dropFirst() { _ = try await setup.reconciler.reconcile(name) }
        #expect(setup.reader.images == ["ghcr.io/acme/time:1 "])
        for name in names {
            guard case .read(let record) = setup.table.observe(name, uid: "u", target: target) else {
                Issue.record("\(name) does not know it")
                continue
            }
            #expect(record.command == ["/server"])
            #expect(record.image == "ghcr.io/acme/time:1")
        }
    }

    @Test("the Secrets that the pods pull with are read by name, or else those of the ServiceAccount")
    func credentials() async throws {
        let setup = Setup(objects: [
            "Secret/default/one": pullSecret("one"), "Secret/default/two": pullSecret("two"),
            "Secret/default/opaque": pullSecret("opaque", type: "Opaque"),
            "ServiceAccount/default/weather": ["imagePullSecrets": [["name": "two"]]],
        ])
        setup.reader.release(.success(result()))
        setup.reader.release(.success(result()))
        _ = setup.table.observe(
            server("a"),
            uid: "u",
            target: try target(secrets: ["missing", "opaque", "one", "two"])
        )
        _ = try await setup.reconciler.reconcile(server("a"))
        _ = setup.table.observe(server("b"), uid: "u", target: try target())
        _ = try await setup.reconciler.reconcile(server("b"))
        #expect(setup.reader.images == ["ghcr.io/acme/time:1 one,two", "ghcr.io/acme/time:1 two"])
    }

    @Test(
        "a failure is shown until the next attempt ends, and is tried again at growing intervals or when a Secret changes"
    )
    func failure() async throws {
        let setup = Setup()
        var target = try target(secrets: ["one"])
        let name = server("a")
        _ = setup.table.observe(name, uid: "u", target: target)
        setup.reader.release(.failure(RegistryError(.denied, "ghcr.io answers 401")))
        guard case .requeueAfter(let delay) = try await setup.reconciler.reconcile(name) else {
            Issue.record("it is not tried again")
            return
        }
        #expect((Duration.seconds(4)...Duration.seconds(5)).contains(delay))
        guard case .failed(let failure) = setup.table.observe(name, uid: "u", target: target) else {
            Issue.record("it has not failed")
            return
        }
        #expect(failure.reason == .registryDenied)
        #expect(failure.message.contains("ghcr.io/acme/time:1 cannot be read: ghcr.io answers 401"))
        // Not due yet.
        _ = try await setup.reconciler.reconcile(name)
        #expect(setup.reader.images.count == 1)
        target.secretVersions = ["2"]
        #expect(setup.table.observe(name, uid: "u", target: target) == .failed(failure))
        #expect(setup.table.due(name) == target)
    }

    @Test("while a registry is down, no Secret is read for its images")
    func outage() async throws {
        let setup = Setup()
        _ = setup.table.observe(server("a"), uid: "u", target: try target("dead.example/a:1"))
        setup.reader.release(.failure(RegistryError(.unavailable, "dead.example cannot be reached")))
        _ = try await setup.reconciler.reconcile(server("a"))
        // This cluster throws whatever is read.
        let offline = EntryPointReconciler(
            table: setup.table,
            reader: setup.reader,
            cluster: Unreadable(),
            metrics: OperatorMetrics(registry: MetricsRegistry())
        )
        let target = try target("dead.example/b:1", secrets: ["one"])
        _ = setup.table.observe(server("b"), uid: "u", target: target)
        guard case .requeueAfter = try await offline.reconcile(server("b")),
            case .failed(let failure) = setup.table.observe(server("b"), uid: "u", target: target)
        else {
            Issue.record("it is not tried again")
            return
        }
        #expect(failure.reason == .registryUnavailable)
        #expect(failure.message.contains("dead.example/b:1 cannot be read: dead.example cannot be reached"))
        #expect(setup.reader.images.count == 1)
    }

    @Test("what is wrong with an image under a digest is final")
    func final() async throws {
        let setup = Setup()
        let target = try target("ghcr.io/acme/time@\(ImageDigest(of: []))")
        _ = setup.table.observe(server("a"), uid: "u", target: target)
        setup.reader.release(.failure(RegistryError(.entryPointMissing, "it has neither ENTRYPOINT nor CMD")))
        #expect(try await setup.reconciler.reconcile(server("a")) == .done)
        guard case .failed(let failure) = setup.table.observe(server("a"), uid: "u", target: target) else {
            Issue.record("it has not failed")
            return
        }
        #expect(failure.reason == .entryPointMissing)
        #expect(failure.message.hasSuffix("set spec.command to the command that runs the server"))
    }

    @Test("a result is not used for a server that meanwhile needs another image, or is another server")
    func outdated() async throws {
        let setup = Setup()
        let (first, second) = (try target(), try target("ghcr.io/acme/time:2"))
        let name = server("a")
        _ = setup.table.observe(name, uid: "u", target: first)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { _ = try await setup.reconciler.reconcile(name) }
            try await eventually("the image is being read") { setup.reader.images.count == 1 }
            #expect(setup.table.observe(name, uid: "u", target: second) == .pending)
            setup.reader.release(.success(result("/first")))
            try await tasks.waitForAll()
        }
        #expect(setup.table.observe(name, uid: "u", target: second) == .pending)
        setup.reader.release(.success(result("/second")))
        _ = try await setup.reconciler.reconcile(name)
        #expect(setup.table.observe(name, uid: "u", target: second) != .pending)
        #expect(setup.table.observe(name, uid: "other", target: second) == .pending)
        setup.table.forget(name)
        #expect(setup.table.due(name) == nil)
    }

    @Test("every error of a registry has a reason with its way out", arguments: RegistryError.Code.allCases)
    func reasons(code: RegistryError.Code) throws {
        let failure = ImageFailure(RegistryError(code, "cause"), image: try ImageReference("ghcr.io/acme/time:1"))
        #expect(failure.message.contains("ghcr.io/acme/time:1"))
        #expect(failure.message.contains("cause"))
        #expect(failure.reason.documentation.place == "Accepted")
    }

    @Test("a file with authorities that cannot be read is named")
    func authorities() async throws {
        let reader = RegistryReader(settings: PlatformRegistries(caFile: "/does/not/exist.pem"), environment: [:])
        let error = await #expect(throws: RegistryError.self) {
            try await reader.read(try ImageReference("ghcr.io/acme/time:1"), keyring: Keyring())
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/does/not/exist.pem (registries.caFile) cannot be read") == true)
    }
}
