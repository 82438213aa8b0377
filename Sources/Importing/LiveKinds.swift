public import KubernetesAPI

extension ImportFormat {
    /// The kinds that are read from a cluster, each with the version that is tried first. Empty for formats of files.
    public var clusterKinds: [ResourceType] {
        switch self {
        case .toolhive:
            [
                ("MCPServer", "mcpservers"), ("MCPRemoteProxy", "mcpremoteproxies"),
                ("MCPServerEntry", "mcpserverentries"),
                ("VirtualMCPServer", "virtualmcpservers"), ("MCPGroup", "mcpgroups"),
                ("MCPToolConfig", "mcptoolconfigs"),
                ("MCPExternalAuthConfig", "mcpexternalauthconfigs"), ("MCPOIDCConfig", "mcpoidcconfigs"),
                ("MCPTelemetryConfig", "mcptelemetryconfigs"), ("MCPRegistry", "mcpregistries"),
                ("EmbeddingServer", "embeddingservers"),
                ("VirtualMCPCompositeToolDefinition", "virtualmcpcompositetooldefinitions"),
            ].flatMap { kind, plural in
                ["v1beta1", "v1alpha1"].map { Self.type(ToolHive.group, $0, kind, plural) }
            }
        case .kmcp: [Self.type(KMCP.group, "v1alpha1", "MCPServer", "mcpservers")]
        case .mcpLifecycleOperator:
            ["v1beta1", "v1alpha1"].map { Self.type(LifecycleOperator.group, $0, "MCPServer", "mcpservers") }
        case .obot, .mcpJSON, .registry, .docker: []
        }
    }

    private static func type(_ group: String, _ version: String, _ kind: String, _ plural: String) -> ResourceType {
        ResourceType(group: group, version: version, kind: kind, plural: plural, isNamespaced: true)
    }
}
