internal import KubernetesClient
internal import MCPTransport

/// What one request is decided by: the route and the caller at the moment when it arrived.
struct GatewayCall: Sendable {
    let route: Route
    let caller: Caller
    /// The token with which the caller was authenticated; `nil` for none.
    let token: SensitiveString?
    /// Where the metadata of the resource is, for challenges; `nil` if there is none.
    let metadataURL: String?
    /// How the route changes while the request is answered.
    let watch: RouteWatch
}
