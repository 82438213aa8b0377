/// The location of a value in an object, such as `spec.env[0].name`.
public struct FieldPath: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// One step of a path.
    public enum Element: Sendable, Hashable {
        /// A field of an object.
        case key(String)
        /// The index of an array element, from 0.
        case index(Int)
    }

    /// The steps from the root; the root itself has none.
    public var elements: [Element]

    /// The root.
    public static let root = FieldPath([])

    /// Creates a path from its steps.
    public init(_ elements: [Element]) {
        self.elements = elements
    }

    /// Parses the dotted form, which cannot express keys that contain dots or brackets.
    public init(_ text: String) {
        var elements: [Element] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: true) {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            if let first = pieces.first, !first.isEmpty { elements.append(.key(String(first))) }
            for piece in pieces.dropFirst() {
                let inner = piece.hasSuffix("]") ? piece.dropLast() : piece
                elements.append(Int(inner).map { .index($0) } ?? .key(String(inner)))
            }
        }
        self.elements = elements
    }

    /// The path of a field of this object.
    public func key(_ key: String) -> FieldPath { FieldPath(elements + [.key(key)]) }

    /// The path of an element of this array.
    public func index(_ index: Int) -> FieldPath { FieldPath(elements + [.index(index)]) }

    /// The path of the parent, or `nil` for the root.
    public var parent: FieldPath? { elements.isEmpty ? nil : FieldPath(Array(elements.dropLast())) }

    public var description: String {
        var text = ""
        for element in elements {
            switch element {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    public static func < (left: FieldPath, right: FieldPath) -> Bool { left.description < right.description }
}

extension JSONValue {
    /// The value at a path, or `nil` if there is none.
    public subscript(path path: FieldPath) -> JSONValue? {
        var current = self
        for element in path.elements {
            switch element {
            case .key(let key):
                guard let next = current[key] else { return nil }
                current = next
            case .index(let index):
                guard let array = current.arrayValue, array.indices.contains(index) else { return nil }
                current = array[index]
            }
        }
        return current
    }
}
