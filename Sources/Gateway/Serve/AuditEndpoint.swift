internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import Logging
internal import MCPProtocol
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// `GET /audit`: the records of a caller's own tenants, from the files of this gateway, one line of JSON each.
final class AuditEndpoint: Sendable {
    static let path = "/audit"
    /// How many records one answer contains at most.
    static let maximumRecords = 1_000
    /// How large one answer is at most, except for a single record that is larger.
    static let maximumBytes = 8 << 20
    /// How many queries are answered at the same time, so that they fit into memory and leave the disk to the log itself.
    static let maximumQueries = 4
    /// Says that there are older records that meet the conditions.
    static let moreRecordsHeader = "Moorage-Audit-More"
    private static let defaultRecords = 100

    private let files: AuditFiles?
    /// Who gets an answer at the moment.
    private let active = Mutex<Set<String>>([])
    private let logger: Logger

    init(files: AuditFiles?, logger: Logger) {
        self.files = files
        self.logger = logger
    }

    /// Answers a caller that is authenticated.
    ///
    /// - Parameter metadataURL: for the challenge to callers that lack the scope.
    func respond(to request: Request, caller: Caller, metadataURL: String?) async -> Response {
        guard request.method == .get else { return Response(status: .methodNotAllowed, headers: [.allow: "GET"]) }
        guard let access = AuditQueryAccess(of: caller) else { return Self.forbidden(caller, metadataURL) }
        guard let files else {
            return Self.text(
                .notFound,
                "this gateway keeps no records: add File to gateway.audit.sinks, or query your log system"
            )
        }
        let query: AuditQuery
        do throws(InvalidParameter) {
            query = try Self.query(request.uri.queryParameters.map { (String($0.key), String($0.value)) })
        } catch {
            return Self.text(.badRequest, error.description)
        }
        guard let permit = enter(caller) else {
            var response = Self.text(
                .tooManyRequests,
                "another query of this caller, or \(Self.maximumQueries) queries of others, are in progress"
            )
            response.headers[.retryAfter] = "1"
            return response
        }
        do {
            let page = try await NIOThreadPool.singleton.runIfActive {
                try files.newestRecords(matching: query, access: access, maximumBytes: Self.maximumBytes)
            }
            var response = Response(
                status: .ok,
                headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
                body: ResponseBody { writer in
                    // Until the caller has read everything, its answer is in memory.
                    defer { withExtendedLifetime(permit) {} }
                    for entry in page.entries {
                        var line = ByteBuffer(bytes: entry.json.bytes)
                        line.writeInteger(UInt8(ascii: "\n"))
                        try await writer.write(line)
                    }
                    try await writer.finish(nil)
                }
            )
            if page.hasMore, let name = HTTPField.Name(Self.moreRecordsHeader) { response.headers[name] = "true" }
            return response
        } catch {
            // The reason contains paths of this machine.
            logger.error("the audit files cannot be read for a query", metadata: ["error": "\(error)"])
            return Self.text(.serviceUnavailable, "the records cannot be read; the gateway's log has the reason")
        }
    }

    /// A place among the queries that are answered, which is free again when this is released.
    private final class Permit: Sendable {
        private let endpoint: AuditEndpoint
        private let caller: String

        init(_ endpoint: AuditEndpoint, _ caller: String) {
            self.endpoint = endpoint
            self.caller = caller
        }

        deinit { _ = endpoint.active.withLock { $0.remove(caller) } }
    }

    /// - Returns: `nil` if there is no place for another query of this caller.
    private func enter(_ caller: Caller) -> Permit? {
        let isEntered = active.withLock { active in
            active.count < Self.maximumQueries && active.insert(caller.id).inserted
        }
        return isEntered ? Permit(self, caller.id) : nil
    }

    private static func forbidden(_ caller: Caller, _ metadataURL: String?) -> Response {
        let scope = AuditQueryAccess.defaultScope
        guard !caller.scopes.contains(scope) else {
            return text(.forbidden, "the caller belongs to no tenant, so there are no records that it may read")
        }
        var response = text(.forbidden, "the caller lacks the scope \(scope)")
        response.headers[.wwwAuthenticate] = AuthorizationChallenge.insufficientScope(
            required: [scope],
            metadataURL: metadataURL
        )
        return response
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }

    /// Reads the parameters of a query.
    static func query(_ parameters: [(name: String, value: String)]) throws(InvalidParameter) -> AuditQuery {
        var query = AuditQuery(limit: defaultRecords)
        var seen: Set<String> = []
        for (name, value) in parameters {
            try InvalidParameter.checkOnce(name, &seen)
            switch name {
            case "tenant": query.tenant = value
            case "server": query.server = value
            case "tool": query.tool = value
            case "principal": query.principal = value
            case "client": query.client = value
            case "kind": query.kind = try known(name, value, AuditRecord.Kind.self)
            case "result": query.result = try known(name, value, CallResult.self)
            case "since": query.since = try time(name, value)
            case "until": query.until = try time(name, value)
            case "limit": query.limit = try InvalidParameter.limit(value, maximum: maximumRecords)
            default:
                throw InvalidParameter(
                    description: """
                        the parameter \(name.prefix(64).debugDescription) is unknown: use tenant, server, tool, principal, \
                        client, kind, result, since, until or limit
                        """
                )
            }
        }
        return query
    }

    private static func known<Value>(_ name: String, _ value: String, _: Value.Type) throws(InvalidParameter) -> Value
    where Value: RawRepresentable<String> & CaseIterable {
        guard let known = Value(rawValue: value) else {
            throw InvalidParameter(
                description: "\(name) must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        return known
    }

    private static func time(_ name: String, _ value: String) throws(InvalidParameter) -> MicroTimestamp {
        guard let time = MicroTimestamp(value) else { throw InvalidParameter.time(name) }
        return time
    }
}
