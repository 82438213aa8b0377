/// What looks like a secret. Moorage cannot know, so this errs on the side of secrets: a value that is kept in a Secret without need
/// costs less than one that is published.
enum SecretNames {
    /// Words in the names of variables, flags and header fields.
    private static let words: Set<String> = [
        "secret", "secrets", "token", "tokens", "password", "passwd", "passphrase", "pwd", "pass", "key", "apikey",
        "apitoken",
        "credential", "credentials", "creds", "auth", "authorization", "cookie", "pat", "bearer", "jwt", "dsn",
        "connectionstring", "privatekey", "accesskey", "secretkey", "signature",
    ]

    /// Ends of words that are written without a separator, such as `GITHUBTOKEN`.
    private static let endings = ["password", "passwd", "secret", "token", "apikey", "credentials"]

    /// Names with such a word that are not secret themselves: where a secret is, or what kind it has.
    private static let harmlessEnds: Set<String> = [
        "path", "file", "dir", "name", "type", "mode", "header", "url", "uri", "endpoint", "ttl", "limit", "max", "min",
        "id",
        "timeout", "enabled", "expiry", "length", "prefix", "method", "provider", "count", "size",
    ]

    /// Whether a name is one of a secret.
    static func contains(_ name: String) -> Bool {
        let parts = self.parts(of: name)
        guard parts.contains(where: { part in words.contains(part) || endings.contains { part.hasSuffix($0) } }) else {
            // A connection string usually contains a password.
            return parts.suffix(2) == ["connection", "string"] || parts.suffix(2) == ["database", "url"]
                || parts.suffix(2) == ["database", "uri"]
        }
        return !(parts.last.map { harmlessEnds.contains($0) && parts.count > 1 } ?? false)
    }

    /// The words of a name in `snake_case`, `kebab-case` or `camelCase`, in lower case.
    private static func parts(of name: String) -> [String] {
        var parts: [String] = []
        var current = ""
        var wasLower = false
        for character in name {
            guard character.isASCII, character.isLetter || character.isNumber else {
                if !current.isEmpty { parts.append(current) }
                current = ""
                wasLower = false
                continue
            }
            if character.isUppercase, wasLower {
                parts.append(current)
                current = ""
            }
            current += character.lowercased()
            wasLower = character.isLowercase
        }
        if !current.isEmpty { parts.append(current) }
        return parts
    }

    /// How well-known tokens begin.
    private static let prefixes = [
        "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "sk_live_", "sk_test_", "rk_live_",
        "xoxb-",
        "xoxp-", "xoxa-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.", "eyJ", "npm_", "pypi-", "hf_", "SG.", "dop_v1_",
        "shpat_",
        "lin_api_", "ntn_", "secret_", "figd_", "ATATT", "Bearer ", "Basic ", "-----BEGIN ",
    ]

    /// Whether a value is a secret by its form: a well-known token, a key, or a URL with a password.
    static func isSecret(value: String) -> Bool {
        if prefixes.contains(where: { value.hasPrefix($0) && value.utf8.count > $0.utf8.count + 4 }) { return true }
        guard let scheme = value.firstRange(of: "://") else { return isHeaderField(value) }
        let authority = value[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return false }
        return authority[..<at].contains(":")
    }

    /// Whether a text is a header field with a secret, such as `Authorization: Bearer abc`.
    private static func isHeaderField(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        let name = text[..<colon]
        let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return isName && !name.isEmpty && text[colon...].count > 2 && contains(String(name))
    }
}
