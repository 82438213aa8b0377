/// The paths at which the gateway serves.
package enum GatewayPath {
    /// A server, or a virtual server.
    package static func server(_ name: String, in namespace: String) -> String { "/\(namespace)/\(name)/mcp" }

    /// All servers of a namespace together.
    package static func all(in namespace: String) -> String { "/\(namespace)/mcp" }
}
