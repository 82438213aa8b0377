/// Host names as used by Ingresses and HTTPRoutes: `mcp.example.com`, `*.example.com` for all subdomains, and `*` for
/// all names, which is used for a route without hostnames.
package enum HostNames {
    /// The host of a route without hostnames.
    package static let any = "*"

    /// Whether `pattern` matches every name that `host` matches. A wildcard matches names at any depth: it matches one
    /// label in an Ingress and any number in a Gateway, and the wider meaning is the safe one here.
    static func covers(_ pattern: String, _ host: String) -> Bool {
        if pattern == any || pattern == host { return true }
        guard pattern.hasPrefix("*.") else { return false }
        let suffix = pattern.dropFirst()
        return host.hasSuffix(suffix) && host.utf8.count > suffix.utf8.count
    }

    /// Whether some name matches both.
    package static func overlap(_ left: String, _ right: String) -> Bool { covers(left, right) || covers(right, left) }

    /// The index keys of a host. `lookupKeys(of:)` of every overlapping host contains one of them.
    package static func indexKeys(of host: String) -> [String] {
        let base = base(of: host)
        return ["at:\(base)"] + parents(of: base).map { "under:\($0)" }
    }

    /// The keys under which all hosts are found that overlap this one, and some that do not.
    package static func lookupKeys(of host: String) -> [String] {
        let base = base(of: host)
        // A host that covers this one is found at one of its parents; a host that this one covers is found under it.
        return parents(of: base).map { "at:\($0)" } + (host.hasPrefix(any) ? ["under:\(base)"] : [])
    }

    /// The host without its wildcard, and the empty string for `*`.
    private static func base(of host: String) -> String {
        host == any ? "" : host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
    }

    /// A name, all its parent domains, and the empty string, which is the parent of all names.
    private static func parents(of base: String) -> [String] {
        var parents: [String] = []
        var rest = Substring(base)
        while !rest.isEmpty {
            parents.append(String(rest))
            guard let dot = rest.firstIndex(of: ".") else { break }
            rest = rest[rest.index(after: dot)...]
        }
        return parents + [""]
    }
}
