internal import KubernetesAPI

/// An Event, of either API group.
struct EventFact: Sendable, Hashable {
    /// `Normal` or `Warning`.
    var type: String
    /// The reason.
    var reason: String
    /// What happened.
    var message: String
    /// The object that it is about, such as `Pod weather-0`.
    var object: String
    /// How often it happened.
    var count: Int64
    /// When it happened last.
    var last: Timestamp?

    init(_ event: JSONValue) {
        type = event.text("type") ?? "Normal"
        reason = event.text("reason") ?? ""
        message = event.text("message") ?? event.text("note") ?? ""
        let about = event["involvedObject"] ?? event["regarding"] ?? [:]
        object = "\(about.text("kind") ?? "Object") \(about.text("name") ?? "")"
        count = max(
            1,
            event.integer("series", "count") ?? event.integer("count") ?? event.integer("deprecatedCount") ?? 1
        )
        last =
            event.time("series", "lastObservedTime") ?? event.time("lastTimestamp") ?? event.time("eventTime")
            ?? event.time("firstTimestamp") ?? event.time("metadata", "creationTimestamp")
    }

    /// The newest ones, the newest first.
    static func recent(_ events: [JSONValue], limit: Int) -> [EventFact] {
        let facts = events.map(EventFact.init).enumerated().sorted {
            let times = ($0.element.last?.secondsSinceEpoch ?? 0, $1.element.last?.secondsSinceEpoch ?? 0)
            return times.0 == times.1 ? $0.offset < $1.offset : times.0 > times.1
        }
        return Array(facts.map(\.element).prefix(limit))
    }

    func node(now: Timestamp) -> TreeNode {
        let age = last.map { Age.text(since: $0, now: now) } ?? "?"
        let times = count > 1 ? " (\(count) times)" : ""
        return TreeNode(
            "\(age) ago",
            summary: "\(reason)\(times)",
            state: type == "Warning" ? .bad : .neutral,
            notes: ["\(object): \(message)"]
        )
    }

    var json: JSONValue {
        .fields(
            ("type", .string(type)),
            ("reason", .string(reason)),
            ("message", .string(message)),
            ("object", .string(object)),
            ("count", .integer(count)),
            ("last", JSONValue(last))
        )
    }
}
