internal import KubernetesAPI

/// A query that somebody has saved: a resource, or with parameters a template of resources. Pure.
struct SavedQuery: Sendable, Hashable {
    enum Language: String, Sendable, Hashable, CaseIterable {
        case promql, logql

        /// The tool that runs it.
        var tool: String { self == .promql ? "promql.query" : "loki.query" }
        /// The argument of the tool.
        var argument: String { self == .promql ? "expr" : "logql" }
    }

    /// The longest file that is read, in bytes.
    static let maximumBytes = 16 << 10

    /// The name with its ending, such as `pod-restarts.promql`.
    let name: String
    let language: Language
    /// What it shows.
    let description: String
    /// What its parameters are, by name.
    let parameterDescriptions: [String: String]
    let template: QueryTemplate

    /// Reads a file: comment lines that describe the query, and the query. A line `# @param NAME TEXT` describes a parameter.
    ///
    /// - Parameter name: the name of the file.
    /// - Throws: `QueryTemplate.Problem`.
    init(name: String, text: String) throws(QueryTemplate.Problem) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let language = Language(rawValue: String(parts[1])), !parts[0].isEmpty,
            name.utf8.count <= 128,
            parts[0].utf8.allSatisfy({ byte in
                byte < 0x80
                    && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
                        || "-_".utf8.contains(byte))
            })
        else {
            throw QueryTemplate.Problem(
                description: "the name must consist of letters, digits, - and _, and end with .promql or .logql"
            )
        }
        guard text.utf8.count <= Self.maximumBytes else {
            throw QueryTemplate.Problem(description: "the file has more than \(Self.maximumBytes) bytes")
        }
        self.name = name
        self.language = language
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        var description: [String] = []
        var parameters: [String: String] = [:]
        while let line = lines.first, line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) {
            lines = lines.dropFirst()
            let comment = line.drop { $0 == "#" || $0 == " " }
            if comment.hasPrefix("@param ") {
                let words = comment.split(separator: " ", maxSplits: 2)
                if words.count == 3 { parameters[String(words[1])] = String(words[2]) }
            } else if !comment.isEmpty {
                description.append(String(comment))
            }
        }
        var query = lines.joined(separator: "\n")
        while query.last?.isWhitespace == true { query.removeLast() }
        guard !query.isEmpty else { throw QueryTemplate.Problem(description: "the file has no query") }
        template = try QueryTemplate(query)
        self.description = description.joined(separator: " ").printable(maximumLength: 1_000)
        parameterDescriptions = parameters
    }

    var parameters: [String] { template.parameters }

    /// Where the query is. With parameters, each is a part of the path.
    var uri: String { Self.prefix + name + parameters.map { "/{\($0)}" }.joined() }

    static let prefix = "res://dashboards/"

    /// What clients see.
    var fullDescription: String {
        var text = description.isEmpty ? "A saved query." : description
        let described = parameters.compactMap { name in parameterDescriptions[name].map { "\(name): \($0)" } }
        if !described.isEmpty { text += " Parameters: \(described.joined(separator: " "))" }
        return text + " Run it with \(language.tool), as \(language.argument)."
    }
}

extension SavedQuery {
    /// The queries that every bridge has.
    static let builtIn: [SavedQuery] = files.compactMap { try? SavedQuery(name: $0.name, text: $0.text) }

    private static let files: [(name: String, text: String)] = [
        (
            "top-pods-by-cpu.promql",
            """
            # The ten pods that use the most processor time, in cores.
            topk(10, sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container!=""}[5m])))
            """
        ),
        (
            "pod-restarts.promql",
            """
            # Containers that restarted in the last hour, by namespace and pod. Needs kube-state-metrics.
            sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[1h])) > 0
            """
        ),
        (
            "warn-events.logql",
            """
            # Lines of warnings and errors of all namespaces.
            {namespace=~".+"} |~ "(?i)(warn|error|fail)"
            """
        ),
        (
            "pod-cpu.promql",
            """
            # The processor time of the pods of a namespace, in cores.
            # @param namespace The namespace.
            # @param range Over how long it is averaged, such as 5m.
            sum by (pod) (rate(container_cpu_usage_seconds_total{namespace="$namespace", container!=""}[$range]))
            """
        ),
        (
            "namespace-errors.logql",
            """
            # Lines of errors in a namespace.
            # @param namespace The namespace.
            {namespace="$namespace"} |~ "(?i)(error|fatal|panic)"
            """
        ),
    ]

    /// The built-in queries and those of files, which replace built-in ones of the same name; by name.
    static func merged(files: [SavedQuery]) -> [SavedQuery] {
        let names = Set(files.map(\.name))
        return (builtIn.filter { !names.contains($0.name) } + files).sorted { $0.name < $1.name }
    }
}
