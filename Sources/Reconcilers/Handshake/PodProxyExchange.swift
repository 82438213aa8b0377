internal import HTTPTypes
internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol
internal import MCPTransport
internal import Policy

/// Sends requests to a pod through the `proxy` subresource of the API server, for a controller that cannot reach pods.
struct PodProxyExchange: HTTPExchange {
    let transport: any APITransport
    let target: HandshakeTarget
    let timeout: Duration

    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        let (path, query) = Self.parts(of: request.url)
        let scheme = target.endpoint.usesTLS ? "https:" : ""
        let base = "/api/v1/namespaces/\(target.server.namespace)/pods/\(scheme)\(target.pod):\(target.port)/proxy"
        let isStream = Self.lasts(request)
        let response: APIResponse
        do {
            response = try await transport.execute(
                APIRequest(
                    method: request.method,
                    path: base + path,
                    query: query,
                    headers: request.headers,
                    body: request.body,
                    purpose: isStream ? .watch : .standard,
                    timeout: isStream ? nil : timeout
                )
            )
        } catch let error as ClientError {
            throw MCPClientError(.connectionLost, "the API server could not be reached: \(error)", underlying: error)
        }
        guard response.status.code >= 400 else {
            return HTTPExchangeResponse(
                status: response.status.code,
                headers: response.headers,
                body: HTTPExchangeBody(response.body)
            )
        }
        let bytes = try await Self.start(of: response.body)
        if let error = Self.apiServerError(bytes, status: response.status.code) { throw error }
        return HTTPExchangeResponse(
            status: response.status.code,
            headers: response.headers,
            body: HTTPExchangeBody(bytes)
        )
    }

    /// Whether the answer lasts as long as the pod does, such as that to a subscription of 2026-07-28. It must not take one of the
    /// connections for requests, which are few: as many subscriptions would stop all requests of the controller.
    static func lasts(_ request: HTTPExchangeRequest) -> Bool {
        request.method == .get
            || request.headers.contains { field in
                field.name.canonicalName == HeaderName.method.lowercased()
                    && field.value == Method.subscriptionsListen.rawValue
            }
    }

    /// How much of an error's body is read.
    private static let maximumErrorBytes = 64 << 10

    private static func start(of body: APIResponse.Body) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in body {
            bytes.append(contentsOf: chunk.prefix(maximumErrorBytes - bytes.count))
            if bytes.count >= maximumErrorBytes { break }
        }
        return bytes
    }

    /// The API server's own error, which is not the pod's answer: it cannot reach the pod, or does not allow the proxy.
    static func apiServerError(_ bytes: [UInt8], status: Int) -> MCPClientError? {
        guard let value = try? JSONValue(parsing: bytes), value["kind"] == "Status", value["apiVersion"] == "v1" else {
            return nil
        }
        let message = value["message"]?.stringValue ?? "no reason is given"
        switch status {
        case 401, 403:
            return MCPClientError(
                .forbidden,
                "the API server does not let the controller use its proxy: \(message)",
                httpStatus: status
            )
        default:
            return MCPClientError(
                .connectionRefused,
                "the API server cannot reach the pod: \(message)",
                httpStatus: status
            )
        }
    }

    /// The path and the query of an absolute URL, without percent-encoding.
    static func parts(of url: String) -> (path: String, query: [APIRequest.QueryItem]) {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let rest = afterScheme.firstIndex(of: "/").map { afterScheme[$0...] } ?? "/"
        let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = halves.count > 1 ? halves[1].split(separator: "&") : []
        return (
            PercentEncoding.decoded(String(halves[0])),
            query.map { item in
                let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return APIRequest.QueryItem(
                    PercentEncoding.decoded(String(pair[0])),
                    pair.count > 1 ? PercentEncoding.decoded(String(pair[1])) : ""
                )
            }
        )
    }
}
