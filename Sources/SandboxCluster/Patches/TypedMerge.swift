import KubernetesAPI

/// The operations of server-side apply on typed values: collecting fields, merging, comparing, removing.
enum TypedMerge {
    /// The keys of a list element, with defaults applied, or the element itself for a set.
    static func element(_ value: JSONValue, _ merge: FieldType.ListMerge) -> FieldSet.PathElement? {
        if merge.isSet { return .value(value) }
        guard let keys = merge.mapKeys else { return nil }
        var members: [String: JSONValue] = [:]
        for key in keys {
            if let part = value[key] {
                members[key] = part
            } else if key == "protocol" {
                members[key] = "TCP"
            }
        }
        return .key(.object(members))
    }

    private static func isAtomic(_ type: FieldType) -> Bool {
        switch type {
        case .object, .named: type.objectType?.isAtomic ?? false
        case .list(_, let merge): merge.mapKeys == nil && !merge.isSet
        case .scalar: true
        case .any, .map: false
        }
    }

    private static func field(_ type: FieldType, _ name: String) -> (type: FieldType, isNamed: Bool, isAtomic: Bool) {
        if case .map(let values) = type { return (values, false, false) }
        if let field = type.objectType?.fields[name] { return (field.type, true, field.isAtomic) }
        return (.any, false, false)
    }

    /// The fields of an applied value.
    static func fields(of value: JSONValue, as type: FieldType, isAtomicField: Bool = false) -> FieldSet {
        if isAtomicField || isAtomic(type) { return .member }
        switch (value, type) {
        case (.object(let members), _):
            if members.isEmpty { return .member }
            var set = FieldSet()
            for (name, child) in members {
                let (childType, isNamed, atomic) = field(type, name)
                var childSet = fields(of: child, as: childType, isAtomicField: atomic)
                if !isNamed { childSet.isMember = true }
                set.children[.field(name)] = childSet
            }
            return set
        case (.array(let elements), .list(let elementType, let merge)):
            if elements.isEmpty { return .member }
            var set = FieldSet()
            for child in elements {
                guard let element = element(child, merge) else { continue }
                var childSet = merge.isSet ? .member : fields(of: child, as: elementType)
                childSet.isMember = true
                set.children[element] = childSet
            }
            return set
        default: return .member
        }
    }

    /// An applied value merged into the live one.
    static func merge(_ applied: JSONValue, into live: JSONValue?, as type: FieldType, isAtomicField: Bool = false)
        -> JSONValue
    {
        guard let live, !isAtomicField, !isAtomic(type) else { return applied }
        switch (applied, live, type) {
        case (.object(let members), .object(var result), _):
            for (name, child) in members {
                let (childType, _, atomic) = field(type, name)
                result[name] = merge(child, into: result[name], as: childType, isAtomicField: atomic)
            }
            return .object(result)
        case (.array(let elements), .array(let current), .list(let elementType, let mergeKind)):
            var byElement: [FieldSet.PathElement: JSONValue] = [:]
            for child in current {
                if let element = element(child, mergeKind) { byElement[element] = child }
            }
            let appliedElements = elements.compactMap { child in element(child, mergeKind).map { ($0, child) } }
            let appliedKeys = Set(appliedElements.map(\.0))
            // Applied elements have the applied order. Elements of other managers stay before the element that followed
            // them.
            var result: [JSONValue] = []
            var pending = appliedElements[...]
            for child in current {
                guard let element = element(child, mergeKind) else { continue }
                if !appliedKeys.contains(element) {
                    result.append(child)
                    continue
                }
                while let next = pending.first {
                    pending = pending.dropFirst()
                    result.append(merge(next.1, into: byElement[next.0], as: elementType))
                    if next.0 == element { break }
                }
            }
            for next in pending { result.append(merge(next.1, into: byElement[next.0], as: elementType)) }
            return .array(result)
        default: return applied
        }
    }

    /// The fields in which two values differ.
    struct Comparison {
        var added = FieldSet()
        var modified = FieldSet()
        var removed = FieldSet()
    }

    static func compare(_ old: JSONValue?, _ new: JSONValue?, as type: FieldType, isAtomicField: Bool = false)
        -> Comparison
    {
        var result = Comparison()
        if old == new { return result }
        guard !isAtomicField, !isAtomic(type) else {
            if old == nil {
                result.added = .member
            } else if new == nil {
                result.removed = .member
            } else {
                result.modified = .member
            }
            return result
        }
        func descend(_ element: FieldSet.PathElement, _ child: Comparison) {
            if !child.added.isEmpty { result.added.children[element] = child.added }
            if !child.modified.isEmpty { result.modified.children[element] = child.modified }
            if !child.removed.isEmpty { result.removed.children[element] = child.removed }
        }
        let side = new ?? old ?? .null
        switch (side, type) {
        case (.object, _) where (old == nil || old?.objectValue != nil) && (new == nil || new?.objectValue != nil):
            let before = old?.objectValue ?? [:]
            let after = new?.objectValue ?? [:]
            if before.isEmpty, after.isEmpty {
                if old == nil { result.added.isMember = true }
                if new == nil { result.removed.isMember = true }
                return result
            }
            let types = type.objectType?.fields
            for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
                let (childType, _, atomic) = field(type, name)
                var oldChild = before[name]
                if oldChild == nil, types?[name]?.isValueStruct == true { oldChild = .object([:]) }
                if oldChild == nil, let known = types?[name], known.isRequired, case .list = known.type {
                    oldChild = .array([])
                }
                descend(.field(name), compare(oldChild, after[name], as: childType, isAtomicField: atomic))
            }
        case (.array, .list(let elementType, let merge)):
            var before: [FieldSet.PathElement: JSONValue] = [:]
            var after: [FieldSet.PathElement: JSONValue] = [:]
            for child in old?.arrayValue ?? [] { if let key = element(child, merge) { before[key] = child } }
            for child in new?.arrayValue ?? [] { if let key = element(child, merge) { after[key] = child } }
            for element in Set(before.keys).union(after.keys) where before[element] != after[element] {
                if merge.isSet {
                    descend(
                        element,
                        Comparison(
                            added: before[element] == nil ? .member : FieldSet(),
                            removed: after[element] == nil ? .member : FieldSet()
                        )
                    )
                } else {
                    descend(element, compare(before[element], after[element], as: elementType))
                }
            }
        default:
            if old != nil, new != nil { result.modified.isMember = true }
        }
        if old == nil { result.added.isMember = true }
        if new == nil { result.removed.isMember = true }
        return result
    }

    /// Removes the paths in `removed` from a value, and containers that become empty, except those in `kept`.
    static func remove(_ removed: FieldSet, keeping kept: FieldSet, from value: JSONValue, as type: FieldType)
        -> JSONValue?
    {
        if removed.children.isEmpty { return removed.isMember && kept.isEmpty ? JSONValue?.none : value }
        switch (value, type) {
        case (.object(var members), _):
            for (element, childSet) in removed.children {
                guard case .field(let name) = element, let child = members[name] else { continue }
                let (childType, isNamed, _) = field(type, name)
                let keptChild = kept.children[element] ?? FieldSet()
                // A structure in which no manager owns fields is removed as a whole, with its defaulted fields.
                members[name] =
                    isNamed && keptChild.isEmpty
                    ? nil : remove(childSet, keeping: keptChild, from: child, as: childType)
            }
            return members.isEmpty && kept.isEmpty ? JSONValue?.none : .object(members)
        case (.array(let elements), .list(let elementType, let merge)):
            let result = elements.compactMap { child -> JSONValue? in
                guard let element = element(child, merge), let childSet = removed.children[element] else {
                    return child
                }
                let keptChild = kept.children[element] ?? FieldSet()
                if childSet.isMember, keptChild.isEmpty { return nil }
                return remove(childSet, keeping: keptChild, from: child, as: elementType)
            }
            return result.isEmpty && kept.isEmpty ? JSONValue?.none : .array(result)
        default: return kept.isEmpty ? JSONValue?.none : value
        }
    }
}
