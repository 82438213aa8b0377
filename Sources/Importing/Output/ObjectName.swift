/// Names of objects, made from names that are not restricted.
enum ObjectName {
    /// A name that an MCPServer can have: at most 63 lower-case letters, digits and dashes, beginning with a letter.
    static func server(_ text: String) -> String {
        var name = label(text)
        if name.first.map({ $0.isNumber }) ?? true { name = name.isEmpty ? "mcp" : "mcp-\(name)" }
        name = String(name.prefix(63))
        while name.hasSuffix("-") { name.removeLast() }
        return name
    }

    /// Lower-case letters, digits and single dashes inside.
    static func label(_ text: String) -> String {
        var name = ""
        for character in text.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                name.append(character)
            } else if !name.isEmpty, !name.hasSuffix("-") {
                name.append("-")
            }
        }
        while name.hasSuffix("-") { name.removeLast() }
        return name
    }

    /// A name that an environment variable can have everywhere (POSIX).
    static func variable(_ text: String) -> String {
        var name = ""
        for character in text.uppercased() {
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            if isPlain { name.append(character) } else if !name.isEmpty, !name.hasSuffix("_") { name.append("_") }
        }
        while name.hasSuffix("_") { name.removeLast() }
        return name.first.map({ $0.isNumber }) ?? true ? "VALUE_\(name)" : name
    }

    /// A key of a Secret.
    static func key(_ text: String) -> String {
        let plain = text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" }
        let key = String(String(plain).drop { $0 == "." }.prefix(253))
        return key.isEmpty ? "value" : key
    }
}
