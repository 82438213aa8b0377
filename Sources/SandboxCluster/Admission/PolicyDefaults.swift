import KubernetesAPI

/// The defaults of admission policies and of their bindings.
extension Defaults {
    static func admissionPolicy(_ spec: inout JSONValue) {
        fill(&spec, ["failurePolicy": "Fail"])
        matchResources(&spec, "matchConstraints")
    }

    static func admissionPolicyBinding(_ spec: inout JSONValue) { matchResources(&spec, "matchResources") }

    private static func matchResources(_ spec: inout JSONValue, _ key: String) {
        guard var resources = spec[key], resources.objectValue != nil else { return }
        fill(&resources, ["matchPolicy": "Equivalent", "namespaceSelector": [:], "objectSelector": [:]])
        for list in ["resourceRules", "excludeResourceRules"] {
            each(&resources, list) { fill(&$0, ["scope": "*"]) }
        }
        spec[key] = resources
    }
}
