internal import Crypto
internal import FoundationEssentials
public import MCPProtocol
public import MCPTransport

/// Keys with which sessions are sealed: the first seals, all of them open. During a rotation there are two.
public struct SessionKeys: Sendable {
    fileprivate let keys: [SymmetricKey]

    /// The keys that are derived from secrets (HKDF with SHA-256, RFC 5869), once.
    ///
    /// - Parameter secrets: the newest first; each has at least 32 bytes.
    /// - Throws: `InvalidSessionKey` if a secret is too short, or there is none.
    public init(secrets: [[UInt8]]) throws(InvalidSessionKey) {
        guard !secrets.isEmpty else { throw InvalidSessionKey(problem: "there is no key") }
        var keys: [SymmetricKey] = []
        for (index, secret) in secrets.enumerated() {
            guard secret.count >= 32 else {
                throw InvalidSessionKey(problem: "key \(index + 1) has \(secret.count) bytes; 32 are required")
            }
            keys.append(
                HKDF<SHA256>.deriveKey(
                    inputKeyMaterial: SymmetricKey(data: secret),
                    info: Data("moorage.dev/gateway/session".utf8),
                    outputByteCount: 32
                )
            )
        }
        self.keys = keys
    }

    /// Seals bytes with AES-256-GCM and the first key.
    ///
    /// - Parameter context: the associated data.
    /// - Returns: the sealed bytes in base64url.
    func seal(_ content: [UInt8], _ context: [UInt8]) -> String? {
        let box = try? AES.GCM.seal(Data(content), using: keys[0], authenticating: Data(context))
        return box?.combined.map { Base64URL.encode($0) }
    }

    /// Opens what one of the keys has sealed.
    func open(_ text: String, _ context: [UInt8]) -> [UInt8]? {
        guard let bytes = Base64URL.decode(text), let box = try? AES.GCM.SealedBox(combined: Data(bytes)) else {
            return nil
        }
        for key in keys {
            if let content = try? AES.GCM.open(box, using: key, authenticating: Data(context)) { return Array(content) }
        }
        return nil
    }

    /// A key for this process alone.
    public static func random() -> SessionKeys { SessionKeys(keys: [SymmetricKey(size: .bits256)]) }

    private init(keys: [SymmetricKey]) { self.keys = keys }
}

/// Keys for sessions cannot be used.
public struct InvalidSessionKey: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let problem: String
    public var description: String { "the session keys are not valid: \(problem)" }
}

/// Seals sessions into their ids with AES-256-GCM. The principal, which includes the endpoint, is the associated data: for anybody
/// else, and at any other path, the id does not open.
public struct SessionSeal: SessionSealer {
    private let keys: SessionKeys
    private let lifetime: Duration
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - lifetime: how long an id is valid; the client initializes again after that.
    ///   - now: the seconds since 1970.
    public init(keys: SessionKeys, lifetime: Duration = .seconds(86_400), now: @escaping @Sendable () -> Int64) {
        self.keys = keys
        self.lifetime = lifetime
        self.now = now
    }

    /// Ids that a client could not send back.
    struct TooLarge: Error, CustomStringConvertible {
        let bytes: Int
        var description: String { "the session takes \(bytes) bytes; an id can have 4,096" }
    }

    public func seal(_ session: SealedSession, for principal: Principal) throws -> String {
        let expiry = now() + lifetime.components.seconds
        // Long descriptions of a client, which it sends again with each initialize, are not kept.
        let info = session.clientInfo.map { Implementation(name: $0.name, version: $0.version) }
        let content: RawJSON = [
            "i": .string(session.id), "v": .string(session.version.rawValue),
            "c": session.clientCapabilities.raw, "n": info?.raw, "e": .integer(expiry),
            "d": .string(Base64URL.encode(session.continuation)),
        ]
        guard let text = keys.seal(Array(content.bytes), Array(principal.id.utf8)) else { throw TooLarge(bytes: 0) }
        guard text.utf8.count <= 4_096 else { throw TooLarge(bytes: text.utf8.count) }
        return text
    }

    public func open(_ id: String, for principal: Principal) -> SealedSession? {
        keys.open(id, Array(principal.id.utf8)).flatMap(read)
    }

    private func read(_ content: [UInt8]) -> SealedSession? {
        guard let json = try? RawJSON(parsing: content), let id = json["i"]?.stringValue,
            let version = json["v"]?.stringValue, let expiry = json["e"]?.integerValue, expiry > now(),
            let capabilities = json["c"].flatMap({ try? ClientCapabilities($0) }),
            let continuation = json["d"]?.stringValue.flatMap(Base64URL.decode)
        else { return nil }
        return SealedSession(
            id: id,
            version: ProtocolVersion(rawValue: version),
            clientCapabilities: capabilities,
            clientInfo: json["n"].flatMap { try? Implementation($0) },
            continuation: continuation
        )
    }
}
