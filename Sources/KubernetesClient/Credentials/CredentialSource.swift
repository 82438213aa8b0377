internal import FoundationEssentials
internal import Logging
internal import Synchronization

/// The credentials of one request.
struct RequestCredential: Sendable, Hashable {
    /// The value of the `Authorization` header.
    var authorization: SensitiveString?
    /// A client certificate as PEM, if the credentials include one.
    var certificate: SensitiveString?
    /// The key.
    var key: SensitiveString?
    /// The number of these credentials. Rejected credentials are dropped only if there are no newer ones.
    var generation = 0
}

/// A source of credentials.
protocol CredentialSource: Sendable {
    /// The credentials to use now.
    func current() async throws -> RequestCredential
    /// The server rejected these credentials: do not return them again if there are others.
    ///
    /// - Returns: whether another attempt can succeed.
    func refused(_ credential: RequestCredential) async -> Bool
    /// No more requests will be made.
    func shutDown()
}

extension CredentialSource {
    func shutDown() {}
}

/// Credentials that never change.
struct FixedCredential: CredentialSource {
    let credential: RequestCredential
    func current() -> RequestCredential { credential }
    func refused(_ credential: RequestCredential) -> Bool { false }
}

/// When a token file is read, as a pure state machine (`transport/token_source.go`): every minute. If the file cannot
/// be read, the last token is used.
struct TokenFileState: Sendable {
    static let interval: Duration = .seconds(60)

    private(set) var token: SensitiveString?
    private(set) var generation = 0
    private var readAt: ContinuousClock.Instant?

    init(initial: SensitiveString?) {
        token = initial
    }

    func needsReading(now: ContinuousClock.Instant) -> Bool {
        guard let readAt else { return true }
        return now - readAt >= Self.interval
    }

    /// Records the contents of the file; `nil` if it could not be read.
    mutating func didRead(_ text: String?, now: ContinuousClock.Instant) {
        readAt = now
        guard let text, !text.isEmpty else { return }
        let read = SensitiveString(text)
        guard read != token else { return }
        token = read
        generation += 1
    }

    mutating func refused(generation refused: Int) {
        if refused == generation { readAt = nil }
    }
}

/// A bearer token in a file that another process rewrites.
final class TokenFileSource: CredentialSource {
    private let path: String
    private let state: Mutex<TokenFileState>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        path: String,
        initial: SensitiveString?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.path = path
        self.now = now
        state = Mutex(TokenFileState(initial: initial))
    }

    func current() throws -> RequestCredential {
        try state.withLock { state in
            let now = now()
            var failure: ClientError?
            if state.needsReading(now: now) {
                do throws(ClientError) {
                    let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
                    state.didRead(text.trimmed, now: now)
                } catch {
                    failure = error
                    state.didRead(nil, now: now)
                }
            }
            guard let token = state.token else {
                throw ClientError(
                    .credentials,
                    "the token file \(path) cannot be read, or is empty",
                    underlying: failure
                )
            }
            return RequestCredential(
                authorization: SensitiveString("Bearer \(token.reveal())"),
                generation: state.generation
            )
        }
    }

    func refused(_ credential: RequestCredential) -> Bool {
        state.withLock { $0.refused(generation: credential.generation) }
        guard let renewed = try? current() else { return false }
        return renewed.generation != credential.generation
    }
}

extension String {
    /// The text without white space at either end.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
