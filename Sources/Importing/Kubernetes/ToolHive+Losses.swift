/// What of ToolHive's kinds Moorage does in another place, or not at all.
extension [FieldLoss] {
    private static let callers =
        "callers are authenticated by the gateway: set authentication.issuers and audiences in the gateway's settings (docs/authentication.md)"
    private static let access =
        "write the rule as spec.access of the MCPTenant, or as scopes in spec.tools (docs/gateway.md)"

    static let toolHive: [FieldLoss] =
        [
            FieldLoss("spec.proxyMode", "the adapter of Moorage always serves Streamable HTTP", "use the path /mcp"),
            FieldLoss("spec.oidcConfig", "Moorage has one place for the authentication of callers", callers),
            FieldLoss("spec.oidcConfigRef", "Moorage has one place for the authentication of callers", callers),
            FieldLoss("spec.authServerRef", "Moorage is not an authorization server", callers),
            FieldLoss("spec.authServerConfig", "Moorage is not an authorization server", callers),
            FieldLoss("spec.authzConfig", "Moorage does not read Cedar policies", access),
            FieldLoss("spec.authzConfigRef", "Moorage does not read Cedar policies", access),
            FieldLoss("spec.incomingAuth.authzConfig", "Moorage does not read Cedar policies", access),
            FieldLoss("spec.incomingAuth.authzConfigRef", "Moorage does not read Cedar policies", access),
            FieldLoss("spec.incomingAuth", "Moorage has one place for the authentication of callers", callers),
            FieldLoss(
                "spec.outgoingAuth",
                "credentials belong to the single servers",
                "set spec.upstreamAuth or spec.remote.headers of each server"
            ),
            FieldLoss("spec.audit", "the gateway writes an audit log for all servers", "see docs/audit.md"),
            FieldLoss("spec.telemetry", "tracing is set for the whole gateway", "see docs/gateway.md"),
            FieldLoss("spec.telemetryConfigRef", "tracing is set for the whole gateway", "see docs/gateway.md"),
            FieldLoss(
                "spec.webhookConfigRef",
                "the gateway calls no webhooks",
                "see docs/gateway.md for what it checks itself"
            ),
            FieldLoss(
                "spec.trustProxyHeaders",
                "is a setting of ToolHive's proxy",
                "set exposure or the gateway's address instead"
            ),
            FieldLoss(
                "spec.endpointPrefix",
                "paths of the gateway are /NAMESPACE/SERVER/mcp",
                "rewrite the path in the Ingress"
            ),
            FieldLoss(
                "spec.replicas",
                "is the number of ToolHive's proxies, which Moorage does not need",
                "scale the gateway instead"
            ),
            FieldLoss(
                "spec.sessionStorage",
                "the gateway keeps no sessions",
                "remove the store if nothing else uses it"
            ),
            FieldLoss(
                "spec.rateLimiting",
                "limits are set for the tenant",
                "set spec.quotas of the MCPTenant, or callsPerMinute in spec.tools (docs/gateway.md)"
            ),
            FieldLoss(
                "spec.allowPrivateEndpoint",
                "private addresses are allowed by the tenant",
                "name the address in spec.network.allow of the MCPTenant"
            ),
            FieldLoss("spec.resourceOverrides.proxyDeployment.env", "is for ToolHive's proxy"),
            FieldLoss(
                "spec.permissionProfile",
                "Moorage does not read permission profiles",
                "set spec.network.egress, and volumes for files"
            ),
            FieldLoss(
                "spec.passthroughHeaders",
                "the gateway passes no header fields of callers on",
                "set spec.upstreamAuth"
            ),
            FieldLoss("spec.serviceType", "the gateway is exposed once for all servers", "see docs/gateway.md"),
            FieldLoss("spec.serviceAccount", "the gateway has one ServiceAccount"),
            FieldLoss(
                "spec.podTemplateSpec",
                "the pods are those of the gateway or of ToolHive's proxy",
                "set resources and scheduling of the gateway in the chart's values"
            ),
            FieldLoss("spec.resources", "there are no pods of this object in Moorage"),
            FieldLoss("spec.proxyPort", "the gateway has one port for all servers"),
            FieldLoss("spec.port", "the gateway has one port for all servers"),
            FieldLoss("spec.sessionAffinity", "any replica of the gateway serves any session"),
            FieldLoss("spec.imagePullSecrets", "there are no pods of this object in Moorage"),
            FieldLoss(
                "spec.embeddingServerRef",
                "the gateway searches tools without an embedding model",
                "spec.toolListing: Search needs no model"
            ),
            FieldLoss("spec.config.optimizer", "the gateway searches tools without an embedding model"),
            FieldLoss(
                "spec.config.operational",
                "the gateway decides itself when a server is left out",
                "see docs/gateway.md"
            ),
            FieldLoss(
                "spec.config.compositeTools",
                "the gateway does not compose tools",
                "offer the composition as an MCP server of its own"
            ),
            FieldLoss(
                "spec.config.compositeToolRefs",
                "the gateway does not compose tools",
                "offer the composition as an MCP server of its own"
            ),
            FieldLoss("spec.config.telemetry", "tracing is set for the whole gateway", "see docs/gateway.md"),
            FieldLoss("spec.config.audit", "the gateway writes an audit log for all servers", "see docs/audit.md"),
        ] + metadata

    /// Kinds that have no counterpart: why, and what to do.
    static let toolHiveKinds: [String: (reason: String, solution: String)] = [
        "MCPRegistry": (
            "is a registry, not a server", "Moorage serves what is published through the gateway (docs/gateway.md)"
        ),
        "EmbeddingServer": (
            "is a server of an embedding model, not of MCP", "run it as a Deployment if something else needs it"
        ),
        "VirtualMCPCompositeToolDefinition": (
            "the gateway does not compose tools", "offer the composition as an MCP server of its own"
        ),
        "MCPOIDCConfig": (
            "callers are authenticated by the gateway",
            "set the issuer in the gateway's settings (docs/authentication.md)"
        ),
        "MCPAuthzConfig": (
            "Moorage does not read Cedar policies", "write the rules as spec.access of the MCPTenant (docs/gateway.md)"
        ),
        "MCPTelemetryConfig": ("tracing is set for the whole gateway", "see docs/gateway.md"),
        "MCPWebhookConfig": ("the gateway calls no webhooks", "see docs/gateway.md for what it checks itself"),
        "MCPExternalAuthConfig": ("no imported server uses it", "import it together with the servers that name it"),
        "MCPToolConfig": ("no imported server uses it", "import it together with the servers that name it"),
        "MCPGroup": ("is only a name for servers", "imported members have the label \(ToolHive.groupLabel)"),
    ]
}
