/// The prefixes of the members of a route.
enum MemberPrefix {
    /// A prefix for each name, in which only characters are left that names of tools may have (M18), without the `_` that ends the
    /// prefix. Names that become the same get a number, so that each prefix is unique.
    static func prefixes(for names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            let plain = String(decoding: name.utf8.map { isAllowed($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
            let base = plain.isEmpty ? "server" : String(plain.prefix(maximumLength))
            var candidate = base
            var number = 2
            while !taken.insert(candidate).inserted {
                candidate = "\(base)-\(number)"
                number += 1
            }
            return candidate
        }
    }

    /// So that at least half of the 128 characters of a name are the tool's own.
    private static let maximumLength = 56

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension Route.Member {
    /// The name under which clients of the route see a tool or a prompt of this member. It depends on the route and the name alone,
    /// not on which servers are reachable (M18).
    public func advertisedName(of name: String) -> String { prefix.map { "\($0)_\(name)" } ?? name }

    /// The member's own name of what clients call by this one; `nil` if it is not of this member.
    public func originalName(of advertised: String) -> String? {
        guard let prefix else { return advertised }
        let start = Array("\(prefix)_".utf8)
        guard advertised.utf8.starts(with: start), advertised.utf8.count > start.count else { return nil }
        return String(decoding: advertised.utf8.dropFirst(start.count), as: UTF8.self)
    }
}

extension Route {
    /// The member that a tool or prompt belongs to, and its own name of it.
    public func member(forName advertised: String) -> (index: Int, name: String)? {
        for (index, member) in members.enumerated() {
            if let name = member.originalName(of: advertised) { return (index, name) }
        }
        return nil
    }
}
