/// The keys of `_meta` that MCP reserves (2026-07-28, Basic Protocol, `_meta`).
public enum MetadataKey {
    public static let protocolVersion = "io.modelcontextprotocol/protocolVersion"
    public static let clientInfo = "io.modelcontextprotocol/clientInfo"
    public static let clientCapabilities = "io.modelcontextprotocol/clientCapabilities"
    public static let logLevel = "io.modelcontextprotocol/logLevel"
    public static let serverInfo = "io.modelcontextprotocol/serverInfo"
    public static let subscriptionID = "io.modelcontextprotocol/subscriptionId"
    public static let progressToken = "progressToken"

    /// The keys that describe a modern request; a gateway to a legacy server removes them.
    static let ofModernRequests = [protocolVersion, clientInfo, clientCapabilities, logLevel]
}
