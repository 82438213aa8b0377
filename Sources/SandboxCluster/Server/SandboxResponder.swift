internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore

/// The context of a request, with its connection, which faults close.
struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// The connection must be closed.
private struct ConnectionCut: Error {}

/// The HTTP server: it passes requests to `ClusterState` and writes the responses.
struct SandboxResponder: HTTPResponder {
    typealias Context = SandboxContext

    let cluster: SandboxCluster

    func respond(to request: Request, context: SandboxContext) async throws -> Response {
        var input = SandboxRequest(
            method: request.method.rawValue,
            uri: request.uri.description,
            headers: request.headers.map { ($0.name.rawName, $0.value) }
        )
        if let path = ProxyPath(input.path) { return await proxy(request, input, path, context) }
        if let target = input.logTarget { return await log(input, target, context) }
        if let target = input.portForwardTarget { return refusePortForward(input, target) }
        var body = try await request.body.collect(upTo: 16 * 1_024 * 1_024)
        input.body = body.readBytes(length: body.readableBytes) ?? []

        let final = input
        let (reply, fault) = cluster.with { state -> (SandboxReply, Fault.Effect?) in
            state.transportFault = nil
            return (state.handle(final), state.transportFault)
        }
        switch fault {
        case .drop?, .dropAfter?:
            try? await context.channel.close()
            throw ConnectionCut()
        case .delay(let duration)?: try await cluster.configuration.clock.sleep(for: duration)
        default: break
        }
        var headers: HTTPFields = [.contentType: reply.contentType]
        for (name, value) in reply.headers {
            if let field = HTTPField.Name(name) { headers.append(HTTPField(name: field, value: value)) }
        }
        if let plan = reply.watch {
            return Response(status: .ok, headers: headers, body: watchBody(plan))
        }
        let bytes = reply.body
        if case .truncate(let count)? = fault {
            let body = ResponseBody(contentLength: bytes.count) { writer in
                try await writer.write(ByteBuffer(bytes: bytes.prefix(count)))
                throw ConnectionCut()
            }
            return Response(status: .init(code: reply.code), headers: headers, body: body)
        }
        return Response(
            status: .init(code: reply.code),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// Passes a request on to a pod.
    private func proxy(
        _ request: Request,
        _ input: SandboxRequest,
        _ path: ProxyPath,
        _ context: SandboxContext
    ) async -> Response {
        let pod = cluster.with { state in Result { () throws(APIFailure) in try state.proxied(input, path) } }
        switch pod {
        case .success(let pod):
            switch pod.server {
            case .standIn(let contract):
                return await cluster.standIns.respond(
                    to: request,
                    path: path.path,
                    pod: pod,
                    contract: contract,
                    channel: context.channel
                )
            case .process:
                guard let port = cluster.processes?.port(pod.port, of: pod.uid) else {
                    return PodDialer.unreachable("the process of the pod has not started")
                }
                // Escapes are the pod's to decode.
                let raw = ProxyPath(request.uri.path)?.path ?? path.path
                let query = request.uri.query.map { "?\($0)" } ?? ""
                return await PodDialer.forward(request, path: raw + query, to: port, client: context.channel)
            }
        case .failure(let failure): return Response(failure)
        }
    }

    /// Answers with the output of a container.
    private func log(
        _ input: SandboxRequest,
        _ target: SandboxRequest.Target,
        _ context: SandboxContext
    ) async -> Response {
        let wanted = cluster.with { state in
            Result { () throws(APIFailure) in try state.logRequest(input, target) }
        }
        switch wanted {
        case .success(let wanted): return await cluster.logs.respond(to: wanted, client: context.channel)
        case .failure(let failure): return Response(failure)
        }
    }

    /// Answers a request to forward ports that the connection did not become: it is not allowed, or speaks another protocol.
    private func refusePortForward(_ input: SandboxRequest, _ target: SandboxRequest.Target) -> Response {
        let pod = cluster.with { state in Result { () throws(APIFailure) in try state.portForward(input, target) } }
        var response: Response
        switch pod {
        case .failure(let failure): response = Response(failure)
        case .success:
            response = Response(
                .badRequest("the request must upgrade to a WebSocket with SPDY/3.1+portforward.k8s.io, or to SPDY/3.1")
            )
        }
        // No request is read after one that asks for an upgrade.
        response.headers[.connection] = "close"
        return response
    }

    private func watchBody(_ plan: WatchPlan) -> ResponseBody {
        ResponseBody { (writer: inout any ResponseBodyWriter) async throws -> Void in
            defer { cluster.forget(plan) }
            var first: [UInt8] = []
            var sent = plan.revision
            cluster.with { state in
                for object in plan.initial { first += state.event("ADDED", object.value, object.bytes, plan) }
                if let revision = plan.initialEventsEnd {
                    first += state.bookmark(revision, plan, endsInitialEvents: true)
                }
                for change in plan.backlog {
                    if let bytes = state.event(change, plan) { first += bytes }
                }
            }
            // The head is sent immediately, so that the client knows that the watch has started.
            try await writer.write(ByteBuffer(bytes: first))
            cluster.time(plan)
            for await signal in plan.signals {
                switch signal {
                case .change(let change):
                    sent = max(sent, change.revision)
                    let bytes = cluster.with { $0.event(change, plan) }
                    if let bytes { try await writer.write(ByteBuffer(bytes: bytes)) }
                case .bookmark(let revision):
                    guard plan.sendsBookmarks else { continue }
                    try await writer.write(ByteBuffer(bytes: cluster.with { $0.bookmark(max(revision, sent), plan) }))
                case .drop: throw ConnectionCut()
                case .fail(let status):
                    let object = (try? KubernetesJSON.encode(status)) ?? []
                    let bytes = Array("{\"type\":\"ERROR\",\"object\":".utf8) + object + Array("}\n".utf8)
                    try await writer.write(ByteBuffer(bytes: bytes))
                    try await writer.finish(nil)
                    return
                case .end:
                    try await writer.finish(nil)
                    return
                }
            }
            try await writer.finish(nil)
        }
    }
}

extension SandboxRequest {
    /// A request without its body.
    init(method: String, uri: String, headers: [(name: String, value: String)]) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self.init(method: method, path: parts[0].contains("%") ? parts[0].percentDecoded : parts[0])
        query = (parts.count > 1 ? parts[1] : "").queryItems
        for (name, value) in headers {
            let name = name.lowercased()
            self.headers[name] = self.headers[name].map { "\($0),\(value)" } ?? value
            if name.hasPrefix("impersonate-") { impersonation.append((name, value)) }
        }
    }
}

extension String {
    /// The items of a query. As in Go's `net/url`, a plus sign is a space, and the first item with a name is used.
    var queryItems: [String: String] {
        var items: [String: String] = [:]
        for pair in split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).replacing("+", with: " ").percentDecoded
            }
            let value = parts.count > 1 ? parts[1] : ""
            if items[parts[0]] == nil { items[parts[0]] = value }
        }
        return items
    }

    /// The text with escapes such as `%41` decoded. Invalid escapes are kept.
    var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
