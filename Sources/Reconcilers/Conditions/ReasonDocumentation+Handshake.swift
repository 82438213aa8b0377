internal import Policy

extension Reason {
    /// The documentation of the reasons of `ProtocolVerified`.
    var handshakeDocumentation: Documentation? {
        let place = "ProtocolVerified, Ready"
        switch self {
        case .protocolVerified:
            return Documentation(
                "ProtocolVerified",
                "A pod has answered the controller in MCP. `status.mcp` has what it offers.",
                "No action is required."
            )
        case .credentialsRequired:
            return Documentation(
                "ProtocolVerified",
                """
                The server answers, and wants credentials that the controller does not have. It is ready; what it \
                offers is not known.
                """,
                "No action is required. To have it checked, let the server answer without credentials inside the cluster."
            )
        case .handshakeDisabled:
            return Documentation(
                "ProtocolVerified",
                "The check is disabled by the server, its class or the platform, which the message names.",
                "Remove the field to enable the check."
            )
        case .handshakePending:
            return Documentation(
                place,
                "There is no ready pod yet, or the controller is checking one. A server that was ready stays ready.",
                "Wait."
            )
        case .handshakeConnectionFailed:
            return Documentation(
                place,
                "The pod does not accept connections, or the connection breaks. The message has the address.",
                """
                Check that the server listens on `spec.port` at all addresses, not only on 127.0.0.1, and that no \
                NetworkPolicy of your own keeps the controller out. It is tried again automatically.
                """
            )
        case .handshakeRefused:
            return Documentation(
                place,
                "The server refuses the controller, or fails: the message has its HTTP status or its error.",
                "Check the server's log. It is tried again automatically."
            )
        case .handshakeTimedOut:
            return Documentation(
                place,
                "The pod accepts connections and does not answer in time.",
                """
                Check the server's log. Raise `handshake.timeoutSeconds` in the platform's configuration if it needs \
                longer. It is tried again automatically.
                """
            )
        case .endpointNotFound:
            return Documentation(
                place,
                "Nothing is served at the path of the endpoint. The message names a path that works, if there is one.",
                "Set `spec.path`."
            )
        case .transportMismatch:
            return Documentation(
                place,
                "The server speaks another transport than `spec.transport` says.",
                "Set `spec.transport`, and `spec.path` if the message names one."
            )
        case .tlsFailed:
            return Documentation(
                place,
                "The server speaks TLS and the controller does not, or the reverse.",
                "Set `spec.service.appProtocol` to `https` for a server that speaks TLS, or remove it."
            )
        case .protocolNotSpoken:
            return Documentation(
                place,
                "The server answers, but not in MCP.",
                "Check that the image is an MCP server, and `spec.port`, `spec.path` and `spec.transport`."
            )
        case .protocolVersionUnsupported:
            return Documentation(
                place,
                "The server supports no protocol version that Moorage supports. The message has both lists.",
                "Use a newer version of the server."
            )
        case .protocolInvalid:
            return Documentation(
                place,
                "What the server says violates the protocol or exceeds a limit. The message says which.",
                "Report it to the authors of the server."
            )
        default: return nil
        }
    }
}
