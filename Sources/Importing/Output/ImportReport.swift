public import KubernetesAPI

/// The report of an import, for people and for programs.
public struct ImportReport: Sendable {
    private let result: ImportResult

    /// Makes the report of a result.
    public init(_ result: ImportResult) { self.result = result }

    /// One line: what was made, and what is to be read.
    public var summary: String {
        let servers = count("MCPServer"), virtual = count("MCPVirtualServer")
        var text = "\(servers) \(servers == 1 ? "server" : "servers")"
        if virtual > 0 { text += " and \(virtual) virtual \(virtual == 1 ? "server" : "servers")" }
        let carried = result.inputs.reduce(0) { $0 + $1.carriedOver.count }
        let reported = result.inputs.reduce(0) { $0 + $1.reported.count }
        text += "; \(carried) fields carried over, \(reported) not"
        for (kind, word) in [(ImportFinding.Kind.refused, "refused"), (.toDo, "to do")] {
            let number = result.findings.count { $0.kind == kind }
            if number > 0 { text += ", \(number) \(word)" }
        }
        return text
    }

    private func count(_ kind: String) -> Int { result.manifests.count { $0["kind"]?.stringValue == kind } }

    /// The findings as lines that editors and CI systems understand, and the Secrets that are needed.
    public var text: String {
        var lines = result.findings.map(Self.line)
        if !result.secrets.isEmpty {
            lines.append("")
            lines.append("Secrets that have to exist:")
            lines += secretLines
        }
        lines.append("")
        lines.append(summary)
        return lines.joined(separator: "\n") + "\n"
    }

    /// A finding as one line.
    public static func line(_ finding: ImportFinding) -> String {
        var text = printable(finding.file) + (finding.line.map { ":\($0)" } ?? "") + ": "
        switch finding.kind {
        case .refused: text += "error: "
        case .notCarriedOver, .changed, .toDo: text += "warning: "
        case .note: text += "note: "
        }
        if !finding.subject.isEmpty { text += printable(finding.subject) + ": " }
        if !finding.field.elements.isEmpty { text += printable(finding.field.description) + ": " }
        switch finding.kind {
        case .notCarriedOver: text += "not carried over: "
        case .changed: text += "changed: "
        case .toDo: text += "to do: "
        default: break
        }
        text += printable(finding.reason)
        if let value = finding.value {
            let shown = String(decoding: value.serialized(), as: UTF8.self)
            text += " (\(printable(shown, maximumLength: 200)))"
        }
        if !finding.solution.isEmpty { text += "; \(printable(finding.solution))" }
        return text
    }

    /// Texts of inputs are not trusted: a terminal would act on control characters.
    private static func printable(_ text: String, maximumLength: Int = 512) -> String {
        let single = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let short = single.printable(maximumLength: maximumLength)
        return short
    }

    /// A line for each Secret, with the command that creates it. Values are read from files, so that they are in no shell history.
    private var secretLines: [String] {
        var lines: [String] = []
        var names: [(namespace: String?, name: String)] = []
        for secret in result.secrets
        where !names.contains(where: { $0.namespace == secret.namespace && $0.name == secret.name }) {
            names.append((secret.namespace, secret.name))
        }
        for (namespace, name) in names {
            let keys = result.secrets.filter { $0.namespace == namespace && $0.name == name }
            var command = "kubectl create secret generic \(name)"
            if let namespace { command += " --namespace \(namespace)" }
            let named = keys.compactMap(\.key)
            command += named.map { " --from-file=\($0)=FILE" }.joined()
            lines.append("  \(Self.printable(named.isEmpty ? name : command))")
            for key in keys { lines.append("    \(Self.printable("\(key.key ?? "all keys"): \(key.purpose)"))") }
        }
        return lines
    }

    /// The report as an object, with all findings and counts.
    public var json: JSONValue {
        let inputs = result.inputs.map { input -> JSONValue in
            [
                "file": .string(input.file), "subject": .string(input.subject),
                "carriedOver": .integer(Int64(input.carriedOver.count)),
                "notCarriedOver": .integer(Int64(input.reported.count)),
            ]
        }
        let findings = result.findings.map { finding -> JSONValue in
            var value: JSONValue = [
                "kind": .string(finding.kind.rawValue), "file": .string(finding.file),
                "subject": .string(finding.subject),
                "field": .string(finding.field.description), "reason": .string(finding.reason),
                "solution": .string(finding.solution),
            ]
            if let line = finding.line { value["line"] = .integer(Int64(line)) }
            if let own = finding.value { value["value"] = own }
            return value
        }
        let secrets = result.secrets.map { secret -> JSONValue in
            var value: JSONValue = ["name": .string(secret.name), "purpose": .string(secret.purpose)]
            if let namespace = secret.namespace { value["namespace"] = .string(namespace) }
            if let key = secret.key { value["key"] = .string(key) }
            return value
        }
        return [
            "summary": .string(summary), "inputs": .array(inputs), "findings": .array(findings),
            "secrets": .array(secrets),
        ]
    }
}
