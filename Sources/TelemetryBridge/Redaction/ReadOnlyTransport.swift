internal import HTTPTypes
internal import KubernetesClient

/// Sends only requests that read, and that read no Secrets: a second line of defence after the permissions of the ServiceAccount.
struct ReadOnlyTransport: APITransport {
    let base: any APITransport

    var host: String { base.host }

    func execute(_ request: APIRequest) async throws -> APIResponse {
        if let reason = Self.refusal(of: request) { throw ClientError(.invalidRequest, reason) }
        return try await base.execute(request)
    }

    /// Why a request must not be sent, or `nil`. Pure.
    static func refusal(of request: APIRequest) -> String? {
        let name = "\(request.method.rawValue) \(request.path)"
        guard request.method == .get, request.body == nil else {
            return "the bridge only reads, so it does not send \(name)"
        }
        // Percent escapes would be decoded by the server.
        guard !request.path.contains("%"), !request.path.contains("//") else {
            return "the path of \(name) is not valid"
        }
        let parts = request.path.split(separator: "/").map(String.init)
        guard let resource = resource(parts) else { return nil }
        if resource.name == "secrets" { return "the bridge never reads Secrets, so it does not send \(name)" }
        // These connect to pods and nodes, also with GET.
        if let subresource = resource.subresource, subresource != "log" {
            return "the bridge does not use the subresource \(subresource), so it does not send \(name)"
        }
        return nil
    }

    /// The resource and the subresource that a path is about; `nil` for discovery.
    private static func resource(_ parts: [String]) -> (name: String, subresource: String?)? {
        let rest: ArraySlice<String>
        switch parts.first {
        case "api": rest = parts.dropFirst(2)
        case "apis": rest = parts.dropFirst(3)
        default: return nil
        }
        // namespaces/NAME/RESOURCE is about that resource, and namespaces/NAME about the namespace.
        let scoped = rest.first == "namespaces" && rest.count >= 3 ? rest.dropFirst(2) : rest
        guard let name = scoped.first else { return nil }
        return (name, scoped.count >= 3 ? scoped.dropFirst(2).first : nil)
    }
}
