import CRDModels
import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import MCPProtocol
import Synchronization
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

/// A cluster that keeps what is created, and in which a test can change it.
private final class MemoryCluster: PartialCluster {
    let objects = Mutex<[ObjectReference: JSONValue]>([:])

    func create<Object: Sendable>(
        _ body: JSONValue,
        at reference: ObjectReference,
        decode: @escaping ObjectDecoder<Object>
    ) async throws -> Object {
        let created: JSONValue = try objects.withLock { objects in
            guard objects[reference] == nil else {
                throw APIError(status: Status(code: 409, reason: "AlreadyExists", message: "it exists"))
            }
            var object = body
            object[path: ["metadata", "uid"]] = .string("uid-\(reference.name)")
            object[path: ["metadata", "resourceVersion"]] = .string("\(objects.count + 1)")
            objects[reference] = object
            return object
        }
        return try decode(created.serialized()[...])
    }

    func get(_ reference: ObjectReference) async throws -> JSONValue? { objects.withLock { $0[reference] } }

    func applyStatus(_ body: JSONValue, to reference: ObjectReference) async throws -> String? { "100" }
}

@Suite("Stored revisions") struct RevisionStoreTests {
    private let cluster = MemoryCluster()
    private let store: RevisionStore
    private let target: RevisionTarget
    private let contract: ServerContract
    private let spec: MCPServerRevisionSpec
    private let parts: [String]
    private let metadata: ObjectMeta

    /// A revision whose contract is in parts.
    init() throws {
        let caches = OperatorCaches(
            client: KubernetesClient(transport: NoTransport()),
            namespaces: nil,
            controllerNamespace: "moorage-system",
            optionalKinds: [],
            clock: .system,
            logger: quietLogger
        )
        store = RevisionStore(informer: caches.revisions, configMaps: caches.configMaps, cluster: cluster)
        contract = try ServerContract([
            .tool: (0..<100).map { number in
                [
                    "name": .string("tool-\(number)"), "inputSchema": ["type": "object"],
                    "description": .string(String(repeating: "x", count: 8_000)),
                ]
            }
        ])
        let server = Sample.server()
        let checked = ServerProtocolStatus(
            contractDigest: ContractDigest.of(contract.canonical),
            image: Sample.image,
            podTemplateHash: "t"
        )
        target = try #require(
            RevisionTarget(
                server: server,
                template: ReviewedSpec.template(of: server.spec, image: Sample.image),
                checked: checked
            )
        )
        (spec, parts) = try RevisionContent(contract, curation: target.curation)
            .stored(as: target, provenance: RevisionProvenance(time: Timestamp(secondsSinceEpoch: 1), pod: "p"))
        metadata = ObjectMeta(
            name: target.name,
            namespace: "mcp-acme",
            annotations: [
                RevisionRecord.keyAnnotation: target.key,
                RevisionRecord.contractAnnotation: target.contractDigest,
                RevisionRecord.partsAnnotation: String(parts.count),
            ],
            ownerReferences: [
                OwnerReference(
                    apiVersion: Moorage.apiVersion,
                    kind: "MCPServer",
                    name: "weather",
                    uid: "uid-weather",
                    controller: true
                )
            ]
        )
        #expect(parts.count == 2)
    }

    private func create() async throws -> RevisionStore.Written {
        try await store.create(target, spec, parts: parts, metadata: metadata)
    }

    private func created() async throws -> RevisionRecord {
        guard case .revision(let record) = try await create() else { throw NeverHappened(description: "created") }
        return record
    }

    private func part(_ index: Int) -> ObjectReference {
        ObjectReference(type: .configMap, namespace: "mcp-acme", name: RevisionContent.partName(index, of: target.name))
    }

    @Test("a revision comes back as it was stored, and is complete once its status is written")
    func whole() async throws {
        let record = try await created()
        let server = NamespacedName(namespace: "mcp-acme", name: "weather")
        #expect(!store.isComplete(record))
        #expect(!store.hasContract(target.contractDigest, of: server))
        #expect(try await store.read(record)?.contract?.serverContract == contract)
        #expect(try await store.report(MCPServerRevisionStatus(state: .serving), on: record) == nil)
        let stored = try #require(store.records(of: server, uid: "uid-weather").first)
        #expect(store.isComplete(stored))
        #expect(store.hasContract(target.contractDigest, of: server))
        #expect(!store.hasContract("sha256:other", of: server))
        #expect(store.records(of: server, uid: "uid-of-another-server-of-this-name").isEmpty)
    }

    @Test("what exists is not created again, and what is missing is")
    func again() async throws {
        let first = try await created()
        cluster.objects.withLock { _ = $0.removeValue(forKey: part(1)) }
        #expect(try await created() == first)
        #expect(cluster.objects.withLock { $0.count } == 3)
    }

    @Test(
        "a contract of which a part was changed or deleted is not used",
        arguments: ["changed", "deleted", "swapped"]
    )
    func tampered(how: String) async throws {
        let record = try await created()
        let key = ["data", RevisionPart.dataKey]
        let (first, second) = (part(0), part(1))
        cluster.objects.withLock { objects in
            switch how {
            case "changed": objects[first]?[path: key] = .string(parts[0].replacing("tool-1\"", with: "tool-9\""))
            case "deleted": objects[second] = nil
            default:
                objects[first]?[path: key] = .string(parts[1])
                objects[second]?[path: key] = .string(parts[0])
            }
        }
        let stored = try #require(try await store.read(record))
        #expect(stored.contract == nil)
    }

    @Test(
        "an object of somebody else with the name of a revision or a part is not taken over",
        arguments: [false, true]
    )
    func foreign(isPart: Bool) async throws {
        let reference =
            isPart
            ? part(0)
            : ObjectReference(type: MCPServerRevision.resourceType, namespace: "mcp-acme", name: target.name)
        cluster.objects.withLock {
            $0[reference] = [
                "metadata": [
                    "name": .string(reference.name), "uid": "foreign", "resourceVersion": "1",
                    "annotations": [RevisionRecord.keyAnnotation: .string(target.key)],
                ],
                "data": [RevisionPart.dataKey: .string(parts[0])],
            ]
        }
        guard case .problem(let problem) = try await create() else {
            Issue.record("it was taken over")
            return
        }
        #expect(problem == WriteProblem(.nameTaken(owner: nil), reference))
    }

    @Test("a revision of the same name with another key is not the same")
    func collision() async throws {
        _ = try await created()
        let reference = ObjectReference(
            type: MCPServerRevision.resourceType,
            namespace: "mcp-acme",
            name: target.name
        )
        cluster.objects.withLock {
            $0[reference]?[path: ["metadata", "annotations", RevisionRecord.keyAnnotation]] = "another"
        }
        guard case .problem = try await create() else {
            Issue.record("it was considered the same")
            return
        }
    }
}
