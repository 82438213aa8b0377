import KubernetesAPI

/// JSON patch (RFC 6902) and JSON merge patch (RFC 7386).
enum Patches {
    /// A JSON merge patch applied to a value.
    static func merge(_ patch: JSONValue, into target: JSONValue?) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = target?.objectValue ?? [:]
        for (key, value) in members {
            result[key] = value.isNull ? JSONValue?.none : merge(value, into: result[key])
        }
        return .object(result)
    }

    /// A JSON patch applied to a value.
    static func json(_ patch: JSONValue, to target: JSONValue) throws(APIFailure) -> JSONValue {
        guard let operations = patch.arrayValue else {
            throw .badRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
        }
        var result = target
        for operation in operations {
            let name = operation["op"]?.stringValue ?? ""
            let path = pointer(operation["path"]?.stringValue ?? "")
            let value = operation["value"]
            switch name {
            case "add": try edit(&result, path[...], .add(value ?? .null))
            case "remove": try edit(&result, path[...], .remove)
            case "replace": try edit(&result, path[...], .replace(value ?? .null))
            case "move", "copy":
                let from = pointer(operation["from"]?.stringValue ?? "")
                guard let moved = get(result, from[...]) else { throw unprocessable("missing from path") }
                if name == "move" { try edit(&result, from[...], .remove) }
                try edit(&result, path[...], .add(moved))
            case "test":
                let current = get(result, path[...]) ?? .null
                guard current == value ?? .null else {
                    throw unprocessable(
                        "testing path \(operation["path"]?.stringValue ?? "") failed: test failed"
                    )
                }
            default: throw .badRequest("Unexpected kind: \(name)")
            }
        }
        return result
    }

    private enum Edit {
        case add(JSONValue), replace(JSONValue), remove
    }

    private static func unprocessable(_ why: String) -> APIFailure {
        APIFailure(
            422,
            "Invalid",
            "the server rejected our request due to an error in our request: \(why)",
            details: .init()
        )
    }

    private static func pointer(_ text: String) -> [String] {
        text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
            var result = ""
            var isEscaped = false
            for character in part {
                if isEscaped {
                    result.append(character == "1" ? "/" : "~")
                    isEscaped = false
                } else if character == "~" {
                    isEscaped = true
                } else {
                    result.append(character)
                }
            }
            return result
        }
    }

    private static func get(_ value: JSONValue, _ path: ArraySlice<String>) -> JSONValue? {
        guard let first = path.first else { return value }
        switch value {
        case .object(let members): return members[first].flatMap { get($0, path.dropFirst()) }
        case .array(let elements):
            guard let index = Int(first), elements.indices.contains(index) else { return nil }
            return get(elements[index], path.dropFirst())
        default: return nil
        }
    }

    private static func edit(_ value: inout JSONValue, _ path: ArraySlice<String>, _ edit: Edit) throws(APIFailure) {
        guard let first = path.first else {
            switch edit {
            case .add(let new), .replace(let new): value = new
            case .remove: value = .null
            }
            return
        }
        let missing = unprocessable("path not found: \(path.joined(separator: "/"))")
        switch value {
        case .object(var members):
            if path.count > 1 {
                guard var child = members[first] else { throw missing }
                try Patches.edit(&child, path.dropFirst(), edit)
                members[first] = child
            } else {
                switch edit {
                case .add(let new): members[first] = new
                case .replace(let new):
                    guard members[first] != nil else { throw missing }
                    members[first] = new
                case .remove:
                    guard members.removeValue(forKey: first) != nil else { throw missing }
                }
            }
            value = .object(members)
        case .array(var elements):
            if path.count == 1, first == "-", case .add(let new) = edit {
                elements.append(new)
            } else {
                guard let index = Int(first), index >= 0, index <= elements.count else { throw missing }
                if path.count > 1 {
                    guard index < elements.count else { throw missing }
                    try Patches.edit(&elements[index], path.dropFirst(), edit)
                } else {
                    switch edit {
                    case .add(let new): elements.insert(new, at: index)
                    case .replace(let new):
                        guard index < elements.count else { throw missing }
                        elements[index] = new
                    case .remove:
                        guard index < elements.count else { throw missing }
                        elements.remove(at: index)
                    }
                }
            }
            value = .array(elements)
        default: throw missing
        }
    }
}
