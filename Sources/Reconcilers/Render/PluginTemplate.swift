internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// What the pods of a server with plug-in bundles contain in addition: a volume with each bundle, an init container that checks it and
/// copies what its signature covers, and a volume with the copies, which the server mounts read-only. The server never mounts a bundle
/// itself, so what it loads is what was checked.
struct PluginTemplate {
    var plugins: [ServerPlugin]
    /// The platform's image, whose program checks the bundles.
    var image: String
    var imagePullPolicy: String
    /// The public keys in PEM.
    var keys: [String]

    /// The volume with the copies, and the beginning of the names of the containers and volumes of bundles.
    static let name = "moorage-plugins"
    static let prefix = "moorage-plugin-"
    /// Where the init containers mount the volume with the copies.
    private static let target = "/plugins"
    /// Where an init container mounts its bundle.
    private static let bundle = "/bundle"
    /// The program in the platform's image.
    private static let program = "/usr/bin/moorage"

    /// Whether a container or a volume of a pod is one of these.
    static func isReserved(_ name: String) -> Bool { name == Self.name || name.hasPrefix(prefix) }

    /// The name of the bundle that an init container checks, `nil` for another container.
    static func plugin(ofContainer name: String) -> String? {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    /// The volume with a bundle.
    static func source(of plugin: ServerPlugin) -> Volume {
        var volume = Volume(name: prefix + plugin.name)
        volume.image = plugin.image.map { ImageVolumeSource(reference: $0) }
        volume.persistentVolumeClaim = plugin.claim.map {
            PersistentVolumeClaimVolumeSource(claimName: $0, readOnly: true)
        }
        volume.configMap = plugin.configMap.map { ConfigMapVolumeSource(name: $0) }
        return volume
    }

    var volumes: [JSONValue] {
        plugins.map { JSONValue.encoding(Self.source(of: $0)) } + [["name": .string(Self.name), "emptyDir": [:]]]
    }

    /// The mounts of the server's container.
    var mounts: [JSONValue] {
        plugins.map { plugin in
            [
                "name": .string(Self.name), "subPath": .string(plugin.name), "readOnly": true,
                "mountPath": .string(plugin.mountPath ?? "\(Self.target)/\(plugin.name)"),
            ]
        }
    }

    /// The init containers. They are hardened as the server's container is, and use no more than that.
    func initContainers(_ settings: EffectiveSettings) -> [JSONValue] {
        plugins.map { plugin in
            var arguments = [
                "plugin", "install", "--from=\(Self.bundle)" + (plugin.path.map { "/\($0)" } ?? ""),
                "--to=\(Self.target)/\(plugin.name)", "--sha256=\(plugin.sha256)", "--signature=\(plugin.signature)",
            ]
            arguments += plugin.entry.map { ["--entry=\($0)"] } ?? []
            arguments += keys.map { "--public-key=\($0)" }
            return [
                "name": .string(Self.prefix + plugin.name),
                "image": .string(image),
                "imagePullPolicy": .string(imagePullPolicy),
                "command": [.string(Self.program)],
                "args": .strings(arguments),
                "securityContext": Hardening.securityContext(for: settings.podSecurityContext),
                "resources": JSONValue(settings.resources),
                // The status of the pod then contains why a bundle was refused.
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "volumeMounts": [
                    ["name": .string(Self.prefix + plugin.name), "mountPath": .string(Self.bundle), "readOnly": true],
                    ["name": .string(Self.name), "mountPath": .string(Self.target)],
                ],
            ]
        }
    }
}

extension PluginTemplate {
    /// - Returns: `nil` for a server without bundles.
    /// - Throws: `Refusal` if nobody is trusted to sign bundles, or the platform has no image that checks them.
    init?(spec: MCPServerSpec, tenant: EffectiveTenant, platform: PlatformConfiguration) throws(Refusal) {
        guard let plugins = spec.plugins, !plugins.isEmpty else { return nil }
        guard !tenant.pluginKeys.isEmpty else {
            throw Refusal(
                .pluginUntrusted,
                field: "spec.plugins",
                """
                the tenant trusts nobody to sign bundles: ask an administrator to add the public key of the signer to \
                spec.plugins.publicKeys of the MCPTenant
                """
            )
        }
        guard let image = platform.stdio?.image, !image.isEmpty else {
            throw Refusal(
                .pluginUntrusted,
                field: "spec.plugins",
                """
                no image that checks bundles is configured: set stdio.image in the platform's configuration to the image of Moorage, \
                as its chart does
                """
            )
        }
        self.init(
            plugins: plugins,
            image: image,
            imagePullPolicy: platform.stdio?.imagePullPolicy ?? "IfNotPresent",
            keys: tenant.pluginKeys
        )
    }
}
