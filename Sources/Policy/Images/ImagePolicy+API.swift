internal import CRDModels
internal import SupplyChain

extension ImagePolicy {
    /// The policy of an API object or a configuration file. A digest is required unless it says otherwise.
    ///
    /// - Throws: `Refusal`, which names the field.
    init(_ images: TenantImages?, field: String) throws(Refusal) {
        var allowed: [RegistryPrefix] = []
        for (index, text) in (images?.allowedRegistries ?? []).enumerated() {
            allowed.append(try ImagePolicy.prefix(text, field: "\(field).allowedRegistries[\(index)]"))
        }
        var mirrors: [RegistryMirror] = []
        for (index, mirror) in (images?.mirrors ?? []).enumerated() {
            mirrors.append(
                RegistryMirror(
                    source: try ImagePolicy.prefix(mirror.source, field: "\(field).mirrors[\(index)].source"),
                    mirror: try ImagePolicy.prefix(mirror.mirror, field: "\(field).mirrors[\(index)].mirror")
                )
            )
        }
        // A signature is for a digest; a tag could lead to another image a moment later.
        let isVerified = images?.signatures?.areChecked ?? false
        self.init(
            requireDigest: isVerified || images?.requireDigest ?? true,
            allowedRegistries: allowed,
            mirrors: mirrors
        )
    }

    static func prefix(_ text: String, field: String) throws(Refusal) -> RegistryPrefix {
        do {
            return try RegistryPrefix(text)
        } catch {
            throw Refusal(.tenantInvalid, field: field, "\"\(text)\" is not a registry: \(error.message)")
        }
    }
}
