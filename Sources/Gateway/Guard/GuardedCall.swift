internal import ControllerRuntime
internal import MCPProtocol
internal import MCPTransport
internal import Policy

/// One request to a server, from the decision about it to its record.
struct GuardedCall: Sendable {
    /// A request that is not served, and how it is answered.
    struct Refused: Error, Sendable {
        var status: Int
        var headers = HeaderFields()
        var response: JSONRPCResponse
        var result: CallResult
        var reason: String
    }

    let shield: GatewayGuard
    let request: ServerRequest
    let call: GatewayCall
    let member: Route.Member
    /// The server's own name of the tool; `nil` for other methods.
    let tool: String?
    /// The arguments of the tool.
    let arguments: RawJSON?
    /// The scopes that the contract requires.
    let requiredScopes: Set<String>
    private let started: RuntimeClock.Instant

    init(
        _ shield: GatewayGuard,
        _ request: ServerRequest,
        _ call: GatewayCall,
        _ member: Route.Member,
        tool: String? = nil,
        message: JSONRPCRequest? = nil,
        requiredScopes: Set<String> = []
    ) {
        self.shield = shield
        self.request = request
        self.call = call
        self.member = member
        self.tool = tool
        arguments = (message ?? request.message).params?["arguments"]
        self.requiredScopes = requiredScopes
        started = shield.clock.now
    }

    /// Decides about the request, lets it be served, and records what became of it.
    ///
    /// - Parameter serve: makes the request of the server, or throws `Refused`.
    /// - Throws: what `serve` throws otherwise.
    func run(_ serve: () async throws -> JSONRPCResponse) async throws -> JSONRPCResponse {
        let reservation: AuditReservation?
        let permit: ConcurrencyPermit?
        do {
            try checkAccess()
            reservation = try reserve()
            permit = try enter()
            try checkBytes()
            try await count()
            if let tallyKey { shield.tally?.countCall(tallyKey, of: call.caller) }
        } catch let refusal as Refused {
            return answer(refusal, nil)
        }
        defer { permit?.end() }
        let sent = shield.clock.now
        do {
            let response = try await serve()
            record(
                Self.result(of: response),
                response: response,
                backend: sent.duration(to: shield.clock.now),
                reservation
            )
            return response
        } catch let refusal as Refused {
            return answer(refusal, reservation)
        } catch {
            record(
                Self.result(of: error),
                reason: (error as? ProtocolError)?.message,
                response: nil,
                backend: sent.duration(to: shield.clock.now),
                reservation
            )
            throw error
        }
    }

    private func answer(_ refusal: Refused, _ reservation: AuditReservation?) -> JSONRPCResponse {
        record(
            refusal.result,
            kind: .refusal,
            reason: refusal.reason,
            response: refusal.response,
            backend: .zero,
            reservation
        )
        request.setHead(status: refusal.status, headers: refusal.headers)
        return refusal.response
    }

    // MARK: - Deciding

    private func checkAccess() throws(Refused) {
        guard let rules = call.route.rules else { return }
        switch rules.decide(call.caller, member, tool.map(AccessedPart.tool) ?? .promptsAndResources, requiredScopes) {
        case .allowed: return
        case .forbidden(let reason):
            throw refused(403, ErrorCode(rawValue: 403), "Forbidden: \(reason)", .forbidden, reason)
        case .missingScopes(let missing, let required):
            let list = missing.sorted().joined(separator: " ")
            var refusal = refused(
                403,
                ErrorCode(rawValue: 403),
                "Forbidden: the caller lacks the scopes \(list)",
                .forbidden,
                "insufficient_scope: \(list)"
            )
            refusal.headers = [
                "WWW-Authenticate": AuthorizationChallenge.insufficientScope(
                    required: required,
                    metadataURL: call.metadataURL
                )
            ]
            throw refusal
        }
    }

    private func refused(_ status: Int, _ code: ErrorCode, _ message: String, _ result: CallResult, _ reason: String)
        -> Refused
    {
        Refused(
            status: status,
            response: JSONRPCResponse(id: request.id, error: JSONRPCError(code: code, message: message, data: nil)),
            result: result,
            reason: reason
        )
    }

    private func refused(_ answer: RefusalAnswer, _ result: CallResult, _ reason: String) -> Refused {
        Refused(
            status: answer.status,
            headers: ["Retry-After": String(answer.retryAfterSeconds)],
            response: answer.response,
            result: result,
            reason: reason
        )
    }

    private func reserve() throws(Refused) -> AuditReservation? {
        do throws(AuditUnavailable) {
            return try shield.audit?.reserve()
        } catch {
            throw refused(.auditUnavailable(id: request.id), .unavailable, "\(error)")
        }
    }

    /// What is counted of this request, for limits in the scopes of a server and of somebody.
    private func limits(_ server: Int?, _ scope: LimitScope, _ key: String, _ each: Int?) -> LimitRequest {
        var limits: [RequestLimit] = []
        if let server { limits.append(RequestLimit(.server, member.backend.id, limit: server)) }
        if let each { limits.append(RequestLimit(scope, key, limit: each)) }
        let rules = call.route.rules
        return LimitRequest(
            tenant: rules?.tenant ?? rules.map { "/\($0.namespace)" } ?? "",
            limits: limits,
            mode: rules?.mode ?? .enforced
        )
    }

    private func enter() throws(Refused) -> ConcurrencyPermit? {
        guard let concurrency = shield.concurrency else { return nil }
        let settings = shield.limits.concurrentRequests
        let limits = limits(
            settings?.perServer ?? ConcurrentRequestLimits.defaultPerServer,
            .principal,
            call.caller.id,
            settings?.perPrincipal ?? ConcurrentRequestLimits.defaultPerPrincipal
        )
        switch concurrency.enter(limits) {
        case .entered(let permit, breach: let breach):
            if let breach { note(breach) }
            return permit
        case .refused(let breach): throw refused(breach)
        }
    }

    private var byteLimits: LimitRequest {
        let settings = shield.limits.bytesPerMinute
        return limits(settings?.perServer, .principal, call.caller.id, settings?.perPrincipal)
    }

    private func checkBytes() throws(Refused) {
        guard let bytes = shield.bytes else { return }
        switch bytes.check(byteLimits) {
        case .allowed(let breach): if let breach { note(breach) }
        case .refused(let breach): throw refused(breach)
        }
    }

    /// Only tool calls count, after everything else has allowed them.
    private func count() async throws(Refused) {
        guard let limiter = shield.limiter, let rules = call.route.rules, let tool else { return }
        let client = call.caller.clientKey
        var limits = limits(rules.callsPerMinutePerServer, .client, client, rules.callsPerMinutePerClient)
        if let limit = member.backend.toolCallsPerMinute[Array(tool.utf8)] {
            limits.limits.append(RequestLimit(.tool, "\(member.backend.id)\n\(tool)", limit: limit))
        }
        guard !limits.limits.isEmpty else { return }
        let decision: LimitDecision
        do {
            decision = try await limiter.take(limits)
        } catch {
            throw refused(.limiterUnavailable(id: request.id), .unavailable, "\(error)")
        }
        switch decision {
        case .allowed(let breach): if let breach { note(breach) }
        case .refused(let breach): throw refused(breach)
        }
    }

    /// Where a tool call counts in the status of its tenant; `nil` for other requests.
    private var tallyKey: ToolCallTally.Key? {
        guard tool != nil, let tenant = call.route.rules?.tenant else { return nil }
        return ToolCallTally.Key(
            tenant: tenant,
            namespace: member.backend.namespace ?? "",
            server: member.backend.name
        )
    }

    private func refused(_ breach: LimitBreach) -> Refused {
        shield.metrics?.countBreach(breach, of: target)
        if let tallyKey { shield.tally?.countOverLimit(tallyKey) }
        let answer = RefusalAnswer.limited(
            breach,
            form: tool == nil ? .status : shield.limits.answer ?? .status,
            id: request.id,
            era: request.era,
            tool: tool.map(advertisedName)
        )
        return refused(answer, .rateLimited, "\(breach.reason.rawValue) of the \(breach.scope.rawValue)")
    }

    /// A limit that is only counted is exceeded.
    private func note(_ breach: LimitBreach) {
        shield.metrics?.countBreach(breach, of: target)
        if let tallyKey { shield.tally?.countOverLimit(tallyKey) }
        var record = makeRecord(.breach)
        record.reason = "\(breach.reason.rawValue) of the \(breach.scope.rawValue)"
        shield.audit?.record(record)
    }

    // MARK: - Recording

    private var target: GatewayMetrics.Target {
        // Names of tools come from contracts, so that callers cannot make up series.
        let known = tool.flatMap { member.catalogue?.entry(named: $0) == nil ? nil : $0 }
        return GatewayMetrics.Target(
            tenant: call.route.rules?.tenant ?? "",
            namespace: member.backend.namespace ?? "",
            server: member.backend.name,
            tool: known
        )
    }

    private func advertisedName(of tool: String) -> String { member.advertisedName(of: .tool, tool) ?? tool }

    private func makeRecord(_ kind: AuditRecord.Kind) -> AuditRecord {
        var record = AuditRecord(time: shield.clock.wallTime, kind: kind)
        record.tenant = call.route.rules?.tenant
        record.namespace = member.backend.namespace
        record.server = member.backend.name
        record.virtualServer = call.route.virtualServer
        record.tool = tool.map(advertisedName)
        record.principal = call.caller.subject
        record.client = call.caller.clientID
        record.era = request.era
        record.traceID = RequestTrace.current?.context.traceID
        record.revisionDigest = member.catalogue?.revisionDigest
        record.bytesIn = Int64(request.message.bytes.count)
        return record
    }

    private func record(
        _ result: CallResult,
        kind: AuditRecord.Kind = .call,
        reason: String? = nil,
        response: JSONRPCResponse?,
        backend: Duration,
        _ reservation: AuditReservation? = nil
    ) {
        let duration = started.duration(to: shield.clock.now)
        let (target, trace) = (target, RequestTrace.current)
        trace?.note(RequestTrace.Outcome(target: target, result: result, backend: backend))
        shield.metrics?.countCall(
            target,
            result: result,
            duration: duration,
            backend: backend,
            traceID: trace.flatMap { $0.context.isSampled ? $0.context.traceID : nil }
        )
        let size = response?.bytes.count ?? 0
        shield.bytes?.count(request.message.bytes.count + size, for: byteLimits)
        guard let audit = shield.audit else { return }
        var record = makeRecord(kind)
        record.result = result
        record.reason = reason
        record.durationMilliseconds = duration.milliseconds
        record.bytesOut = Int64(size)
        record.arguments = shield.arguments.recorded(arguments)
        audit.record(record, with: reservation)
    }

    private static func result(of response: JSONRPCResponse) -> CallResult {
        switch response.outcome {
        case .error: .protocolError
        case .result(let result): result["isError"]?.boolValue == true ? .toolError : .success
        }
    }

    private static func result(of error: any Error) -> CallResult {
        switch error {
        case is CancellationError, is ServerRequest.ClientLeft: .cancelled
        case let error as ProtocolError:
            switch error.httpStatus {
            case 504: .timeout
            case 503 where error.data?["reason"] == "CircuitOpen": .unavailable
            case 502, 503: .backendError
            case 404: .notFound
            default: .protocolError
            }
        default: .backendError
        }
    }
}

extension RouteRules {
    /// Whether a caller may call a part of a server of the route.
    func decide(
        _ caller: Caller,
        _ member: Route.Member,
        _ part: AccessedPart,
        _ requiredScopes: Set<String> = []
    ) -> AccessDecision {
        access.decide(
            caller: caller,
            tenant: tenant,
            namespace: namespace,
            server: AccessRules.Server(name: member.backend.name, labels: member.backend.labels),
            part: part,
            requiredScopes: requiredScopes
        )
    }

    /// Whether the caller may know that the route exists.
    func isVisible(to caller: Caller) -> Bool {
        caller.belongs(to: tenant) || (tenant == nil && caller.serviceAccount?.namespace == namespace)
    }
}
