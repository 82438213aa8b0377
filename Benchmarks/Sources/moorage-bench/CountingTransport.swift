import HTTPTypes
import KubernetesClient
import Synchronization

/// Forwards requests and counts them by purpose.
final class CountingTransport: APITransport {
    /// The counts.
    struct Counts: Sendable {
        /// Writes by verb and resource, such as `PATCH deployments` or `PATCH mcpservers/status`.
        var writes: [String: Int] = [:]
        /// Everything else, by verb and resource.
        var reads: [String: Int] = [:]
        /// Requests that the API server passes on to pods.
        var checks = 0
        /// The time of the last response to a write of each resource.
        var lastWrites: [String: ContinuousClock.Instant] = [:]
        /// The time at which, of each resource, the last object was written for the first time.
        var lastFirstWrites: [String: ContinuousClock.Instant] = [:]
        /// The paths that were written.
        fileprivate var written: Set<String> = []
        /// The last response to any request except watches and checks.
        var lastAnswer: (request: String, instant: ContinuousClock.Instant)?
    }

    let host: String
    private let base: HTTPTransport
    private let state = Mutex((counts: Counts(), watches: [APIRequest]()))

    init(_ base: HTTPTransport) {
        self.base = base
        host = base.host
    }

    /// The counts since the last reset.
    var counts: Counts { state.withLock { $0.counts } }

    /// The watches that were started, once for each collection.
    var watches: [APIRequest] { state.withLock { $0.watches } }

    func reset() { state.withLock { $0.counts = Counts() } }

    func execute(_ request: APIRequest) async throws -> APIResponse {
        let response = try await base.execute(request)
        let now = ContinuousClock.now
        let name = CountingTransport.resource(path: request.path)
        state.withLock { state in
            // A check of a pod, which never ends and writes nothing.
            if request.path.contains("/proxy/") {
                state.counts.checks += 1
                return
            }
            if request.method == .get {
                let verb = request.purpose == .watch ? "WATCH" : "GET"
                state.counts.reads["\(verb) \(name)", default: 0] += 1
                if request.purpose == .watch, !state.watches.contains(where: { $0.path == request.path }) {
                    state.watches.append(request)
                }
                if request.purpose == .watch { return }
            } else {
                state.counts.writes["\(request.method.rawValue) \(name)", default: 0] += 1
                state.counts.lastWrites[name] = now
                if state.counts.written.insert(request.path).inserted { state.counts.lastFirstWrites[name] = now }
            }
            state.counts.lastAnswer = ("\(request.method.rawValue) \(request.path)", now)
        }
        return response
    }

    /// The resource of a path, with its subresource: `deployments`, `mcpservers/status`.
    static func resource(path: String) -> String {
        var parts = path.split(separator: "/")[...]
        parts = parts.first == "api" ? parts.dropFirst(2) : parts.dropFirst(3)
        if parts.first == "namespaces", parts.count > 2, parts.dropFirst(2).first != "status" {
            parts = parts.dropFirst(2)
        }
        guard let plural = parts.first else { return path }
        if parts.count > 2, parts.dropFirst(2).first == "proxy" { return "\(plural)/proxy" }
        return parts.count > 2 ? "\(plural)/\(parts.dropFirst(2).joined(separator: "/"))" : String(plural)
    }
}
