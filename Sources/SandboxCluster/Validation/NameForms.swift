/// The valid forms of names, with the messages of apimachinery's validation.
enum NameForms {
    private static func isAlphanumeric(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }

    private static func isLower(_ character: Character) -> Bool {
        isAlphanumeric(character) && !character.isUppercase
    }

    private static func isWord(_ text: some StringProtocol) -> Bool {
        text.first.map(isAlphanumeric) == true && text.last.map(isAlphanumeric) == true
            && text.allSatisfy { isAlphanumeric($0) || "-_.".contains($0) }
    }

    private static func isLabel(_ text: some StringProtocol) -> Bool {
        text.first.map(isLower) == true && text.last.map(isLower) == true
            && text.allSatisfy { isLower($0) || $0 == "-" }
    }

    /// A label of RFC 1123.
    static func label(_ text: String) -> [String] {
        var problems: [String] = []
        if text.utf8.count > 63 { problems.append("must be no more than 63 characters") }
        if !isLabel(text) {
            problems.append(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
                    + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            )
        }
        return problems
    }

    /// A subdomain of RFC 1123.
    static func subdomain(_ text: String) -> [String] {
        var problems: [String] = []
        if text.utf8.count > 253 { problems.append("must be no more than 253 characters") }
        if !text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isLabel($0) }) {
            problems.append(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                    + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            )
        }
        return problems
    }

    /// A path segment, the form of names of roles.
    static func pathSegment(_ text: String) -> [String] {
        if text == "." || text == ".." { return ["may not be '\(text)'"] }
        return ["/", "%"].filter { text.contains($0) }.map { "may not contain '\($0)'" }
    }

    /// A name with an optional domain prefix, the form of keys of labels and annotations.
    static func qualifiedName(_ text: String) -> [String] {
        let form =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
            + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var problems: [String] = []
        switch parts.count {
        case 1: break
        case 2:
            if parts[0].isEmpty {
                problems.append("prefix part must be non-empty")
            } else {
                problems += subdomain(parts[0]).map { "prefix part \($0)" }
            }
        default:
            return [
                "a valid label key \(form) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        let name = parts.last ?? ""
        if name.isEmpty { problems.append("name part must be non-empty") }
        if name.utf8.count > 63 { problems.append("name part must be no more than 63 bytes") }
        if !isWord(name) { problems.append("name part \(form)") }
        return problems
    }

    static func labelValue(_ text: String) -> [String] {
        var problems: [String] = []
        if text.utf8.count > 63 { problems.append("must be no more than 63 bytes") }
        if !text.isEmpty, !isWord(text) {
            problems.append(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
                    + "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex "
                    + "used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            )
        }
        return problems
    }

    /// A port's name (IANA service names).
    static func portName(_ text: String) -> [String] {
        var problems: [String] = []
        if text.utf8.count > 15 { problems.append("must be no more than 15 characters") }
        if !text.allSatisfy({ isLower($0) || $0 == "-" }) {
            problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if !text.contains(where: { isLower($0) && $0.isLetter }) {
            if problems.isEmpty { problems.append("must contain at least one letter (a-z)") }
        }
        if text.contains("--") { problems.append("must not contain consecutive hyphens") }
        if text.first == "-" || text.last == "-" { problems.append("must not begin or end with a hyphen") }
        return problems
    }

    static func environmentName(_ text: String) -> [String] {
        let isPrintable = text.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) && $0 != "=" }
        return isPrintable
            ? []
            : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
    }

    /// A key of a ConfigMap or Secret.
    static func configKey(_ text: String) -> [String] {
        if text == "." || text == ".." { return ["must not be '\(text)'"] }
        var problems: [String] = []
        if text.utf8.count > 253 { problems.append("must be no more than 253 characters") }
        if text.isEmpty || !text.allSatisfy({ isAlphanumeric($0) || "-._".contains($0) }) {
            problems.append(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                    + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            )
        }
        return problems
    }
}
