/// `core/v1.PodDNSConfig`: DNS servers and options of a pod.
public struct PodDNSConfig: Sendable, Hashable, Codable {
    /// Addresses of DNS servers.
    public var nameservers: [String]?
    /// Search domains.
    public var searches: [String]?
    /// Options of the resolver.
    public var options: [PodDNSConfigOption]?

    /// Creates a value from its fields.
    public init(nameservers: [String]? = nil, searches: [String]? = nil, options: [PodDNSConfigOption]? = nil) {
        self.nameservers = nameservers
        self.searches = searches
        self.options = options
    }
}

extension PodDNSConfig: SchemaProviding {
    public static let schema = Schema.object(
        PodDNSConfig.self,
        "DNS servers and options.",
        [
            "nameservers": .array("Addresses of DNS servers.", of: .string().length(1...253)).items(0...3).atomic(),
            "searches": .array("Search domains.", of: .string().length(1...253))
                .items(0...32)
                .atomic(),
            "options": .array("Options of the resolver.", of: PodDNSConfigOption.schema).items(0...32).atomic(),
        ]
    )
}

/// `core/v1.PodDNSConfigOption`: an option of the resolver.
public struct PodDNSConfigOption: Sendable, Hashable, Codable {
    /// The option's name.
    public var name: String?
    /// The option's value.
    public var value: String?

    /// Creates a value from its fields.
    public init(name: String? = nil, value: String? = nil) {
        self.name = name
        self.value = value
    }
}

extension PodDNSConfigOption: SchemaProviding {
    public static let schema = Schema.object(
        PodDNSConfigOption.self,
        "An option of the resolver.",
        [
            "name": .string("The option's name.").length(0...63),
            "value": .string("The option's value.").length(0...63),
        ]
    )
}

/// `core/v1.HostAlias`: a line of /etc/hosts.
public struct HostAlias: Sendable, Hashable, Codable {
    /// The address.
    public var ip: String
    /// The names.
    public var hostnames: [String]?

    /// Creates a value from its fields.
    public init(ip: String, hostnames: [String]? = nil) {
        self.ip = ip
        self.hostnames = hostnames
    }
}

extension HostAlias: SchemaProviding {
    public static let schema = Schema.object(
        HostAlias.self,
        "A line of /etc/hosts.",
        [
            "ip": .string("The address.").length(1...64).required(),
            "hostnames": .array("The names.", of: .string().length(1...253)).items(0...64).atomic(),
        ]
    )
}

/// `core/v1.PodReadinessGate`: a condition that must be true for a pod to be ready.
public struct PodReadinessGate: Sendable, Hashable, Codable {
    /// The condition's type.
    public var conditionType: String

    /// Creates a value from its fields.
    public init(conditionType: String) {
        self.conditionType = conditionType
    }
}

extension PodReadinessGate: SchemaProviding {
    public static let schema = Schema.object(
        PodReadinessGate.self,
        "A condition that must be true for the pod to be ready.",
        [
            "conditionType": .string("The condition's type.").length(1...316).required()
        ]
    )
}

/// `core/v1.PodOS`: the operating system that a pod is for.
public struct PodOS: Sendable, Hashable, Codable {
    /// linux or windows.
    public var name: String

    /// Creates a value from its fields.
    public init(name: String) {
        self.name = name
    }
}

extension PodOS: SchemaProviding {
    public static let schema = Schema.object(
        PodOS.self,
        "The operating system that the pod is for.",
        [
            "name": .string("linux or windows.").values("linux", "windows").required()
        ]
    )
}
