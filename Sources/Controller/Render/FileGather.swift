import CRDModels
import KubernetesAPI
import Policy
import Reconcilers

/// Gathers from files what the controller gathers from a cluster, so that it makes the same decisions.
struct FileGather: Sendable {
    /// A typed object, and its location.
    struct Located<Object: Sendable>: Sendable {
        var object: Object
        var manifest: Manifest
    }

    /// The servers, by namespace and name.
    private(set) var servers: [Located<MCPServer>] = []
    /// The tenants, by name.
    private(set) var tenants: [Located<MCPTenant>] = []
    /// The revisions, in the order of the files.
    private(set) var revisions: [Located<MCPServerRevision>] = []
    /// The virtual servers, in the order of the files.
    private(set) var virtualServers: [Located<MCPVirtualServer>] = []
    /// The classes, by name.
    private(set) var classes: [Located<MCPServerClass>] = []
    /// The contents of Secrets and ConfigMaps.
    private(set) var contents = FileContents()
    /// The platform's settings.
    private(set) var platform: PlatformConfiguration
    /// The errors, and what was skipped.
    private(set) var diagnostics: [Diagnostic]

    /// Whether Secrets that are not in any file are assumed to exist in the cluster.
    private let assumesSecrets: Bool
    /// Whether images are assumed to have an entry point.
    private let assumesEntryPoints: Bool
    /// Whether remote servers can be on this machine.
    private let reachesLoopback: Bool
    /// The servers as quotas count them, by namespace.
    private var quotaServers: [String: [QuotaServer]] = [:]
    /// The hosts that servers request.
    private var hostClaims: [HostClaim] = []
    /// Which servers are admitted, by namespace.
    private var ledgers: [String: QuotaLedger] = [:]
    /// Whose rules apply in which namespace.
    private(set) var claims = NamespaceClaims()

    /// - Parameters:
    ///   - reader: the objects of the files.
    ///   - platform: the settings of `--config`, or `nil` if it is not set.
    ///   - assumesSecrets: whether Secrets that are not in any file are assumed to exist in the cluster, with every
    ///     key that is read.
    ///   - assumesEntryPoints: whether images are assumed to have an entry point, which is not read.
    ///   - reachesLoopback: whether remote servers can be on this machine: only where nobody else is served.
    init(
        _ reader: ManifestReader,
        platform: PlatformConfiguration?,
        assumesSecrets: Bool,
        assumesEntryPoints: Bool = false,
        reachesLoopback: Bool = false
    ) {
        self.platform = (platform ?? PlatformConfiguration()).asInstalled
        self.assumesSecrets = assumesSecrets
        self.assumesEntryPoints = assumesEntryPoints
        self.reachesLoopback = reachesLoopback
        diagnostics = reader.diagnostics
        for (kind, manifest) in reader.manifests {
            switch kind {
            case .server:
                if let server = check(manifest, MCPServer.self) { servers.append(server) }
            case .serverClass:
                if let found = check(manifest, MCPServerClass.self) { classes.append(found) }
            case .revision:
                if let revision = check(manifest, MCPServerRevision.self) { revisions.append(revision) }
            case .virtualServer:
                if let found = check(manifest, MCPVirtualServer.self) { virtualServers.append(found) }
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
            diagnostics.append(other.diagnostic(.note, "not a kind that Moorage reads; skipped"))
        }
        servers.sort { ($0.manifest.namespace, $0.manifest.name) < ($1.manifest.namespace, $1.manifest.name) }
        tenants.sort { $0.manifest.name < $1.manifest.name }
        classes.sort { $0.manifest.name < $1.manifest.name }
        claims = NamespaceClaims(
            tenants: tenants.map(\.object),
            protected: ProtectedNamespaces(platform: self.platform)
        )
        hostClaims = servers.compactMap { HostClaim($0.object) }
        quotaServers = Dictionary(
            grouping: servers.map { server in
                QuotaServer(
                    name: NamespacedName(namespace: server.manifest.namespace, name: server.manifest.name),
                    creationTimestamp: server.object.metadata.creationTimestamp,
                    // No quota is assigned yet: a refusal here has another reason.
                    isRefused: decide(input(for: server.object)).refusal != nil
                )
            },
            by: \.name.namespace
        )
        ledgers = makeLedgers()
    }

    /// Validates like the API server: refuses unknown fields, sets defaults, checks schema and rules.
    private mutating func check<Object: MoorageKind>(
        _ manifest: Manifest,
        _ type: Object.Type
    ) -> Located<Object>? {
        var value = manifest.value
        // Objects that were read from a cluster and are kept in Git often have these fields.
        value["status"] = nil
        var errors = type.schema.prune(&value).map { path in
            manifest.diagnostic(.error, at: path, "unknown field \"\(path)\"; see `kubectl explain` or docs/api.md")
        }
        type.schema.applyDefaults(to: &value)
        // The note about unchecked rules is only useful if there are no other errors.
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
                manifest.diagnostic(.error, "there are already settings from --config; use only one of them")
            )
            return
        }
        do {
            platform = try PlatformConfiguration(json: manifest.value).asInstalled
        } catch {
            diagnostics.append(manifest.diagnostic(.error, at: FieldPath(error.field), error.description))
        }
    }

    /// The input of the decision about a server.
    func input(for server: MCPServer) -> ServerInput {
        let namespace = server.metadata.namespace ?? ""
        var input = ServerInput(
            server: server,
            classes: classes.map(\.object),
            claims: claims,
            hostClaims: hostClaims,
            entryPoint: assumesEntryPoints ? .assumed : .notRead,
            platform: platform
        )
        let name = NamespacedName(namespace: namespace, name: server.metadata.name ?? "")
        input.reachesLoopback = reachesLoopback
        // Files have no registry; `moorage verify image` verifies an image.
        input.signatures = .notChecked
        input.admission = ledgers[namespace]?.admission(of: name) ?? .admitted
        for (reference, need) in ServerReferences.needs(of: input) {
            input.contents[reference] = content(reference, need, namespace: namespace)
        }
        return input
    }

    /// The input of the decision about a tenant.
    func input(for tenant: MCPTenant) -> TenantInput {
        TenantInput(
            tenant: tenant,
            claims: claims,
            servers: quotaServers[EffectiveTenant.namespace(of: tenant)] ?? [],
            platform: platform
        )
    }

    /// Which servers are admitted under which quota. If the settings of a tenant are not valid, the decision reports
    /// that, and its quota does not matter.
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

    /// The placeholder in a render for a value of a Secret that is not in any file.
    static func marker(secret: String, key: String) -> String { "<\(key) of Secret \(secret)>" }
}
