public import CRDModels
public import KubernetesAPI
internal import SupplyChain

/// What a running server was rendered with, stored in the annotations of its Deployment. With it, a server keeps the
/// values of its class until its own spec changes or it is restarted.
public struct RolloutState: Sendable, Hashable {
    /// The digest of the parts of the server's own spec whose change makes it use new class values.
    public var specHash: String
    /// The digest of the class that the server was rendered with. The class itself is stored where tenants cannot
    /// write.
    public var classHash: String
    /// The value of `moorage.dev/restart` on the server, empty if it is not set.
    public var restart: String

    /// The annotation that contains `specHash`.
    public static let specHashAnnotation = "moorage.dev/spec-hash"

    public init(specHash: String, classHash: String, restart: String) {
        self.specHash = specHash
        self.classHash = classHash
        self.restart = restart
    }

    /// Reads the state from a Deployment's annotations. Returns `nil` if Moorage did not write them.
    public init?(annotations: [String: String]) {
        guard let specHash = annotations[RolloutState.specHashAnnotation],
            let classHash = annotations[MoorageAnnotations.classHash]
        else { return nil }
        self.init(
            specHash: specHash,
            classHash: classHash,
            restart: annotations[MoorageAnnotations.restart] ?? ""
        )
    }

    /// The annotations that contain the state.
    public var annotations: [String: String] {
        var annotations = [
            RolloutState.specHashAnnotation: specHash,
            MoorageAnnotations.classHash: classHash,
        ]
        if !restart.isEmpty { annotations[MoorageAnnotations.restart] = restart }
        return annotations
    }

    /// The digest of a server's own spec. Scaling and suspending do not change it, because they do not replace pods.
    static func specHash(of spec: MCPServerSpec) -> String {
        var spec = spec
        spec.replicas = nil
        spec.scaling = nil
        spec.suspend = nil
        return ContentDigest.of(KubernetesJSON.encoding(spec))
    }
}

/// The class that a server is rendered with: its name and its current or stored values.
struct ResolvedClass: Sendable, Hashable, Codable {
    /// The class's name, `nil` for the built-in defaults.
    var name: String?
    /// The values.
    var spec: MCPServerClassSpec

    /// The values that apply if no class is named and none is the default. The memory request is that of Obot's
    /// servers.
    static let builtIn = ResolvedClass(
        name: nil,
        spec: MCPServerClassSpec(resources: builtInResources)
    )

    /// The resources of servers whose class sets none.
    static let builtInResources = ResourceRequirements(requests: ["memory": "400Mi"])

    /// A digest of the name and of the values that affect a pod: 128 bits as hexadecimal digits.
    var hash: String {
        // Most servers have no class, and every pass reads this.
        name == nil && spec == Self.builtIn.spec ? Self.builtInHash : computedHash
    }

    private static let builtInHash = builtIn.computedHash

    private var computedHash: String {
        String(ContentDigest.of(KubernetesJSON.encoding(withoutRollout)).prefix(32))
    }

    /// The class without its rollout policy, which does not affect a pod.
    var withoutRollout: ResolvedClass {
        var copy = self
        copy.spec.rollout = nil
        return copy
    }

    init(name: String?, spec: MCPServerClassSpec) {
        self.name = name
        self.spec = spec
    }

    /// Finds a server's class: the named one, or the default class (the newest if there are several, as for
    /// StorageClass), or the built-in values.
    static func resolve(_ name: String?, among classes: [MCPServerClass]) throws(Refusal) -> ResolvedClass {
        if let name {
            guard let found = classes.first(where: { $0.metadata.name == name }) else {
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
