/// The types that have been found for type parameters, and which types fit which.
struct Substitution {
    private var types: [Int: CELType] = [:]
    private var count = 0

    /// A parameter that has no type yet.
    mutating func fresh() -> CELType {
        count += 1
        return .parameter(count - 1)
    }

    /// A type with its parameters replaced by what is known of them.
    func applied(_ type: CELType, freeAsDynamic: Bool = false) -> CELType {
        switch type {
        case .parameter(let number):
            if let found = types[number] { return applied(found, freeAsDynamic: freeAsDynamic) }
            return freeAsDynamic ? .dyn : type
        case .list(let element): return .list(applied(element, freeAsDynamic: freeAsDynamic))
        case .map(let key, let value):
            return .map(applied(key, freeAsDynamic: freeAsDynamic), applied(value, freeAsDynamic: freeAsDynamic))
        case .optional(let wrapped): return .optional(applied(wrapped, freeAsDynamic: freeAsDynamic))
        case .type(let inner): return .type(applied(inner, freeAsDynamic: freeAsDynamic))
        default: return type
        }
    }

    /// Whether types fit, one by one. Nothing is kept if they do not.
    mutating func unify(_ left: [CELType], _ right: [CELType]) -> Bool {
        guard left.count == right.count else { return false }
        let before = types
        for (first, second) in zip(left, right) where !fit(first, second) {
            types = before
            return false
        }
        return true
    }

    mutating func unify(_ left: CELType, _ right: CELType) -> Bool { unify([left], [right]) }

    private mutating func fit(_ left: CELType, _ right: CELType) -> Bool {
        if case .parameter(let number) = right {
            let (fits, isKnown) = assign(left, to: number)
            if fits || isKnown { return fits }
        }
        if case .parameter(let number) = left { return assign(right, to: number).fits }
        if left.isDynamic || right.isDynamic { return true }
        switch (left, right) {
        case (.null, _): return right.isNullable
        case (_, .null): return left.isNullable
        case (.list(let first), .list(let second)), (.optional(let first), .optional(let second)):
            return fit(first, second)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            return fit(key, otherKey) && fit(value, otherValue)
        case (.type, .type): return true
        default: return left == right
        }
    }

    private mutating func assign(_ type: CELType, to number: Int) -> (fits: Bool, isKnown: Bool) {
        if type == .parameter(number) { return (true, true) }
        if let known = types[number] {
            if type == known { return (true, true) }
            guard fit(type, known) else { return (false, true) }
            let general = Substitution.mostGeneral(type, known)
            if !refers(general, to: number) { types[number] = general }
            return (true, true)
        }
        guard !refers(type, to: number) else { return (false, false) }
        types[number] = type
        return (true, false)
    }

    private func refers(_ type: CELType, to number: Int) -> Bool {
        switch type {
        case .parameter(let other):
            if other == number { return true }
            return types[other].map { refers($0, to: number) } ?? false
        case .list(let inner), .optional(let inner), .type(let inner): return refers(inner, to: number)
        case .map(let key, let value): return refers(key, to: number) || refers(value, to: number)
        default: return false
        }
    }

    /// The one of two types that fit which says less.
    static func mostGeneral(_ left: CELType, _ right: CELType) -> CELType {
        isEqualOrLessSpecific(left, right) ? left : right
    }

    private static func isEqualOrLessSpecific(_ left: CELType, _ right: CELType) -> Bool {
        switch (left, right) {
        case (.dyn, _), (.parameter, _): true
        case (_, .dyn), (_, .parameter): false
        case (.list(let first), .list(let second)), (.optional(let first), .optional(let second)):
            isEqualOrLessSpecific(first, second)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            isEqualOrLessSpecific(key, otherKey) && isEqualOrLessSpecific(value, otherValue)
        case (.type, .type): true
        default: left == right
        }
    }
}

extension CELType {
    /// Whether `null` fits.
    fileprivate var isNullable: Bool {
        switch self {
        case .null, .timestamp, .duration, .named, .optional: true
        default: false
        }
    }
}
