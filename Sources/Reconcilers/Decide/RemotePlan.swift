public import CRDModels
internal import KubernetesAPI
public import MCPProtocol
public import Policy
internal import SupplyChain

/// How a remote server is called.
public struct RemotePlan: Sendable, Hashable {
    /// `spec.remote`.
    public var server: RemoteServer
    /// Its URL.
    public var url: RemoteURL
    /// How it speaks MCP.
    public var transport: Transport
    /// Which addresses it can have.
    public var addresses: AddressRules
    /// Changes when a Secret or a ConfigMap changes that it names.
    public var contentVersion: String?
    /// The gateway's ServiceAccount; `nil` if there is no gateway.
    public var gateway: Account?

    /// A ServiceAccount.
    public struct Account: Sendable, Hashable {
        public var namespace: String
        public var name: String
    }

    /// What the gateway gets to know.
    var accepted: AcceptedRemoteServer {
        AcceptedRemoteServer(server: server, transport: transport, contentVersion: contentVersion)
    }
}

extension ServerInput {
    /// A short text that changes with every version of what the server names. It says nothing about the contents.
    var contentVersion: String? {
        guard !contentVersions.isEmpty else { return nil }
        let text = contentVersions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        return String(ContentDigest.of(text.utf8).prefix(32))
    }
}

extension ServerDecider {
    /// Decides about a remote server: the same rules as for one with an image, as far as they are not about pods.
    func decide(_ remote: RemoteServer, tenant: EffectiveTenant) throws(Refusal) -> ServerPlan {
        let spec = input.server.spec
        var addresses = AddressRules(tenant.network)
        addresses.reachesLoopback = input.reachesLoopback
        let url = try RemoteServerRules.check(remote, of: spec, addresses: addresses)
        let classInUse = try ClassInUse(input)
        let serverClass = classInUse.resolved.spec
        try ServerReferences.check(ServerReferences.needs(of: spec), contents: input.contents)
        let handshake = HandshakeSetting(spec: spec, class: serverClass, platform: input.platform)
        let review = try EffectiveReview(spec: spec, tenant: tenant.review, handshake: handshake)
        let isQuarantined =
            input.isRejected || input.isDrifted && review.isEnforced && review.onDrift == .quarantine
        try ObjectMetadataRules.check(spec)
        try checkAdmission(tenant)
        let account = input.platform.gateway?.serviceAccountName
        let needsAccount = RemoteCredentials.sources(of: remote).contains(where: \.isSecret)
        let plan = RemotePlan(
            server: remote,
            url: url,
            transport: spec.transport ?? .streamableHTTP,
            addresses: addresses,
            contentVersion: input.contentVersion,
            gateway: account.map { RemotePlan.Account(namespace: input.controllerNamespace, name: $0) }
        )
        return ServerPlan(
            server: input.server,
            tenant: tenant,
            className: classInUse.resolved.name,
            isBehindClass: false,
            image: PlannedImage(requested: url.description, resolved: url.description, isPinned: false),
            entryPoint: nil,
            settings: EffectiveSettings(spec: spec, class: serverClass, tenant: tenant, isPinned: true),
            handshake: handshake,
            review: review,
            role: input.role,
            isQuarantined: isQuarantined,
            remote: plan,
            templates: [],
            podTemplate: [:],
            strategy: [:],
            networkPolicy: nil,
            rollout: classInUse.rollout,
            classToStore: nil,
            warnings: needsAccount && account == nil
                ? [
                    """
                    no gateway can read the Secrets of spec.remote: set gateway.serviceAccountName in the platform's configuration
                    """
                ] : [],
            address: url.description,
            url: url.description,
            ingressClass: nil
        )
    }
}
