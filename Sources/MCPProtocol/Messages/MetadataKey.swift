/// The keys of `_meta` that MCP reserves (2026-07-28, Basic Protocol, `_meta`).
public enum MetadataKey {
    /// The version of a request.
    public static let protocolVersion = "io.modelcontextprotocol/protocolVersion"
    /// Who the client of a request says it is.
    public static let clientInfo = "io.modelcontextprotocol/clientInfo"
    /// What the client of a request can do.
    public static let clientCapabilities = "io.modelcontextprotocol/clientCapabilities"
    /// The least severe log messages that a request wants.
    public static let logLevel = "io.modelcontextprotocol/logLevel"
    /// Who the server of a result says it is.
    public static let serverInfo = "io.modelcontextprotocol/serverInfo"
    /// The subscription that a message belongs to.
    public static let subscriptionID = "io.modelcontextprotocol/subscriptionId"
    /// The token under which a request wants progress notifications.
    public static let progressToken = "progressToken"

    /// The keys that describe a modern request; a gateway to a legacy server removes them.
    static let ofModernRequests = [protocolVersion, clientInfo, clientCapabilities, logLevel]
}
