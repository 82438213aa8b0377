internal import KubernetesAPI
internal import MCPProtocol

/// An event of the cluster, from core/v1, with the fields of both of its forms. Pure.
struct ClusterEvent: Sendable, Hashable {
    var type: String
    var reason: String
    var namespace: String
    var kind: String
    var name: String
    var message: String
    var count: Int64
    var lastSeen: Timestamp?
    /// What reports it.
    var source: String

    /// The longest message that is shown whole, in bytes.
    static let maximumMessageBytes = 1_000

    init(_ json: JSONValue) {
        type = json.text("type") ?? "Normal"
        reason = json.text("reason") ?? ""
        namespace = json.text("involvedObject", "namespace") ?? json.text("metadata", "namespace") ?? ""
        kind = json.text("involvedObject", "kind") ?? ""
        name = json.text("involvedObject", "name") ?? ""
        let text = LogLines.shown(json.text("message") ?? "").text
        let cut =
            text.utf8.count > Self.maximumMessageBytes
            ? text.truncated(toUTF8Bytes: Self.maximumMessageBytes) + "…" : text
        message = SecretText.redacted(cut) ?? cut
        count = json.integer("series", "count") ?? json.integer("count") ?? 1
        let times = [
            json.text("series", "lastObservedTime"), json.text("lastTimestamp"), json.text("eventTime"),
            json.text("firstTimestamp"), json.text("metadata", "creationTimestamp"),
        ]
        lastSeen = times.lazy.compactMap { $0.flatMap(Timestamp.init) }.first
        source =
            json.text("reportingComponent").flatMap { $0.isEmpty ? nil : $0 } ?? json.text("source", "component") ?? ""
    }

    var json: RawJSON {
        [
            "lastSeen": lastSeen.map { .string($0.description) }, "type": .string(type), "reason": .string(reason),
            "object": .string(object), "message": .string(message), "count": .integer(count), "source": .string(source),
        ]
    }

    /// The object as `Kind namespace/name`.
    var object: String { "\(kind) \(namespace.isEmpty ? name : "\(namespace)/\(name)")" }

    /// The newest first.
    static func areInOrder(_ left: ClusterEvent, _ right: ClusterEvent) -> Bool {
        (left.lastSeen?.secondsSinceEpoch ?? 0, right.object) > (right.lastSeen?.secondsSinceEpoch ?? 0, left.object)
    }
}

extension BridgeContext {
    /// The events of the last part of time, the newest first.
    ///
    /// - Returns: the events, and whether all were read.
    func events(
        namespace: String?,
        since: PrometheusDuration,
        fieldSelector: String?
    ) async throws -> (events: [ClusterEvent], isComplete: Bool) {
        let (items, isComplete) = try await cluster.objects(.event, namespace: namespace, fieldSelector: fieldSelector)
        let start = now().microsecondsSinceEpoch / 1_000_000 - since.seconds
        let events = items.map(ClusterEvent.init).filter { ($0.lastSeen?.secondsSinceEpoch ?? start) >= start }
        return (events.sorted(by: ClusterEvent.areInOrder), isComplete)
    }
}
