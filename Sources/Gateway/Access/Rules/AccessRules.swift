public import CRDModels
internal import KubernetesAPI
internal import Policy

/// Whether a call is allowed.
public enum AccessDecision: Sendable, Hashable {
    case allowed
    /// It is not, whatever scopes the caller gets. The text is for the caller.
    case forbidden(String)
    /// It would be with more scopes.
    ///
    /// - Parameters:
    ///   - missing: the scopes that the caller does not have.
    ///   - required: all scopes that the call needs, for the challenge.
    case missingScopes(missing: Set<String>, required: Set<String>)

    /// Whether the call is allowed.
    public var isAllowed: Bool { self == .allowed }
}

/// What is called at a server.
public enum AccessedPart: Sendable, Hashable {
    /// The server itself: to connect to it, and to list the tools that are allowed.
    case server
    /// A tool, by the name that clients see.
    case tool(String)
    /// Prompts and resources: listing and reading them, and what belongs to them.
    case promptsAndResources
}

/// The access rules of a tenant (`MCPTenant.spec.access`), prepared for deciding. Pure.
public struct AccessRules: Sendable {
    /// The server that is called.
    public struct Server: Sendable, Hashable {
        /// The server's name.
        public var name: String
        /// Its labels.
        public var labels: [String: String]

        public init(name: String, labels: [String: String] = [:]) {
            self.name = name
            self.labels = labels
        }
    }

    private struct Source {
        var matchesAnyCaller: Bool
        var issuer: [UInt8]?
        var claims: [(path: ClaimPath, values: Set<[UInt8]>)]?
        var clients: Set<[UInt8]>?
        var serviceAccounts: [WildcardPattern]?
        /// Whether the source is malformed, and matches nobody.
        var isInvalid = false
    }

    private struct Target {
        var servers: [WildcardPattern]?
        var selector: LabelSelector?
        var tools: [WildcardPattern]?
    }

    private struct Rule {
        var sources: [Source]
        /// `nil` for everything.
        var targets: [Target]?
    }

    /// What the rules are made of.
    private let source: TenantAccess?
    /// `nil` if every caller of the tenant may call everything.
    private let rules: [Rule]?

    /// Prepares rules. A rule that cannot be understood matches nobody.
    ///
    /// - Parameter access: the tenant's rules; `nil` for none, with which every caller of the tenant may call all of its servers.
    public init(_ access: TenantAccess?) {
        source = access
        rules = access?.allow.map {
            $0.map { Rule(sources: $0.from.map(Self.source), targets: $0.to?.map(Self.target)) }
        }
    }

    private static func source(_ source: AccessSource) -> Source {
        var claims: [(path: ClaimPath, values: Set<[UInt8]>)]?
        var isInvalid = false
        if let requirements = source.claims {
            claims = requirements.compactMap { requirement in
                ClaimPath(requirement.claim).map { ($0, Set(requirement.values.map { Array($0.utf8) })) }
            }
            isInvalid = claims?.count != requirements.count
        }
        let isRestricted =
            source.issuer != nil || source.claims != nil || source.clients != nil || source.serviceAccounts != nil
        return Source(
            matchesAnyCaller: source.anyCaller == true && !isRestricted,
            issuer: source.issuer.map { Array($0.utf8) },
            claims: claims,
            clients: source.clients.map { Set($0.map { Array($0.utf8) }) },
            serviceAccounts: source.serviceAccounts.map { $0.map(WildcardPattern.init) },
            // As the schema says: either every caller, or a restriction.
            isInvalid: isInvalid || (source.anyCaller == true) == isRestricted
        )
    }

    private static func target(_ target: AccessTarget) -> Target {
        Target(
            servers: target.servers.map { $0.map(WildcardPattern.init) },
            selector: target.serverSelector,
            tools: target.tools.map { $0.map(WildcardPattern.init) }
        )
    }

    /// Decides whether a caller may call a part of a server.
    ///
    /// - Parameters:
    ///   - tenant: the tenant that owns the server; `nil` if no tenant has claimed its namespace. Then only the ServiceAccounts of the
    ///     namespace, and callers who belong to all tenants, may call it.
    ///   - namespace: the namespace of the server.
    ///   - requiredScopes: the scopes that the curated contract requires.
    public func decide(
        caller: Caller,
        tenant: String?,
        namespace: String,
        server: Server,
        part: AccessedPart,
        requiredScopes: Set<String> = []
    ) -> AccessDecision {
        let isOfNamespace = tenant == nil && caller.serviceAccount?.namespace == namespace
        guard isOfNamespace || caller.belongs(to: tenant) else {
            return .forbidden("the caller does not belong to the tenant of this server")
        }
        guard rules.map({ $0.contains { Self.allows($0, caller, namespace, server, part) } }) ?? true else {
            switch part {
            case .server: return .forbidden("the tenant's access rules do not allow this server")
            case .tool: return .forbidden("the tenant's access rules do not allow this tool")
            case .promptsAndResources:
                return .forbidden("the tenant's access rules do not allow prompts and resources of this server")
            }
        }
        let missing = requiredScopes.subtracting(caller.scopes)
        return missing.isEmpty ? .allowed : .missingScopes(missing: missing, required: requiredScopes)
    }

    private static func allows(
        _ rule: Rule,
        _ caller: Caller,
        _ namespace: String,
        _ server: Server,
        _ part: AccessedPart
    ) -> Bool {
        guard rule.targets?.contains(where: { matches($0, server, part) }) ?? true else { return false }
        return rule.sources.contains { matches($0, caller, namespace) }
    }

    private static func matches(_ source: Source, _ caller: Caller, _ namespace: String) -> Bool {
        if source.isInvalid { return false }
        if source.matchesAnyCaller { return true }
        if let issuer = source.issuer, !caller.issuer.utf8.elementsEqual(issuer) { return false }
        for claim in source.claims ?? []
        where !claim.path.values(in: caller.claims).contains(where: { claim.values.contains(Array($0.utf8)) }) {
            return false
        }
        if let clients = source.clients {
            guard let client = caller.clientID, clients.contains(Array(client.utf8)) else { return false }
        }
        if let patterns = source.serviceAccounts {
            guard let account = caller.serviceAccount, account.namespace == namespace,
                patterns.contains(where: { $0.matches(account.name) })
            else { return false }
        }
        return true
    }

    private static func matches(_ target: Target, _ server: Server, _ part: AccessedPart) -> Bool {
        if let servers = target.servers, !servers.contains(where: { $0.matches(server.name) }) { return false }
        if let selector = target.selector, !selector.matches(server.labels) { return false }
        guard let tools = target.tools else { return true }
        switch part {
        case .server: return true
        case .tool(let name): return tools.contains { $0.matches(name) }
        case .promptsAndResources: return false
        }
    }
}

extension AccessRules: Hashable {
    public static func == (left: AccessRules, right: AccessRules) -> Bool { left.source == right.source }
    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}
