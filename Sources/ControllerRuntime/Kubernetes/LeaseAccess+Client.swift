public import KubernetesClient
internal import KubernetesAPI

extension LeaseAccess {
    /// The Lease with this namespace and name. Use a separate client for the election: its requests must not wait for others.
    public init(client: KubernetesClient, namespace: String, name: String) {
        let type = Lease.resourceType
        self.init(
            get: {
                do {
                    let lease: Lease = try await client.get(Lease.self, name: name, namespace: namespace)
                    return lease.record
                } catch let error as APIError where error.isNotFound {
                    return nil
                }
            },
            create: { record in
                let lease = Lease(record, namespace: namespace, name: name)
                return try await client.create(type, JSONValue(encoding: lease)).decode(Lease.self).record
            },
            update: { record in
                let lease = Lease(record, namespace: namespace, name: name)
                return try await client.replace(type, JSONValue(encoding: lease)).decode(Lease.self).record
            }
        )
    }
}

/// `coordination.k8s.io/v1.Lease`, with the fields that an election needs.
struct Lease: KubernetesResource {
    var apiVersion: String? = "coordination.k8s.io/v1"
    var kind: String? = "Lease"
    var metadata: ObjectMeta
    var spec: Spec?

    struct Spec: Sendable, Codable {
        var holderIdentity: String?
        var leaseDurationSeconds: Int?
        var acquireTime: MicroTimestamp?
        var renewTime: MicroTimestamp?
        var leaseTransitions: Int?
    }

    static let resourceType = ResourceType(
        group: "coordination.k8s.io",
        version: "v1",
        kind: "Lease",
        plural: "leases",
        isNamespaced: true
    )

    init(_ record: LeaseRecord, namespace: String, name: String) {
        metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.resourceVersion = record.resourceVersion
        spec = Spec(
            holderIdentity: record.holderIdentity,
            leaseDurationSeconds: record.leaseDurationSeconds,
            acquireTime: record.acquireTime,
            renewTime: record.renewTime,
            leaseTransitions: record.leaseTransitions
        )
    }

    var record: LeaseRecord {
        LeaseRecord(
            holderIdentity: spec?.holderIdentity ?? "",
            leaseDurationSeconds: spec?.leaseDurationSeconds ?? 0,
            acquireTime: spec?.acquireTime,
            renewTime: spec?.renewTime,
            leaseTransitions: spec?.leaseTransitions ?? 0,
            resourceVersion: metadata.resourceVersion
        )
    }
}
