/// Host names as Ingresses and HTTPRoutes have them: `mcp.example.com`, `*.example.com` for every name below, and `*` for
/// every name, which stands for a route that names none.
enum HostNames {
    /// The host of a route that names none.
    static let any = "*"

    /// Whether every name that `host` stands for is one that `pattern` stands for. A wildcard covers names at any depth: an
    /// Ingress means one label by it and a Gateway any number, and here the wider reading is the safe one.
    static func covers(_ pattern: String, _ host: String) -> Bool {
        if pattern == any || pattern == host { return true }
        guard pattern.hasPrefix("*.") else { return false }
        let suffix = pattern.dropFirst()
        return host.hasSuffix(suffix) && host.utf8.count > suffix.utf8.count
    }

    /// Whether some name is meant by both.
    static func overlap(_ left: String, _ right: String) -> Bool { covers(left, right) || covers(right, left) }

    /// The keys under which a host is found by `lookupKeys(of:)` of each host that overlaps it.
    static func indexKeys(of host: String) -> [String] {
        let base = base(of: host)
        return ["at:\(base)"] + parents(of: base).map { "under:\($0)" }
    }

    /// The keys under which every host is that overlaps this one, and some that do not.
    static func lookupKeys(of host: String) -> [String] {
        let base = base(of: host)
        // What covers this host stands at one of its parents; what it covers itself stands under it.
        return parents(of: base).map { "at:\($0)" } + (host.hasPrefix(any) ? ["under:\(base)"] : [])
    }

    /// The host without its wildcard; empty for `*`.
    private static func base(of host: String) -> String {
        host == any ? "" : host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
    }

    /// A name, all names that it is below, and the empty one, which all are below.
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
