internal import KubernetesAPI

/// Fields of objects that can be missing or of another type: what cannot be read is not there.
extension JSONValue {
    func text(_ path: String...) -> String? {
        guard let text = self[path: path]?.stringValue, !text.isEmpty else { return nil }
        return text
    }

    func integer(_ path: String...) -> Int64? { self[path: path]?.integerValue }

    func list(_ path: String...) -> [JSONValue] { self[path: path]?.arrayValue ?? [] }

    func time(_ path: String...) -> Timestamp? { self[path: path]?.stringValue.flatMap { Timestamp($0) } }

    /// The texts of a list; other elements are left out.
    func texts(_ path: String...) -> [String] { (self[path: path]?.arrayValue ?? []).compactMap(\.stringValue) }

    var kind: String { text("kind") ?? "Object" }
    var name: String { text("metadata", "name") ?? "(no name)" }

    func label(_ key: String) -> String? { text("metadata", "labels", key) }

    /// A JSON object without the members that have no value.
    static func fields(_ members: (String, JSONValue?)...) -> JSONValue {
        var object: [String: JSONValue] = [:]
        for (key, value) in members {
            if let value { object[key] = value }
        }
        return .object(object)
    }
}

extension JSONValue {
    init?(_ text: String?) {
        guard let text else { return nil }
        self = .string(text)
    }

    init?(_ number: Int64?) {
        guard let number else { return nil }
        self = .integer(number)
    }

    init?(_ time: Timestamp?) {
        guard let time else { return nil }
        self = .string(time.description)
    }

    /// An array; `nil` if it is empty.
    init?(nonEmpty values: [JSONValue]) {
        guard !values.isEmpty else { return nil }
        self = .array(values)
    }
}
