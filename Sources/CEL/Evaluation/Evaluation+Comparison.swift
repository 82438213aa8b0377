/// Equality and order of values.
extension Evaluation {
    /// Whether values are equal. Numbers of different types can be; everything else of different types is not.
    mutating func areEqual(_ left: CELValue, _ right: CELValue) throws(EvaluationError) -> Bool {
        try charge(1)
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let first), .bool(let second)): return first == second
        case (.string(let first), .string(let second)):
            try charge(min(first.utf8.count, second.utf8.count) / 10)
            return first.isSame(as: second)
        case (.bytes(let first), .bytes(let second)):
            try charge(min(first.count, second.count) / 10)
            return first == second
        case (.list(let first), .list(let second)):
            guard first.count == second.count else { return false }
            for (one, other) in zip(first, second) where try !areEqual(one, other) { return false }
            return true
        case (.map(let first), .map(let second)):
            guard first.count == second.count else { return false }
            for key in first.keys {
                guard let one = first[key], let other = second[key], try areEqual(one, other) else { return false }
            }
            return true
        case (.message(let first), .message(let second)):
            guard first.type == second.type, first.fields.count == second.fields.count else { return false }
            for (name, one) in first.fields {
                guard let other = second.fields[name], try areEqual(one, other) else { return false }
            }
            return true
        case (.optional(let first), .optional(let second)):
            guard let first, let second else { return first == nil && second == nil }
            return try areEqual(first, second)
        case (.timestamp(let first), .timestamp(let second)): return first == second
        case (.duration(let first), .duration(let second)): return first == second
        case (.type(let first), .type(let second)): return first == second
        case (.quantity(let first), .quantity(let second)): return first == second
        case (.ip(let first), .ip(let second)): return first == second
        case (.cidr(let first), .cidr(let second)): return first == second
        case (.url(let first), .url(let second)): return first == second
        case (.semver(let first), .semver(let second)): return first.order(second) == 0
        case (.format(let first), .format(let second)): return first == second
        default: return Number(left).flatMap { first in Number(right).map { first.order($0) == 0 } } ?? false
        }
    }

    /// -1, 0 or 1, as values are ordered; `nil` if a number is not one.
    ///
    /// - Throws: if values of their types are not ordered.
    mutating func order(_ left: CELValue, _ right: CELValue) throws(EvaluationError) -> Int? {
        func order<Value: Comparable>(_ first: Value, _ second: Value) -> Int {
            first < second ? -1 : first == second ? 0 : 1
        }
        switch (left, right) {
        case (.bool(let first), .bool(let second)): return order(first ? 1 : 0, second ? 1 : 0)
        case (.string(let first), .string(let second)):
            try charge(min(first.utf8.count, second.utf8.count) / 10)
            return first.isSame(as: second) ? 0 : first.precedes(second) ? -1 : 1
        case (.bytes(let first), .bytes(let second)):
            try charge(min(first.count, second.count) / 10)
            return first == second ? 0 : first.lexicographicallyPrecedes(second) ? -1 : 1
        case (.timestamp(let first), .timestamp(let second)): return order(first, second)
        case (.duration(let first), .duration(let second)): return order(first, second)
        default:
            guard let first = Number(left), let second = Number(right) else { throw .noSuchOverload }
            return first.order(second)
        }
    }

    /// The positions of values in the order of the values. Equal ones stay as they are.
    mutating func sortedIndices(of values: [CELValue]) throws(EvaluationError) -> [Int] {
        if let first = values.first {
            for value in values where value.typeName != first.typeName {
                throw EvaluationError("list elements must have the same type")
            }
        }
        // A merge sort: the standard library's takes no closure with a typed error.
        var indices = Array(values.indices)
        var width = 1
        while width < indices.count {
            var merged: [Int] = []
            merged.reserveCapacity(indices.count)
            for start in stride(from: 0, to: indices.count, by: 2 * width) {
                var left = indices[start..<min(start + width, indices.count)]
                var right = indices[min(start + width, indices.count)..<min(start + 2 * width, indices.count)]
                while let first = left.first, let second = right.first {
                    try charge(1)
                    if try order(values[second], values[first]) == -1 {
                        merged.append(second)
                        right.removeFirst()
                    } else {
                        merged.append(first)
                        left.removeFirst()
                    }
                }
                merged += left
                merged += right
            }
            indices = merged
            width *= 2
        }
        if values.count == 1 { _ = try order(values[0], values[0]) }
        return indices
    }
}

/// A number of any type, for comparisons.
enum Number {
    case int(Int64)
    case uint(UInt64)
    case double(Double)

    init?(_ value: CELValue) {
        switch value {
        case .int(let number): self = .int(number)
        case .uint(let number): self = .uint(number)
        case .double(let number): self = .double(number)
        default: return nil
        }
    }

    /// -1, 0 or 1; `nil` if one is not a number.
    func order(_ other: Number) -> Int? {
        switch (self, other) {
        case (.double(let first), _) where first.isNaN: nil
        case (_, .double(let second)) where second.isNaN: nil
        case (.double(let first), .double(let second)): first < second ? -1 : first == second ? 0 : 1
        case (.double(let first), _): other.orderOfDouble(first)
        case (_, .double(let second)): orderOfDouble(second).map { -$0 }
        case (.int(let first), .int(let second)): first < second ? -1 : first == second ? 0 : 1
        case (.uint(let first), .uint(let second)): first < second ? -1 : first == second ? 0 : 1
        case (.int(let first), .uint(let second)): first < second ? -1 : first == second ? 0 : 1
        case (.uint(let first), .int(let second)): first < second ? -1 : first == second ? 0 : 1
        }
    }

    /// How a number with a fraction compares to this integer.
    private func orderOfDouble(_ number: Double) -> Int? {
        let integer: Double
        switch self {
        case .int(let value):
            if number < -9_223_372_036_854_775_808 { return -1 }
            if number > 9_223_372_036_854_775_808 { return 1 }
            integer = Double(value)
        case .uint(let value):
            if number < 0 { return -1 }
            if number > 18_446_744_073_709_551_616 { return 1 }
            integer = Double(value)
        case .double: return nil
        }
        return number < integer ? -1 : number == integer ? 0 : 1
    }
}
