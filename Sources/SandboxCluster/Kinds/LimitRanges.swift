import KubernetesAPI

/// The defaults that LimitRanges set in pods, and what they reject, with the API server's messages.
enum LimitRanges {
    private static func limits(_ ranges: [JSONValue], _ type: String) -> [JSONValue] {
        ranges.flatMap { $0[path: ["spec", "limits"]]?.arrayValue ?? [] }.filter { $0["type"]?.stringValue == type }
    }

    /// Sets the defaults of containers, and records them in an annotation.
    static func fill(_ pod: inout JSONValue, from ranges: [JSONValue]) {
        var requests: [String: JSONValue] = [:]
        var most: [String: JSONValue] = [:]
        for limit in limits(ranges, "Container") {
            requests.merge(limit["defaultRequest"]?.objectValue ?? [:]) { first, _ in first }
            most.merge(limit["default"]?.objectValue ?? [:]) { first, _ in first }
        }
        if requests.isEmpty, most.isEmpty { return }
        var notes: [String] = []
        for (list, word) in [("containers", "container"), ("initContainers", "init container")] {
            guard var containers = pod[path: ["spec", list]]?.arrayValue else { continue }
            for index in containers.indices {
                let name = containers[index]["name"]?.stringValue ?? ""
                for (key, defaults, what) in [("requests", requests, "request"), ("limits", most, "limit")] {
                    let missing = defaults.keys.filter { containers[index][path: ["resources", key, $0]] == nil }
                        .sorted()
                    if missing.isEmpty { continue }
                    for resource in missing {
                        containers[index][path: ["resources", key, resource]] = defaults[resource]
                    }
                    notes.append("\(missing.joined(separator: ", ")) \(what) for \(word) \(name)")
                }
            }
            pod[path: ["spec", list]] = .array(containers)
        }
        if notes.isEmpty { return }
        pod[path: ["metadata", "annotations", "kubernetes.io/limit-ranger"]] = .string(
            "LimitRanger plugin set: \(notes.joined(separator: "; "))"
        )
    }

    /// Why a pod or a claim is rejected, or `nil` if it is not.
    static func refusal(_ object: JSONValue, kind: String, ranges: [JSONValue]) -> String? {
        var problems: [String] = []
        for range in ranges {
            for limit in range[path: ["spec", "limits"]]?.arrayValue ?? [] {
                switch (kind, limit["type"]?.stringValue) {
                case ("Pod", "Container"):
                    for list in ["containers", "initContainers"] {
                        for container in object[path: ["spec", list]]?.arrayValue ?? [] {
                            let resources = container["resources"]
                            problems += check(
                                limit,
                                "Container",
                                requests: PodResources.amounts(resources?["requests"]),
                                limits: PodResources.amounts(resources?["limits"])
                            )
                        }
                    }
                case ("Pod", "Pod"):
                    let spec = object["spec"] ?? [:]
                    problems += check(
                        limit,
                        "Pod",
                        requests: PodResources.total(spec, "requests"),
                        limits: PodResources.total(spec, "limits")
                    )
                case ("PersistentVolumeClaim", "PersistentVolumeClaim"):
                    problems += claim(limit, PodResources.amounts(object[path: ["spec", "resources", "requests"]]))
                default: break
                }
            }
        }
        if problems.isEmpty { return nil }
        return problems.count == 1 ? problems[0] : "[\(problems.joined(separator: ", "))]"
    }

    private static func sorted(_ value: JSONValue?) -> [(name: String, amount: QuantitySum)] {
        PodResources.amounts(value).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func check(
        _ limit: JSONValue,
        _ type: String,
        requests: PodResources.Amounts,
        limits: PodResources.Amounts
    ) -> [String] {
        var problems: [String] = []
        for (name, least) in sorted(limit["min"]) {
            let start = "minimum \(name) usage per \(type) is \(least)"
            if let request = requests[name] {
                if request < least {
                    problems.append("\(start), but request is \(request)")
                } else if let most = limits[name], most < least {
                    problems.append("\(start), but limit is \(most)")
                }
            } else {
                problems.append("\(start).  No request is specified")
            }
        }
        for (name, most) in sorted(limit["max"]) {
            let start = "maximum \(name) usage per \(type) is \(most)"
            if let given = limits[name] {
                if given > most {
                    problems.append("\(start), but limit is \(given)")
                } else if let request = requests[name], request > most {
                    problems.append("\(start), but request is \(request)")
                }
            } else {
                problems.append("\(start).  No limit is specified")
            }
        }
        for (name, ratio) in sorted(limit["maxLimitRequestRatio"]) {
            let start = "\(name) max limit to request ratio per \(type) is \(ratio)"
            guard let request = requests[name], request.nanos != 0 else {
                problems.append("\(start), but no request is specified or request is 0")
                continue
            }
            guard let given = limits[name], given.nanos != 0 else {
                problems.append("\(start), but no limit is specified or limit is 0")
                continue
            }
            // The message has six decimal places.
            let found = given.nanos * 1_000_000 / request.nanos
            if found * 1_000 > ratio.nanos {
                let fraction = String(found % 1_000_000)
                let zeros = String(repeating: "0", count: 6 - fraction.count)
                problems.append("\(start), but provided ratio is \(found / 1_000_000).\(zeros)\(fraction)")
            }
        }
        return problems
    }

    private static func claim(_ limit: JSONValue, _ requests: PodResources.Amounts) -> [String] {
        var problems: [String] = []
        for (word, list) in [("minimum", sorted(limit["min"])), ("maximum", sorted(limit["max"]))] {
            for (name, bound) in list {
                let start = "\(word) \(name) usage per PersistentVolumeClaim is \(bound)"
                guard let request = requests[name] else {
                    problems.append("\(start).  No request is specified")
                    continue
                }
                if word == "minimum" ? request < bound : request > bound {
                    problems.append("\(start), but request is \(request)")
                }
            }
        }
        return problems
    }
}
