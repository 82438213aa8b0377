public import MCPProtocol

/// Where a claim is in a token: the name of a claim, such as `groups` or `https://example.com/tenant`, or a JSON Pointer (RFC 6901), which
/// starts with a slash, such as `/realm_access/roles`.
public struct ClaimPath: Sendable, Hashable {
    private let names: [String]

    /// `nil` if the text is neither.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 256 else { return nil }
        guard text.hasPrefix("/") else {
            names = [text]
            return
        }
        var names: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let name = Self.unescaped(part), !name.isEmpty else { return nil }
            names.append(name)
        }
        self.names = names
    }

    /// `~1` is a slash, and `~0` is `~`.
    private static func unescaped(_ part: Substring) -> String? {
        var text = ""
        var rest = part
        while let character = rest.popFirst() {
            guard character == "~" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "0": text.append("~")
            case "1": text.append("/")
            default: return nil
            }
        }
        return text
    }

    /// The values of the claim: a text, the texts of an array, or an integer or a boolean as it is written. Everything else has no values.
    public func values(in claims: RawJSON) -> [String] {
        guard let value = claims[path: names] else { return [] }
        return value.elements.map { $0.compactMap(Self.text) } ?? [Self.text(value)].compactMap(\.self)
    }

    private static func text(_ value: RawJSON) -> String? {
        value.stringValue ?? value.boolValue.map { "\($0)" } ?? value.integerValue.map { "\($0)" }
    }
}
