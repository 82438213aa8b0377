import KubernetesAPI

/// The columns of pods and of the kinds that create them.
extension TableColumns {
    static func workloads(_ kind: String) -> [TableColumns]? {
        let containers = text("Containers", priority: 1) {
            join($0[path: ["spec", "template", "spec", "containers"]]?.arrayValue, "name")
        }
        let images = text("Images", priority: 1) {
            join($0[path: ["spec", "template", "spec", "containers"]]?.arrayValue, "image")
        }
        let selector = text("Selector", priority: 1) { keyValues($0[path: ["spec", "selector", "matchLabels"]]) }
        switch kind {
        case "StatefulSet":
            return [
                text("Ready") { "\(number($0, "status", "readyReplicas"))/\(number($0, "spec", "replicas"))" }, age,
                containers, images,
            ]
        case "DaemonSet":
            return [
                count("Desired", "desiredNumberScheduled"), count("Current", "currentNumberScheduled"),
                count("Ready", "numberReady"), count("Up-to-date", "updatedNumberScheduled"),
                count("Available", "numberAvailable"),
                text("Node Selector") { keyValues($0[path: ["spec", "template", "spec", "nodeSelector"]]) }, age,
                containers, images, selector,
            ]
        case "Job":
            return [
                text("Status", jobStatus),
                text("Completions") { job in
                    "\(number(job, "status", "succeeded"))/\(job[path: ["spec", "completions"]]?.integerValue ?? 1)"
                }, TableColumns(name: "Duration", cell: jobDuration), age, containers, images, selector,
            ]
        case "CronJob":
            return [
                field("Schedule", "spec", "schedule"), field("Timezone", "spec", "timeZone"),
                TableColumns(name: "Suspend", type: "boolean") { object, _ in
                    .string(object[path: ["spec", "suspend"]]?.boolValue == true ? "True" : "False")
                },
                TableColumns(name: "Active", type: "integer") { object, _ in
                    .integer(Int64(object[path: ["status", "active"]]?.arrayValue?.count ?? 0))
                },
                TableColumns(name: "Last Schedule") { object, now in
                    let time = object[path: ["status", "lastScheduleTime"]]?.stringValue
                    return .string(time == nil ? "<none>" : duration(since: time, now: now))
                }, age,
            ]
        case "HorizontalPodAutoscaler":
            return [
                text("Reference") { scaler in
                    let target = scaler[path: ["spec", "scaleTargetRef"]]
                    return "\(target?["kind"]?.stringValue ?? "")/\(target?["name"]?.stringValue ?? "")"
                }, text("Targets", targets),
                text("MinPods") { "\($0[path: ["spec", "minReplicas"]]?.integerValue ?? 1)" },
                TableColumns(name: "MaxPods") { object, _ in object[path: ["spec", "maxReplicas"]] ?? 0 },
                TableColumns(name: "Replicas") { object, _ in object[path: ["status", "currentReplicas"]] ?? 0 }, age,
            ]
        default: return nil
        }
    }

    private static func count(_ name: String, _ status: String) -> TableColumns {
        field(name, "status", status, type: "integer", missing: 0)
    }

    private static func jobStatus(_ job: JSONValue) -> String {
        let conditions = job[path: ["status", "conditions"]]?.arrayValue ?? []
        func holds(_ type: String) -> Bool {
            conditions.contains { $0["type"]?.stringValue == type && $0["status"] == "True" }
        }
        if holds("Complete") { return "Complete" }
        if holds("Failed") { return "Failed" }
        if job.isBeingDeleted { return "Terminating" }
        if holds("Suspended") { return "Suspended" }
        if holds("FailureTarget") { return "FailureTarget" }
        return holds("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running"
    }

    @Sendable private static func jobDuration(_ job: JSONValue, _ now: Timestamp) -> JSONValue {
        guard let start = job[path: ["status", "startTime"]]?.stringValue else { return "" }
        let end = job[path: ["status", "completionTime"]]?.stringValue.flatMap { Timestamp($0) }
        return .string(duration(since: start, now: end ?? now))
    }

    private static func targets(_ scaler: JSONValue) -> String {
        let metrics = (scaler[path: ["spec", "metrics"]]?.arrayValue ?? []).map { metric -> String in
            let resource = metric["resource"]
            let target = resource?["target"]
            let wanted =
                target?["averageUtilization"]?.integerValue.map { "\($0)%" } ?? target?["averageValue"]?.stringValue
                ?? "<auto>"
            return "\(resource?["name"]?.stringValue ?? ""): <unknown>/\(wanted)"
        }
        return metrics.isEmpty ? "<none>" : metrics.joined(separator: ", ")
    }
}
