internal import Policy

extension Reason {
    /// The documentation of the reasons for which a remote server is not called.
    var remoteDocumentation: Documentation? {
        switch self {
        case .remoteURLInvalid:
            return Documentation(
                "Accepted",
                """
                `spec.remote.url` is not a URL that every program reads in the same way: it has user information, a fragment, a \
                host that is not a name or an address, or an IPv4 address that is not written as four decimal numbers.
                """,
                "Write the URL as the message says, such as `https://mcp.example.com/mcp`. Send credentials in `spec.remote.headers`."
            )
        case .remoteNotSecure:
            return Documentation(
                "Accepted",
                "`spec.remote.url` is http, and the tenant's network rules name no address that could be called without TLS.",
                """
                Use https, with `spec.remote.certificateAuthority` for an authority of your own. Or let an administrator add the \
                address to `spec.network.allow` of the MCPTenant.
                """
            )
        case .remoteAddressNotAllowed:
            return Documentation(
                "Accepted, ProtocolVerified, Ready",
                """
                The remote server has an address that must not be called: it is private, loopback, link-local, that of a cloud's \
                metadata, or blocked by the network rules of the platform or the tenant. Names are resolved first, and the \
                address is what counts.
                """,
                """
                Use the public address of the server, or let an administrator add its address to `spec.network.allow` of the \
                MCPTenant. Loopback, link-local and metadata addresses cannot be allowed.
                """
            )
        default: return nil
        }
    }
}
