internal import FoundationEssentials

/// A block in PEM (RFC 7468), with lines of any length, which other programs write and read.
struct PEMBlock: Sendable, Hashable {
    /// The label, such as `PUBLIC KEY`.
    var label: String
    var content: [UInt8]

    /// Reads a text with exactly one block.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            var line = line.drop(while: \.isWhitespace)
            while line.last?.isWhitespace == true { line.removeLast() }
            return String(line)
        }
        guard let first = lines.first, first.hasPrefix("-----BEGIN "), first.hasSuffix("-----"), lines.count > 2 else {
            return nil
        }
        let label = String(first.dropFirst("-----BEGIN ".count).dropLast("-----".count))
        guard lines.last == "-----END \(label)-----",
            let content = Data(base64Encoded: lines.dropFirst().dropLast().joined()), !content.isEmpty
        else { return nil }
        self.label = label
        self.content = Array(content)
    }
}
