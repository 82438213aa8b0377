import KubernetesAPI

/// The checks of ResourceQuotas and LimitRanges.
enum QuotaChecks {
    private static let quotaNames: Set<String> = [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
        "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
        "services.nodeports", "services.loadbalancers",
    ]

    static func quota(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        for (name, amount) in PodResources.amounts(object[path: ["spec", "hard"]]).sorted(by: { $0.key < $1.key }) {
            let path = FieldPath([.key("spec"), .key("hard[\(name)]")])
            let isPlain = !name.contains("/")
            if isPlain, !quotaNames.contains(name), !name.hasPrefix("requests.hugepages-") {
                for detail in [
                    "must be a standard resource type or fully qualified", "must be a standard resource for quota",
                ] {
                    errors.append(FieldError(.invalid, path, value: .string(name), detail: detail))
                }
            }
            if amount.nanos < 0 {
                let detail = "must be greater than or equal to 0"
                errors.append(FieldError(.invalid, path, value: .string(amount.description), detail: detail))
            }
            let isCount = name.hasPrefix("count/") || isPlain && !name.contains("cpu") && quotaNames.contains(name)
            if isCount, amount.nanos % 1_000_000_000 != 0 {
                errors.append(
                    FieldError(.invalid, path, value: .string(amount.description), detail: "must be an integer")
                )
            }
        }
        return errors
    }

    static func limitRange(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, limit) in (object[path: ["spec", "limits"]]?.arrayValue ?? []).enumerated() {
            let path = FieldPath("spec.limits").index(index)
            let type = limit["type"]?.stringValue ?? ""
            if !seen.insert(type).inserted {
                errors.append(FieldError(.duplicate, path.key("type"), value: .string(type)))
            }
            if type == "Pod" {
                for name in ["default", "defaultRequest"] where limit[name] != nil {
                    let detail = "may not be specified when `type` is 'Pod'"
                    errors.append(FieldError(.forbidden, path.key(name), detail: detail))
                }
            }
            let least = PodResources.amounts(limit["min"])
            for (name, bound) in least.sorted(by: { $0.key < $1.key }) {
                for (key, field, words) in [
                    ("max", "min", "max value"), ("defaultRequest", "defaultRequest", "default request value"),
                    ("default", "default", "default value"),
                ] {
                    guard let other = PodResources.amounts(limit[key])[name], bound > other else { continue }
                    // The server shows the minimum; for a missing request it shows the default.
                    let shown = field == "defaultRequest" ? other : bound
                    errors.append(
                        FieldError(
                            .invalid,
                            FieldPath(path.elements + [.key("\(field)[\(name)]")]),
                            value: .string(shown.description),
                            detail: "min value \(bound) is greater than \(words) \(other)"
                        )
                    )
                }
            }
        }
        return errors
    }
}
