package import CRDModels
internal import KubernetesAPI
internal import SupplyChain

/// The class that a server is rendered with: its name and its current or stored values.
package struct ResolvedClass: Sendable, Hashable, Codable {
    /// The class's name, `nil` for the built-in defaults.
    package var name: String?
    /// The values.
    package var spec: MCPServerClassSpec

    /// The values that apply if no class is named and none is the default. The memory request is that of Obot's
    /// servers.
    package static let builtIn = ResolvedClass(
        name: nil,
        spec: MCPServerClassSpec(resources: builtInResources)
    )

    /// The resources of servers whose class sets none.
    static let builtInResources = ResourceRequirements(requests: ["memory": "400Mi"])

    /// A digest of the name and of the values that affect a pod: 128 bits as hexadecimal digits.
    package var hash: String {
        // Most servers have no class, and every pass reads this.
        name == nil && spec == Self.builtIn.spec ? Self.builtInHash : computedHash
    }

    private static let builtInHash = builtIn.computedHash

    private var computedHash: String {
        String(ContentDigest.of(KubernetesJSON.encoding(withoutRollout)).prefix(32))
    }

    /// The class of servers that run Moorage's own image, such as the telemetry bridge. It need not be created; a class of this name that
    /// is created replaces it.
    package static let ownName = "moorage"

    /// The values of the class of Moorage's own image; `nil` if the platform does not say which image that is. When Moorage is upgraded, its
    /// servers are too.
    private static func own(_ stdio: PlatformStdio?) -> ResolvedClass? {
        guard let image = stdio?.image, !image.isEmpty else { return nil }
        var spec = MCPServerClassSpec(image: image, imagePullPolicy: stdio?.imagePullPolicy)
        spec.resources = ResourceRequirements(requests: ["cpu": "10m", "memory": "64Mi"])
        spec.rollout = ClassRollout(policy: .automatic)
        return ResolvedClass(name: ownName, spec: spec)
    }

    /// The class without its rollout policy, which does not affect a pod.
    package var withoutRollout: ResolvedClass {
        var copy = self
        copy.spec.rollout = nil
        return copy
    }

    package init(name: String?, spec: MCPServerClassSpec) {
        self.name = name
        self.spec = spec
    }

    /// Finds a server's class: the named one, or the default class (the newest if there are several, as for
    /// StorageClass), or the built-in values.
    ///
    /// - Parameter stdio: the platform's settings, which name Moorage's own image.
    package static func resolve(
        _ name: String?,
        among classes: [MCPServerClass],
        stdio: PlatformStdio?
    ) throws(Refusal) -> ResolvedClass {
        if let name {
            guard let found = classes.first(where: { $0.metadata.name == name }) else {
                if name == ownName, let own = own(stdio) { return own }
                // The message does not list the classes, because it would have to change with each of them.
                throw Refusal(
                    .classNotFound,
                    field: "spec.className",
                    """
                    MCPServerClass "\(name)" does not exist: create it, use a class that `kubectl get \
                    mcpserverclasses` lists, or remove the field to use the default class
                    """
                )
            }
            return ResolvedClass(name: name, spec: found.spec)
        }
        let marked = classes.filter { $0.metadata.annotations?[MoorageAnnotations.isDefaultClass] == "true" }
        let newest = marked.min { left, right in
            let ages = (
                left.metadata.creationTimestamp?.secondsSinceEpoch ?? 0,
                right.metadata.creationTimestamp?.secondsSinceEpoch ?? 0
            )
            return ages.0 != ages.1 ? ages.0 > ages.1 : (left.metadata.name ?? "") < (right.metadata.name ?? "")
        }
        guard let newest else { return .builtIn }
        return ResolvedClass(name: newest.metadata.name, spec: newest.spec)
    }
}
