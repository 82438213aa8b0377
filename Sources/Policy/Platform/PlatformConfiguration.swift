public import CRDModels
public import KubernetesAPI
internal import SupplyChain

/// The platform's settings for all tenants: the file of `--config`. Every field is optional.
///
/// ```yaml
/// apiVersion: moorage.dev/v1alpha1
/// kind: MoorageConfiguration
/// network:
///   gateway:
///     namespaces: [ingress-nginx]
/// ```
public struct PlatformConfiguration: Sendable, Hashable, Codable {
    /// `moorage.dev/v1alpha1`.
    public var apiVersion: String?
    /// `MoorageConfiguration`.
    public var kind: String?
    /// The Pod Security levels of namespaces whose tenant sets none. Defaults to `restricted`, version `latest`.
    @Boxed public var podSecurity: TenantPodSecurity?
    /// The rules for images, which tenants cannot loosen. Defaults to requiring a digest.
    @Boxed public var images: TenantImages?
    /// The trusted roots of Sigstore, by the names that authorities use: `trusted_root.json` files.
    public var trustedRoots: [String: TrustedRootSource]?
    /// The plans, and the default plan.
    @Boxed public var quotas: PlatformQuotas?
    /// The gateway, DNS, and blocked ranges in addition to the built-in ones.
    @Boxed public var network: PlatformNetwork?
    /// The limits of what tenants can expose. Each field limits the same field of the tenant; an absent field sets no
    /// limit.
    @Boxed public var exposure: TenantExposure?
    /// The roles that members of tenants can have.
    @Boxed public var members: PlatformMembers?
    /// The labels and annotations that servers can set on their pods.
    @Boxed public var podMetadata: PlatformPodMetadata?
    /// How the controller checks that servers speak MCP.
    public var handshake: PlatformHandshake?
    /// How the controller checks that the network enforces NetworkPolicies. Without it, it does not check.
    @Boxed public var networkCheck: PlatformNetworkCheck?
    /// Whether the gateway serves the servers of mcp-lifecycle-operator. By default, it does not.
    @Boxed public var gatewayBindings: PlatformGatewayBindings?
    /// How servers with the transport stdio are run.
    @Boxed public var stdio: PlatformStdio?
    /// How new versions of servers are reviewed, where the tenant does not say. Tenants can only be stricter.
    public var review: TenantReview?
    /// How the controller reads images from registries.
    @Boxed public var registries: PlatformRegistries?
    /// How the gateway works.
    @Boxed public var gateway: GatewaySettings?
    /// Whether all tenants are air-gapped.
    public var airgapped: Bool?
    /// The cluster's DNS domain. Defaults to `cluster.local`.
    public var clusterDomain: String?
    /// The protected namespaces that can be used nevertheless.
    public var namespaces: PlatformNamespaces?
    /// The security settings that a tenant can make less strict than the platform. Defaults to none.
    public var tenantsMayLoosen: [LoosenableSetting]?

    /// The kind of a configuration file.
    public static let kind = "MoorageConfiguration"

    public init(
        podSecurity: TenantPodSecurity? = nil,
        images: TenantImages? = nil,
        trustedRoots: [String: TrustedRootSource]? = nil,
        quotas: PlatformQuotas? = nil,
        network: PlatformNetwork? = nil,
        exposure: TenantExposure? = nil,
        members: PlatformMembers? = nil,
        podMetadata: PlatformPodMetadata? = nil,
        handshake: PlatformHandshake? = nil,
        networkCheck: PlatformNetworkCheck? = nil,
        gatewayBindings: PlatformGatewayBindings? = nil,
        stdio: PlatformStdio? = nil,
        review: TenantReview? = nil,
        registries: PlatformRegistries? = nil,
        gateway: GatewaySettings? = nil,
        airgapped: Bool? = nil,
        clusterDomain: String? = nil,
        namespaces: PlatformNamespaces? = nil,
        tenantsMayLoosen: [LoosenableSetting]? = nil
    ) {
        self.apiVersion = Moorage.apiVersion
        self.kind = PlatformConfiguration.kind
        self.podSecurity = podSecurity
        self.images = images
        self.trustedRoots = trustedRoots
        self.quotas = quotas
        self.network = network
        self.exposure = exposure
        self.members = members
        self.podMetadata = podMetadata
        self.handshake = handshake
        self.networkCheck = networkCheck
        self.gatewayBindings = gatewayBindings
        self.stdio = stdio
        self.review = review
        self.registries = registries
        self.gateway = gateway
        self.airgapped = airgapped
        self.clusterDomain = clusterDomain
        self.namespaces = namespaces
        self.tenantsMayLoosen = tenantsMayLoosen
    }

    /// Parses and validates the content of a configuration file. An unknown field is an error, because it is usually
    /// misspelled.
    ///
    /// - Throws: `ConfigurationError`, which names the field.
    public init(json: JSONValue) throws(ConfigurationError) {
        do {
            self = try json.decode(PlatformConfiguration.self)
        } catch let error as DecodingError {
            throw ConfigurationError(error)
        } catch {
            throw ConfigurationError(field: "", message: "\(error)")
        }
        if let kind, kind != PlatformConfiguration.kind {
            throw ConfigurationError(field: "kind", message: "\"\(kind)\" must be \(PlatformConfiguration.kind)")
        }
        if let apiVersion, apiVersion != Moorage.apiVersion {
            throw ConfigurationError(field: "apiVersion", message: "\"\(apiVersion)\" must be \(Moorage.apiVersion)")
        }
        if let unknown = PlatformConfiguration.firstUnknownField(in: json, known: .encoding(self), path: "") {
            throw ConfigurationError(field: unknown, message: "unknown field")
        }
        try validate()
    }

    /// Validates what the types do not.
    ///
    /// - Throws: `ConfigurationError`, which names the field.
    public func validate() throws(ConfigurationError) {
        do {
            _ = try ImagePolicy(images, field: "images")
            try SignatureRules(platform: images?.signatures, tenant: nil).check(roots: Set((trustedRoots ?? [:]).keys))
            _ = try NetworkRules(platform: self)
            try ExposurePolicy.validate(exposure, field: "exposure")
            try MemberRoles(platform: self).validate()
            try handshake?.validate()
            try networkCheck?.validate()
            try gatewayBindings?.validate()
            try stdio?.validate()
            try review?.validate()
            try registries?.validate()
        } catch {
            throw ConfigurationError(field: error.field ?? "", message: error.message)
        }
        do throws(SettingsError) {
            try gateway?.validate()
        } catch {
            throw ConfigurationError(field: "gateway.\(error.field)", message: error.message)
        }
        for (index, pattern) in (podMetadata?.allowedKeys ?? []).enumerated()
        where !PodMetadataPatterns.isValid(pattern) {
            throw ConfigurationError(
                field: "podMetadata.allowedKeys[\(index)]",
                message:
                    "\"\(pattern)\" must be a key such as example.com/team, example.com/* for all keys of a domain, or "
                    + "* for all keys without a domain"
            )
        }
        let plan = quotas?.defaultPlan ?? PlatformQuotas.builtInDefaultPlan
        guard plans[plan] != nil else {
            throw ConfigurationError(
                field: "quotas.defaultPlan",
                message: "plan \"\(plan)\" does not exist: use one of \(plans.keys.sorted().joined(separator: ", "))"
            )
        }
    }

    /// The platform's plans, merged with the built-in ones field by field.
    public var plans: [String: QuotaOverrides] {
        PlatformQuotas.builtInPlans.merging(quotas?.plans ?? [:]) { builtIn, own in
            QuotaOverrides(
                serversPerTenant: own.serversPerTenant ?? builtIn.serversPerTenant,
                toolsPerServer: own.toolsPerServer ?? builtIn.toolsPerServer,
                toolCallsPerMinutePerServer: own.toolCallsPerMinutePerServer ?? builtIn.toolCallsPerMinutePerServer,
                toolCallsPerMinutePerClient: own.toolCallsPerMinutePerClient ?? builtIn.toolCallsPerMinutePerClient
            )
        }
    }

    /// The path of a field that was given but is not part of the parsed configuration.
    private static func firstUnknownField(in given: JSONValue, known: JSONValue, path: String) -> String? {
        switch (given, known) {
        case (.object(let given), .object(let known)):
            for (key, value) in given.sorted(by: { $0.key < $1.key }) where !value.isNull {
                let field = path.isEmpty ? key : "\(path).\(key)"
                guard let match = known[key] else { return field }
                if let unknown = firstUnknownField(in: value, known: match, path: field) { return unknown }
            }
        case (.array(let given), .array(let known)):
            for (index, (value, match)) in zip(given, known).enumerated() {
                if let unknown = firstUnknownField(in: value, known: match, path: "\(path)[\(index)]") {
                    return unknown
                }
            }
        default: break
        }
        return nil
    }
}

/// The namespaces that tenants and servers can use.
public struct PlatformNamespaces: Sendable, Hashable, Codable {
    /// Protected namespaces, of Kubernetes or of the controller, that can be used nevertheless.
    public var allowProtected: [String]?

    public init(allowProtected: [String]? = nil) {
        self.allowProtected = allowProtected
    }

    /// The default of the controller's namespace, as in the documentation's `helm install`.
    public static let builtInControllerNamespace = "moorage-system"
}

/// The platform's plans.
public struct PlatformQuotas: Sendable, Hashable, Codable {
    /// Whether quotas are enforced for tenants that do not set it. Defaults to `Enforced`.
    public var mode: QuotaMode?
    /// The plan of tenants that name none, and of namespaces that no tenant claims. Defaults to `standard`.
    public var defaultPlan: String?
    /// Plans by name. A field that is absent here keeps the value of the built-in plan of the same name.
    public var plans: [String: QuotaOverrides]?

    public init(mode: QuotaMode? = nil, defaultPlan: String? = nil, plans: [String: QuotaOverrides]? = nil) {
        self.mode = mode
        self.defaultPlan = defaultPlan
        self.plans = plans
    }

    /// The name of the default plan.
    public static let builtInDefaultPlan = "standard"

    /// The built-in plans. `standard` has the defaults of Falcone's runbook.
    public static let builtInPlans: [String: QuotaOverrides] = [
        "free": QuotaOverrides(
            serversPerTenant: 3,
            toolsPerServer: 20,
            toolCallsPerMinutePerServer: 120,
            toolCallsPerMinutePerClient: 60
        ),
        "standard": QuotaOverrides(
            serversPerTenant: 10,
            toolsPerServer: 50,
            toolCallsPerMinutePerServer: 600,
            toolCallsPerMinutePerClient: 300
        ),
        "enterprise": QuotaOverrides(
            serversPerTenant: 100,
            toolsPerServer: 200,
            toolCallsPerMinutePerServer: 6_000,
            toolCallsPerMinutePerClient: 3_000
        ),
    ]
}

/// The metadata that servers can set on their pods. Some keys attach networks, bypass proxies or configure agents on
/// the node, so only listed keys are allowed.
public struct PlatformPodMetadata: Sendable, Hashable, Codable {
    /// Keys of labels and annotations: exact keys, `DOMAIN/*` for all keys of a domain, `*` for all keys without a
    /// domain. The list replaces the built-in one.
    public var allowedKeys: [String]?

    public init(allowedKeys: [String]? = nil) {
        self.allowedKeys = allowedKeys
    }
}

/// The platform's network.
public struct PlatformNetwork: Sendable, Hashable, Codable {
    /// Whether NetworkPolicies are created. Defaults to `true`.
    public var enabled: Bool?
    /// Who can reach servers, for tenants that do not set it. Defaults to the namespace `moorage-system`.
    public var gateway: GatewayPeers?
    /// The DNS servers, for tenants that do not set them. Defaults to port 53 in `kube-system`.
    public var dns: PlatformDNS?
    /// Whether servers can reach the public internet, for tenants that do not set it. Defaults to `true`.
    public var internet: Bool?
    /// Ranges that are blocked for all tenants in addition to the built-in ones.
    public var blockedCIDRs: [String]?
    /// Who can read metrics at the further ports of servers, for tenants that do not set it. Defaults to nobody.
    public var monitoring: MonitoringPeers?
    /// The credential endpoints of clouds that servers can request. Defaults to none.
    public var cloudCredentials: [CloudCredentials]?
    /// The addresses of the Kubernetes API, for servers that request access to it. Defaults to the EndpointSlice
    /// `kubernetes` in the namespace `default`.
    public var kubernetesAPI: PlatformKubernetesAPI?

    public init(
        enabled: Bool? = nil,
        gateway: GatewayPeers? = nil,
        dns: PlatformDNS? = nil,
        internet: Bool? = nil,
        blockedCIDRs: [String]? = nil,
        monitoring: MonitoringPeers? = nil,
        cloudCredentials: [CloudCredentials]? = nil,
        kubernetesAPI: PlatformKubernetesAPI? = nil
    ) {
        self.enabled = enabled
        self.gateway = gateway
        self.dns = dns
        self.internet = internet
        self.blockedCIDRs = blockedCIDRs
        self.monitoring = monitoring
        self.cloudCredentials = cloudCredentials
        self.kubernetesAPI = kubernetesAPI
    }

    /// The default namespace of gateways.
    public static let builtInGatewayNamespace = "moorage-system"
    /// The default namespace of the cluster's DNS.
    public static let builtInDNSNamespace = "kube-system"
}

/// The cluster's DNS servers.
public struct PlatformDNS: Sendable, Hashable, Codable {
    /// The namespace of the DNS servers.
    public var namespace: String?
    /// The pods of the DNS servers. Defaults to all pods of the namespace.
    public var podSelector: LabelSelector?
    /// The ports of those pods. Defaults to 53 over UDP and TCP.
    public var ports: [NetworkPort]?
    /// Addresses of DNS servers that are not pods, at port 53, such as a cache on each node or a cloud's resolver.
    /// Link-local addresses are allowed here.
    public var cidrs: [String]?

    public init(
        namespace: String? = nil,
        podSelector: LabelSelector? = nil,
        ports: [NetworkPort]? = nil,
        cidrs: [String]? = nil
    ) {
        self.namespace = namespace
        self.podSelector = podSelector
        self.ports = ports
        self.cidrs = cidrs
    }
}

/// The addresses of the Kubernetes API.
public struct PlatformKubernetesAPI: Sendable, Hashable, Codable {
    /// The address ranges.
    public var cidrs: [String]
    /// The ports. Defaults to 443 and 6443.
    public var ports: [Int]?

    public init(cidrs: [String], ports: [Int]? = nil) {
        self.cidrs = cidrs
        self.ports = ports
    }
}

/// A configuration file that cannot be used.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field, as a path such as `quotas.plans`, and empty for the file as a whole.
    public let field: String
    /// What is wrong with it and what to write instead.
    public let message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self.init(field: ConfigurationError.path(context.codingPath), message: context.debugDescription)
        case .keyNotFound(let key, let context):
            self.init(field: ConfigurationError.path(context.codingPath + [key]), message: "the field is required")
        @unknown default:
            self.init(field: "", message: "\(error)")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }

    public var description: String { field.isEmpty ? message : "\(field): \(message)" }
}

extension KubernetesJSON {
    /// The bytes of a value of Moorage's own types, which can always be encoded.
    package static func encoding(_ value: some Encodable) -> [UInt8] {
        (try? encode(value)) ?? []
    }
}

extension JSONValue {
    /// The JSON form of a value of Moorage's own types, which can always be encoded.
    package static func encoding(_ value: some Encodable) -> JSONValue {
        (try? JSONValue(encoding: value)) ?? .null
    }
}

/// Where a trusted root is.
public struct TrustedRootSource: Sendable, Hashable, Codable {
    /// The path of the file, which is read when the controller starts.
    public var file: String

    /// Creates a value from its fields.
    public init(file: String) {
        self.file = file
    }
}
