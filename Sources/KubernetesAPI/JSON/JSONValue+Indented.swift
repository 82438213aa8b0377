extension JSONValue {
    /// This value as JSON text with line breaks and an indentation of four spaces, like `kubectl -o json`, with sorted
    /// keys: equal values result in equal text.
    package func indentedJSON() -> String {
        var output = ""
        append(to: &output, indentation: "")
        return output
    }

    private func append(to output: inout String, indentation: String) {
        let deeper = indentation + "    "
        switch self {
        case .object(let members) where !members.isEmpty:
            output += "{\n"
            for (index, key) in members.keys.sorted().enumerated() {
                if index > 0 { output += ",\n" }
                output += deeper + String(decoding: JSONValue.string(key).serialized(), as: UTF8.self) + ": "
                (members[key] ?? .null).append(to: &output, indentation: deeper)
            }
            output += "\n\(indentation)}"
        case .array(let elements) where !elements.isEmpty:
            output += "[\n"
            for (index, element) in elements.enumerated() {
                if index > 0 { output += ",\n" }
                output += deeper
                element.append(to: &output, indentation: deeper)
            }
            output += "\n\(indentation)]"
        default:
            output += String(decoding: serialized(), as: UTF8.self)
        }
    }
}
