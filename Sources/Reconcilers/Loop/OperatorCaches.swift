public import CRDModels
public import ControllerRuntime
public import KubernetesAPI
internal import KubernetesClient
internal import Logging
internal import Policy
internal import ServiceLifecycle

extension MCPServer: CachedObject {}
extension MCPTenant: CachedObject {}
extension MCPServerClass: CachedObject {}
extension MCPVirtualServer: CachedObject {}
extension Namespace: CachedObject {}

/// Everything that the operator watches, with one informer for each kind.
struct OperatorCaches: Sendable {
    let servers: Informer<MCPServer>
    let virtualServers: Informer<MCPVirtualServer>
    let tenants: Informer<MCPTenant>
    let classes: Informer<MCPServerClass>
    let namespaces: Informer<ChildRecord>
    let configMaps: Informer<MetadataRecord>
    let pods: Informer<PodRecord>
    /// The states of classes that servers were rendered with, in the controller's namespace.
    let classRevisions: Informer<ClassRevision>
    /// What servers have offered, by metadata alone.
    let revisions: Informer<RevisionRecord>
    /// Only the EndpointSlice of the Kubernetes API.
    let kubernetesAPI: Informer<EndpointSliceRecord>
    /// The kinds that Moorage renders. All Secrets are watched, by metadata, because servers also read Secrets of
    /// others.
    let children: [ResourceType: Informer<ChildRecord>]
    private let strings: SharedStrings

    /// The indexes of the informers.
    enum Index {
        /// Servers and virtual servers by namespace.
        static let namespace = "namespace"
        /// Objects by the Secrets and ConfigMaps that they read: servers by `Kind/namespace/name`, and classes and
        /// tenants by `Kind//name`, because all their servers read these.
        static let reference = "reference"
        /// Servers by the PersistentVolumeClaims that they name, `namespace/name`.
        static let claimName = "claimName"
        /// Servers by the ServiceAccounts of others that they name, `namespace/name`.
        static let accountName = "accountName"
        /// Servers that ask for the Kubernetes API, all under one value.
        static let kubernetesAPI = "kubernetesAPI"
        /// Servers by the class that they name, empty for the default class.
        static let className = "className"
        /// Servers by the class that they were last rendered with.
        static let usedClass = "usedClass"
        /// Tenants by the namespace that they claim.
        static let claim = "claim"
        /// Servers and tenants by the namespaces that their network rules name.
        static let namedNamespace = "namedNamespace"
        /// Deployments by the digest of the class that they were rendered with.
        static let classHash = "classHash"
    }

    /// Creates the informers.
    ///
    /// - Parameters:
    ///   - client: where to list and watch.
    ///   - namespaces: which namespaces to watch, `nil` for all.
    ///   - controllerNamespace: the namespace in which the controller stores its own objects.
    ///   - optionalKinds: the kinds that the cluster serves in addition to the built-in ones.
    ///   - clock: the runtime's clock.
    ///   - logger: where the informers log.
    init(
        client: KubernetesClient,
        namespaces: [String]?,
        controllerNamespace: String,
        optionalKinds: [ResourceType],
        clock: RuntimeClock,
        logger: Logger
    ) {
        let strings = SharedStrings()
        self.strings = strings
        servers = Informer(
            name: "mcpservers",
            namespaces: namespaces,
            indexes: [
                Index.namespace: { [$0.metadata.namespace ?? ""] },
                Index.className: { [$0.spec.className ?? ""] },
                Index.usedClass: { [$0.status?.className].compactMap { $0 } },
                Index.reference: { OperatorCaches.referenceKeys(of: $0) },
                Index.namedNamespace: { NetworkRules.namespaces(of: $0.spec.network) },
                Index.host: { OperatorCaches.hostKeys(of: $0) },
                Index.claimName: { server in
                    VolumeRules.claimNames(of: server.spec).map { "\(server.metadata.namespace ?? "")/\($0)" }
                },
                Index.accountName: { server in
                    ServerReferences.accountNames(of: server.spec).map { "\(server.metadata.namespace ?? "")/\($0)" }
                },
                Index.kubernetesAPI: { $0.spec.network?.egress?.kubernetesAPI == true ? [Index.kubernetesAPI] : [] },
            ],
            clock: clock,
            logger: logger
        ) {
            client.listWatch(of: MCPServer.resourceType, in: $0) { try (Self.decode($0) as MCPServer).sharing(strings) }
        }
        virtualServers = Informer(
            name: "mcpvirtualservers",
            namespaces: namespaces,
            indexes: [Index.namespace: { [$0.metadata.namespace ?? ""] }],
            clock: clock,
            logger: logger
        ) { client.listWatch(of: MCPVirtualServer.resourceType, in: $0) { try Self.decode($0) } }
        tenants = Informer(
            name: "mcptenants",
            indexes: [
                Index.claim: { [EffectiveTenant.namespace(of: $0)] },
                Index.namedNamespace: { NetworkRules.namespaces(of: $0.spec.network) },
                Index.reference: { OperatorCaches.referenceKeys(of: $0) },
            ],
            clock: clock,
            logger: logger
        ) { _ in client.listWatch(of: MCPTenant.resourceType, in: nil) { try Self.decode($0) } }
        classes = Informer(
            name: "mcpserverclasses",
            indexes: [Index.reference: { OperatorCaches.referenceKeys(of: $0) }],
            clock: clock,
            logger: logger
        ) { _ in
            client.listWatch(of: MCPServerClass.resourceType, in: nil) { try Self.decode($0) }
        }
        // All namespaces, because a namespace that a tenant claims may already exist without an owner.
        self.namespaces = Informer(
            name: "namespaces",
            indexes: [ChildCaches.ownerIndex: ChildCaches.owners(of:)],
            clock: clock,
            logger: logger
        ) { _ in
            client.listWatch(of: .namespace, in: nil) {
                try ChildRecord(type: .namespace, bytes: $0, keepsStatus: true)
            }
        }
        configMaps = Informer(name: "configmaps", namespaces: namespaces, clock: clock, logger: logger) {
            client.listWatch(of: .configMap, in: $0, metadataOnly: true) {
                MetadataRecord(try KubernetesJSON.decode(PartialObjectMetadata.self, from: $0).metadata)
            }
        }
        pods = Informer(
            name: "pods",
            namespaces: namespaces,
            indexes: [
                PodRecord.serverIndex: { $0.indexValues(PodRecord.serverIndex) },
                PodRecord.candidateIndex: { $0.indexValues(PodRecord.candidateIndex) },
            ],
            clock: clock,
            logger: logger
        ) {
            client.listWatch(of: .pod, in: $0, labelSelector: PodRecord.selector) {
                PodRecord(try Self.decode($0)).sharing(strings)
            }
        }
        classRevisions = Informer(
            name: "controllerrevisions",
            namespaces: [controllerNamespace],
            indexes: [
                ClassRevisions.hashIndex: { [$0.resolved.hash] },
                ClassRevisions.classIndex: { [$0.resolved.name].compactMap { $0 } },
            ],
            clock: clock,
            logger: logger
        ) {
            let selector = "\(MoorageLabels.managedSelector),\(ClassRevision.classLabel)"
            return client.listWatch(of: .controllerRevision, in: $0, labelSelector: selector) {
                try ClassRevision(JSONValue(parsing: $0))
            }
        }
        revisions = Informer(
            name: "mcpserverrevisions",
            namespaces: namespaces,
            indexes: [RevisionRecord.serverIndex: { [$0.server?.description].compactMap { $0 } }],
            clock: clock,
            logger: logger
        ) {
            client.listWatch(of: MCPServerRevision.resourceType, in: $0, metadataOnly: true) {
                try RevisionRecord(JSONValue(parsing: Array($0), omittingFieldSets: true))
            }
        }
        kubernetesAPI = Informer(
            name: "endpointslices",
            namespaces: [EndpointSliceRecord.namespace],
            clock: clock,
            logger: logger
        ) {
            client.listWatch(
                of: .endpointSlice,
                in: $0,
                fieldSelector: "metadata.name=\(EndpointSliceRecord.name)"
            ) { try EndpointSliceRecord(bytes: Array($0)) }
        }
        var children: [ResourceType: Informer<ChildRecord>] = [:]
        for type in ChildKinds.builtIn + optionalKinds {
            let isSecret = type == .secret
            let pool = ContentPool()
            // Claims that Moorage did not create are watched too: their access modes decide how pods are replaced.
            let labelSelector = ChildKinds.includesOthers(type) ? nil : MoorageLabels.managedSelector
            children[type] = Informer(
                name: type.plural,
                namespaces: type.isNamespaced ? namespaces : nil,
                indexes: [
                    ChildCaches.ownerIndex: ChildCaches.owners(of:),
                    Index.classHash: { [$0.annotations[MoorageAnnotations.classHash]].compactMap { $0 } },
                ],
                clock: clock,
                logger: logger
            ) {
                client.listWatch(
                    of: type,
                    in: $0,
                    labelSelector: labelSelector,
                    metadataOnly: isSecret
                ) {
                    try ChildRecord(type: type, bytes: $0, keepsStatus: ChildKinds.keepsStatus(type), pool: pool)
                        .sharing(strings)
                }
            }
        }
        self.children = children
    }

    private static func decode<Object: Decodable>(_ bytes: ArraySlice<UInt8>) throws -> Object {
        try KubernetesJSON.decode(from: JSONScan.withoutManagedFields(bytes))
    }

    /// The caches of what Moorage renders.
    var childCaches: ChildCaches {
        var informers = children
        informers[.namespace] = namespaces
        return ChildCaches(informers: informers, strings: strings)
    }

    /// The addresses of the Kubernetes API.
    var kubernetesAPIEndpoints: [KubernetesAPIEndpoint] { kubernetesAPI.store.all.flatMap(\.endpoints).sorted() }

    /// The metadata of all Secrets, including those that Moorage rendered.
    var secrets: Store<ChildRecord> { children[.secret]?.store ?? Store() }

    /// All informers, in the order in which they are started.
    var all: [any Service & SyncedCache] {
        let fixed: [any Service & SyncedCache] = [
            tenants, classes, classRevisions, namespaces, servers, virtualServers, revisions, configMaps, pods,
            kubernetesAPI,
        ]
        return fixed + children.sorted { $0.key.plural < $1.key.plural }.map { $0.value }
    }

    private static func referenceKeys(of serverClass: MCPServerClass) -> [String] {
        ServerReferences.needs(of: MCPServerSpec(), class: serverClass.spec).keys.map {
            referenceKey($0, namespace: "")
        }
    }

    private static func referenceKeys(of tenant: MCPTenant) -> [String] {
        (tenant.spec.imagePullSecrets ?? []).compactMap(\.name)
            .map { referenceKey(ContentReference(kind: .secret, name: $0), namespace: "") }
    }

    /// The index keys of a server for Secrets and ConfigMaps. Those of its class and its tenant are indexed there.
    private static func referenceKeys(of server: MCPServer) -> [String] {
        let namespace = server.metadata.namespace ?? ""
        return ServerReferences.needs(of: server.spec).keys.map { referenceKey($0, namespace: namespace) }
    }

    static func referenceKey(_ reference: ContentReference, namespace: String) -> String {
        "\(reference.kind.rawValue)/\(namespace)/\(reference.name)"
    }
}
