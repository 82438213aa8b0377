import KubernetesAPI

/// A set of field paths, as in `fieldsV1` of managed fields.
struct FieldSet: Hashable, Sendable {
    /// Whether the path of this node itself is in the set.
    var isMember = false
    var children: [PathElement: FieldSet] = [:]

    /// One step of a path.
    enum PathElement: Hashable, Sendable {
        case field(String)
        /// An element of a list that is a map, by the values of its keys.
        case key(JSONValue)
        /// An element of a set.
        case value(JSONValue)

        /// The step as in `fieldsV1`.
        var text: String {
            switch self {
            case .field(let name): "f:\(name)"
            case .key(let keys): "k:\(String(decoding: keys.serialized(), as: UTF8.self))"
            case .value(let value): "v:\(String(decoding: value.serialized(), as: UTF8.self))"
            }
        }

        init?(text: String) {
            let rest = String(text.dropFirst(2))
            switch text.prefix(2) {
            case "f:": self = .field(rest)
            case "k:":
                guard let value = try? JSONValue(parsing: Array(rest.utf8)) else { return nil }
                self = .key(value)
            case "v:":
                guard let value = try? JSONValue(parsing: Array(rest.utf8)) else { return nil }
                self = .value(value)
            default: return nil
            }
        }

        /// The step as in messages: `.spec`, `[name="x"]`.
        var description: String {
            switch self {
            case .field(let name): return ".\(name)"
            case .key(let keys):
                let parts = (keys.objectValue ?? [:]).sorted { $0.key < $1.key }
                    .map { "\($0.key)=\(String(decoding: $0.value.serialized(), as: UTF8.self))" }
                return "[\(parts.joined(separator: ","))]"
            case .value(let value): return "[=\(String(decoding: value.serialized(), as: UTF8.self))]"
            }
        }
    }

    static let member = FieldSet(isMember: true)

    var isEmpty: Bool { !isMember && children.isEmpty }

    func union(_ other: FieldSet) -> FieldSet {
        FieldSet(
            isMember: isMember || other.isMember,
            children: children.merging(other.children) { $0.union($1) }
        )
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && !other.isMember)
        for (element, child) in children {
            let rest = other.children[element].map { child.subtracting($0) } ?? child
            if !rest.isEmpty { result.children[element] = rest }
        }
        return result
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && other.isMember)
        for (element, child) in children {
            guard let match = other.children[element] else { continue }
            let both = child.intersection(match)
            if !both.isEmpty { result.children[element] = both }
        }
        return result
    }

    /// The set without the given paths and everything below them.
    func removing(_ paths: [[String]]) -> FieldSet {
        var result = self
        for path in paths { result.remove(path[...]) }
        return result
    }

    private mutating func remove(_ path: ArraySlice<String>) {
        guard let first = path.first else { return }
        let element = PathElement.field(first)
        if path.count == 1 {
            children[element] = nil
        } else if var child = children[element] {
            child.remove(path.dropFirst())
            children[element] = child.isEmpty ? nil : child
        }
    }

    /// The part of the set below the given paths.
    func keeping(_ paths: [[String]]) -> FieldSet {
        var result = FieldSet()
        for path in paths {
            var node: FieldSet? = self
            for name in path { node = node?.children[.field(name)] }
            guard var found = node else { continue }
            for name in path.reversed() { found = FieldSet(children: [.field(name): found]) }
            result = result.union(found)
        }
        return result
    }

    /// The paths in the set as in messages, sorted.
    var paths: [String] {
        var result: [String] = []
        func walk(_ set: FieldSet, _ prefix: String) {
            if set.isMember { result.append(prefix) }
            for (element, child) in set.children { walk(child, prefix + element.description) }
        }
        walk(self, "")
        return result.sorted()
    }

    var fieldsV1: JSONValue {
        var members: [String: JSONValue] = [:]
        for (element, child) in children {
            var value = child.fieldsV1
            if child.isMember, !child.children.isEmpty { value["."] = .object([:]) }
            members[element.text] = value
        }
        return .object(members)
    }

    init(isMember: Bool = false, children: [PathElement: FieldSet] = [:]) {
        self.isMember = isMember
        self.children = children
    }

    init(fieldsV1: JSONValue) {
        for (text, value) in fieldsV1.objectValue ?? [:] {
            if text == "." {
                isMember = true
                continue
            }
            guard let element = PathElement(text: text) else { continue }
            var child = FieldSet(fieldsV1: value)
            if child.children.isEmpty { child.isMember = true }
            children[element] = child
        }
    }
}
