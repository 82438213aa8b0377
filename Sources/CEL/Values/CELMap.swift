/// A map in the order in which its entries were added. Numbers that are equal are the same key.
package struct CELMap: Sendable {
    /// The key of an entry.
    package enum Key: Sendable, Hashable {
        case bool(Bool)
        case int(Int64)
        case uint(UInt64)
        case string(Text)

        /// A text that equals only what has the same code points. Strings in Swift also equal what looks the same.
        package struct Text: Sendable, Hashable {
            package var text: String

            package init(text: String) { self.text = text }

            package static func == (left: Text, right: Text) -> Bool { left.text.isSame(as: right.text) }

            package func hash(into hasher: inout Hasher) {
                for byte in text.utf8 { hasher.combine(byte) }
                hasher.combine(0xFF as UInt8)
            }
        }

        package static func == (left: Key, right: Key) -> Bool {
            switch (left, right) {
            case (.bool(let first), .bool(let second)): first == second
            case (.int(let first), .int(let second)): first == second
            case (.uint(let first), .uint(let second)): first == second
            case (.int(let first), .uint(let second)), (.uint(let second), .int(let first)): first == second
            case (.string(let first), .string(let second)): first == second
            default: false
            }
        }

        package func hash(into hasher: inout Hasher) {
            switch self {
            case .bool(let value): hasher.combine(value)
            case .int(let value): hasher.combine(UInt64(bitPattern: value))
            case .uint(let value): hasher.combine(value)
            case .string(let text): hasher.combine(text)
            }
        }

        /// The key that a value is: a number without a fraction, a text or a boolean.
        init?(_ value: CELValue) {
            switch value {
            case .bool(let value): self = .bool(value)
            case .int(let value): self = .int(value)
            case .uint(let value): self = .uint(value)
            case .string(let text): self = .string(Text(text: text))
            case .double(let number):
                if let value = Int64(exactly: number) {
                    self = .int(value)
                } else if let value = UInt64(exactly: number) {
                    self = .uint(value)
                } else {
                    return nil
                }
            default: return nil
            }
        }

        /// The key as a value.
        package var value: CELValue {
            switch self {
            case .bool(let value): .bool(value)
            case .int(let value): .int(value)
            case .uint(let value): .uint(value)
            case .string(let text): .string(text.text)
            }
        }
    }

    /// The keys in their order.
    package private(set) var keys: [Key] = []
    private var values: [Key: CELValue] = [:]

    /// A map without entries.
    package init() {}

    /// The members of an object, sorted by name.
    package init(_ members: [String: CELValue]) {
        for name in members.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if let value = members[name] { self[.string(Key.Text(text: name))] = value }
        }
    }

    package var count: Int { keys.count }

    /// The value of a key. Setting `nil` does nothing.
    package subscript(key: Key) -> CELValue? {
        get { values[key] }
        set {
            guard let newValue else { return }
            if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
        }
    }

    /// The value of a text key.
    package subscript(name: String) -> CELValue? { values[.string(Key.Text(text: name))] }
}

extension String {
    /// Whether both have the same code points.
    func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether this sorts before another by code points.
    func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
