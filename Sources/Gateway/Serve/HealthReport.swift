internal import MCPProtocol

/// What `/health` reports (AV10): a gateway whose backends are gone is degraded, and healthy itself.
struct HealthReport: Sendable, Hashable {
    var backendsConfigured: Int
    var backendsConnected: Int
    var activeClients: Int
    var tools: Int
    var version: String

    var json: RawJSON {
        [
            "status": .string(backendsConnected == backendsConfigured ? "ok" : "degraded"),
            "backends_configured": .integer(Int64(backendsConfigured)),
            "backends_connected": .integer(Int64(backendsConnected)),
            "active_clients": .integer(Int64(activeClients)),
            "tools": .integer(Int64(tools)),
            "version": .string(version),
        ]
    }
}
