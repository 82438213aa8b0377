import KubernetesAPI

/// The API server's checks of what policies and bindings match and refer to.
extension FieldChecks {
    mutating func duplicate(_ path: FieldPath, _ value: String) {
        errors.append(FieldError(.duplicate, path, value: .string(value)))
    }

    mutating func matchResources(_ path: FieldPath, _ resources: JSONValue) {
        oneOf(path.key("matchPolicy"), resources["matchPolicy"], ["Equivalent", "Exact"])
        for name in ["namespaceSelector", "objectSelector"] { selector(path.key(name), resources[name]) }
        for list in ["resourceRules", "excludeResourceRules"] {
            for (index, rule) in resources.elements(list).enumerated() { self.rule(path.key(list).index(index), rule) }
        }
    }

    private mutating func rule(_ path: FieldPath, _ rule: JSONValue) {
        var names: Set<String> = []
        for (index, name) in rule.elements("resourceNames").compactMap(\.stringValue).enumerated() {
            texts(path.key("resourceNames").index(index), name, NameForms.pathSegment(name))
            if !names.insert(name).inserted { duplicate(path.key("resourceNames").index(index), name) }
        }
        let operations = rule.elements("operations")
        if operations.isEmpty { required(path.key("operations")) }
        for (index, operation) in operations.enumerated() {
            let supported = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]
            oneOf(path.key("operations").index(index), operation, supported)
        }
        for name in ["apiGroups", "apiVersions", "resources"] where rule.elements(name).isEmpty {
            required(path.key(name))
        }
        oneOf(path.key("scope"), rule["scope"], ["*", "Cluster", "Namespaced"])
    }

    mutating func paramReference(_ path: FieldPath, _ reference: JSONValue) {
        let name = reference.text("name")
        let hasSelector = reference["selector"]?.objectValue != nil
        if !name.isEmpty {
            texts(path.key("name"), name, NameForms.pathSegment(name))
            if hasSelector { forbidden(path.key("name"), "name and selector are mutually exclusive") }
        }
        if hasSelector {
            selector(path.key("selector"), reference["selector"])
            if !name.isEmpty { forbidden(path.key("selector"), "name and selector are mutually exclusive") }
        }
        if name.isEmpty, !hasSelector { required(path, "one of name or selector must be specified") }
        if reference.text("parameterNotFoundAction").isEmpty {
            required(path.key("parameterNotFoundAction"))
        } else {
            oneOf(path.key("parameterNotFoundAction"), reference["parameterNotFoundAction"], ["Deny", "Allow"])
        }
    }

    mutating func validationActions(_ path: FieldPath, _ actions: [JSONValue]) {
        var names: Set<String> = []
        for (index, action) in actions.enumerated() {
            oneOf(path.index(index), action, ["Audit", "Deny", "Warn"])
            let name = action.stringValue ?? ""
            if !names.insert(name).inserted { duplicate(path.index(index), name) }
        }
        if names.contains("Deny"), names.contains("Warn") {
            let detail =
                "must not contain both Deny and Warn (repeating the same validation failure information in the API "
                + "response and headers serves no purpose)"
            invalid(path, .array(actions), detail)
        }
        if names.isEmpty { required(path, "at least one validation action is required") }
    }
}
