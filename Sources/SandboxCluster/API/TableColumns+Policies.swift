import KubernetesAPI

/// The columns of policies, quotas, roles and similar kinds.
extension TableColumns {
    static func policies(_ kind: String) -> [TableColumns]? {
        switch kind {
        case "ResourceQuota":
            return [
                text("Request") { quota in uses(quota) { !$0.hasPrefix("limits.") } },
                text("Limit") { quota in uses(quota) { $0.hasPrefix("limits.") } }, age,
            ]
        case "LimitRange", "Role", "ClusterRole":
            return [field("Created At", "metadata", "creationTimestamp", type: "date")]
        case "Endpoints": return [text("Endpoints") { _ in "<none>" }, age]
        case "EndpointSlice":
            return [
                field("AddressType", "addressType"),
                text("Ports") { slice in
                    let ports = (slice["ports"]?.arrayValue ?? []).compactMap { $0["port"]?.integerValue }
                    return ports.isEmpty ? "<unset>" : ports.map { String($0) }.joined(separator: ",")
                },
                text("Endpoints") { slice in
                    let all = (slice["endpoints"]?.arrayValue ?? []).flatMap { $0["addresses"]?.arrayValue ?? [] }
                        .compactMap(\.stringValue)
                    if all.isEmpty { return "<unset>" }
                    let more = all.count > 3 ? " + \(all.count - 3) more..." : ""
                    return all.prefix(3).joined(separator: ",") + more
                }, age,
            ]
        case "PriorityClass":
            return [
                field("Value", "value", type: "integer", missing: 0),
                TableColumns(name: "Global-Default", type: "boolean") { object, _ in object["globalDefault"] ?? false },
                age, field("PreemptionPolicy", "preemptionPolicy"),
            ]
        case "RuntimeClass": return [field("Handler", "handler"), age]
        case "IngressClass":
            return [field("Controller", "spec", "controller"), text("Parameters") { _ in "<none>" }, age]
        case "StorageClass":
            return [
                field("Provisioner", "provisioner"), field("ReclaimPolicy", "reclaimPolicy", missing: "Delete"),
                field("VolumeBindingMode", "volumeBindingMode", missing: "Immediate"),
                TableColumns(name: "AllowVolumeExpansion") { object, _ in object["allowVolumeExpansion"] ?? false },
                age,
            ]
        case "ControllerRevision":
            return [
                text("Controller") { revision in
                    let owner = revision.ownerReferences.first { $0["controller"]?.boolValue == true }
                    guard let owner else { return "<none>" }
                    let group = owner["apiVersion"]?.stringValue?.split(separator: "/").dropLast().first ?? ""
                    let kind = (owner["kind"]?.stringValue ?? "").lowercased()
                    return "\(kind)\(group.isEmpty ? "" : ".\(group)")/\(owner["name"]?.stringValue ?? "")"
                }, TableColumns(name: "Revision") { object, _ in object["revision"] ?? 0 }, age,
            ]
        case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
            return [
                TableColumns(name: "Webhooks", type: "integer") { object, _ in
                    .integer(Int64(object["webhooks"]?.arrayValue?.count ?? 0))
                }, age,
            ]
        case "Event": return events
        default: return nil
        }
    }

    private static func uses(_ quota: JSONValue, _ isMeant: (String) -> Bool) -> String {
        let used = quota[path: ["status", "used"]]?.stringMap ?? [:]
        return (quota[path: ["status", "hard"]]?.stringMap ?? [:]).filter { isMeant($0.key) }
            .sorted { $0.key < $1.key }.map { "\($0.key): \(used[$0.key] ?? "0")/\($0.value)" }.joined(separator: ", ")
    }

    private static var events: [TableColumns] {
        @Sendable func involved(_ event: JSONValue) -> JSONValue {
            event["involvedObject"] ?? event["regarding"] ?? [:]
        }
        @Sendable func since(_ event: JSONValue, _ names: [String], _ now: Timestamp) -> JSONValue {
            let text = names.lazy.compactMap { event[$0]?.stringValue }.first
            // An Event's own time is more precise than other times.
            let whole = text.flatMap { MicroTimestamp($0) }.map {
                Timestamp(secondsSinceEpoch: $0.microsecondsSinceEpoch / 1_000_000).description
            }
            return .string(duration(since: whole ?? text, now: now))
        }
        return [
            TableColumns(name: "Last Seen") { event, now in
                since(event, ["lastTimestamp", "deprecatedLastTimestamp", "eventTime"], now)
            }, field("Type", "type", missing: ""), field("Reason", "reason", missing: ""),
            text("Object") { event in
                let object = involved(event)
                return "\(object["kind"]?.stringValue?.lowercased() ?? "")/\(object["name"]?.stringValue ?? "")"
            }, text("Subobject", priority: 1) { involved($0)["fieldPath"]?.stringValue ?? "" },
            text("Source", priority: 1) { event in
                let source = event["source"] ?? event["deprecatedSource"] ?? [:]
                let reporter =
                    event["reportingComponent"]?.stringValue ?? event["reportingController"]?.stringValue ?? ""
                let instance = event["reportingInstance"]?.stringValue ?? ""
                let component = source["component"]?.stringValue ?? reporter
                let host = source["host"]?.stringValue ?? instance
                return host.isEmpty ? component : "\(component), \(host)"
            }, text("Message") { $0["message"]?.stringValue ?? $0["note"]?.stringValue ?? "" },
            TableColumns(name: "First Seen", priority: 1) { event, now in
                since(event, ["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"], now)
            },
            TableColumns(name: "Count", priority: 1) { event, _ in
                event["count"] ?? event["deprecatedCount"] ?? event[path: ["series", "count"]] ?? 1
            }, TableColumns(name: "Name", priority: 1) { event, _ in .string(event.objectName) },
        ]
    }
}
