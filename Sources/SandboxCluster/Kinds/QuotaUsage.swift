import KubernetesAPI

/// The usage of ResourceQuotas by objects.
enum QuotaUsage {
    /// Core resources that are counted by their plain names.
    private static let plainNames: Set<String> = [
        "configmaps", "persistentvolumeclaims", "pods", "replicationcontrollers", "resourcequotas", "secrets",
        "services",
    ]
    /// The resources that containers must specify if a quota limits them.
    private static let required: Set<String> = [
        "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
    ]

    /// Whether an object is in the scopes of a quota.
    static func isMeant(_ object: JSONValue, plural: String, by quota: JSONValue) -> Bool {
        var requirements = (quota[path: ["spec", "scopes"]]?.arrayValue ?? []).compactMap(\.stringValue)
            .map { LabelSelector.Requirement(key: $0, operator: "Exists") }
        for expression in quota[path: ["spec", "scopeSelector", "matchExpressions"]]?.arrayValue ?? [] {
            requirements.append(
                .init(
                    key: expression["scopeName"]?.stringValue ?? "",
                    operator: expression["operator"]?.stringValue ?? "",
                    values: expression["values"]?.arrayValue?.compactMap(\.stringValue)
                )
            )
        }
        if requirements.isEmpty { return true }
        guard plural == "pods" else { return false }
        let spec = object["spec"] ?? [:]
        return requirements.allSatisfy { requirement in
            switch requirement.key {
            case "BestEffort": PodResources.qualityClass(spec) == "BestEffort"
            case "NotBestEffort": PodResources.qualityClass(spec) != "BestEffort"
            case "Terminating": spec["activeDeadlineSeconds"] != nil
            case "NotTerminating": spec["activeDeadlineSeconds"] == nil
            case "PriorityClass":
                LabelSelector(matchExpressions: [requirement]).matches(
                    spec["priorityClassName"]?.stringValue.map { ["PriorityClass": $0] } ?? [:]
                )
            default: false
            }
        }
    }

    /// The usage of a quota's resources by one object.
    static func of(_ object: JSONValue, resource: ResourceDefinition, names: [String]) -> PodResources.Amounts {
        var usage: PodResources.Amounts = [:]
        let isCore = resource.type.group.isEmpty
        let plural = resource.plural
        let wanted = Set(names)
        if wanted.contains("count/\(resource.qualifiedPlural)") {
            usage["count/\(resource.qualifiedPlural)"] = QuantitySum(count: 1)
        }
        guard isCore, plainNames.contains(plural) else { return usage }
        let spec = object["spec"] ?? [:]
        switch plural {
        case "pods":
            // A finished pod no longer uses anything.
            if ["Succeeded", "Failed"].contains(object[path: ["status", "phase"]]?.stringValue) { break }
            usage["pods"] = QuantitySum(count: 1)
            // Sums are computed only if the quota needs them, because every change of a pod recounts all pods.
            if wanted.contains(where: { $0.hasPrefix("limits.") }) {
                for (name, amount) in PodResources.total(spec, "limits") { usage["limits.\(name)"] = amount }
            }
            if wanted.contains(where: { $0 != "pods" && !$0.hasPrefix("limits.") && !$0.hasPrefix("count/") }) {
                for (name, amount) in PodResources.total(spec, "requests") {
                    usage[name] = amount
                    usage["requests.\(name)"] = amount
                }
            }
        case "services":
            usage["services"] = QuantitySum(count: 1)
            let ports = QuantitySum(count: spec["ports"]?.arrayValue?.count ?? 0)
            let type = spec["type"]?.stringValue
            if type == "NodePort" || type == "LoadBalancer" { usage["services.nodeports"] = ports }
            if type == "LoadBalancer" { usage["services.loadbalancers"] = QuantitySum(count: 1) }
        case "persistentvolumeclaims":
            usage[plural] = QuantitySum(count: 1)
            let storage = PodResources.amounts(spec[path: ["resources", "requests"]])["storage"] ?? .zero
            usage["requests.storage"] = storage
            if let storageClass = spec["storageClassName"]?.stringValue {
                usage["\(storageClass).storageclass.storage.k8s.io/requests.storage"] = storage
                usage["\(storageClass).storageclass.storage.k8s.io/persistentvolumeclaims"] = QuantitySum(count: 1)
            }
        default: usage[plural] = QuantitySum(count: 1)
        }
        return usage.filter { wanted.contains($0.key) }
    }

    /// The containers of a pod that do not specify resources that a quota limits.
    static func unsaid(_ pod: JSONValue, names: [String]) -> String? {
        let bounded = names.filter { required.contains($0) }.sorted()
        var missing: [String] = []
        for name in bounded {
            let parts = name.split(separator: ".").map(String.init)
            let path = ["resources", parts[0] == "limits" ? "limits" : "requests", parts.last ?? ""]
            let silent = ["containers", "initContainers"].flatMap { pod[path: ["spec", $0]]?.arrayValue ?? [] }
                .filter { $0[path: path] == nil }.compactMap { $0["name"]?.stringValue }
            if !silent.isEmpty { missing.append("\(name) for: \(Set(silent).sorted().joined(separator: ","))") }
        }
        return missing.isEmpty ? nil : "must specify \(missing.joined(separator: "; "))"
    }

    static func text(_ amounts: PodResources.Amounts) -> String {
        amounts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
