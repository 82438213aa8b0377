internal import KubernetesAPI

/// Removes what looks like a secret from what is shown.
enum Redaction {
    /// What stands for a secret.
    static let mark: JSONValue = "<redacted>"

    /// A value without its secrets.
    ///
    /// - Parameters:
    ///   - path: where it is in the input.
    ///   - root: the input, which shows the names of variables.
    static func redacted(_ value: JSONValue, at path: FieldPath, in root: JSONValue) -> JSONValue {
        let kind = root["kind"]?.stringValue
        if kind == "Secret", path.elements.contains(where: { $0 == .key("data") || $0 == .key("stringData") }) {
            return masked(value)
        }
        // The value of a member that is a list of names and values has its name beside it.
        if let key = path.lastKey, ["value", "default"].contains(key), let parent = path.parent,
            let name = root[path: parent]?["name"]?.stringValue ?? root[path: parent]?["key"]?.stringValue,
            SecretNames.contains(name) || isMarkedSecret(root[path: parent])
        {
            return masked(value)
        }
        // What follows a flag such as --token.
        if case .index(let index)? = path.elements.last, index > 0, let parent = path.parent,
            let flag = root[path: parent.index(index - 1)]?.stringValue, CommandSecrets.isSecretFlag(flag)
        {
            return masked(value)
        }
        return redacted(value, name: path.lastKey)
    }

    private static func isMarkedSecret(_ entry: JSONValue?) -> Bool {
        ["isSecret", "is_secret", "sensitive"].contains { entry?[$0] == true }
    }

    private static func redacted(_ value: JSONValue, name: String?) -> JSONValue {
        switch value {
        case .string(let text):
            if SecretNames.isSecret(value: text) { return mark }
            if let name, SecretNames.contains(name), !isReference(name) { return mark }
            if containsSecret(text) { return mark }
            if let flag = CommandSecrets.flagWithSecret(text) { return .string("\(flag)=<redacted>") }
            return value
        case .array(let elements):
            var followsSecretFlag = false
            return .array(
                elements.map { element in
                    defer { followsSecretFlag = element.stringValue.map(CommandSecrets.isSecretFlag) ?? false }
                    return followsSecretFlag ? masked(element) : redacted(element, name: nil)
                }
            )
        case .object(let members):
            let own = members["name"]?.stringValue ?? members["key"]?.stringValue
            let isSecret = own.map(SecretNames.contains) ?? false || isMarkedSecret(value)
            let isSecretObject = members["kind"] == "Secret"
            var result: [String: JSONValue] = [:]
            for (key, member) in members {
                if isSecret && ["value", "default"].contains(key)
                    || isSecretObject && ["data", "stringData"].contains(key)
                {
                    result[key] = masked(member)
                } else {
                    result[key] = redacted(member, name: key)
                }
            }
            return .object(result)
        default: return value
        }
    }

    /// Whether a text with structure of its own, such as an object as JSON or a configuration file, has a secret in it.
    private static func containsSecret(_ text: String) -> Bool {
        guard text.contains(where: { $0.isNewline || $0 == "{" || $0 == ";" || $0 == "&" }) else { return false }
        // The annotation in which kubectl keeps a whole object has names and values of variables beside each other.
        if text.hasPrefix("{"), let object = try? JSONValue(parsing: Array(text.utf8)) {
            return redacted(object, name: nil) != object
        }
        let separators: Set<Character> = [",", "{", "}", ";", "&", "[", "]", "?"]
        return text.split(whereSeparator: { $0.isNewline || separators.contains($0) }).contains { piece in
            guard let index = piece.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return false }
            let name = piece[..<index].filter { $0 != "\"" && $0 != "'" && !$0.isWhitespace }
            let value = piece[piece.index(after: index)...].filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            return !value.isEmpty && (SecretNames.contains(name) || SecretNames.isSecret(value: value))
        }
    }

    /// Fields of Kubernetes and of operators that name a secret and do not contain it.
    private static func isReference(_ name: String) -> Bool {
        ["key", "secretKey", "secretName", "tokenSecretRef", "entryKey"].contains(name) || name.hasSuffix("Ref")
            || name.hasSuffix("Refs")
    }

    /// The same structure without any text.
    private static func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(members.mapValues(masked))
        case .array(let elements): .array(elements.map(masked))
        case .null: value
        default: mark
        }
    }

    /// The message of a validation error without the value, which the finding shows.
    static func message(of error: FieldError) -> String {
        var plain = error
        if let value = plain.value, value.stringValue != nil || value.objectValue != nil || value.arrayValue != nil {
            plain.value = nil
        }
        return "\(plain)"
    }
}

/// Secrets on command lines.
enum CommandSecrets {
    /// Whether a word is a flag whose value, the next word, is a secret.
    static func isSecretFlag(_ word: String) -> Bool {
        word.hasPrefix("-") && !word.contains("=") && SecretNames.contains(word)
    }

    /// The flag or variable of a word such as `--token=…` or `API_KEY=…` whose value is a secret.
    static func flagWithSecret(_ word: String) -> String? {
        guard let equals = word.firstIndex(of: "="), word.index(after: equals) < word.endIndex else { return nil }
        let name = word[..<equals]
        let value = String(word[word.index(after: equals)...])
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
        else {
            return nil
        }
        return SecretNames.contains(String(name)) || SecretNames.isSecret(value: value) ? String(name) : nil
    }
}
