import ArgumentParser

/// The address that a server listens on, in the format of Go's tools: `:8080`, `127.0.0.1:8080`, `[::1]:8080`; `0` for
/// none.
package struct BindAddress: ExpressibleByArgument, Sendable, Hashable, CustomStringConvertible {
    /// The host; all addresses if there is none.
    package var host: String
    /// The port; `nil` to not listen.
    package var port: Int?

    package init(host: String, port: Int?) {
        self.host = host
        self.port = port
    }

    package init?(argument: String) {
        if argument == "0" {
            self.init(host: "", port: nil)
            return
        }
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
    }

    package var defaultValueDescription: String { description }

    package var description: String {
        guard let port else { return "0" }
        if host == "0.0.0.0" { return ":\(port)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
