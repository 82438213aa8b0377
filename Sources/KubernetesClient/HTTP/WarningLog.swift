/// The `Warning:` headers of API servers (RFC 7234, 5.5, code 299), each to be told once.
struct WarningLog: Sendable {
    /// How many are remembered; past that all are told again, rather than kept for ever.
    static let capacity = 1000

    private var seen: Set<String> = []

    /// The texts of a header that were not told yet.
    mutating func news(in header: String) -> [String] {
        Self.texts(in: header).filter { text in
            if seen.count >= Self.capacity { seen.removeAll() }
            return seen.insert(text).inserted
        }
    }

    /// The texts of all warnings in a header: `299 - "text"`, with commas between.
    static func texts(in header: String) -> [String] {
        var texts: [String] = []
        var text: String?
        var isEscaped = false
        for character in header {
            guard let current = text else {
                if character == "\"" { text = "" }
                continue
            }
            if isEscaped {
                text = current + String(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                if !current.isEmpty { texts.append(current) }
                text = nil
            } else {
                text = current + String(character)
            }
            // The date that may follow is quoted too, and no API server sends it.
        }
        return texts
    }
}
