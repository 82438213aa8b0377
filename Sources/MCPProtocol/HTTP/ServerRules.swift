/// What a server checks of each HTTP request before it acts on it: the rules of Streamable HTTP in both eras, as a pure function
/// of the request. It decides on the body; headers are compared with it, never believed (M1 to M6).
public struct ServerRules: Sendable {
    /// The revisions that are served. With revisions of both eras, each request is served in the era in which it comes.
    public var versions: SupportedVersions
    /// How large a body may be.
    public var limits: MessageLimits
    /// Which web pages may call the server.
    public var origins: OriginPolicy
    /// The requests of 2026-07-28 that are implemented; others are answered with 404. `nil` lets all through.
    public var methods: Set<Method>?

    /// - Parameter methods: by default those of the revision's core.
    public init(
        versions: SupportedVersions = .all,
        limits: MessageLimits = MessageLimits(),
        origins: OriginPolicy = OriginPolicy(),
        methods: Set<Method>? = Method.clientRequests(in: .v2026_07_28)
    ) {
        self.versions = versions
        self.limits = limits
        self.origins = origins
        self.methods = methods
    }

    /// A request that passed.
    public enum Accepted: Sendable, Hashable {
        /// A request of 2026-07-28.
        case modern(ModernPost)
        /// A notification of 2026-07-28: answer 202 without a body.
        case modernNotification(JSONRPCNotification)
        /// A message of the legacy era.
        case legacy(LegacyPost)
        /// A GET of the legacy era: open the stream of the session, or resume one.
        case legacyStream(LegacySessionHeaders, lastEventID: String?)
        /// A DELETE of the legacy era: end the session.
        case legacyEnd(LegacySessionHeaders)
    }

    /// A request of 2026-07-28 whose headers match its body.
    public struct ModernPost: Sendable, Hashable {
        /// The request.
        public let request: JSONRPCRequest
        /// What it says about itself.
        public let metadata: RequestMetadata
        /// How it may be answered.
        public let accepts: AcceptedForms
    }

    /// A message of the legacy era. Its session is not checked: the caller has the sessions.
    public struct LegacyPost: Sendable, Hashable {
        /// The message.
        public let message: JSONRPCMessage
        /// The session that it names.
        public let session: LegacySessionHeaders
        /// How it may be answered.
        public let accepts: AcceptedForms
    }

    /// The headers with which a legacy client names its session.
    public struct LegacySessionHeaders: Sendable, Hashable {
        /// The value of `MCP-Protocol-Version`, supported; `nil` if it is missing, which means the session's version, or else
        /// 2025-03-26.
        public let version: ProtocolVersion?
        /// The value of `Mcp-Session-Id`, visible ASCII, or `nil`.
        public let sessionID: String?
    }

    /// The forms of an answer that the client accepts.
    public struct AcceptedForms: Sendable, Hashable {
        /// One JSON message.
        public let json: Bool
        /// An event stream.
        public let eventStream: Bool

        public init(json: Bool, eventStream: Bool) {
            self.json = json
            self.eventStream = eventStream
        }
    }

    /// The methods for the header `Allow` of a 405.
    public var allowedHTTPMethods: String { versions.legacy.isEmpty ? "POST" : "GET, POST, DELETE" }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - httpMethod: `POST`, `GET` or `DELETE`; others are refused.
    ///   - body: of a POST.
    /// - Throws: `ProtocolError`, with the status and the JSON-RPC error to answer with.
    public func check(
        httpMethod: String,
        headers: HeaderFields,
        body: [UInt8]
    ) throws(ProtocolError) -> Accepted {
        try origins.check(headers)
        let version = try self.version(in: headers)
        switch httpMethod {
        case "POST": break
        case "GET" where isLegacy(version):
            let session = try legacySession(headers, version, id: nil)
            guard MediaType.isAccepted(MediaType.eventStream, by: headers[all: HeaderName.accept]) else {
                throw notAcceptable(id: nil)
            }
            let lastEventID = try single(HeaderName.lastEventID, in: headers, id: nil)
            return .legacyStream(session, lastEventID: lastEventID.flatMap { $0.isEmpty ? nil : $0 })
        case "DELETE" where isLegacy(version):
            return .legacyEnd(try legacySession(headers, version, id: nil))
        default:
            throw ProtocolError(.invalidRequest, "The method \(httpMethod) is not allowed here", httpStatus: 405)
        }
        let type = headers[all: HeaderName.contentType]
        guard type.count == 1, MediaType.essence(of: type[0]) == MediaType.json else {
            throw ProtocolError(.invalidRequest, "Content-Type must be \(MediaType.json)", httpStatus: 415)
        }
        return try checkMessage(JSONRPCMessage(parsing: body, limits: limits), headers, version)
    }

    private func isLegacy(_ version: ProtocolVersion?) -> Bool {
        !versions.legacy.isEmpty && version?.era != .modern
    }

    private func checkMessage(
        _ message: JSONRPCMessage,
        _ headers: HeaderFields,
        _ version: ProtocolVersion?
    ) throws(ProtocolError) -> Accepted {
        switch message {
        case .request(let request):
            if let declared = try declaredVersion(of: request) {
                return .modern(try checkModern(request, declared, headers, version))
            }
            return try checkUndeclared(request, headers, version)
        case .notification(let notification):
            let declared = notification.params?[path: ["_meta", MetadataKey.protocolVersion]]
            if declared != nil || !isLegacy(version) { return .modernNotification(notification) }
        case .response:
            guard isLegacy(version) else {
                throw ProtocolError(
                    .invalidRequest,
                    "Invalid request: a client sends no responses in \(ProtocolVersion.v2026_07_28)"
                )
            }
        }
        return .legacy(try legacyPost(message, headers, version, id: nil))
    }

    /// A request that declares no version in its body.
    private func checkUndeclared(
        _ request: JSONRPCRequest,
        _ headers: HeaderFields,
        _ version: ProtocolVersion?
    ) throws(ProtocolError) -> Accepted {
        if request.method == Method.initialize.rawValue {
            if !versions.legacy.isEmpty {
                return .legacy(try legacyPost(.request(request), headers, nil, id: request.id))
            }
            throw initializeNotFound(id: request.id)
        }
        if version?.era == .modern {
            throw .invalidParams(
                MessageFieldError(field: "params._meta.\(MetadataKey.protocolVersion)", problem: "is missing"),
                id: request.id
            )
        }
        guard !versions.legacy.isEmpty else {
            guard let version else { throw .headerMismatch("\(HeaderName.protocolVersion) is missing", id: request.id) }
            throw .unsupportedProtocolVersion(version.rawValue, supported: versions.versions, id: request.id)
        }
        return .legacy(try legacyPost(.request(request), headers, version, id: request.id))
    }

    private func declaredVersion(of request: JSONRPCRequest) throws(ProtocolError) -> ProtocolVersion? {
        do throws(MessageFieldError) {
            return try RequestMetadata.declaredVersion(of: request)
        } catch {
            throw .invalidParams(error, id: request.id)
        }
    }

    /// What a server without a legacy version answers to `initialize`: a legacy client can show its user nothing but this (M6).
    private func initializeNotFound(id: RequestID) -> ProtocolError {
        let supported = versions.versions.map(\.rawValue)
        return ProtocolError(
            .methodNotFound,
            "Method not found: initialize. This server supports only: \(supported.joined(separator: ", "))",
            data: ["supported": .array(supported.map(RawJSON.string))],
            id: id,
            httpStatus: 404
        )
    }

    // MARK: - Channels without headers

    /// A message of a channel without headers, such as stdio, that passed.
    public enum AcceptedMessage: Sendable, Hashable {
        /// A request of 2026-07-28.
        case modern(JSONRPCRequest, RequestMetadata)
        /// A message of the legacy era, whose session the channel is; see ``LegacyServerSession``.
        case legacy(JSONRPCMessage)
        /// A notification, such as `notifications/cancelled`, which belongs to what the channel carries.
        case notification(JSONRPCNotification)
    }

    /// Checks a message of a channel without headers.
    ///
    /// - Throws: `ProtocolError` with the error to answer with; its HTTP status has no meaning here.
    public func check(_ message: JSONRPCMessage) throws(ProtocolError) -> AcceptedMessage {
        switch message {
        case .notification(let notification): return .notification(notification)
        case .response:
            guard !versions.legacy.isEmpty else {
                throw ProtocolError(
                    .invalidRequest,
                    "Invalid request: a client sends no responses in \(ProtocolVersion.v2026_07_28)"
                )
            }
            return .legacy(message)
        case .request(let request):
            if let declared = try declaredVersion(of: request) {
                let metadata = try metadata(of: request, declaring: declared)
                try checkMethod(of: request)
                return .modern(request, metadata)
            }
            if !versions.legacy.isEmpty { return .legacy(message) }
            if request.method == Method.initialize.rawValue { throw initializeNotFound(id: request.id) }
            throw .invalidParams(
                MessageFieldError(field: "params._meta.\(MetadataKey.protocolVersion)", problem: "is missing"),
                id: request.id
            )
        }
    }

    // MARK: - 2026-07-28

    private func checkModern(
        _ request: JSONRPCRequest,
        _ declared: ProtocolVersion,
        _ headers: HeaderFields,
        _ version: ProtocolVersion?
    ) throws(ProtocolError) -> ModernPost {
        let id = request.id
        guard let version else { throw .headerMismatch("\(HeaderName.protocolVersion) is missing", id: id) }
        guard version == declared else {
            throw .headerMismatch(
                "\(HeaderName.protocolVersion) is \(version.rawValue.debugDescription), the body declares "
                    + declared.rawValue.debugDescription,
                id: id
            )
        }
        let metadata = try metadata(of: request, declaring: declared)
        try compare(HeaderName.method, in: headers, with: request.method, isEncoded: false, id: id)
        try checkMethod(of: request)
        if let parameter = Method(rawValue: request.method).nameParameter {
            let name: String
            do throws(MessageFieldError) {
                name = try ObjectReader(request.params ?? [:], at: "params").string(parameter)
            } catch {
                throw .invalidParams(error, id: id)
            }
            try compare(HeaderName.name, in: headers, with: name, isEncoded: true, id: id)
        }
        return ModernPost(request: request, metadata: metadata, accepts: try acceptedForms(headers, id: id))
    }

    private func metadata(
        of request: JSONRPCRequest,
        declaring version: ProtocolVersion
    ) throws(ProtocolError) -> RequestMetadata {
        guard versions.modern.contains(version) else {
            // A version with a handshake cannot be served without one, supported or not.
            let supported = version.era == .legacy ? versions.modern : versions.versions
            throw .unsupportedProtocolVersion(version.rawValue, supported: supported, id: request.id)
        }
        do throws(MessageFieldError) {
            return try RequestMetadata(of: request)
        } catch {
            throw .invalidParams(error, id: request.id)
        }
    }

    private func checkMethod(of request: JSONRPCRequest) throws(ProtocolError) {
        if let methods, !methods.contains(Method(rawValue: request.method)) {
            throw .methodNotFound(request.method, id: request.id)
        }
    }

    private func compare(
        _ name: String,
        in headers: HeaderFields,
        with expected: String,
        isEncoded: Bool,
        id: RequestID
    ) throws(ProtocolError) {
        guard let value = try single(name, in: headers, id: id) else {
            throw .headerMismatch("\(name) is missing", id: id)
        }
        guard let text = isEncoded ? HeaderValue.decode(value) : (HeaderValue.isPlain(value) ? value : nil) else {
            throw .headerMismatch("\(name) contains invalid characters or invalid base64", id: id)
        }
        // Not by `==`, which takes different spellings of a character for the same.
        guard text.utf8.elementsEqual(expected.utf8) else {
            throw .headerMismatch(
                "\(name) is \(text.debugDescription), the body has \(expected.debugDescription)",
                id: id
            )
        }
    }

    // MARK: - The legacy era

    private func legacyPost(
        _ message: JSONRPCMessage,
        _ headers: HeaderFields,
        _ version: ProtocolVersion?,
        id: RequestID?
    ) throws(ProtocolError) -> LegacyPost {
        LegacyPost(
            message: message,
            session: try legacySession(headers, version, id: id),
            accepts: try acceptedForms(headers, id: id)
        )
    }

    private func legacySession(
        _ headers: HeaderFields,
        _ version: ProtocolVersion?,
        id: RequestID?
    ) throws(ProtocolError) -> LegacySessionHeaders {
        if let version, !versions.legacy.contains(version) {
            throw .unsupportedProtocolVersion(version.rawValue, supported: versions.versions, id: id)
        }
        let sessionID = try single(HeaderName.sessionID, in: headers, id: id)
        if let sessionID, !Self.isSessionID(sessionID) {
            throw ProtocolError(.invalidRequest, "\(HeaderName.sessionID) must be visible ASCII", id: id)
        }
        return LegacySessionHeaders(version: version, sessionID: sessionID)
    }

    /// Whether text can be a session id: visible ASCII, at most 4 KiB (2025-11-25, Transports, Session Management).
    public static func isSessionID(_ text: String) -> Bool {
        (1...4_096).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    // MARK: - Headers

    private func version(in headers: HeaderFields) throws(ProtocolError) -> ProtocolVersion? {
        try single(HeaderName.protocolVersion, in: headers, id: nil).map(ProtocolVersion.init(rawValue:))
    }

    private func single(_ name: String, in headers: HeaderFields, id: RequestID?) throws(ProtocolError) -> String? {
        do throws(HeaderRepeated) {
            return try headers.single(name)
        } catch {
            throw .headerMismatch("\(error.name) is there more than once", id: id)
        }
    }

    private func acceptedForms(_ headers: HeaderFields, id: RequestID?) throws(ProtocolError) -> AcceptedForms {
        let accept = headers[all: HeaderName.accept]
        // What nearly every client sends.
        if accept == [MediaType.acceptOfPost] { return AcceptedForms(json: true, eventStream: true) }
        let forms = AcceptedForms(
            json: MediaType.isAccepted(MediaType.json, by: accept),
            eventStream: MediaType.isAccepted(MediaType.eventStream, by: accept)
        )
        guard forms.json || forms.eventStream else { throw notAcceptable(id: id) }
        return forms
    }

    private func notAcceptable(id: RequestID?) -> ProtocolError {
        ProtocolError(
            .invalidRequest,
            "Accept must list \(MediaType.json) and \(MediaType.eventStream)",
            id: id,
            httpStatus: 406
        )
    }
}
