package import CommandSupport
package import KubernetesAPI

/// The results of all checks of an installation.
package struct DoctorReport: Sendable {
    /// The results, in the order of the checks.
    package let results: [CheckResult]

    /// The checks, each a function of the facts.
    private static let checks: [@Sendable (DoctorFacts) -> [CheckResult]] = [
        DoctorChecks.apiServer, DoctorChecks.clock, DoctorChecks.definitions, DoctorChecks.controller,
        DoctorChecks.lease, DoctorChecks.permissions, DoctorChecks.admission, DoctorChecks.gateway,
        DoctorChecks.gatewayService, DoctorChecks.monitors, DoctorChecks.network, DoctorChecks.podSecurity,
        DoctorChecks.registries, DoctorChecks.tenants, DoctorChecks.servers,
    ]

    /// Runs all checks.
    package init(_ facts: DoctorFacts) {
        if facts.version.value == nil {
            // Nothing else can be known.
            results = DoctorChecks.apiServer(facts)
        } else {
            results = Self.checks.flatMap { $0(facts) }
        }
    }

    /// Whether a check has failed.
    package var hasFailed: Bool { results.contains { $0.level == .failed } }

    /// As text: a line for each check, and what to do below it.
    package func rendered(console: Console) -> String {
        var lines: [String] = []
        let width = results.map(\.check.count).max() ?? 0
        for result in results {
            let (word, state) = Self.shown(result.level)
            let name = result.check + String(repeating: " ", count: width - result.check.count)
            let lead = String(repeating: " ", count: width + 13)
            let message = TextLayout.paragraph(result.message, indentation: width + 13)
            let head = console.styled(word, state) + String(repeating: " ", count: 11 - word.count)
            let first = message.first.map { String($0.dropFirst(lead.count)) } ?? ""
            lines.append("\(head)\(TextLayout.safe(name))  \(first)")
            lines += message.dropFirst()
            if let wayOut = result.wayOut {
                var way = TextLayout.paragraph(wayOut, indentation: lead.count + 2)
                if let first = way.first { way[0] = "\(lead)→ " + String(first.dropFirst(lead.count + 2)) }
                lines += way
            }
        }
        let counts = CheckResult.Level.allCases.compactMap { level -> String? in
            let count = results.count { $0.level == level }
            return count == 0 ? nil : "\(count) \(Self.shown(level).word)"
        }
        return lines.joined(separator: "\n") + "\n\n" + counts.joined(separator: ", ") + "\n"
    }

    private static func shown(_ level: CheckResult.Level) -> (word: String, state: TreeNode.State) {
        switch level {
        case .ok: ("ok", .good)
        case .warning: ("warning", .waiting)
        case .failed: ("failed", .bad)
        case .notChecked: ("unchecked", .neutral)
        }
    }

    /// The same facts as data.
    package var json: JSONValue {
        ["failed": .bool(hasFailed), "checks": .array(results.map(\.json))]
    }
}
