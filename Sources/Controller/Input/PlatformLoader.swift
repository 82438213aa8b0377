import CommandSupport
import CRDModels
import KubernetesAPI
import Policy

/// Reads the platform's settings: a file, and environment variables that take precedence over it.
enum PlatformLoader {
    /// The settings of a file.
    ///
    /// - Throws: `CommandFailure` with file, line and field.
    static func read(_ source: ManifestSource) throws -> PlatformConfiguration {
        let documents: [YAMLDocument]
        do {
            documents = try YAML.documents(in: source.text)
        } catch {
            throw CommandFailure("\(source.name):\(error.line): \(error.message)")
        }
        guard let document = documents.first, documents.count == 1 else {
            throw CommandFailure(
                "\(source.name): one document of kind MoorageConfiguration is expected, not \(documents.count)"
            )
        }
        do {
            return try PlatformConfiguration(json: document.value)
        } catch {
            throw CommandFailure("\(source.name):\(document.line(of: FieldPath(error.field))): \(error)")
        }
    }

    /// Applies the environment to settings.
    ///
    /// - Throws: `CommandFailure` naming the variable, or `ConfigurationError` naming the field that it sets.
    static func apply(
        _ environment: EnvironmentReader,
        to base: PlatformConfiguration
    ) throws -> PlatformConfiguration {
        var platform = base
        var security = platform.podSecurity ?? TenantPodSecurity()
        security.enabled = try environment.boolean("MOORAGE_POD_SECURITY_ENABLED") ?? security.enabled
        security.enforce = try environment.choice("MOORAGE_POD_SECURITY_ENFORCE") ?? security.enforce
        security.enforceVersion = environment.text("MOORAGE_POD_SECURITY_ENFORCE_VERSION") ?? security.enforceVersion
        security.audit = try environment.choice("MOORAGE_POD_SECURITY_AUDIT") ?? security.audit
        security.auditVersion = environment.text("MOORAGE_POD_SECURITY_AUDIT_VERSION") ?? security.auditVersion
        security.warn = try environment.choice("MOORAGE_POD_SECURITY_WARN") ?? security.warn
        security.warnVersion = environment.text("MOORAGE_POD_SECURITY_WARN_VERSION") ?? security.warnVersion
        if security != TenantPodSecurity() { platform.podSecurity = security }

        var network = platform.network ?? PlatformNetwork()
        network.enabled = try environment.boolean("MOORAGE_NETWORK_POLICY_ENABLED") ?? network.enabled
        if let namespaces = environment.list("MOORAGE_GATEWAY_NAMESPACES") {
            network.gateway = network.gateway ?? GatewayPeers()
            network.gateway?.namespaces = namespaces
        }
        if let ports = environment.list("MOORAGE_GATEWAY_CALLBACK_PORTS") {
            network.gateway = network.gateway ?? GatewayPeers()
            network.gateway?.callbackPorts = try ports.map { port in
                guard let number = Int(port) else {
                    throw CommandFailure(
                        """
                        environment variable MOORAGE_GATEWAY_CALLBACK_PORTS: "\(port)" is not a valid port
                        """
                    )
                }
                return number
            }
        }
        if let namespace = environment.text("MOORAGE_DNS_NAMESPACE") {
            network.dns = network.dns ?? PlatformDNS()
            network.dns?.namespace = namespace
        }
        if network != PlatformNetwork() { platform.network = network }

        var images = platform.images ?? TenantImages()
        images.requireDigest = try environment.boolean("MOORAGE_REQUIRE_DIGEST") ?? images.requireDigest
        images.allowedRegistries = environment.list("MOORAGE_ALLOWED_REGISTRIES") ?? images.allowedRegistries
        if images != TenantImages() { platform.images = images }

        if let mode = try environment.choice("MOORAGE_QUOTA_MODE", QuotaMode.self) {
            platform.quotas = platform.quotas ?? PlatformQuotas()
            platform.quotas?.mode = mode
        }
        platform.airgapped = try environment.boolean("MOORAGE_AIRGAPPED") ?? platform.airgapped
        platform.clusterDomain = environment.text("MOORAGE_CLUSTER_DOMAIN") ?? platform.clusterDomain
        do {
            try platform.validate()
        } catch {
            throw CommandFailure("the platform's settings, including the environment: \(error)")
        }
        return platform
    }
}

extension PlatformOptions {
    /// The settings of the file, or `nil` if neither option nor environment sets one.
    ///
    /// - Throws: `CommandFailure` with file, line and field.
    func load(environment: EnvironmentReader) throws -> PlatformConfiguration? {
        guard let path = configurationFile ?? environment.text("MOORAGE_CONFIG") else { return nil }
        let sources = try ManifestSource.read(paths: [path], recursive: false)
        guard let source = sources.first, sources.count == 1 else {
            throw CommandFailure("\(path): one file of kind MoorageConfiguration is expected")
        }
        return try PlatformLoader.read(source)
    }
}
