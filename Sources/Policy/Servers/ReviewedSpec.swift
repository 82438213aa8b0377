package import CRDModels
internal import KubernetesAPI
internal import SupplyChain

/// The part of a server's spec that decides what the server offers, and is therefore reviewed. All other fields take effect
/// at once, also on the version that serves while another one is reviewed. Pure.
package enum ReviewedSpec {
    /// The fields that are reviewed.
    package static let fields: Set<String> = [
        "image", "remote", "transport", "stdio", "plugins", "port", "path", "command", "args", "workingDir", "env",
        "envFrom",
        "config",
        "volumes", "volumeMounts", "storage", "podTemplate", "tools", "toolPolicy", "ports",
    ]

    /// The fields that are not: how the server runs, who reaches it, and how it is managed.
    static let otherFields: Set<String> = [
        "className", "imagePullPolicy", "imagePullSecrets", "handshake", "review", "rollbackTo", "revisionHistoryLimit",
        "monitoring", "replicas", "scaling", "strategy", "resources", "probes", "terminationGracePeriodSeconds",
        "drainSeconds", "deployment", "network", "exposure", "service", "serviceAccount", "scheduling",
        "podSecurityContext", "securityContext", "upstreamAuth", "suspend",
    ]

    /// The reviewed part of a spec.
    ///
    /// - Parameter image: the image that runs if the spec does not name one. A remote server has none.
    package static func template(of spec: MCPServerSpec, image: String) -> RevisionTemplate {
        var spec = spec
        if spec.remote == nil { spec.image = spec.image ?? image }
        spec.tools = withoutLimits(spec.tools)
        let members = JSONValue.encoding(spec).objectValue?.filter { fields.contains($0.key) } ?? [:]
        let part = JSONValue.object(members)
        return RevisionTemplate(digest: ContentDigest.sha256(of: part.serialized()), spec: part)
    }

    /// Limits of calls say how often a tool is called, not what the server offers: the gateway takes them from the current spec.
    private static func withoutLimits(_ tools: [ToolCuration]?) -> [ToolCuration]? {
        guard let tools, tools.contains(where: { $0.callsPerMinute != nil }) else { return tools }
        let others = tools.compactMap { tool -> ToolCuration? in
            guard tool.callsPerMinute != nil else { return tool }
            var tool = tool
            tool.callsPerMinute = nil
            return tool == ToolCuration(name: tool.name) ? nil : tool
        }
        return others.isEmpty ? nil : others
    }

    /// A spec with the reviewed part of another version.
    ///
    /// - Returns: `nil` if the part cannot be read, or is not the one that the digest was made of.
    package static func replacing(in spec: MCPServerSpec, by template: RevisionTemplate) -> MCPServerSpec? {
        guard case .object(let part) = template.spec,
            ContentDigest.sha256(of: template.spec.serialized()) == template.digest,
            case .object(var members) = JSONValue.encoding(spec)
        else { return nil }
        for field in fields { members[field] = part[field] }
        return try? JSONValue.object(members).decode(MCPServerSpec.self)
    }
}
