public import KubernetesAPI
public import MCPProtocol

/// One thing that the gateway did, as it is recorded. Fields that do not apply are `nil`.
public struct AuditRecord: Sendable, Hashable {
    /// What a record is about.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A request that was sent to a server.
        case call
        /// A request that the gateway refused.
        case refusal
        /// A call over a limit that is only counted.
        case breach
        /// The rules of a tenant changed.
        case ruleChange
        /// Records were lost, or may have been. ``AuditLog`` writes these records itself.
        case gap
        /// The gateway has stopped in order, and everything before was written. ``AuditLog`` writes these records itself.
        case stop
    }

    public var time: MicroTimestamp
    public var kind: Kind
    public var tenant: String?
    public var namespace: String?
    public var server: String?
    public var virtualServer: String?
    /// The name of the tool as the caller knows it.
    public var tool: String?
    /// Who made the request, as in ``Caller/subject``.
    public var principal: String?
    /// The OAuth client that acted for the principal.
    public var client: String?
    /// The era of the client's protocol version.
    public var era: ProtocolVersion.Era?
    public var result: CallResult?
    /// Why, such as the reason of a refusal or the limit of a breach.
    public var reason: String?
    public var durationMilliseconds: Int64?
    /// The bytes of the request's body.
    public var bytesIn: Int64?
    /// The bytes of the response's body.
    public var bytesOut: Int64?
    /// The trace that the request belongs to.
    public var traceID: String?
    /// The digest of the revision whose contract applied.
    public var revisionDigest: String?
    /// The arguments, as far as the policy records them; see ``AuditArgumentPolicy``.
    public var arguments: RawJSON?
    /// How many records were lost, in a record of a gap.
    public var lost: Int64?

    public init(
        time: MicroTimestamp,
        kind: Kind,
        tenant: String? = nil,
        namespace: String? = nil,
        server: String? = nil,
        virtualServer: String? = nil,
        tool: String? = nil,
        principal: String? = nil,
        client: String? = nil,
        era: ProtocolVersion.Era? = nil,
        result: CallResult? = nil,
        reason: String? = nil,
        durationMilliseconds: Int64? = nil,
        bytesIn: Int64? = nil,
        bytesOut: Int64? = nil,
        traceID: String? = nil,
        revisionDigest: String? = nil,
        arguments: RawJSON? = nil,
        lost: Int64? = nil
    ) {
        self.time = time
        self.kind = kind
        self.tenant = tenant
        self.namespace = namespace
        self.server = server
        self.virtualServer = virtualServer
        self.tool = tool
        self.principal = principal
        self.client = client
        self.era = era
        self.result = result
        self.reason = reason
        self.durationMilliseconds = durationMilliseconds
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.traceID = traceID
        self.revisionDigest = revisionDigest
        self.arguments = arguments
        self.lost = lost
    }

    /// The longest text of a field, in bytes. Callers choose some of them, and a line must stay readable.
    static let maximumTextBytes = 1_024

    /// The members of a line, in their order, without those of the chain.
    var members: [(String, RawJSON?)] {
        [
            ("time", .string(time.description)),
            ("kind", .string(kind.rawValue)),
            ("tenant", Self.text(tenant)),
            ("namespace", Self.text(namespace)),
            ("server", Self.text(server)),
            ("virtualServer", Self.text(virtualServer)),
            ("tool", Self.text(tool)),
            ("principal", Self.text(principal)),
            ("client", Self.text(client)),
            ("era", Self.text(era?.rawValue)),
            ("result", Self.text(result?.rawValue)),
            ("reason", Self.text(reason)),
            ("durationMilliseconds", durationMilliseconds.map { .integer($0) }),
            ("bytesIn", bytesIn.map { .integer($0) }),
            ("bytesOut", bytesOut.map { .integer($0) }),
            ("traceID", Self.text(traceID)),
            ("revisionDigest", Self.text(revisionDigest)),
            ("arguments", arguments?.onOneLine),
            ("lost", lost.map { .integer($0) }),
        ]
    }

    private static func text(_ text: String?) -> RawJSON? {
        guard let text else { return nil }
        guard text.utf8.count > maximumTextBytes else { return .string(text) }
        var kept = ""
        for character in text.unicodeScalars {
            guard kept.utf8.count + 4 <= maximumTextBytes else { break }
            kept.unicodeScalars.append(character)
        }
        return .string(kept + "…")
    }
}

/// A line of an audit log that was read: a record and its place in a chain.
public struct AuditEntry: Sendable, Hashable {
    public var record: AuditRecord
    /// The chain that the record belongs to.
    public var chain: String
    /// The number of the record in its chain, from 0.
    public var sequence: Int64
    /// The hash of the record before, or zeros.
    public var previous: String
    /// The hash of this record.
    public var hash: String
    /// The line as it was written.
    public var json: RawJSON

    /// Reads a line, without the line break.
    ///
    /// - Throws: `AuditLineError`.
    public init(line: some Sequence<UInt8>) throws(AuditLineError) {
        let json: RawJSON
        do {
            json = try RawJSON(parsing: Array(line))
        } catch {
            throw AuditLineError(problem: "is not JSON: \(error)")
        }
        guard let members = json.members else { throw AuditLineError(problem: "is not a JSON object") }
        let values = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
        func text(_ name: String) throws(AuditLineError) -> String? {
            guard let value = values[name] else { return nil }
            guard let text = value.stringValue else {
                throw AuditLineError(problem: "has a \(name) that is not a string")
            }
            return text
        }
        func integer(_ name: String) throws(AuditLineError) -> Int64? {
            guard let value = values[name] else { return nil }
            guard let number = value.integerValue, (0..<1 << 53).contains(number) else {
                throw AuditLineError(problem: "has a \(name) that is not an integer from 0 to 2^53 - 1")
            }
            return number
        }
        func known<Value: RawRepresentable>(_ name: String, _: Value.Type) throws(AuditLineError) -> Value?
        where Value.RawValue == String {
            guard let text = try text(name) else { return nil }
            guard let value = Value(rawValue: text) else {
                throw AuditLineError(problem: "has an unknown \(name): \(text)")
            }
            return value
        }
        guard let time = try text("time").flatMap({ MicroTimestamp($0) }) else {
            throw AuditLineError(problem: "has no valid time")
        }
        guard let kind = try known("kind", AuditRecord.Kind.self) else { throw AuditLineError(problem: "has no kind") }
        guard let chain = try text("chain"), let sequence = try integer("sequence"),
            let previous = try text("previous"), let hash = try text("hash")
        else { throw AuditLineError(problem: "has no chain, sequence, previous or hash") }
        self.chain = chain
        self.sequence = sequence
        self.previous = previous
        self.hash = hash
        self.json = json
        record = AuditRecord(time: time, kind: kind)
        record.tenant = try text("tenant")
        record.namespace = try text("namespace")
        record.server = try text("server")
        record.virtualServer = try text("virtualServer")
        record.tool = try text("tool")
        record.principal = try text("principal")
        record.client = try text("client")
        record.era = try known("era", ProtocolVersion.Era.self)
        record.result = try known("result", CallResult.self)
        record.reason = try text("reason")
        record.durationMilliseconds = try integer("durationMilliseconds")
        record.bytesIn = try integer("bytesIn")
        record.bytesOut = try integer("bytesOut")
        record.traceID = try text("traceID")
        record.revisionDigest = try text("revisionDigest")
        record.arguments = values["arguments"]
        record.lost = try integer("lost")
    }
}

/// A line that is not an audit record.
public struct AuditLineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, as the rest of a sentence about the line.
    public var problem: String

    public init(problem: String) { self.problem = problem }

    public var description: String { "the line \(problem)" }
}
