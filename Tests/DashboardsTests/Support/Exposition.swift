import TestSupport

/// Metrics in Prometheus' text format.
struct Exposition {
    struct Family {
        var kind: String
        /// The names of labels that its series have, without `le`.
        var labels: Set<String> = []
        /// The values of each label.
        var values: [String: Set<String>] = [:]
        var hasSeries = false
    }

    private(set) var families: [String: Family] = [:]

    init(_ text: String) {
        var name = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                name = String(words[2])
                families[name] = families[name] ?? Family(kind: String(words[3]))
            } else if !line.hasPrefix("#") {
                families[name]?.hasSeries = true
                for match in line.matches(of: #/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/#) where match.1 != "le" {
                    families[name]?.labels.insert(String(match.1))
                    families[name]?.values[String(match.1), default: []].insert(String(match.2))
                }
            }
        }
    }

    /// What a controller and two gateways served while they ran in a sandbox, with calls through the gateways, some of which were
    /// refused or failed, Redis away for a while, and an audit log that could not be written. Of buckets, only the last is kept.
    static func recorded() throws -> [String: Exposition] {
        var result: [String: Exposition] = [:]
        for program in ["controller", "gateway"] {
            result[program] = Exposition(try Tool.text(of: "Tests/DashboardsTests/Recorded/\(program).txt"))
        }
        return result
    }
}
