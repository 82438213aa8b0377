internal import CRDModels
internal import KubernetesAPI
internal import Policy
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
