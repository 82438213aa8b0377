internal import MCPTransport

/// The command of a container as it runs on this machine: with the ports that the machine has free, and with programs that only
/// exist in pods replaced.
struct LocalCommand: Sendable, Hashable {
    var program: String
    var arguments: [String]
    var environment: [String: String]
    /// The programs that must exist: the one that is started, and one that it starts.
    var required: [String]

    /// - Parameter ports: the port of this machine for each port of the container.
    init(_ launch: ContainerLaunch, ports: [Int: Int], settings: SandboxProcesses) {
        var environment = settings.environment
        if let first = launch.ports.first.flatMap({ ports[$0.number] }) {
            for name in ["PORT", "MCP_PORT"] { environment[name] = String(first) }
        }
        for variable in launch.variables {
            environment[variable.name] = Self.expand(Self.local(variable.value, ports), environment)
        }
        var command = launch.command
        let replacement = settings.replacements.first { command.starts(with: $0.command) }
        if let replacement {
            command.replaceSubrange(0..<replacement.command.count, with: [replacement.program])
        }
        command = command.map { Self.expand(Self.local($0, ports), environment) }
        program = command.first ?? ""
        arguments = Array(command.dropFirst())
        required = [program]
        if let separator = replacement?.separator, let index = arguments.firstIndex(of: separator),
            index + 1 < arguments.count
        {
            required.append(arguments[index + 1])
        }
        self.environment = environment
    }

    var mcpCommand: MCPCommand {
        MCPCommand(
            program,
            arguments: arguments,
            environment: environment.mapValues { .some($0) },
            inheritsEnvironment: false
        )
    }

    /// Replaces a port of the container by that of this machine: a text that is the port, or ends with it after `=`, or after the
    /// address of all interfaces or of this machine. Addresses of all interfaces become the loopback address.
    static func local(_ text: String, _ ports: [Int: Int]) -> String {
        guard let number = Int(String(text.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())),
            let port = ports[number], text.hasSuffix(String(number))
        else { return text }
        let head = text.dropLast(String(number).count)
        if head.isEmpty || head.last == "=" { return head + String(port) }
        guard head.last == ":" else { return text }
        let before = head.dropLast()
        let start = before.lastIndex(of: "=").map { before.index(after: $0) } ?? before.startIndex
        let addresses: Set<Substring> = ["", "*", "0.0.0.0", "[::]", "127.0.0.1", "localhost"]
        guard addresses.contains(before[start...]) else { return text }
        return before[..<start] + "127.0.0.1:\(port)"
    }

    /// Replaces `$(NAME)` by the value of a variable, and `$$` by `$`, as Kubernetes does. Unknown names are kept.
    static func expand(_ text: String, _ variables: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "$", let next = rest.first else {
                result.append(character)
                continue
            }
            if next == "$" {
                rest.removeFirst()
                result.append("$")
            } else if next == "(", let end = rest.firstIndex(of: ")") {
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                result += variables[name] ?? "$(\(name))"
                rest = rest[rest.index(after: end)...]
            } else {
                result.append("$")
            }
        }
        return result
    }
}
