/// Which names promise a secret value. Pure.
enum SensitiveNames {
    /// Endings of names, in lower case and without separators.
    private static let endings = [
        "password", "passwd", "passphrase", "token", "apikey", "accesskey", "accesskeyid", "secretkey", "privatekey",
        "secret", "credential", "credentials", "authorization", "connectionstring", "signingkey", "encryptionkey",
    ]

    /// Whether a member, a flag or a header with this name has a secret value. `secretName` and `tokenExpirationSeconds` have none.
    static func matches(_ name: String) -> Bool {
        let plain = String(name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "." })
        return endings.contains { plain.hasSuffix($0) }
    }
}
