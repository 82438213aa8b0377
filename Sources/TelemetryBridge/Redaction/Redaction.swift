internal import KubernetesAPI

/// Makes an object of the Kubernetes API fit to be shown to a model: without secrets, and without what only machines need. Pure.
///
/// Kept are names of things, also of Secrets. Replaced are the values of annotations, of environment variables, of header fields of probes, of
/// the data of ConfigMaps, of members and flags whose name promises a secret, and secrets in free text. Removed are `managedFields` and the
/// last applied configuration, which repeats the whole object.
struct Redaction: Sendable {
    /// What stands in place of a value.
    static let mark = "[redacted]"

    /// The longest text that is shown whole, in bytes; a certificate or a script is longer.
    static let maximumTextBytes = 2_048
    /// The longest list that is shown whole.
    static let maximumElements = 100

    /// What was done to the object, in words.
    private(set) var notes: [String] = []

    private var replaced = 0
    private var shortened = 0

    /// Redacts an object.
    ///
    /// - Returns: the object, and notes about what was replaced or shortened.
    static func apply(to object: JSONValue) -> (object: JSONValue, notes: [String]) {
        var redaction = Redaction()
        var result = object
        if case .object(var members) = object {
            if members["kind"]?.stringValue == "ConfigMap" || members["kind"]?.stringValue == "Secret" {
                for field in ["data", "binaryData", "stringData"] {
                    members[field] = members[field].map { redaction.sizes($0) }
                }
            }
            result = .object(members)
        }
        result = redaction.value(result, name: "")
        return (result, redaction.finished)
    }

    private var finished: [String] {
        var notes: [String] = []
        if replaced > 0 {
            notes.append(
                "\(replaced) values are shown as \(Self.mark): annotations, environment variables, data of ConfigMaps and "
                    + "whatever has the name of a secret. The bridge never shows them; ask somebody with access to the cluster."
            )
        }
        if shortened > 0 {
            notes.append(
                "\(shortened) long texts or lists are shortened to \(Self.maximumTextBytes) bytes or \(Self.maximumElements) elements."
            )
        }
        return notes
    }

    private mutating func value(_ value: JSONValue, name: String) -> JSONValue {
        switch value {
        case .object(let members): return object(members, name: name)
        case .array(let elements): return array(elements, name: name)
        case .string(let text):
            if SensitiveNames.matches(name), !text.isEmpty { return hidden() }
            return .string(shown(text))
        default: return value
        }
    }

    private mutating func object(_ members: [String: JSONValue], name: String) -> JSONValue {
        var result: [String: JSONValue] = [:]
        result.reserveCapacity(members.count)
        // In a fixed order, so that equal objects have equal notes.
        for (key, member) in members.sorted(by: { $0.key < $1.key }) {
            switch key {
            case "managedFields" where name == "metadata": continue
            case "annotations": result[key] = annotations(member)
            // Custom resources also have these as objects of texts.
            case "env", "environment", "files", "stringData": result[key] = variables(member, name: key)
            case "httpHeaders": result[key] = variables(member, name: key)
            default: result[key] = value(member, name: key)
            }
        }
        return .object(result)
    }

    private mutating func array(_ elements: [JSONValue], name: String) -> JSONValue {
        if name == "args" || name == "command" { return .array(arguments(elements)) }
        var kept = elements
        if elements.count > Self.maximumElements {
            kept = Array(elements.prefix(Self.maximumElements))
            shortened += 1
        }
        return .array(kept.map { value($0, name: name) })
    }

    private mutating func annotations(_ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return self.value(value, name: "annotations") }
        var result = members
        result["kubectl.kubernetes.io/last-applied-configuration"] = nil
        return .object(result.mapValues { _ in hidden() })
    }

    /// Environment variables and header fields: a list of `name` and `value`, or an object of texts.
    private mutating func variables(_ value: JSONValue, name: String) -> JSONValue {
        switch value {
        case .array(let elements):
            let shown = elements.map { element -> JSONValue in
                guard case .object(var members) = element, members["name"] != nil else {
                    return self.value(element, name: name)
                }
                if members["value"] != nil { members["value"] = hidden() }
                return object(members, name: name)
            }
            return .array(shown)
        case .object(let members) where members.values.allSatisfy({ $0.objectValue == nil && $0.arrayValue == nil }):
            return .object(members.mapValues { _ in hidden() })
        default: return self.value(value, name: name)
        }
    }

    /// A command line, in which the values of flags such as `--password=…` are hidden, also within a script.
    private mutating func arguments(_ elements: [JSONValue]) -> [JSONValue] {
        var hidesNext = false
        return elements.map { element in
            guard let text = element.stringValue else { return value(element, name: "args") }
            var words: [String] = []
            for word in text.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace).map(String.init) {
                words.append(argument(word, &hidesNext))
            }
            let joined = words.joined(separator: " ")
            // Line breaks are only lost where something is hidden.
            return .string(shown(joined.contains(Self.mark) ? joined : text))
        }
    }

    /// One word of a command line.
    ///
    /// - Parameter hidesNext: whether the word before was a flag whose value this one is.
    private mutating func argument(_ word: String, _ hidesNext: inout Bool) -> String {
        if hidesNext, !word.hasPrefix("-"), !word.isEmpty {
            hidesNext = false
            replaced += 1
            return Self.mark
        }
        if let equals = word.firstIndex(of: "="), SensitiveNames.matches(String(word[..<equals])) {
            hidesNext = false
            replaced += 1
            return word[...equals] + Self.mark
        }
        if !word.isEmpty { hidesNext = word.hasPrefix("-") && SensitiveNames.matches(word) }
        return word
    }

    /// The sizes of texts, in place of the texts.
    private mutating func sizes(_ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return hidden() }
        return .object(
            members.mapValues { member in
                replaced += 1
                return .string("\(Self.mark), \(member.stringValue?.utf8.count ?? 0) bytes")
            }
        )
    }

    private mutating func hidden() -> JSONValue {
        replaced += 1
        return .string(Self.mark)
    }

    private mutating func shown(_ text: String) -> String {
        var text = text
        if text.utf8.count > Self.maximumTextBytes {
            text = text.truncated(toUTF8Bytes: Self.maximumTextBytes) + "… (\(text.utf8.count) bytes)"
            shortened += 1
        }
        guard let redacted = SecretText.redacted(text) else { return text }
        replaced += 1
        return redacted
    }
}
