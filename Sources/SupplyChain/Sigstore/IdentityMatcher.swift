/// Whose certificate is accepted.
public struct IdentityMatcher: Sendable, Hashable {
    /// The identity: an e-mail address, a URI, a DNS name or a user name.
    public var subject: AnchoredPattern
    /// The OpenID Connect issuer that confirmed the identity.
    public var issuer: AnchoredPattern

    /// Creates a matcher.
    public init(subject: AnchoredPattern, issuer: AnchoredPattern) {
        self.subject = subject
        self.issuer = issuer
    }

    /// Checks a certificate.
    ///
    /// - Returns: the identity that matches, and its issuer.
    /// - Throws: `VerificationError` with `identityMismatch` or `issuerMismatch`.
    func check(_ certificate: SigningCertificate) throws(VerificationError) -> (subject: String, issuer: String) {
        let identities = certificate.identities
        guard let issuer = certificate.issuer, self.issuer.matches(issuer) else {
            throw VerificationError(
                .issuerMismatch,
                """
                the identity was confirmed by "\(printable(certificate.issuer ?? "nobody"))", and "\(self.issuer)" is \
                required
                """
            )
        }
        guard let subject = identities.first(where: self.subject.matches) else {
            throw VerificationError(
                .identityMismatch,
                """
                the certificate is that of "\(printable(identities.joined(separator: ", ")))", and "\(self.subject)" is \
                required
                """
            )
        }
        return (subject, issuer)
    }
}

/// A text, or a pattern for a whole text: `*` stands for any characters but `/`, and `**` for any characters.
public struct AnchoredPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Part: Sendable, Hashable {
        case text([UInt8])
        case segment
        case anything
    }

    public let description: String
    private let parts: [Part]

    /// A text that must be equal.
    public static func exactly(_ text: String) -> AnchoredPattern {
        AnchoredPattern(description: text, parts: [.text(Array(text.utf8))])
    }

    /// A pattern.
    public init(pattern: String) {
        var parts: [Part] = []
        var rest = Array(pattern.utf8)[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "*") {
                let stars = rest.prefix { $0 == UInt8(ascii: "*") }.count
                parts.append(stars > 1 ? .anything : .segment)
                rest = rest.dropFirst(stars)
            } else {
                let text = rest.prefix { $0 != UInt8(ascii: "*") }
                parts.append(.text(Array(text)))
                rest = rest.dropFirst(text.count)
            }
        }
        self.init(description: pattern, parts: parts)
    }

    private init(description: String, parts: [Part]) {
        self.description = description
        self.parts = parts
    }

    /// Whether the pattern matches a whole text. It takes at most as many steps as the product of both lengths.
    public func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        // The positions that the parts so far can end at.
        var ends: Set<Int> = [0]
        for part in parts {
            var next: Set<Int> = []
            switch part {
            case .text(let literal):
                for end in ends where bytes[end...].starts(with: literal) { next.insert(end + literal.count) }
            case .segment:
                for end in ends {
                    for position in end...bytes.count {
                        guard next.insert(position).inserted else { break }
                        if position < bytes.count, bytes[position] == UInt8(ascii: "/") { break }
                    }
                }
            case .anything:
                if let first = ends.min() { next = Set(first...bytes.count) }
            }
            ends = next
            if ends.isEmpty { return false }
        }
        return ends.contains(bytes.count)
    }
}
