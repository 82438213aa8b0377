public import KubernetesAPI

/// The desired state of a tenant.
public struct MCPTenantSpec: Sendable, Hashable, Codable {
    /// The namespace of the tenant's servers.
    public var namespace: TenantNamespace?
    /// The Pod Security levels of the namespace. Defaults to the platform's levels, which are restricted unless
    /// configured otherwise.
    public var podSecurity: TenantPodSecurity?
    /// How much the tenant may use.
    public var quotas: TenantQuotas?
    /// What the tenant's servers can reach, and who can reach them.
    public var network: TenantNetwork?
    /// Whether the tenant is air-gapped: its servers reach only DNS, their own namespace and the allowed destinations,
    /// images are pulled only from mirrors, and each server has the environment variable MOORAGE_AIRGAPPED=true.
    public var airgapped: Bool?
    /// Which images the tenant may run. The platform's policy always applies too.
    public var images: TenantImages?
    /// Who signs the bundles that servers load.
    public var plugins: TenantPlugins?
    /// How new versions of the tenant's servers are reviewed.
    public var review: TenantReview?
    /// Secrets in the tenant's namespace with credentials for pulling images. Every server uses them.
    public var imagePullSecrets: [LocalObjectReference]?
    /// How the tenant's servers can be exposed outside the cluster. By default they cannot.
    public var exposure: TenantExposure?
    /// Who has access to the tenant's namespace.
    public var members: [TenantMember]?
    /// Whether servers can weaken the hardened defaults.
    public var hardening: TenantHardening?
    /// Which callers of the tenant can use which of its servers through the gateway. By default, all can use all.
    public var access: TenantAccess?

    /// Creates a value from its fields.
    public init(
        namespace: TenantNamespace? = nil,
        podSecurity: TenantPodSecurity? = nil,
        quotas: TenantQuotas? = nil,
        network: TenantNetwork? = nil,
        airgapped: Bool? = nil,
        images: TenantImages? = nil,
        plugins: TenantPlugins? = nil,
        review: TenantReview? = nil,
        imagePullSecrets: [LocalObjectReference]? = nil,
        exposure: TenantExposure? = nil,
        members: [TenantMember]? = nil,
        hardening: TenantHardening? = nil,
        access: TenantAccess? = nil
    ) {
        self.namespace = namespace
        self.podSecurity = podSecurity
        self.quotas = quotas
        self.network = network
        self.airgapped = airgapped
        self.images = images
        self.plugins = plugins
        self.review = review
        self.imagePullSecrets = imagePullSecrets
        self.exposure = exposure
        self.members = members
        self.hardening = hardening
        self.access = access
    }
}

extension MCPTenantSpec: SchemaProviding {
    public static let schema = Schema.object(
        MCPTenantSpec.self,
        """
        The desired state of the tenant. Everything has a default: an empty spec results in the namespace mcp-NAME, \
        Pod Security restricted, network isolation, and the default plan.
        """,
        [
            "namespace": TenantNamespace.schema.described("The namespace of the tenant's servers."),
            "podSecurity": TenantPodSecurity.schema.described(
                """
                The Pod Security levels of the namespace. Defaults to the platform's levels, which are restricted \
                unless configured otherwise. A level below the platform's has no effect unless the platform allows \
                tenants to lower it.
                """
            ),
            "quotas": TenantQuotas.schema.described("How much the tenant may use."),
            "network": TenantNetwork.schema.described("What the tenant's servers can reach, and who can reach them."),
            "airgapped": .boolean(
                """
                Whether the tenant is air-gapped: its servers reach only DNS, their own namespace and the allowed \
                destinations, images are pulled only from mirrors, and each server has the environment variable \
                MOORAGE_AIRGAPPED=true. Defaults to the platform's setting; false has an effect only if the platform \
                allows tenants to turn it off.
                """
            ),
            "images": TenantImages.schema.described(
                "Which images the tenant may run. The platform's policy always applies too."
            ),
            "plugins": TenantPlugins.schema.described(
                "Who signs the bundles that servers load with spec.plugins. Without a key, servers cannot load any."
            ),
            "review": TenantReview.schema.described("How new versions of the tenant's servers are reviewed."),
            "imagePullSecrets": .array(
                "Secrets in the tenant's namespace with credentials for pulling images. Every server uses them.",
                of: LocalObjectReference.schema
            )
            .items(0...16)
            .listMap("name"),
            "exposure": TenantExposure.schema.described(
                """
                How the tenant's servers can be exposed outside the cluster. By default they cannot. The platform's \
                settings are an upper limit.
                """
            ),
            "members": .array("Who has access to the tenant's namespace.", of: TenantMember.schema)
                .items(0...256)
                .atomic(),
            "hardening": TenantHardening.schema.described("Whether servers can weaken the hardened defaults."),
            "access": TenantAccess.schema.described(
                """
                Which callers of the tenant can use which of its servers through the gateway. By default, every caller of \
                the tenant can use all of its servers. Callers of other tenants never can.
                """
            ),
        ],
        rules: [
            Rule(
                """
                !has(self.network) || !has(self.network.defaultDeny) || self.network.defaultDeny == 'AllPods' || \
                (has(self.__namespace__) && has(self.__namespace__.adopt) && self.__namespace__.adopt)
                """,
                message: """
                    ServersOnly is only valid for adopted namespaces: set namespace.adopt, or remove \
                    network.defaultDeny
                    """,
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
    /// The name of the namespace. Defaults to mcp-NAME. It cannot be changed later.
    public var name: String?
    /// Labels of the namespace, in addition to Moorage's own and the Pod Security labels.
    public var labels: [String: String]?
    /// Annotations of the namespace.
    public var annotations: [String: String]?
    /// What happens to the namespace when the tenant is deleted: Retain keeps it, Delete deletes it with everything in
    /// it.
    public var deletionPolicy: DeletionPolicy?
    /// Whether a namespace that already exists, and that Moorage did not create, can be adopted.
    public var adopt: Bool?

    /// Creates a value from its fields.
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
            "name": .string("The name of the namespace. Defaults to mcp-NAME. It cannot be changed later.").dnsLabel(),
            "labels": .map(
                "Labels of the namespace, in addition to Moorage's own and the Pod Security labels.",
                of: .string().length(0...63)
            )
            .properties(0...64),
            "annotations": .map("Annotations of the namespace.", of: .string().length(0...65536)).properties(0...64),
            "deletionPolicy": .string(
                """
                What happens to the namespace when the tenant is deleted: Retain keeps it, Delete deletes it with \
                everything in it.
                """
            )
            .values(of: DeletionPolicy.self)
            .default("Retain"),
            "adopt": .boolean(
                "Whether a namespace that already exists, and that Moorage did not create, can be adopted."
            )
            .default(false),
        ]
    )
}

/// The Pod Security levels of a tenant's namespace.
public struct TenantPodSecurity: Sendable, Hashable, Codable {
    /// Whether the namespace has Pod Security labels.
    public var enabled: Bool?
    /// The level that pods must meet to be admitted.
    public var enforce: PodSecurityLevel?
    /// The version of the enforced level: latest or v1.N.
    public var enforceVersion: String?
    /// The level whose violations are recorded in the audit log.
    public var audit: PodSecurityLevel?
    /// The version of the audited level: latest or v1.N.
    public var auditVersion: String?
    /// The level whose violations are shown to the user as warnings.
    public var warn: PodSecurityLevel?
    /// The version of the warning level: latest or v1.N.
    public var warnVersion: String?

    /// Creates a value from its fields.
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
        "The Pod Security levels of the namespace, each with the Kubernetes version of its rules.",
        [
            "enabled": .boolean("Whether the namespace has Pod Security labels."),
            "enforce": .string("The level that pods must meet to be admitted.").values(of: PodSecurityLevel.self),
            "enforceVersion": .string("The version of the enforced level: latest or v1.N.")
                .length(1...16)
                .pattern("^(latest|v1\\.(0|[1-9][0-9]*))$"),
            "audit": .string(
                """
                The level whose violations are recorded in the audit log.
                """
            ).values(of: PodSecurityLevel.self),
            "auditVersion": .string("The version of the audited level: latest or v1.N.")
                .length(1...16)
                .pattern("^(latest|v1\\.(0|[1-9][0-9]*))$"),
            "warn": .string("The level whose violations are shown to the user as warnings.")
                .values(of: PodSecurityLevel.self),
            "warnVersion": .string("The version of the warning level: latest or v1.N.")
                .length(1...16)
                .pattern("^(latest|v1\\.(0|[1-9][0-9]*))$"),
        ]
    )
}

/// Whether a tenant's servers can weaken the hardened defaults.
public struct TenantHardening: Sendable, Hashable, Codable {
    /// Whether securityContext, podSecurityContext and podTemplate can weaken the hardening, within the namespace's Pod
    /// Security level.
    public var allowWeakening: Bool?
    /// ServiceAccounts in the tenant's namespace, in addition to each server's own, that servers can run as and whose
    /// tokens they can mount.
    public var serviceAccounts: [String]?

    /// Creates a value from its fields.
    public init(allowWeakening: Bool? = nil, serviceAccounts: [String]? = nil) {
        self.allowWeakening = allowWeakening
        self.serviceAccounts = serviceAccounts
    }
}

extension TenantHardening: SchemaProviding {
    public static let schema = Schema.object(
        TenantHardening.self,
        "Whether servers can weaken the hardened defaults.",
        [
            "allowWeakening": .boolean(
                """
                Whether securityContext, podSecurityContext and podTemplate can weaken the hardening, within the \
                namespace's Pod Security level.
                """
            )
            .default(false),
            "serviceAccounts": .array(
                """
                ServiceAccounts in the tenant's namespace, in addition to each server's own, that servers can run as \
                and whose tokens they can mount.
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
    /// The kind of the member.
    public var kind: MemberKind?
    /// The name of the user, group or ServiceAccount.
    public var name: String
    /// The namespace of the ServiceAccount. Only valid for ServiceAccounts.
    public var namespace: String?
    /// The role of the member. Defaults to Viewer if clusterRole is not set either.
    public var role: MemberRole?
    /// The name of another ClusterRole, instead of role. It must be listed by the platform.
    public var clusterRole: String?

    /// Creates a value from its fields.
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
            "kind": .string("The kind of the member.").values(of: MemberKind.self).default("User"),
            "name": .string("The name of the user, group or ServiceAccount.").length(1...253).required(),
            "namespace": .string("The namespace of the ServiceAccount. Only valid for ServiceAccounts.").length(1...63),
            "role": .string(
                """
                The role of the member in the namespace: Viewer reads servers, ConfigMaps, pods, logs and events; \
                Editor also changes servers, Secrets and ConfigMaps; Approver reads what a Viewer reads, and grants \
                approvals. Defaults to Viewer if clusterRole is not set either.
                """
            )
            .values(of: MemberRole.self),
            "clusterRole": .string(
                """
                The name of another ClusterRole, instead of role. It must be listed by the platform. A ClusterRole \
                that can write workloads, NetworkPolicies or RoleBindings lets the member bypass the tenant's rules.
                """
            )
            .length(1...200)
            .pattern("^[^/%]+$"),
        ],
        rules: [
            .atMostOneOf(
                "role",
                "clusterRole",
                message: "role and clusterRole are mutually exclusive: list the member twice to grant both"
            ),
            Rule(
                "self.kind == 'ServiceAccount' ? has(self.__namespace__) : !has(self.__namespace__)",
                message: "namespace is required for a ServiceAccount, and not allowed for other kinds",
                fieldPath: ".namespace"
            ) { member, _ in
                (member["kind"]?.stringValue == "ServiceAccount") == (member["namespace"] != nil)
            },
        ]
    )
}
