/// Finds out who makes a request.
public protocol Authenticator: Sendable {
    /// Verifies the credentials of a request.
    ///
    /// - Throws: `AuthenticationFailure` if they are missing, not valid, or cannot be checked.
    func authenticate(_ credentials: Credentials) async throws(AuthenticationFailure) -> Caller
}
