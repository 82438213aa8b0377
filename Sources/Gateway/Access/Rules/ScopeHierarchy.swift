/// Scopes that imply others. Pure.
public struct ScopeHierarchy: Sendable, Hashable {
    private let implied: [String: Set<String>]

    /// - Parameter implied: for each scope, those that it implies directly. Cycles are allowed.
    public init(_ implied: [String: [String]] = [:]) {
        var closure: [String: Set<String>] = [:]
        for scope in implied.keys {
            var found: Set<String> = []
            var pending = [scope]
            while let next = pending.popLast() {
                for other in implied[next] ?? [] where found.insert(other).inserted { pending.append(other) }
            }
            closure[scope] = found
        }
        self.implied = closure
    }

    /// The scopes with all that they imply.
    public func expand(_ scopes: Set<String>) -> Set<String> {
        guard !implied.isEmpty else { return scopes }
        return scopes.reduce(into: scopes) { $0.formUnion(implied[$1] ?? []) }
    }
}
