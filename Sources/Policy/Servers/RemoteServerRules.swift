package import CRDModels
internal import KubernetesAPI
package import MCPProtocol

/// What a spec with `remote` must satisfy. Pure.
package enum RemoteServerRules {
    /// The fields that a remote server can have. All others are about pods.
    static let fields: Set<String> = [
        "className", "remote", "transport", "handshake", "tools", "toolPolicy", "review", "rollbackTo",
        "revisionHistoryLimit", "upstreamAuth", "suspend",
    ]

    /// - Parameter addresses: which addresses the tenant's remote servers can have.
    /// - Returns: the URL of the server.
    /// - Throws: `Refusal`, which names the field.
    package static func check(
        _ remote: RemoteServer,
        of spec: MCPServerSpec,
        addresses: AddressRules
    ) throws(Refusal) -> RemoteURL {
        guard spec.image == nil else {
            throw Refusal(
                .specInvalid,
                field: "spec.image",
                "image and remote are mutually exclusive: remove remote to run an image, or image to call a URL"
            )
        }
        try checkFields(spec)
        for (index, header) in (remote.headers ?? []).enumerated() {
            try check(header, field: "spec.remote.headers[\(index)]")
            let isRepeated = (remote.headers ?? [])[..<index].contains {
                $0.name.lowercased() == header.name.lowercased()
            }
            guard !isRepeated else {
                throw Refusal(
                    .specInvalid,
                    field: "spec.remote.headers[\(index)].name",
                    "\(header.name) is listed twice, and case does not matter in names: remove one of the two"
                )
            }
        }
        if let authority = remote.certificateAuthority,
            (authority.configMapKeyRef == nil) == (authority.secretKeyRef == nil)
        {
            throw Refusal(
                .specInvalid,
                field: "spec.remote.certificateAuthority",
                "set exactly one of configMapKeyRef and secretKeyRef"
            )
        }
        return try check(url: remote.url, addresses)
    }

    private static func checkFields(_ spec: MCPServerSpec) throws(Refusal) {
        let members = JSONValue.encoding(spec).objectValue ?? [:]
        // The API server sets defaults.
        let defaults: [String: JSONValue] = ["port": 8080]
        let others = members.filter { !fields.contains($0.key) && defaults[$0.key] != $0.value }.keys
        if let field = others.min() {
            throw Refusal(
                .specInvalid,
                field: "spec.\(field)",
                "has no effect on a remote server, which has no pods: remove it, or set spec.image in place of spec.remote"
            )
        }
        guard spec.transport != .stdio else {
            throw Refusal(
                .specInvalid,
                field: "spec.transport",
                "a remote server cannot speak stdio: use streamable-http or sse"
            )
        }
    }

    /// The header fields that belong to HTTP or MCP.
    private static let reserved: Set<String> = [
        "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect",
        "host",
        "http2-settings", "keep-alive", "last-event-id", "origin", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
    ]

    private static func check(_ header: RemoteHeader, field: String) throws(Refusal) {
        let name = header.name.lowercased()
        guard !reserved.contains(name), !name.hasPrefix("mcp-") else {
            throw Refusal(
                .specInvalid,
                field: "\(field).name",
                "\(header.name) belongs to HTTP or MCP, and cannot be set: remove it"
            )
        }
        guard (header.value == nil) != (header.secretKeyRef == nil) else {
            throw Refusal(.specInvalid, field: field, "set exactly one of value and secretKeyRef")
        }
    }

    private static func check(url text: String, _ addresses: AddressRules) throws(Refusal) -> RemoteURL {
        let field = "spec.remote.url"
        let url: RemoteURL
        do throws(RemoteURLError) {
            url = try RemoteURL(text)
        } catch {
            throw Refusal(
                .remoteURLInvalid,
                field: field,
                "is not a valid URL of a server: \(error). Write it like https://mcp.example.com/mcp"
            )
        }
        guard url.description.utf8.count <= 1_024 else {
            throw Refusal(.remoteURLInvalid, field: field, "has more than 1024 bytes: use a shorter one")
        }
        if !url.isSecure, !addresses.reachesLoopback, addresses.exceptions.isEmpty {
            throw Refusal(
                .remoteNotSecure,
                field: field,
                """
                is http, which everyone on the way can read and change: use https, or let an administrator allow the address in \
                spec.network.allow of the MCPTenant
                """
            )
        }
        guard url.isAddress else { return url }
        if let refusal = addresses.refusal(of: url.host, port: url.port, isSecure: url.isSecure) {
            throw Refusal(.remoteAddressNotAllowed, field: field, refusal)
        }
        return url
    }
}
