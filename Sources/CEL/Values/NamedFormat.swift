internal import FoundationEssentials

/// A format of texts that Kubernetes' library `format` offers by name.
package enum NamedFormat: String, Sendable, Hashable, CaseIterable {
    case dns1123Label, dns1123Subdomain, dns1035Label, qualifiedName
    case dns1123LabelPrefix, dns1123SubdomainPrefix, dns1035LabelPrefix, labelValue
    case uri, uuid, byte, date, datetime

    /// What is wrong with a text, in the API server's words.
    func problems(_ text: String) -> [String] {
        switch self {
        case .dns1123Label: NamedFormat.label(text)
        case .dns1123LabelPrefix: NamedFormat.label(NamedFormat.maskedPrefix(text))
        case .dns1123Subdomain: NamedFormat.subdomain(text)
        case .dns1123SubdomainPrefix: NamedFormat.subdomain(NamedFormat.maskedPrefix(text))
        case .dns1035Label: NamedFormat.label1035(text)
        case .dns1035LabelPrefix: NamedFormat.label1035(NamedFormat.maskedPrefix(text))
        case .qualifiedName: NamedFormat.qualifiedName(text)
        case .labelValue:
            NamedFormat.tooLong(text, 63)
                + NamedFormat.mismatch(
                    text,
                    "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
                        + "start and end with an alphanumeric character",
                    "'MyValue',  or 'my_value',  or '12345'"
                )
        case .uri: NamedFormat.url(text)
        case .uuid:
            NamedFormat.matches(text, "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
                ? [] : ["does not match the UUID format"]
        case .byte: !text.isEmpty && Data(base64Encoded: text) != nil ? [] : ["invalid base64"]
        case .date: Instant("\(text)T00:00:00Z") == nil ? ["invalid date"] : []
        case .datetime: Instant(text) == nil ? ["invalid datetime"] : []
        }
    }

    private static func url(_ text: String) -> [String] {
        do throws(URLParts.Problem) {
            _ = try URLParts(text)
            return []
        } catch {
            return ["parse \"\(text)\": \(error.description)"]
        }
    }

    private static func matches(_ text: String, _ expression: String) -> Bool {
        guard let pattern = try? Pattern("^(?:\(expression))$") else { return false }
        return pattern.match(in: Array(text.unicodeScalars), from: 0) != nil
    }

    /// A prefix can end with a dash: what is generated follows.
    private static func maskedPrefix(_ text: String) -> String {
        text.count > 1 && text.hasSuffix("-") ? text.dropLast() + "a" : text
    }

    private static func tooLong(_ text: String, _ limit: Int) -> [String] {
        text.utf8.count > limit ? ["must be no more than \(limit) characters"] : []
    }

    private static func mismatch(_ text: String, _ expression: String, _ what: String, _ examples: String) -> [String] {
        matches(text, expression)
            ? [] : ["\(what) (e.g. \(examples), regex used for validation is '\(expression)')"]
    }

    private static func label(_ text: String) -> [String] {
        tooLong(text, 63)
            + mismatch(
                text,
                "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
                    + "with an alphanumeric character",
                "'my-name',  or '123-abc'"
            )
    }

    private static func label1035(_ text: String) -> [String] {
        tooLong(text, 63)
            + mismatch(
                text,
                "[a-z]([-a-z0-9]*[a-z0-9])?",
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                    + "character, and end with an alphanumeric character",
                "'my-name',  or 'abc-123'"
            )
    }

    private static func subdomain(_ text: String) -> [String] {
        tooLong(text, 253)
            + mismatch(
                text,
                "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
                    + "and end with an alphanumeric character",
                "'example.com'"
            )
    }

    private static func qualifiedName(_ text: String) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var problems: [String] = []
        let name: String
        switch parts.count {
        case 1: name = parts[0]
        case 2:
            name = parts[1]
            if parts[0].isEmpty {
                problems.append("prefix part must be non-empty")
            } else {
                problems += subdomain(parts[0]).map { "prefix part \($0)" }
            }
        default:
            return [
                "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                    + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
                    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
                    + "(e.g. 'example.com/MyName')"
            ]
        }
        if name.isEmpty { problems.append("name part must be non-empty") }
        problems += tooLong(name, 63).map { "name part \($0)" }
        problems += mismatch(
            name,
            "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
                + "character",
            "'MyName',  or 'my.name',  or '123-abc'"
        )
        return problems
    }
}
