import KubernetesAPI

/// One rule of a Role or ClusterRole.
struct PolicyRule: Sendable, Hashable {
    var verbs: [String] = []
    var apiGroups: [String] = []
    var resources: [String] = []
    var resourceNames: [String] = []
    var nonResourceURLs: [String] = []

    init(
        verbs: [String],
        apiGroups: [String] = [],
        resources: [String] = [],
        resourceNames: [String] = [],
        nonResourceURLs: [String] = []
    ) {
        self.verbs = verbs
        self.apiGroups = apiGroups
        self.resources = resources
        self.resourceNames = resourceNames
        self.nonResourceURLs = nonResourceURLs
    }

    init(_ json: JSONValue) {
        func list(_ key: String) -> [String] { json[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        self.init(
            verbs: list("verbs"),
            apiGroups: list("apiGroups"),
            resources: list("resources"),
            resourceNames: list("resourceNames"),
            nonResourceURLs: list("nonResourceURLs")
        )
    }

    /// The rules in a Role or ClusterRole.
    static func rules(of role: JSONValue) -> [PolicyRule] { (role["rules"]?.arrayValue ?? []).map { PolicyRule($0) } }

    /// The rule as it is in a role.
    var json: JSONValue {
        var result: JSONValue = [:]
        for (key, list) in [
            ("verbs", verbs), ("apiGroups", apiGroups), ("resources", resources), ("resourceNames", resourceNames),
            ("nonResourceURLs", nonResourceURLs),
        ] where !list.isEmpty {
            result[key] = .array(list.map { .string($0) })
        }
        return result
    }

    /// Everything.
    static let everything = [
        PolicyRule(verbs: ["*"], apiGroups: ["*"], resources: ["*"]),
        PolicyRule(verbs: ["*"], nonResourceURLs: ["*"]),
    ]

    // MARK: Decisions

    /// Whether the rule allows a request.
    func allows(_ request: AccessRequest) -> Bool {
        guard verbs.contains("*") || verbs.contains(request.verb) else { return false }
        if let path = request.path { return nonResourceURLs.contains { PolicyRule.url($0, covers: path) } }
        guard apiGroups.contains("*") || apiGroups.contains(request.group) else { return false }
        guard resourceNames.isEmpty || resourceNames.contains(request.name) else { return false }
        return covers(resource: request.combinedResource)
    }

    private func covers(resource: String) -> Bool {
        if resources.contains("*") || resources.contains(resource) { return true }
        guard let slash = resource.firstIndex(of: "/") else { return false }
        return resources.contains("*\(resource[slash...])")
    }

    private static func url(_ pattern: String, covers path: String) -> Bool {
        if pattern == path { return true }
        guard pattern.hasSuffix("*") else { return false }
        return path.hasPrefix(String(pattern.reversed().drop { $0 == "*" }.reversed()))
    }

    /// Whether the rule grants at least what a rule of `elements` grants.
    private func covers(_ element: PolicyRule) -> Bool {
        func has(_ list: [String], _ wanted: [String]) -> Bool {
            list.contains("*") || wanted.allSatisfy(list.contains)
        }
        guard has(verbs, element.verbs), has(apiGroups, element.apiGroups) else { return false }
        guard element.resources.allSatisfy({ covers(resource: $0) }) else { return false }
        guard
            element.nonResourceURLs.allSatisfy({ path in
                nonResourceURLs.contains { PolicyRule.url($0, covers: path) }
            })
        else { return false }
        if resourceNames.isEmpty { return true }
        return !element.resourceNames.isEmpty && element.resourceNames.allSatisfy(resourceNames.contains)
    }

    /// The rule as rules with one verb and one resource or path each.
    private var elements: [PolicyRule] {
        var result: [PolicyRule] = []
        for group in apiGroups {
            for resource in resources {
                for verb in verbs {
                    let element = PolicyRule(verbs: [verb], apiGroups: [group], resources: [resource])
                    if resourceNames.isEmpty { result.append(element) }
                    for name in resourceNames {
                        var named = element
                        named.resourceNames = [name]
                        result.append(named)
                    }
                }
            }
        }
        for path in nonResourceURLs {
            for verb in verbs { result.append(PolicyRule(verbs: [verb], nonResourceURLs: [path])) }
        }
        return result
    }

    /// What `rules` grant and `owned` do not, with all verbs of a resource in one rule.
    static func missing(from owned: [PolicyRule], in rules: [PolicyRule]) -> [PolicyRule] {
        var result: [PolicyRule] = []
        for element in rules.flatMap(\.elements) where !owned.contains(where: { $0.covers(element) }) {
            let same = result.firstIndex {
                $0.nonResourceURLs.isEmpty && element.nonResourceURLs.isEmpty && $0.apiGroups == element.apiGroups
                    && $0.resources == element.resources && $0.resourceNames == element.resourceNames
            }
            if let same {
                result[same].verbs += element.verbs
            } else {
                result.append(element)
            }
        }
        return result
    }

    /// The rule in the format of the API server's messages.
    var summary: String {
        let parts = [
            ("APIGroups", apiGroups), ("Resources", resources), ("NonResourceURLs", nonResourceURLs),
            ("ResourceNames", resourceNames), ("Verbs", verbs),
        ]
        let texts = parts.filter { !$0.1.isEmpty }.map { "\($0.0):\(PolicyRule.quoted($0.1))" }
        return "{\(texts.joined(separator: ", "))}"
    }

    /// A list in the format of Go's `%q`.
    static func quoted(_ list: [String]) -> String { "[\(list.map { "\"\($0)\"" }.joined(separator: " "))]" }
}
