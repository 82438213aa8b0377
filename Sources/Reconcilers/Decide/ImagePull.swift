internal import CRDModels
internal import KubernetesAPI
internal import Policy
internal import SupplyChain

/// How the pods of a server pull its image.
struct ImagePull: Sendable, Hashable {
    /// The rules of the namespace.
    var tenant: EffectiveTenant
    /// The image as the spec has it.
    var requested: ImageReference
    /// The image, after mirrors are applied.
    var image: ImageReference
    /// Whether it is Moorage's own image.
    var isOwn: Bool
    /// The pull Secrets of the pods, in order.
    var secrets: [String]
    /// The ServiceAccount of the pods, whose pull Secrets they get if they name none.
    var serviceAccount: String

    /// - Returns: `nil` if the server has no image, or the image may not run, so that no registry is asked that the tenant's policy does
    ///   not allow.
    init?(_ input: ServerInput) {
        let spec = input.server.spec
        let namespace = input.server.metadata.namespace ?? ""
        guard spec.remote == nil,
            let tenant = try? EffectiveTenant(namespace: namespace, claims: input.claims, platform: input.platform),
            let serverClass = try? ClassInUse.resolved(input).spec,
            let image = spec.image ?? serverClass.image,
            let verdict = try? tenant.images.judge(server: image)
        else { return nil }
        self.tenant = tenant
        requested = verdict.requested
        self.image = verdict.resolved
        isOwn = verdict.isOwn
        let settings = EffectiveSettings(spec: spec, class: serverClass, tenant: tenant, isPinned: true)
        secrets = settings.imagePullSecrets
        for name in ServerReferences.overriddenPullSecrets(of: spec) where !secrets.contains(name) {
            secrets.append(name)
        }
        serviceAccount =
            spec.podTemplate?["spec"]?["serviceAccountName"]?.stringValue ?? spec.serviceAccount?.name
            ?? input.server.metadata.name ?? ""
    }
}
