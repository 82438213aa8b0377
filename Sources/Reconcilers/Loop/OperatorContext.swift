internal import CRDModels
internal import ControllerRuntime
internal import Crypto
internal import KubernetesAPI
internal import KubernetesClient
internal import Logging
internal import Policy

/// What the reconcilers share.
struct OperatorContext: Sendable {
    var cluster: any ClusterAccess
    var caches: OperatorCaches
    var children: ChildCaches
    var claims: ClaimTable
    var references: ReferenceReader
    var secrets: SecretSnapshot
    var admissions: AdmissionRegistry
    var classRevisions: ClassRevisions
    /// What is known about the protocol of servers.
    var handshakes: HandshakeTable
    /// What is known about the entry points of images.
    var entryPoints: EntryPointTable
    /// What is known about the signatures of images.
    var signatures: SignatureTable
    /// The digests of the trusted roots by their names.
    var trustedRoots: [String: String]
    /// The tool calls of tenants.
    var usage: UsageTable
    /// Whether the network enforces NetworkPolicies.
    var network: NetworkTable
    /// Stores what servers offer.
    var revisions: RevisionKeeper
    var platform: PlatformConfiguration
    /// The namespaces to manage; `nil` means all.
    var namespaces: Set<String>?
    /// The namespace that the controller runs in.
    var controllerNamespace: String
    var recorder: EventRecorder
    var metrics: OperatorMetrics
    var audit: AuditLog?
    var clock: RuntimeClock
    var logger: Logger

    /// The current time, in the format of conditions.
    var now: Timestamp { Timestamp(clock.wallTime.date) }

    /// All classes.
    var classes: [MCPServerClass] { Array(caches.classes.store.all) }

    /// Whether this controller manages a namespace.
    func looksAfter(namespace: String) -> Bool { namespaces?.contains(namespace) ?? true }

    /// Makes the cluster match a render.
    var applier: Applier {
        Applier(
            cluster: cluster,
            caches: children,
            secrets: secrets,
            keepsStatus: ChildKinds.keepsStatus,
            logger: logger
        )
    }

    /// Records an Event on an object.
    func event(
        _ kind: EventRecorder.Kind,
        _ reason: Reason,
        action: String,
        note: String,
        regarding metadata: ObjectMeta,
        of type: ResourceType
    ) {
        recorder.record(
            kind,
            reason: reason.rawValue,
            action: action,
            note: note,
            regarding: EventObject.Reference(type, metadata)
        )
    }
}

extension DesiredObject {
    /// A rendered object with a fingerprint of its bytes. 128 bits are enough to detect changes, but do not protect
    /// against a deliberate collision.
    init(_ object: RenderedObject) {
        let digest = SHA256.hash(data: object.bytes)
        self.init(
            reference: object.reference,
            value: object.value,
            renderHash: digest.prefix(16).map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined(),
            isRetained: object.isRetained
        )
    }
}

extension OperatorContext {
    /// The servers of a namespace, for its quota.
    func quotaServers(namespace: String) -> [QuotaServer] {
        let holders = admissions.holders(namespace: namespace)
        return caches.servers.store.list(index: OperatorCaches.Index.namespace, value: namespace)
            .map { quotaServer($0, holders: holders) }
    }

    /// One server, for its tenant's quota.
    func quotaServer(_ server: MCPServer, holders: Set<String>) -> QuotaServer {
        let name = server.namespacedName
        let uid = server.metadata.uid ?? ""
        let deployment = ObjectReference(type: .deployment, namespace: name.namespace, name: name.name)
        let accepted = server.status?.conditions?[type: ConditionType.accepted]
        return QuotaServer(
            name: name,
            creationTimestamp: server.metadata.creationTimestamp,
            isRunning: accepted?.status == .true || holders.contains(uid) || children[deployment]?.owner?.uid == uid,
            isRefused: accepted?.status == .false && accepted?.reason != Reason.quotaExceeded.rawValue,
            isDeleting: server.metadata.deletionTimestamp != nil
        )
    }
}
