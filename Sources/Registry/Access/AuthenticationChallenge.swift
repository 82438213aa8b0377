/// One way to authenticate that a server offers in `WWW-Authenticate` (RFC 9110, section 11.6.1).
struct AuthenticationChallenge: Sendable, Hashable {
    /// The scheme in lower case, such as `bearer`.
    var scheme: String
    /// The parameters; the names are in lower case. If a name is repeated, the first value is used.
    var parameters: [String: String] = [:]

    /// The longest header that is read, in bytes, and the maximum number of challenges.
    static let limits = (bytes: 8_192, challenges: 16)

    /// The challenges of header values, in order. What is not valid is skipped up to the next challenge.
    static func parse(_ values: [String]) -> [AuthenticationChallenge] {
        var challenges: [AuthenticationChallenge] = []
        for value in values where value.utf8.count <= limits.bytes {
            var parser = Parser(bytes: Array(value.utf8))
            challenges += parser.challenges()
        }
        return Array(challenges.prefix(limits.challenges))
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func challenges() -> [AuthenticationChallenge] {
            var challenges: [AuthenticationChallenge] = []
            while true {
                skip { $0.isSpace || $0 == UInt8(ascii: ",") }
                guard current != nil else { return challenges }
                guard let scheme = token() else {
                    skipToComma()
                    continue
                }
                var challenge = AuthenticationChallenge(scheme: scheme.lowercased())
                readParameters(of: &challenge)
                challenges.append(challenge)
            }
        }

        private mutating func readParameters(of challenge: inout AuthenticationChallenge) {
            while true {
                skip { $0.isSpace || $0 == UInt8(ascii: ",") }
                let start = position
                guard let name = token() else {
                    if current != nil { skipToComma() }
                    return
                }
                skip(\.isSpace)
                guard current == UInt8(ascii: "=") else {
                    // Not a parameter, but the scheme of the next challenge.
                    position = start
                    return
                }
                position += 1
                skip(\.isSpace)
                guard let value = current == UInt8(ascii: "\"") ? quoted() : token() else {
                    // A single value such as `Negotiate abc==`, or no value.
                    skipToComma()
                    continue
                }
                if challenge.parameters[name.lowercased()] == nil { challenge.parameters[name.lowercased()] = value }
            }
        }

        private mutating func token() -> String? {
            let start = position
            skip(\.isTokenCharacter)
            return start == position ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
        }

        /// A quoted string, `nil` if it does not end.
        private mutating func quoted() -> String? {
            position += 1
            var text: [UInt8] = []
            while let byte = current {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = current else { return nil }
                    text.append(escaped)
                    position += 1
                default: text.append(byte)
                }
            }
            return nil
        }

        private mutating func skip(_ condition: (UInt8) -> Bool) {
            while let byte = current, condition(byte) { position += 1 }
        }

        private mutating func skipToComma() {
            skip { $0 != UInt8(ascii: ",") }
        }
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// A character of a token (RFC 9110, section 5.6.2).
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
