/// A parameter of a query is unknown or not valid.
struct InvalidParameter: Error, CustomStringConvertible {
    let description: String

    /// Refuses a parameter that is there twice.
    ///
    /// - Parameter seen: the names so far.
    static func checkOnce(_ name: String, _ seen: inout Set<String>) throws(InvalidParameter) {
        guard seen.insert(name).inserted else {
            throw InvalidParameter(description: "the parameter \(name) is given twice")
        }
    }

    /// How many results an answer has at most.
    static func limit(_ value: String, maximum: Int) throws(InvalidParameter) -> Int {
        guard let limit = Int(value), (1...maximum).contains(limit) else {
            throw InvalidParameter(description: "limit must be a number from 1 to \(maximum)")
        }
        return limit
    }

    /// A parameter that is not a time.
    static func time(_ name: String) -> InvalidParameter {
        InvalidParameter(description: "\(name) must be an RFC 3339 time such as 2026-11-27T00:00:00Z")
    }
}
