import KubernetesAPI

/// Whether the rules and selectors of a policy, or of a binding, match a request.
struct PolicyMatch {
    /// The `matchConstraints` or `matchResources`.
    let constraints: JSONValue
    /// The labels of the namespace of the request, or of the namespace that it is about.
    let namespaceLabels: [String: String]
    /// The other versions in which the resource is served.
    let equivalents: [ResourceDefinition]

    /// The resource as the rules name it; `nil` if they do not match.
    func resource(of attempt: AdmissionAttempt) -> ResourceDefinition? {
        let isNamespaceExempt = attempt.namespace.isEmpty && attempt.resource.qualifiedPlural != "namespaces"
        if !isNamespaceExempt, !matches("namespaceSelector", namespaceLabels) { return nil }
        let labels = [attempt.object, attempt.oldObject].compactMap { $0?.metadata["labels"]?.stringMap ?? [:] }
        let hasObject = attempt.object != nil || attempt.oldObject != nil
        if isSelective("objectSelector") {
            guard hasObject, labels.contains(where: { matches("objectSelector", $0) }) else { return nil }
        }
        if find("excludeResourceRules", attempt) != nil { return nil }
        if constraints.elements("resourceRules").isEmpty { return attempt.resource }
        return find("resourceRules", attempt)
    }

    private func selector(_ name: String) -> LabelSelector {
        let requirements = (constraints[name]?.elements("matchExpressions") ?? []).map { requirement in
            LabelSelector.Requirement(
                key: requirement.text("key"),
                operator: requirement.text("operator"),
                values: requirement["values"]?.arrayValue?.compactMap(\.stringValue)
            )
        }
        return LabelSelector(matchLabels: constraints[name]?["matchLabels"]?.stringMap, matchExpressions: requirements)
    }

    private func isSelective(_ name: String) -> Bool {
        let selector = selector(name)
        return !(selector.matchLabels ?? [:]).isEmpty || !(selector.matchExpressions ?? []).isEmpty
    }

    private func matches(_ name: String, _ labels: [String: String]) -> Bool { selector(name).matches(labels) }

    private func find(_ list: String, _ attempt: AdmissionAttempt) -> ResourceDefinition? {
        let rules = constraints.elements(list)
        let candidates = constraints["matchPolicy"] == "Exact" ? [attempt.resource] : [attempt.resource] + equivalents
        for candidate in candidates {
            for rule in rules where PolicyMatch.matches(rule, attempt, as: candidate) { return candidate }
        }
        return nil
    }

    private static func matches(_ rule: JSONValue, _ attempt: AdmissionAttempt, as resource: ResourceDefinition) -> Bool
    {
        func contains(_ key: String, _ text: String) -> Bool {
            rule.elements(key).contains { $0 == "*" || $0.stringValue == text }
        }
        let isNamespace = resource.qualifiedPlural == "namespaces"
        let scopeFits =
            switch rule["scope"]?.stringValue {
            case "Namespaced"?: !isNamespace && !attempt.namespace.isEmpty
            case "Cluster"?: isNamespace || attempt.namespace.isEmpty
            default: true
            }
        let names = rule.elements("resourceNames")
        return scopeFits && contains("operations", attempt.operation.rawValue)
            && contains("apiGroups", resource.type.group) && contains("apiVersions", resource.type.version)
            && rule.elements("resources").contains {
                matches($0.stringValue ?? "", resource.plural, attempt.subresource)
            }
            && (names.isEmpty || names.contains { $0.stringValue == attempt.name })
    }

    /// Whether `pods`, `pods/log`, `pods/*`, `*` or `*/scale` is the resource.
    private static func matches(_ rule: String, _ plural: String, _ subresource: String) -> Bool {
        let parts = rule.split(separator: "/", maxSplits: 1).map(String.init)
        guard let first = parts.first else { return false }
        let second = parts.count > 1 ? parts[1] : ""
        return (first == "*" || first == plural) && (second == "*" || second == subresource)
    }
}
