/// How one contract differs from another.
public struct ContractDifference: Sendable, Hashable {
    /// One difference.
    public struct Change: Sendable, Hashable, CustomStringConvertible {
        /// What happened to the item.
        public enum What: Sendable, Hashable {
            case added
            case removed
            /// Fields have other values, each with its path in the item.
            case changed([Field])
        }

        /// One field that differs.
        public struct Field: Sendable, Hashable {
            /// The names that lead to the value; elements of arrays by their index.
            public let path: [String]
            /// The value before; `nil` if there was none.
            public let old: RawJSON?
            /// The value now; `nil` if there is none.
            public let new: RawJSON?
        }

        /// What the item is.
        public let kind: ServerContract.Kind
        /// Which one it is.
        public let identity: String
        /// What happened to it.
        public let what: What

        public var description: String {
            let item = "\(kind.rawValue) \(identity.debugDescription)"
            switch what {
            case .added: return "\(item) was added"
            case .removed: return "\(item) was removed"
            case .changed(let fields):
                let paths = fields.map { $0.path.joined(separator: ".") }
                return "\(item) was changed: \(paths.joined(separator: ", "))"
            }
        }
    }

    /// The differences, by kind and then by identity.
    public let changes: [Change]

    /// Whether the contracts are equal.
    public var isEmpty: Bool { changes.isEmpty }

    /// Compares two contracts.
    public init(from old: ServerContract, to new: ServerContract) {
        var changes: [Change] = []
        var (left, right) = (old.items[...], new.items[...])
        while left.first != nil || right.first != nil {
            switch (left.first, right.first) {
            case (let before?, let after?) where Self.isSame(before, after):
                if before.canonical != after.canonical {
                    let fields = Self.fields(before.canonical, after.canonical)
                    changes.append(Change(kind: after.kind, identity: after.identity, what: .changed(fields)))
                }
                left.removeFirst()
                right.removeFirst()
            case (let before?, let after) where after.map({ Self.precedes(before, $0) }) ?? true:
                changes.append(Change(kind: before.kind, identity: before.identity, what: .removed))
                left.removeFirst()
            default:
                if let after = right.popFirst() {
                    changes.append(Change(kind: after.kind, identity: after.identity, what: .added))
                }
            }
        }
        self.changes = changes
    }

    private static func isSame(_ left: ServerContract.Item, _ right: ServerContract.Item) -> Bool {
        left.kind == right.kind && left.identity.utf8.elementsEqual(right.identity.utf8)
    }

    /// The order of a contract's items.
    private static func precedes(_ left: ServerContract.Item, _ right: ServerContract.Item) -> Bool {
        let order = ServerContract.Kind.allCases
        if left.kind != right.kind {
            return (order.firstIndex(of: left.kind) ?? 0) < (order.firstIndex(of: right.kind) ?? 0)
        }
        return left.identity.utf8.lexicographicallyPrecedes(right.identity.utf8)
    }

    /// The smallest values that differ, in the order of their paths. Canonical values are nested 512 levels at most.
    private static func fields(_ old: RawJSON, _ new: RawJSON) -> [Change.Field] {
        var found: [Change.Field] = []
        func compare(_ old: RawJSON?, _ new: RawJSON?, _ path: [String]) {
            if old == new { return }
            if let before = old?.members, let after = new?.members {
                // By bytes: strings take different spellings of a character for the same.
                let names = Set(before.map(\.nameBytes)).union(after.map(\.nameBytes))
                for bytes in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                    let name = String(decoding: bytes, as: UTF8.self)
                    compare(old?[name], new?[name], path + [name])
                }
            } else if let before = old?.elements, let after = new?.elements, before.count == after.count {
                for index in before.indices { compare(before[index], after[index], path + [String(index)]) }
            } else {
                found.append(Change.Field(path: path, old: old, new: new))
            }
        }
        compare(old, new, [])
        return found
    }
}
