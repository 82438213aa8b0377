/// Something that a playbook has found in live data. Pure.
struct Finding: Sendable, Hashable {
    /// How bad it is.
    enum Severity: Int, Sendable, Hashable, Comparable {
        case critical, warning, information

        var name: String {
            switch self {
            case .critical: "critical"
            case .warning: "warning"
            case .information: "information"
            }
        }

        static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    var severity: Severity
    /// What is wrong, with the evidence.
    var text: String
    /// The call that shows more, or what to change.
    var next: String?
}

/// The text of a prompt: findings, data and steps, within a size.
struct PlaybookText: Sendable {
    /// Bytes of a prompt.
    static let maximumBytes = 24 << 10
    /// Findings that are shown.
    static let maximumFindings = 30

    private var text: String
    private var isCut = false

    init(_ introduction: String) { text = introduction + "\n" }

    /// Adds findings, the worst first.
    mutating func add(_ findings: [Finding]) {
        add(section: "Findings")
        if findings.isEmpty { add(line: "None: the data below shows no problem.") }
        let sorted = findings.enumerated().sorted {
            ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset)
        }
        for (_, finding) in sorted.prefix(Self.maximumFindings) {
            add(line: "- [\(finding.severity.name)] \(finding.text)\(finding.next.map { " Next: \($0)" } ?? "")")
        }
        if sorted.count > Self.maximumFindings {
            add(line: "- \(sorted.count - Self.maximumFindings) more are left out.")
        }
    }

    mutating func add(section: String) { add(line: "\n## \(section)") }

    mutating func add(line: String) {
        guard !isCut else { return }
        guard text.utf8.count + line.utf8.count < Self.maximumBytes else {
            isCut = true
            text += "(The rest of the data is left out, because it is too long; the tools show it.)\n"
            return
        }
        text += line + "\n"
    }

    /// Adds lines, at most so many.
    mutating func add(lines: [String], limit: Int, ifNone: String) {
        if lines.isEmpty { add(line: ifNone) }
        for line in lines.prefix(limit) { add(line: "- \(line)") }
        if lines.count > limit { add(line: "- \(lines.count - limit) more are left out.") }
    }

    /// The whole text.
    ///
    /// - Parameter steps: what to do with the data.
    func finished(steps: [String]) -> String {
        text + "\n## What to do\n" + steps.enumerated().map { "\($0.offset + 1). \($0.element)\n" }.joined()
    }
}
