import CRDModels
import KubernetesAPI
import Reconcilers

/// Gathers from files what the controller gathers from a cluster, so that the same decisions are made about it.
struct FileGather: Sendable {
    /// A typed object, and where it stands.
    struct Located<Object: Sendable>: Sendable {
        var object: Object
        var manifest: Manifest
    }

    /// The servers, by namespace and name.
    private(set) var servers: [Located<MCPServer>] = []
    /// The tenants, by name.
    private(set) var tenants: [Located<MCPTenant>] = []
    /// The classes, by name.
    private(set) var classes: [Located<MCPServerClass>] = []
    /// What Secrets and ConfigMaps hold.
    private(set) var contents = FileContents()
    /// The platform's settings.
    private(set) var platform: PlatformConfiguration
    /// What was wrong, and what was passed over.
    private(set) var diagnostics: [Diagnostic]

    /// Whether Secrets that no file has are taken to be in the cluster.
    private let assumesSecrets: Bool
    /// The servers as quotas count them, by namespace.
    private var quotaServers: [String: [QuotaServer]] = [:]
    /// The hosts that servers ask for.
    private var hostClaims: [HostClaim] = []
    /// Who gets a place, by namespace.
    private var ledgers: [String: QuotaLedger] = [:]
    /// Whose rules hold in which namespace.
    private var claims = NamespaceClaims()

    /// - Parameters:
    ///   - reader: the objects of the files.
    ///   - platform: the settings of `--config`, or `nil` where none was named.
    ///   - assumesSecrets: whether Secrets that no file has are taken to be in the cluster, with every key that is read.
    init(_ reader: ManifestReader, platform: PlatformConfiguration?, assumesSecrets: Bool) {
        self.platform = platform ?? PlatformConfiguration()
        self.assumesSecrets = assumesSecrets
        diagnostics = reader.diagnostics
        for (kind, manifest) in reader.manifests {
            switch kind {
            case .server:
                if let server = check(manifest, MCPServer.self) { servers.append(server) }
            case .serverClass:
                if let found = check(manifest, MCPServerClass.self) { classes.append(found) }
            case .tenant:
                if let tenant = check(manifest, MCPTenant.self) { tenants.append(tenant) }
            case .secret:
                diagnostics += contents.add(secret: manifest)
            case .configMap:
                diagnostics += contents.add(configMap: manifest)
            case .configuration:
                take(configuration: manifest, besides: platform)
            }
        }
        for other in reader.others {
            diagnostics.append(other.diagnostic(.note, "not a kind that Moorage reads; passed over"))
        }
        servers.sort { ($0.manifest.namespace, $0.manifest.name) < ($1.manifest.namespace, $1.manifest.name) }
        tenants.sort { $0.manifest.name < $1.manifest.name }
        classes.sort { $0.manifest.name < $1.manifest.name }
        claims = NamespaceClaims(tenants: tenants.map(\.object))
        hostClaims = servers.compactMap { HostClaim($0.object) }
        quotaServers = Dictionary(
            grouping: servers.map { server in
                QuotaServer(
                    name: NamespacedName(namespace: server.manifest.namespace, name: server.manifest.name),
                    creationTimestamp: server.object.metadata.creationTimestamp,
                    // No place is given away yet: whoever is refused now is refused for another reason.
                    isRefused: decide(input(for: server.object)).refusal != nil
                )
            },
            by: \.name.namespace
        )
        ledgers = makeLedgers()
    }

    /// Does what the API server does on the way in: refuses unknown fields, fills in defaults, asks schema and rules.
    private mutating func check<Object: MoorageKind>(
        _ manifest: Manifest,
        _ type: Object.Type
    ) -> Located<Object>? {
        var value = manifest.value
        // What a user got from a cluster and keeps in Git often has these; no one writes them.
        value["status"] = nil
        var errors = type.schema.prune(&value).map { path in
            manifest.diagnostic(.error, at: path, "unknown field \"\(path)\"; see `kubectl explain` or docs/api.md")
        }
        type.schema.applyDefaults(to: &value)
        // That rules were not asked goes without saying where there are other errors.
        errors += type.schema.validate(value).filter { $0 != .rulesNotChecked }.map { error in
            manifest.diagnostic(.error, at: error.field ?? .root, "\(error)")
        }
        if errors.isEmpty {
            do {
                return Located(object: try value.decode(type), manifest: manifest)
            } catch {
                errors.append(manifest.diagnostic(.error, "the object cannot be read: \(error)"))
            }
        }
        diagnostics += errors
        return nil
    }

    private mutating func take(configuration manifest: Manifest, besides given: PlatformConfiguration?) {
        guard given == nil else {
            diagnostics.append(
                manifest.diagnostic(.error, "there are settings from --config already; give one of them")
            )
            return
        }
        do {
            platform = try PlatformConfiguration(json: manifest.value)
        } catch {
            diagnostics.append(manifest.diagnostic(.error, at: FieldPath(error.field), error.description))
        }
    }

    /// What the decision about a server needs.
    func input(for server: MCPServer) -> ServerInput {
        let namespace = server.metadata.namespace ?? ""
        var input = ServerInput(
            server: server,
            classes: classes.map(\.object),
            claims: claims,
            hostClaims: hostClaims,
            platform: platform
        )
        let name = NamespacedName(namespace: namespace, name: server.metadata.name ?? "")
        input.admission = ledgers[namespace]?.admission(of: name) ?? .admitted
        for (reference, need) in ServerReferences.needs(of: input) {
            input.contents[reference] = content(reference, need, namespace: namespace)
        }
        return input
    }

    /// What the decision about a tenant needs.
    func input(for tenant: MCPTenant) -> TenantInput {
        TenantInput(
            tenant: tenant,
            claims: claims,
            servers: quotaServers[EffectiveTenant.namespace(of: tenant)] ?? [],
            platform: platform
        )
    }

    /// Who gets a place under which quota. Where a tenant's rules cannot be followed the decision says so itself; its quota
    /// does not matter then.
    private func makeLedgers() -> [String: QuotaLedger] {
        var ledgers: [String: QuotaLedger] = [:]
        for (namespace, servers) in quotaServers {
            if let tenant = try? EffectiveTenant(namespace: namespace, claims: claims, platform: platform) {
                ledgers[namespace] = QuotaLedger(limit: tenant.serverLimit, servers: servers)
            }
        }
        return ledgers
    }

    private func content(
        _ reference: ContentReference,
        _ need: ContentNeed,
        namespace: String
    ) -> ReferencedContent {
        let name = NamespacedName(namespace: namespace, name: reference.name)
        switch reference.kind {
        case .configMap:
            return contents.configMap(name).map { .values($0) } ?? .absent
        case .secret:
            if let values = contents.secret(name) {
                return need.isPullSecret
                    ? .pullSecret(type: contents.secretType(name), values: values) : .values(values)
            }
            guard assumesSecrets else { return .absent }
            let markers = need.requiredKeys.keys.map { key in
                (key, Array(FileGather.marker(secret: reference.name, key: key).utf8))
            }
            return .values(Dictionary(markers, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// What stands in a render for a value of a Secret that no file has.
    static func marker(secret: String, key: String) -> String { "<\(key) of Secret \(secret)>" }
}
