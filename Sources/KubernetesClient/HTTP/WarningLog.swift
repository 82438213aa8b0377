/// The `Warning:` headers of API servers (RFC 7234, 5.5, code 299), each of which is logged once.
struct WarningLog: Sendable {
    /// The number of warnings to remember. If there are more, all are removed, and can be logged again.
    static let capacity = 1000

    private var seen: Set<String> = []

    /// The texts of a header that have not been logged yet.
    mutating func newTexts(in header: String) -> [String] {
        Self.texts(in: header).filter { text in
            if seen.count >= Self.capacity { seen.removeAll() }
            return seen.insert(text).inserted
        }
    }

    /// The texts of all warnings in a header: `299 - "text"`, separated by commas.
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
            // A quoted date may follow; API servers do not send one.
        }
        return texts
    }
}
