internal import FoundationEssentials
internal import Logging
internal import Synchronization

/// What one request is sent with.
struct RequestCredential: Sendable, Hashable {
    /// The value of the `Authorization` header.
    var authorization: SensitiveString?
    /// A client certificate and its key as PEM, where the credentials bring one.
    var certificate: SensitiveString?
    /// The key.
    var key: SensitiveString?
    /// Which issue of the credentials this is; a refused one is dropped only while it is the newest.
    var generation = 0
}

/// Where credentials come from.
protocol CredentialSource: Sendable {
    /// The credentials that hold now.
    func current() async throws -> RequestCredential
    /// The server refused these: do not give them out again where others can be had.
    ///
    /// - Returns: whether another attempt may go better.
    func refused(_ credential: RequestCredential) async -> Bool
}

/// Credentials that never change.
struct FixedCredential: CredentialSource {
    let credential: RequestCredential
    func current() -> RequestCredential { credential }
    func refused(_ credential: RequestCredential) -> Bool { false }
}

/// When a token file is read, as a pure state machine (`transport/token_source.go`): each minute, and the last token goes on
/// where the file cannot be read.
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

    /// Takes what the file holds; `nil` where it could not be read or is empty.
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
    /// Without white space at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
