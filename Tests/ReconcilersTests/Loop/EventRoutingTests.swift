import CRDModels
import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Who is reconciled after a change")
struct EventRoutingTests {
    private let caches: OperatorCaches
    private let routing: EventRouting

    init() {
        caches = OperatorCaches(
            client: KubernetesClient(transport: NoTransport()),
            namespaces: nil,
            controllerNamespace: "moorage-system",
            optionalKinds: [],
            clock: .system,
            logger: quietLogger
        )
        let platform = PlatformConfiguration()
        routing = EventRouting(
            caches: caches,
            references: ReferenceReader(
                cluster: ClientAccess(client: KubernetesClient(transport: NoTransport())),
                secrets: caches.secrets,
                configMaps: caches.configMaps.store
            ),
            claims: ClaimTable(
                tenants: caches.tenants.store,
                namespaces: caches.namespaces.store,
                protected: ProtectedNamespaces(platform: platform, controllerNamespace: "moorage-system")
            ),
            admissions: AdmissionRegistry(),
            platform: platform,
            servers: WorkQueue(name: "servers"),
            tenants: WorkQueue(name: "tenants"),
            classes: WorkQueue(name: "classes"),
            virtualServers: WorkQueue(name: "virtualServers")
        )
        routing.connect()
    }

    private func deployment(
        version: String,
        owner: String = "web",
        generation: Int64 = 1,
        isVerified: Bool = false
    ) throws -> ChildRecord {
        let object: JSONValue = [
            "metadata": [
                "name": "web", "namespace": "ns", "uid": "u", "resourceVersion": .string(version),
                "generation": .integer(generation),
                "ownerReferences": [
                    [
                        "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer", "name": .string(owner), "uid": "o",
                        "controller": true,
                    ]
                ],
            ]
        ]
        var record = try ChildRecord(type: .deployment, value: object, keepsStatus: true)
        if isVerified { record.confirm("h") }
        return record
    }

    /// The servers that are queued after a change.
    private func queued(after record: ChildRecord) throws -> Int {
        let before = routing.servers.count
        try #require(caches.children[.deployment]).assume(record)
        return routing.servers.count - before
    }

    @Test("the answer to a server's own write does not make it reconcile again; what others write does")
    func ownWrites() throws {
        #expect(try queued(after: deployment(version: "1", isVerified: true)) == 0)
        #expect(try queued(after: deployment(version: "2", generation: 2, isVerified: true)) == 0)
        #expect(try queued(after: deployment(version: "3", generation: 3)) == 1)
    }

    @Test("if a write changes the owner, the owner before it is reconciled")
    func changedOwner() throws {
        #expect(try queued(after: deployment(version: "1", owner: "old", isVerified: true)) == 0)
        #expect(try queued(after: deployment(version: "2", isVerified: true)) == 1)
    }

    @Test("what may be drift is urgent; a new object and a new status are not")
    func urgency() throws {
        let first = try deployment(version: "1")
        #expect(!routing.isUrgent(nil, first))
        #expect(!routing.isUrgent(first, try deployment(version: "2")))
        #expect(routing.isUrgent(first, try deployment(version: "2", generation: 2)))
        #expect(routing.isUrgent(first, nil))
        var deleted = try deployment(version: "2")
        deleted.isDeleting = true
        #expect(routing.isUrgent(first, deleted))
        var withoutGeneration = try deployment(version: "2")
        withoutGeneration.generation = nil
        #expect(routing.isUrgent(first, withoutGeneration))
    }
}
