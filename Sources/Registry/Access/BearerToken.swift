internal import FoundationEssentials

/// How a token for a repository is requested (distribution's token authentication specification).
enum BearerToken {
    /// The URL of a token.
    ///
    /// - Parameters:
    ///   - challenge: the registry's challenge.
    ///   - repository: what the token is for, if the challenge names no scope.
    /// - Returns: `nil` if the challenge has no realm.
    static func url(_ challenge: AuthenticationChallenge, repository: String) -> String? {
        guard let realm = challenge.parameters["realm"], !realm.isEmpty else { return nil }
        var items = [("scope", challenge.parameters["scope"] ?? "repository:\(repository):pull")]
        if let service = challenge.parameters["service"] { items.insert(("service", service), at: 0) }
        let query = items.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
        return realm + (realm.contains("?") ? (realm.hasSuffix("?") || realm.hasSuffix("&") ? "" : "&") : "?") + query
    }

    /// The token of an answer.
    ///
    /// - Returns: `nil` if there is none, or it cannot be part of a header.
    static func token(_ body: [UInt8]) -> Redacted? {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else { return nil }
        let token = answer.token.flatMap { $0.isEmpty ? nil : $0 } ?? answer.access_token ?? ""
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return Redacted("Bearer \(token)")
    }

    private struct Answer: Decodable {
        var token: String?
        var access_token: String?
    }

    /// Percent-encodes everything but unreserved characters, and `:` and `/`, which registries expect in scopes.
    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~:/".utf8.contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}
