/// What a status is asked for.
package enum StatusTarget: Sendable, Hashable {
    /// An MCPServer.
    case server(String)
    /// An MCPTenant.
    case tenant(String)
    /// Either of them with this name.
    case either(String)

    private static let servers: Set<String> = ["server", "servers", "mcpserver", "mcpservers", "mcps"]
    private static let tenants: Set<String> = ["tenant", "tenants", "mcptenant", "mcptenants", "mcpt"]

    /// - Returns: `nil` if the text is not of the form KIND/NAME or NAME.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, Self.isName(name), parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            self = .either(name)
            return
        }
        let kind = parts[0].lowercased().split(separator: ".").first.map(String.init) ?? ""
        if Self.servers.contains(kind) {
            self = .server(name)
        } else if Self.tenants.contains(kind) {
            self = .tenant(name)
        } else {
            return nil
        }
    }

    /// Whether an object can have this name: lower-case letters, digits, dashes and dots.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253 && text != "." && text != ".."
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
