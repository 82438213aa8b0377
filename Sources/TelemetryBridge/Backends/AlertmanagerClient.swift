internal import KubernetesAPI

/// Alertmanager's HTTP API, version 2.
struct AlertmanagerClient: Sendable {
    let client: BackendClient

    /// The alerts that match all matchers.
    ///
    /// - Parameters:
    ///   - matchers: such as `severity="critical"`.
    ///   - includesSuppressed: whether silenced and inhibited alerts are wanted.
    func alerts(matching matchers: [String], includesSuppressed: Bool) async throws -> [ActiveAlert] {
        var parameters = [
            ("active", "true"), ("silenced", includesSuppressed ? "true" : "false"),
            ("inhibited", includesSuppressed ? "true" : "false"), ("unprocessed", "true"),
        ]
        parameters += matchers.map { ("filter", $0) }
        let (status, body) = try await client.get("/api/v2/alerts", parameters)
        if let alerts = body.arrayValue, status < 300 { return alerts.map(ActiveAlert.init(alertmanager:)) }
        // Errors are a JSON string, or an object with a message.
        let text = (body.stringValue ?? body["message"]?.stringValue ?? "").printable(maximumLength: 500)
        if status == 400 {
            throw BackendError(.rejected, "Alertmanager does not accept the matchers: \(text)")
        }
        throw BackendError(.unexpected, "Alertmanager answers \(status): \(text)")
    }
}

/// An alert that fires, or is about to.
struct ActiveAlert: Sendable, Hashable {
    var name: String
    var severity: String?
    /// `active`, `suppressed` or `unprocessed` of Alertmanager; `firing` or `pending` of Prometheus.
    var state: String
    var startsAt: String?
    var labels: [String: String]
    /// What the rule's author says about it.
    var annotations: [String: String]

    /// The annotations that are texts for people. Others can contain anything.
    private static let shownAnnotations: Set<String> = ["summary", "description", "message", "runbook_url"]

    init(alertmanager json: JSONValue) {
        self.init(json, state: json.text("status", "state") ?? "active", startsAt: json.text("startsAt"))
    }

    init(prometheus json: JSONValue) {
        self.init(json, state: json.text("state") ?? "firing", startsAt: json.text("activeAt"))
    }

    private init(_ json: JSONValue, state: String, startsAt: String?) {
        labels = json["labels"]?.texts ?? [:]
        name = labels["alertname"] ?? "(no name)"
        severity = labels["severity"]
        self.state = state
        self.startsAt = startsAt
        annotations = (json["annotations"]?.texts ?? [:])
            .filter { Self.shownAnnotations.contains($0.key) }
            .mapValues { $0.truncated(toUTF8Bytes: 500) }
    }

    /// The most severe first, then the oldest.
    static func areInOrder(_ left: ActiveAlert, _ right: ActiveAlert) -> Bool {
        (left.rank, left.startsAt ?? "", left.name) < (right.rank, right.startsAt ?? "", right.name)
    }

    private var rank: Int {
        switch severity?.lowercased() {
        case "critical", "page", "emergency": 0
        case "error", "major", "high": 1
        case "warning", "warn", "minor": 2
        case nil: 3
        case "none", "info": 5
        default: 4
        }
    }
}
