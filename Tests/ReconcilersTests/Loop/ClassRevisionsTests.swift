import CRDModels
import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import Synchronization
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

/// A cluster that only deletes.
private final class DeletingCluster: PartialCluster {
    private let state = Mutex<[ObjectReference]>([])

    var deleted: [ObjectReference] { state.withLock { $0 } }

    func delete(_ reference: ObjectReference, uid _: String) async throws {
        state.withLock { $0.append(reference) }
    }
}

@Suite("Stored states of classes")
struct ClassRevisionsTests {
    private static let namespace = "moorage-system"

    private static func state(_ name: String, replicas: Int) -> ResolvedClass {
        ResolvedClass(name: name, spec: MCPServerClassSpec(replicas: replicas))
    }

    @Test("pruning deletes the states of a class that are neither current nor used, and none of another class")
    func prune() async throws {
        let caches = OperatorCaches(
            client: KubernetesClient(transport: NoTransport()),
            namespaces: nil,
            controllerNamespace: Self.namespace,
            optionalKinds: [],
            clock: .system,
            logger: quietLogger
        )
        let cluster = DeletingCluster()
        let revisions = ClassRevisions(informer: caches.classRevisions, cluster: cluster, namespace: Self.namespace)
        let states = [
            Self.state("web", replicas: 1), Self.state("web", replicas: 2), Self.state("web", replicas: 3),
            Self.state("web-2", replicas: 1),
        ]
        for (index, state) in states.enumerated() {
            var object = ClassRevision.object(of: state, namespace: Self.namespace)
            object[path: ["metadata", "uid"]] = .string("uid-\(index)")
            object[path: ["metadata", "resourceVersion"]] = .string("\(index + 1)")
            caches.classRevisions.assume(try ClassRevision(object))
        }
        let count = try await revisions.prune("web", current: states[1]) { $0 == states[2].hash }
        #expect(count == 1)
        #expect(cluster.deleted.map(\.name) == [ClassRevision.name(of: states[0])])
        let other = try await revisions.prune("other", current: nil) { _ in false }
        #expect(other == 0)
    }
}
