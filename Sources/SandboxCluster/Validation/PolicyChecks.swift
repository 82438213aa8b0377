import KubernetesAPI

/// The checks of RBAC, budgets, autoscalers, claims, and of ConfigMaps and Secrets.
extension FieldChecks {
    mutating func rules(_ object: JSONValue, isNamespaced: Bool) {
        for (index, rule) in (object["rules"]?.arrayValue ?? []).enumerated() {
            let base = FieldPath("rules").index(index)
            func isEmpty(_ name: String) -> Bool { rule[name]?.arrayValue?.isEmpty ?? true }
            if isEmpty("verbs") { required(base.key("verbs"), "verbs must contain at least one value") }
            if !isEmpty("nonResourceURLs") {
                let isMixed = !isEmpty("apiGroups") || !isEmpty("resources") || !isEmpty("resourceNames")
                if isNamespaced {
                    let detail = "namespaced rules cannot apply to non-resource URLs"
                    invalid(base.key("nonResourceURLs"), rule["nonResourceURLs"], detail)
                } else if isMixed {
                    let detail = "rules cannot apply to both regular resources and non-resource URLs"
                    invalid(base.key("nonResourceURLs"), rule["nonResourceURLs"], detail)
                }
                continue
            }
            if isEmpty("apiGroups") {
                required(base.key("apiGroups"), "resource rules must supply at least one api group")
            }
            if isEmpty("resources") {
                required(base.key("resources"), "resource rules must supply at least one resource")
            }
        }
    }

    mutating func binding(_ object: JSONValue, old: JSONValue?, kind: String) {
        let reference = object["roleRef"] ?? [:]
        let path = FieldPath("roleRef")
        let group = "rbac.authorization.k8s.io"
        oneOf(path.key("apiGroup"), reference["apiGroup"], [group])
        oneOf(path.key("kind"), reference["kind"], kind == "RoleBinding" ? ["Role", "ClusterRole"] : ["ClusterRole"])
        if (reference["name"]?.stringValue ?? "").isEmpty { required(path.key("name")) }
        for (index, subject) in (object["subjects"]?.arrayValue ?? []).enumerated() {
            let base = FieldPath("subjects").index(index)
            if (subject["name"]?.stringValue ?? "").isEmpty { required(base.key("name")) }
            switch subject["kind"]?.stringValue {
            case "ServiceAccount":
                if let given = subject["apiGroup"]?.stringValue, !given.isEmpty {
                    unsupported(base.key("apiGroup"), .string(given), [""])
                }
                if kind == "ClusterRoleBinding", (subject["namespace"]?.stringValue ?? "").isEmpty {
                    required(base.key("namespace"))
                }
            case "User", "Group": oneOf(base.key("apiGroup"), subject["apiGroup"], [group])
            default: unsupported(base.key("kind"), subject["kind"] ?? "", ["ServiceAccount", "User", "Group"])
            }
        }
        if let old, old["roleRef"] != object["roleRef"] {
            invalid(FieldPath("roleRef"), object["roleRef"], "cannot change roleRef")
        }
    }

    mutating func budget(_ spec: JSONValue) {
        let path = FieldPath("spec")
        if spec["minAvailable"] != nil, spec["maxUnavailable"] != nil {
            invalid(path, spec, "minAvailable and maxUnavailable cannot be both set")
        }
        amount(path.key("minAvailable"), spec["minAvailable"], most: 100)
        amount(path.key("maxUnavailable"), spec["maxUnavailable"], most: 100)
        selector(path.key("selector"), spec["selector"])
        let policies = ["AlwaysAllow", "IfHealthyBudget"]
        oneOf(path.key("unhealthyPodEvictionPolicy"), spec["unhealthyPodEvictionPolicy"], policies)
    }

    mutating func autoscaler(_ spec: JSONValue) {
        let path = FieldPath("spec")
        atLeast(1, spec, path, "minReplicas")
        let most = spec["maxReplicas"]?.integerValue ?? 0
        if most < 1 { required(path.key("maxReplicas"), "must be set and greater than 0") }
        if let least = spec["minReplicas"]?.integerValue, most < least {
            invalid(path.key("maxReplicas"), .integer(most), "must be greater than or equal to `minReplicas`")
        }
        let target = spec["scaleTargetRef"] ?? [:]
        let base = path.key("scaleTargetRef")
        for name in ["kind", "name"] where (target[name]?.stringValue ?? "").isEmpty { required(base.key(name)) }
        if target["apiVersion"]?.stringValue?.contains("/") != true {
            let given = target["apiVersion"] ?? ""
            invalid(base.key("apiVersion"), given, "apiVersion must specify API group")
        }
    }

    mutating func claim(_ spec: JSONValue, old: JSONValue?) {
        let path = FieldPath("spec")
        let modes = spec["accessModes"]?.arrayValue ?? []
        if modes.isEmpty { required(path.key("accessModes"), "at least 1 access mode is required") }
        for mode in modes {
            let supported = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
            oneOf(path.key("accessModes"), mode, supported)
        }
        let storage = PodResources.amounts(spec[path: ["resources", "requests"]])["storage"]
        let place = FieldPath([.key("spec"), .key("resources[storage]")])
        if let storage {
            if storage.nanos <= 0 { invalid(place, .string(storage.description), "must be greater than zero") }
        } else {
            required(place)
        }
        oneOf(path.key("volumeMode"), spec["volumeMode"], ["Block", "Filesystem"])
        guard let old else { return }
        func fixed(_ spec: JSONValue) -> JSONValue {
            var spec = spec
            spec["volumeName"] = nil
            spec["resources"] = nil
            return spec
        }
        if fixed(spec) != fixed(old) {
            let detail =
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                + "bound claims"
            forbidden(path, detail)
        }
    }

    mutating func data(_ object: JSONValue, old: JSONValue?, kind: String) {
        for list in ["data", "binaryData"] {
            for (key, _) in (object[list]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
                texts(FieldPath([.key("\(list)[\(key)]")]), key, NameForms.configKey(key))
            }
        }
        if old?["immutable"]?.boolValue == true, old?["data"] != object["data"] {
            forbidden(FieldPath("data"), "field is immutable when `immutable` is set")
        }
        guard kind == "Secret" else { return }
        let keys = [
            "kubernetes.io/tls": ["tls.crt", "tls.key"], "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
            "kubernetes.io/dockercfg": [".dockercfg"], "kubernetes.io/ssh-auth": ["ssh-privatekey"],
        ]
        for key in keys[object["type"]?.stringValue ?? ""] ?? [] where object[path: ["data", key]] == nil {
            required(FieldPath([.key("data[\(key)]")]))
        }
        if object["type"] == "kubernetes.io/service-account-token" {
            let key = "kubernetes.io/service-account.name"
            if (object.metadata["annotations"]?[key]?.stringValue ?? "").isEmpty {
                required(FieldPath([.key("metadata"), .key("annotations[\(key)]")]))
            }
        }
        if let old { immutable(FieldPath("type"), object["type"], old["type"]) }
    }
}
