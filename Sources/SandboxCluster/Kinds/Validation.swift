import KubernetesAPI

/// The checks of the API server on metadata and built-in kinds that matter to those who render objects.
enum Validation {
    private static func isLabelValue(_ text: String) -> Bool {
        if text.isEmpty { return true }
        let isInner: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        let isOuter: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return text.count <= 63 && text.allSatisfy(isInner) && text.first.map(isOuter) == true
            && text.last.map(isOuter) == true
    }

    private static func isSubdomain(_ text: String, dots: Bool = true) -> Bool {
        guard !text.isEmpty, text.count <= (dots ? 253 : 63) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.first != "-" && part.last != "-"
                && part.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        } && (dots || !text.contains("."))
    }

    static func metadata(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        let name = object.objectName
        let kind = object["kind"]?.stringValue ?? ""
        let isFree = kind.hasPrefix("Role") || kind.hasPrefix("ClusterRole")
        let isLabel = kind == "Namespace" || kind == "Service"
        if !isFree, !isSubdomain(name, dots: !isLabel) {
            let detail =
                isLabel
                ? "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
                    + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
                : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                    + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            errors.append(FieldError(.invalid, FieldPath("metadata.name"), value: .string(name), detail: detail))
        }
        for (_, value) in object.metadata["labels"]?.stringMap ?? [:] where !isLabelValue(value) {
            errors.append(
                FieldError(
                    .invalid,
                    FieldPath("metadata.labels"),
                    value: .string(value),
                    detail: value.count > 63
                        ? "must be no more than 63 bytes"
                        : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
                            + "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
                            + "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
                )
            )
        }
        return errors
    }

    static func builtIn(_ object: JSONValue, old: JSONValue?, kind: String) -> [FieldError] {
        var errors: [FieldError] = []
        switch kind {
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet":
            let selector = object[path: ["spec", "selector"]]
            if selector == nil {
                errors.append(FieldError(.required, FieldPath("spec.selector")))
            } else if let selector,
                let labels = Optional(object[path: ["spec", "template", "metadata", "labels"]] ?? .object([:])),
                let typed = try? selector.decode(LabelSelector.self), !typed.matches(labels.stringMap)
            {
                errors.append(
                    FieldError(
                        .invalid,
                        FieldPath("spec.template.metadata.labels"),
                        value: labels,
                        detail: "`selector` does not match template `labels`"
                    )
                )
            }
            if let old, let before = old[path: ["spec", "selector"]], let selector, before != selector {
                errors.append(
                    FieldError(.invalid, FieldPath("spec.selector"), value: selector, detail: "field is immutable")
                )
            }
            if let replicas = object[path: ["spec", "replicas"]]?.integerValue, replicas < 0 {
                errors.append(
                    FieldError(
                        .invalid,
                        FieldPath("spec.replicas"),
                        value: .integer(replicas),
                        detail: "must be greater than or equal to 0"
                    )
                )
            }
            errors += pod(object[path: ["spec", "template", "spec"]] ?? [:], FieldPath("spec.template.spec"))
        case "Pod": errors += pod(object["spec"] ?? [:], FieldPath("spec"))
        case "Service":
            let ports = object[path: ["spec", "ports"]]?.arrayValue ?? []
            if ports.isEmpty, object[path: ["spec", "clusterIP"]] != "None",
                object[path: ["spec", "type"]] != "ExternalName"
            {
                errors.append(FieldError(.required, FieldPath("spec.ports")))
            }
            if ports.count > 1 {
                for (index, port) in ports.enumerated() where port["name"] == nil {
                    errors.append(FieldError(.required, FieldPath("spec.ports").index(index).key("name")))
                }
            }
        case "Secret", "ConfigMap":
            if old?["immutable"]?.boolValue == true, old?["data"] != object["data"] {
                errors.append(
                    FieldError(.forbidden, FieldPath("data"), detail: "field is immutable when `immutable` is set")
                )
            }
            if kind == "Secret", let old, old["type"] != object["type"] {
                errors.append(
                    FieldError(.invalid, FieldPath("type"), value: object["type"], detail: "field is immutable")
                )
            }
        case "CustomResourceDefinition":
            let plural = object[path: ["spec", "names", "plural"]]?.stringValue ?? ""
            let group = object[path: ["spec", "group"]]?.stringValue ?? ""
            if object.objectName != "\(plural).\(group)" {
                errors.append(
                    FieldError(
                        .invalid,
                        FieldPath("metadata.name"),
                        value: .string(object.objectName),
                        detail: "must be spec.names.plural+\".\"+spec.group"
                    )
                )
            }
            errors += CustomSchemaChecks.errors(object)
        case "LimitRange": errors += limitRange(object)
        case "ResourceQuota": errors += quota(object)
        case "RoleBinding", "ClusterRoleBinding":
            if let old, old["roleRef"] != object["roleRef"] {
                errors.append(
                    FieldError(
                        .invalid,
                        FieldPath("roleRef"),
                        value: object["roleRef"],
                        detail: "cannot change roleRef"
                    )
                )
            }
        default: break
        }
        return errors
    }

    private static let quotaNames: Set<String> = [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
        "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
        "services.nodeports", "services.loadbalancers",
    ]

    private static func quota(_ object: JSONValue) -> [FieldError] {
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

    private static func limitRange(_ object: JSONValue) -> [FieldError] {
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
                    // The server shows the least amount, but for a request left out the default.
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

    private static func pod(_ spec: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let volumes = Set((spec["volumes"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
        let containers = spec["containers"]?.arrayValue ?? []
        if containers.isEmpty { errors.append(FieldError(.required, path.key("containers"))) }
        for list in ["initContainers", "containers"] {
            for (index, container) in (spec[list]?.arrayValue ?? []).enumerated() {
                let base = path.key(list).index(index)
                if (container["name"]?.stringValue ?? "").isEmpty {
                    errors.append(FieldError(.required, base.key("name")))
                }
                if (container["image"]?.stringValue ?? "").isEmpty {
                    errors.append(FieldError(.required, base.key("image")))
                }
                let procMount = container[path: ["securityContext", "procMount"]]
                if procMount == "Unmasked", spec["hostUsers"]?.boolValue != false {
                    errors.append(
                        FieldError(
                            .invalid,
                            base.key("securityContext").key("procMount"),
                            value: procMount,
                            detail: "`hostUsers` must be false to use `Unmasked`"
                        )
                    )
                }
                for (mountIndex, mount) in (container["volumeMounts"]?.arrayValue ?? []).enumerated() {
                    let name = mount["name"]?.stringValue ?? ""
                    if !volumes.contains(name) {
                        errors.append(
                            FieldError(
                                .notFound,
                                base.key("volumeMounts").index(mountIndex).key("name"),
                                value: .string(name)
                            )
                        )
                    }
                }
            }
        }
        return errors
    }
}
