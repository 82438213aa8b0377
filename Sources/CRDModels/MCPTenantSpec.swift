public import KubernetesAPI

/// What one tenant may do on a cluster.
public struct MCPTenantSpec: Sendable, Hashable, Codable {
    /// The namespace of the tenant's servers.
    public var namespace: TenantNamespace?
    /// The Pod Security levels of the namespace; the platform's where left out, which are restricted unless configured
    /// otherwise.
    public var podSecurity: TenantPodSecurity?
    /// How much the tenant may use.
    public var quotas: TenantQuotas?
    /// Whom the tenant's servers may reach, and who reaches them.
    public var network: TenantNetwork?
    /// Whether the tenant is cut off: its servers reach DNS, their own namespace and the allow-lists alone, images come
    /// through mirrors alone, and each server is told by MOORAGE_AIRGAPPED=true.
    public var airgapped: Bool?
    /// Which images the tenant may run. The platform's own policy always holds as well.
    public var images: TenantImages?
    /// Secrets in the tenant's namespace with credentials for pulling images, used by every server.
    public var imagePullSecrets: [LocalObjectReference]?
    /// What the tenant's servers may be reached by from outside of the cluster; nothing when left out.
    public var exposure: TenantExposure?
    /// Who may work in the tenant's namespace.
    public var members: [TenantMember]?
    /// Whether servers may depart from the hardened defaults.
    public var hardening: TenantHardening?

    /// Makes one from its fields.
    public init(
        namespace: TenantNamespace? = nil,
        podSecurity: TenantPodSecurity? = nil,
        quotas: TenantQuotas? = nil,
        network: TenantNetwork? = nil,
        airgapped: Bool? = nil,
        images: TenantImages? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        exposure: TenantExposure? = nil,
        members: [TenantMember]? = nil,
        hardening: TenantHardening? = nil
    ) {
        self.namespace = namespace
        self.podSecurity = podSecurity
        self.quotas = quotas
        self.network = network
        self.airgapped = airgapped
        self.images = images
        self.imagePullSecrets = imagePullSecrets
        self.exposure = exposure
        self.members = members
        self.hardening = hardening
    }
}

extension MCPTenantSpec: SchemaProviding {
    public static let schema = Schema.object(
        MCPTenantSpec.self,
        """
        What the tenant may do on this cluster. Everything has a default: an empty spec gives the namespace \
        mcp-NAME, Pod Security restricted, network isolation, and the default plan.
        """,
        [
            "namespace": TenantNamespace.schema.described("The namespace of the tenant's servers."),
            "podSecurity": TenantPodSecurity.schema.described(
                """
                The Pod Security levels of the namespace; the platform's where left out, which are restricted \
                unless configured otherwise. A level below the platform's has no effect unless the platform lets tenants \
                loosen it.
                """
            ),
            "quotas": TenantQuotas.schema.described("How much the tenant may use."),
            "network": TenantNetwork.schema.described("Whom the tenant's servers may reach, and who reaches them."),
            "airgapped": .boolean(
                """
                Whether the tenant is cut off: its servers reach DNS, their own namespace and the allow-lists \
                alone, images come through mirrors alone, and each server is told by MOORAGE_AIRGAPPED=true. As the \
                platform has it when left out; false has an effect only where the platform lets tenants leave it.
                """
            ),
            "images": TenantImages.schema.described(
                "Which images the tenant may run. The platform's own policy always holds as well."
            ),
            "imagePullSecrets": .array(
                "Secrets in the tenant's namespace with credentials for pulling images, used by every server.",
                of: LocalObjectReference.schema
            )
            .items(0...16)
            .listMap("name"),
            "exposure": TenantExposure.schema.described(
                """
                What the tenant's servers may be reached by from outside of the cluster; nothing when left out. The \
                platform's own settings are a ceiling.
                """
            ),
            "members": .array("Who may work in the tenant's namespace.", of: TenantMember.schema)
                .items(0...256)
                .atomic(),
            "hardening": TenantHardening.schema.described("Whether servers may depart from the hardened defaults."),
        ],
        rules: [
            Rule(
                """
                !has(self.network) || !has(self.network.defaultDeny) || self.network.defaultDeny == 'AllPods' || \
                (has(self.__namespace__) && has(self.__namespace__.adopt) && self.__namespace__.adopt)
                """,
                message: "ServersOnly is for adopted namespaces: set namespace.adopt, or leave network.defaultDeny out",
                fieldPath: ".network.defaultDeny"
            ) { spec, _ in
                guard let deny = spec[path: ["network", "defaultDeny"]], deny != "AllPods" else { return true }
                return spec[path: ["namespace", "adopt"]] == true
            }
        ]
    )
}

/// The namespace of a tenant's servers.
public struct TenantNamespace: Sendable, Hashable, Codable {
    /// The namespace's name; mcp-NAME when left out. It cannot be changed later.
    public var name: String?
    /// Labels of the namespace, besides Moorage's own and the Pod Security labels.
    public var labels: [String: String]?
    /// Annotations of the namespace.
    public var annotations: [String: String]?
    /// What becomes of the namespace when the tenant is deleted: Retain keeps it, Delete deletes it with all that is in
    /// it.
    public var deletionPolicy: DeletionPolicy?
    /// Whether a namespace that exists already, and that Moorage did not make, may be taken over.
    public var adopt: Bool?

    /// Makes one from its fields.
    public init(
        name: String? = nil,
        labels: [String: String]? = nil,
        annotations: [String: String]? = nil,
        deletionPolicy: DeletionPolicy? = nil,
        adopt: Bool? = nil
    ) {
        self.name = name
        self.labels = labels
        self.annotations = annotations
        self.deletionPolicy = deletionPolicy
        self.adopt = adopt
    }
}

extension TenantNamespace: SchemaProviding {
    public static let schema = Schema.object(
        TenantNamespace.self,
        "The namespace of the tenant's servers.",
        [
            "name": .string("The namespace's name; mcp-NAME when left out. It cannot be changed later.").dnsLabel(),
            "labels": .map(
                "Labels of the namespace, besides Moorage's own and the Pod Security labels.",
                of: .string().length(0...63)
            )
            .properties(0...64),
            "annotations": .map("Annotations of the namespace.", of: .string().length(0...65536)).properties(0...64),
            "deletionPolicy": .string(
                """
                What becomes of the namespace when the tenant is deleted: Retain keeps it, Delete deletes it with \
                all that is in it.
                """
            )
            .values(of: DeletionPolicy.self)
            .default("Retain"),
            "adopt": .boolean(
                "Whether a namespace that exists already, and that Moorage did not make, may be taken over."
            )
            .default(false),
        ]
    )
}

/// The Pod Security levels of a tenant's namespace.
public struct TenantPodSecurity: Sendable, Hashable, Codable {
    /// Whether the namespace gets Pod Security labels at all.
    public var enabled: Bool?
    /// The level that pods must fulfil to be admitted.
    public var enforce: PodSecurityLevel?
    /// The version of the enforced level: latest or v1.N.
    public var enforceVersion: String?
    /// The level whose breaches go into the audit log.
    public var audit: PodSecurityLevel?
    /// The version of the audited level: latest or v1.N.
    public var auditVersion: String?
    /// The level whose breaches are told to the user as warnings.
    public var warn: PodSecurityLevel?
    /// The version of the level that warns: latest or v1.N.
    public var warnVersion: String?

    /// Makes one from its fields.
    public init(
        enabled: Bool? = nil,
        enforce: PodSecurityLevel? = nil,
        enforceVersion: String? = nil,
        audit: PodSecurityLevel? = nil,
        auditVersion: String? = nil,
        warn: PodSecurityLevel? = nil,
        warnVersion: String? = nil
    ) {
        self.enabled = enabled
        self.enforce = enforce
        self.enforceVersion = enforceVersion
        self.audit = audit
        self.auditVersion = auditVersion
        self.warn = warn
        self.warnVersion = warnVersion
    }
}

extension TenantPodSecurity: SchemaProviding {
    public static let schema = Schema.object(
        TenantPodSecurity.self,
        "The Pod Security levels of the namespace, each with the Kubernetes version whose rules it means.",
        [
            "enabled": .boolean("Whether the namespace gets Pod Security labels at all."),
            "enforce": .string("The level that pods must fulfil to be admitted.").values(of: PodSecurityLevel.self),
            "enforceVersion": .string("The version of the enforced level: latest or v1.N.")
                .length(1...16)
                .pattern("^(latest|v1\\.(0|[1-9][0-9]*))$"),
            "audit": .string("The level whose breaches go into the audit log.").values(of: PodSecurityLevel.self),
            "auditVersion": .string("The version of the audited level: latest or v1.N.")
                .length(1...16)
                .pattern("^(latest|v1\\.(0|[1-9][0-9]*))$"),
            "warn": .string("The level whose breaches are told to the user as warnings.")
                .values(of: PodSecurityLevel.self),
            "warnVersion": .string("The version of the level that warns: latest or v1.N.")
                .length(1...16)
                .pattern("^(latest|v1\\.(0|[1-9][0-9]*))$"),
        ]
    )
}

/// Whether a tenant's servers may depart from the hardened defaults.
public struct TenantHardening: Sendable, Hashable, Codable {
    /// Whether securityContext, podSecurityContext and podTemplate may weaken the hardening, as far as the namespace's
    /// Pod Security level lets them.
    public var allowWeakening: Bool?
    /// ServiceAccounts in the tenant's namespace, besides each server's own, that servers may run as and whose tokens they
    /// may mount.
    public var serviceAccounts: [String]?

    /// Makes one from its fields.
    public init(allowWeakening: Bool? = nil, serviceAccounts: [String]? = nil) {
        self.allowWeakening = allowWeakening
        self.serviceAccounts = serviceAccounts
    }
}

extension TenantHardening: SchemaProviding {
    public static let schema = Schema.object(
        TenantHardening.self,
        "Whether servers may depart from the hardened defaults.",
        [
            "allowWeakening": .boolean(
                """
                Whether securityContext, podSecurityContext and podTemplate may weaken the hardening, as far as \
                the namespace's Pod Security level lets them.
                """
            )
            .default(false),
            "serviceAccounts": .array(
                """
                ServiceAccounts in the tenant's namespace, besides each server's own, that servers may run as and whose \
                tokens they may mount.
                """,
                of: .string().length(1...253)
            )
            .items(0...64)
            .set(),
        ]
    )
}

/// A user, group or ServiceAccount with a role in a tenant's namespace.
public struct TenantMember: Sendable, Hashable, Codable {
    /// What the member is.
    public var kind: MemberKind?
    /// The name of the user, group or ServiceAccount.
    public var name: String
    /// The namespace of the ServiceAccount; for ServiceAccounts alone.
    public var namespace: String?
    /// What the member may do; Viewer when neither role nor clusterRole is given.
    public var role: MemberRole?
    /// The name of another ClusterRole, in place of role. Only those that the platform lists can be given.
    public var clusterRole: String?

    /// Makes one from its fields.
    public init(
        kind: MemberKind? = nil,
        name: String,
        namespace: String? = nil,
        role: MemberRole? = nil,
        clusterRole: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.namespace = namespace
        self.role = role
        self.clusterRole = clusterRole
    }
}

extension TenantMember: SchemaProviding {
    public static let schema = Schema.object(
        TenantMember.self,
        "A user, group or ServiceAccount with a role in the tenant's namespace.",
        [
            "kind": .string("What the member is.").values(of: MemberKind.self).default("User"),
            "name": .string("The name of the user, group or ServiceAccount.").length(1...253).required(),
            "namespace": .string("The namespace of the ServiceAccount; for ServiceAccounts alone.").length(1...63),
            "role": .string(
                """
                What the member may do in the namespace: Viewer reads servers, ConfigMaps, pods, logs and events; \
                Editor also changes servers, Secrets and ConfigMaps; Approver reads as a Viewer, and approves what \
                has to be approved. Viewer when neither role nor clusterRole is given.
                """
            )
            .values(of: MemberRole.self),
            "clusterRole": .string(
                """
                The name of another ClusterRole, in place of role. Only those that the platform lists can be given; \
                one that can write workloads, NetworkPolicies or RoleBindings lets the member bypass the tenant's \
                rules.
                """
            )
            .length(1...200)
            .pattern("^[^/%]+$"),
        ],
        rules: [
            .atMostOneOf(
                "role",
                "clusterRole",
                message: "role and clusterRole exclude each other: list the member twice to give both"
            ),
            Rule(
                "self.kind == 'ServiceAccount' ? has(self.__namespace__) : !has(self.__namespace__)",
                message: "namespace must be set for a ServiceAccount, and for nothing else",
                fieldPath: ".namespace"
            ) { member, _ in
                (member["kind"]?.stringValue == "ServiceAccount") == (member["namespace"] != nil)
            },
        ]
    )
}
