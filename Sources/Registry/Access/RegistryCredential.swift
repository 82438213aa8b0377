internal import FoundationEssentials

/// A user name and a password for a registry.
public struct RegistryCredential: Sendable, Hashable {
    /// The user name.
    public var username: String
    /// The password.
    public var password: Redacted

    /// Creates a credential.
    public init(username: String, password: Redacted) {
        self.username = username
        self.password = password
    }

    /// Whether it is an entry without a user and a password, such as those of credential helpers, with which the kubelet pulls
    /// anonymously.
    var isAnonymous: Bool { username.isEmpty && password.reveal().isEmpty }

    /// The value of the header `Authorization` (RFC 7617).
    var basic: Redacted {
        Redacted("Basic " + Data("\(username):\(password.reveal())".utf8).base64EncodedString())
    }
}
