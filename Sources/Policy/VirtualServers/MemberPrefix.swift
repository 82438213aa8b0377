/// The prefixes of the servers behind one endpoint.
package enum MemberPrefix {
    /// A prefix for each name, in which only characters are left that names of tools may have (M18), without the `_` that ends the
    /// prefix. Names that become the same get a number, so that each prefix is unique.
    package static func prefixes(for names: [String]) -> [String] {
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
