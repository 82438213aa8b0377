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
    /// The Pod Security levels of namespaces whose tenant sets none. `restricted`, of version `latest`, where this is left
    /// out.
    public var podSecurity: TenantPodSecurity?
    /// The rules for images that no tenant can loosen. A digest is required where this is left out.
    public var images: TenantImages?
    /// Plans, and who has which.
    public var quotas: PlatformQuotas?
    /// Gateway, DNS, and the ranges that are blocked besides the built-in ones.
    public var network: PlatformNetwork?
    /// What tenants may expose at most, each field a ceiling for the same field of the tenant. No ceiling where a field is
    /// left out.
    public var exposure: TenantExposure?
    /// Which roles members of tenants can be given.
    public var members: PlatformMembers?
    /// Which labels and annotations servers may give their pods.
    public var podMetadata: PlatformPodMetadata?
    /// Whether every tenant is airgapped.
    public var airgapped: Bool?
    /// The cluster's DNS domain, `cluster.local` where this is left out.
    public var clusterDomain: String?
    /// Which namespaces may be used although they are Kubernetes' or the controller's own.
    public var namespaces: PlatformNamespaces?
    /// Which safety settings a tenant may set looser than the platform. None where this is left out.
    public var tenantsMayLoosen: [LoosenableSetting]?

    /// The kind that a configuration file names.
    public static let kind = "MoorageConfiguration"

    public init(
        podSecurity: TenantPodSecurity? = nil,
        images: TenantImages? = nil,
        quotas: PlatformQuotas? = nil,
        network: PlatformNetwork? = nil,
        exposure: TenantExposure? = nil,
        members: PlatformMembers? = nil,
        podMetadata: PlatformPodMetadata? = nil,
        airgapped: Bool? = nil,
        clusterDomain: String? = nil,
        namespaces: PlatformNamespaces? = nil,
        tenantsMayLoosen: [LoosenableSetting]? = nil
    ) {
        self.apiVersion = Moorage.apiVersion
        self.kind = PlatformConfiguration.kind
        self.podSecurity = podSecurity
        self.images = images
        self.quotas = quotas
        self.network = network
        self.exposure = exposure
        self.members = members
        self.podMetadata = podMetadata
        self.airgapped = airgapped
        self.clusterDomain = clusterDomain
        self.namespaces = namespaces
        self.tenantsMayLoosen = tenantsMayLoosen
    }

    /// Reads a configuration file's content, and checks it whole: an unknown field is an error, as it is most often a
    /// misspelled one.
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

    /// Checks what the types alone do not.
    ///
    /// - Throws: `ConfigurationError`, which names the field.
    public func validate() throws(ConfigurationError) {
        do {
            _ = try ImagePolicy(images, field: "images")
            _ = try NetworkRules(platform: self)
            try ExposurePolicy.validate(exposure, field: "exposure")
            try MemberRoles(platform: self).validate()
        } catch {
            throw ConfigurationError(field: error.field ?? "", message: error.message)
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

    /// The plans, with the built-in ones where the platform has not set them.
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

    /// A field that was read but has no place in what came of it.
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

/// Which namespaces tenants and servers may use.
public struct PlatformNamespaces: Sendable, Hashable, Codable {
    /// Protected namespaces, of Kubernetes or of the controller, that may be used all the same.
    public var allowProtected: [String]?

    public init(allowProtected: [String]? = nil) {
        self.allowProtected = allowProtected
    }
}

/// The platform's plans.
public struct PlatformQuotas: Sendable, Hashable, Codable {
    /// Whether quotas hold, where a tenant does not say. `Enforced` where this is left out.
    public var mode: QuotaMode?
    /// The plan of tenants that name none, and of namespaces that no tenant claims. `standard` where this is left out.
    public var defaultPlan: String?
    /// Plans by name. A field that a built-in plan has and this leaves out keeps the built-in number.
    public var plans: [String: QuotaOverrides]?

    public init(mode: QuotaMode? = nil, defaultPlan: String? = nil, plans: [String: QuotaOverrides]? = nil) {
        self.mode = mode
        self.defaultPlan = defaultPlan
        self.plans = plans
    }

    /// The plan that holds where nobody chose one.
    public static let builtInDefaultPlan = "standard"

    /// The built-in plans. Those of `standard` are the defaults of Falcone's runbook.
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

/// What servers may set in the metadata of their pods. Some keys attach networks, bypass proxies or steer the node's agents,
/// so that only what is listed may be set.
public struct PlatformPodMetadata: Sendable, Hashable, Codable {
    /// Keys of labels and annotations: whole ones, `DOMAIN/*` for all keys of a domain, `*` for all keys without a domain.
    /// The list stands in place of the built-in one.
    public var allowedKeys: [String]?

    public init(allowedKeys: [String]? = nil) {
        self.allowedKeys = allowedKeys
    }
}

/// The platform's network.
public struct PlatformNetwork: Sendable, Hashable, Codable {
    /// Whether NetworkPolicies are rendered. `true` where this is left out.
    public var enabled: Bool?
    /// Who reaches servers, where a tenant does not say. The namespace `moorage-system` where this is left out.
    public var gateway: GatewayPeers?
    /// Where names are resolved, where a tenant does not say. `kube-system`, port 53, where this is left out.
    public var dns: PlatformDNS?
    /// Whether servers reach the public internet, where a tenant does not say. `true` where this is left out.
    public var internet: Bool?
    /// Ranges that are blocked for everybody besides the built-in ones.
    public var blockedCIDRs: [String]?
    /// Who reads metrics, at the further ports of servers, where a tenant does not say. Nobody where this is left out.
    public var monitoring: MonitoringPeers?
    /// Which credential endpoints of clouds servers may ask for. None where this is left out.
    public var cloudCredentials: [CloudCredentials]?
    /// Where the Kubernetes API is, for servers that ask for it. The EndpointSlice `kubernetes` in the namespace `default`
    /// where this is left out.
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

    /// Where gateways live, where nobody says.
    public static let builtInGatewayNamespace = "moorage-system"
    /// Where the cluster's DNS lives, where nobody says.
    public static let builtInDNSNamespace = "kube-system"
}

/// The cluster's name servers.
public struct PlatformDNS: Sendable, Hashable, Codable {
    /// The namespace of the name servers.
    public var namespace: String?
    /// The pods of the name servers; all pods of the namespace when left out.
    public var podSelector: LabelSelector?
    /// The ports of those pods; 53 over UDP and TCP when left out.
    public var ports: [NetworkPort]?
    /// Addresses of name servers that are not pods, at port 53: a cache on each node, the resolver of a cloud. Link-local
    /// addresses are allowed here.
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

/// Where the Kubernetes API is.
public struct PlatformKubernetesAPI: Sendable, Hashable, Codable {
    /// Its addresses.
    public var cidrs: [String]
    /// Its ports; 443 and 6443 when left out.
    public var ports: [Int]?

    public init(cidrs: [String], ports: [Int]? = nil) {
        self.cidrs = cidrs
        self.ports = ports
    }
}

/// A configuration file that cannot be used.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field, as a path such as `quotas.plans`; empty for the file as a whole.
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
    /// The bytes of a value of our own types, which always has some.
    static func encoding(_ value: some Encodable) -> [UInt8] {
        (try? encode(value)) ?? []
    }
}

extension JSONValue {
    /// The JSON form of a value of our own types, which always has one.
    static func encoding(_ value: some Encodable) -> JSONValue {
        (try? JSONValue(encoding: value)) ?? .null
    }
}
