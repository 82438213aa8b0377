package import CRDModels
package import KubernetesAPI

/// The ports of a server in addition to the one that serves MCP.
package struct ServerPorts {
    let spec: MCPServerSpec

    package init(spec: MCPServerSpec) {
        self.spec = spec
    }

    /// The default port for monitoring.
    package static let defaultMetricsPort = "metrics"

    /// The container's ports, starting with the one that serves MCP.
    package func containerPorts(serving port: Int) -> [JSONValue] {
        ([ServerPort(name: Moorage.portName, port: port)] + (spec.ports ?? [])).map { port in
            ["name": .string(port.name), "containerPort": .integer(Int64(port.port)), "protocol": "TCP"]
        }
    }

    /// Refuses two ports with the same name or number, and monitoring of a port that does not exist.
    package func check() throws(Refusal) {
        var names: Set<String> = [Moorage.portName]
        let own = spec.port ?? 8080
        let service = spec.service?.port ?? 80
        var numbers: Set<Int> = [own]
        for port in spec.ports ?? [] {
            let field = "spec.ports[\(port.name)]"
            guard isPortName(port.name), names.insert(port.name).inserted else {
                throw Refusal(
                    .specInvalid,
                    field: "\(field).name",
                    """
                    "\(port.name)" must be unique (http is reserved): use at most 15 lower-case letters, digits \
                    and -, with at least one letter
                    """
                )
            }
            guard (1...65_535).contains(port.port), numbers.insert(port.port).inserted else {
                throw Refusal(
                    .specInvalid,
                    field: "\(field).port",
                    "\(port.port) must be a unique port from 1 to 65535, different from spec.port"
                )
            }
            guard port.port != service else {
                throw Refusal(
                    .specInvalid,
                    field: "\(field).port",
                    "\(port.port) is already the port of the Service: change spec.service.port"
                )
            }
        }
        guard let monitoring = spec.monitoring else { return }
        let wanted = monitoring.port ?? ServerPorts.defaultMetricsPort
        guard names.contains(wanted) else {
            throw Refusal(
                .specInvalid,
                field: "spec.monitoring.port",
                """
                port "\(wanted)" does not exist: add it to spec.ports, or use one of \
                \(names.sorted().joined(separator: ", "))
                """
            )
        }
    }

    /// Whether a text is a service name, the format of a container's port name (RFC 6335).
    private func isPortName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte) }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        return (1...15).contains(bytes.count) && bytes.contains(where: isLetter)
            && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2D }
            && bytes.first != 0x2D && bytes.last != 0x2D && !text.contains("--")
    }
}

/// Tokens for the Kubernetes API in pods.
package enum PodTokens {
    /// Whether a pod gets a token for the Kubernetes API, from its ServiceAccount or from a projected volume whose
    /// audience is the API server.
    package static func mountsToken(_ spec: JSONValue) -> Bool {
        if spec["automountServiceAccountToken"] == true { return true }
        return (spec["volumes"]?.arrayValue ?? []).contains { volume in
            (volume[path: ["projected", "sources"]]?.arrayValue ?? []).contains { source in
                source["serviceAccountToken"].map { $0["audience"] == nil } ?? false
            }
        }
    }
}
