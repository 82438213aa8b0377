import KubernetesAPI

/// The API server's validation of metadata and built-in kinds, with its messages, as far as clients that render objects
/// need it.
enum Validation {
    static func metadata(_ object: JSONValue, old: JSONValue?, isCustom: Bool) -> [FieldError] {
        var checks = FieldChecks()
        let metadata = object.metadata
        let path = FieldPath("metadata")
        let name = object.objectName
        checks.texts(path.key("name"), name, nameProblems(name, kind: object["kind"]?.stringValue ?? ""))
        checks.labels(path.key("labels"), metadata["labels"])
        let annotations = metadata["annotations"]?.stringMap ?? [:]
        for (key, _) in annotations.sorted(by: { $0.key < $1.key }) {
            checks.texts(path.key("annotations"), key, NameForms.qualifiedName(key.lowercased()))
        }
        let size = annotations.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        if size > 262_144 {
            checks.errors.append(
                FieldError(.tooLong, path.key("annotations"), detail: "may not be more than 262144 bytes")
            )
        }
        checks.owners(object.ownerReferences, path.key("ownerReferences"))
        if !isCustom {
            for (index, finalizer) in object.finalizers.enumerated() {
                let base = path.key("finalizers").index(index)
                let isStandard = ["foregroundDeletion", "orphan", "kubernetes"].contains(finalizer)
                checks.texts(base, finalizer, NameForms.qualifiedName(finalizer))
                if !finalizer.contains("/"), !isStandard {
                    checks.invalid(
                        base,
                        .string(finalizer),
                        "name is neither a standard finalizer name nor is it fully qualified"
                    )
                }
            }
        }
        return checks.errors
    }

    private static func nameProblems(_ name: String, kind: String) -> [String] {
        switch kind {
        case "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding": NameForms.pathSegment(name)
        case "Namespace", "Service": NameForms.label(name)
        case "StatefulSet" where name.contains("."): ["must not contain dots"]
        default: NameForms.subdomain(name)
        }
    }

    static func builtIn(_ object: JSONValue, old: JSONValue?, kind: String) -> [FieldError] {
        var checks = FieldChecks()
        let spec = object["spec"] ?? [:]
        let before = old?["spec"]
        switch kind {
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet": checks.workload(spec, old: before, kind: kind)
        case "Job": checks.job(spec, old: before)
        case "CronJob": checks.cronJob(spec)
        case "Pod":
            checks.pod(spec, FieldPath("spec"))
            if let before { checks.podUpdate(spec, old: before) }
        case "Service": checks.service(spec, old: before)
        case "Ingress":
            if spec["defaultBackend"] == nil, spec["rules"]?.arrayValue?.isEmpty ?? true {
                checks.invalid(FieldPath("spec"), .null, "either `defaultBackend` or `rules` must be specified")
            }
        case "NetworkPolicy": checks.networkPolicy(spec)
        case "Secret", "ConfigMap": checks.data(object, old: old, kind: kind)
        case "PersistentVolumeClaim": checks.claim(spec, old: before)
        case "PodDisruptionBudget": checks.budget(spec)
        case "HorizontalPodAutoscaler": checks.autoscaler(spec)
        case "Lease":
            checks.atLeast(1, spec, FieldPath("spec"), "leaseDurationSeconds")
            checks.atLeast(0, spec, FieldPath("spec"), "leaseTransitions")
        case "Role": checks.rules(object, isNamespaced: true)
        case "ClusterRole": checks.rules(object, isNamespaced: false)
        case "RoleBinding", "ClusterRoleBinding": checks.binding(object, old: old, kind: kind)
        case "CustomResourceDefinition":
            let plural = spec[path: ["names", "plural"]]?.stringValue ?? ""
            let group = spec["group"]?.stringValue ?? ""
            if object.objectName != "\(plural).\(group)" {
                let detail = "must be spec.names.plural+\".\"+spec.group"
                checks.invalid(FieldPath("metadata.name"), .string(object.objectName), detail)
            }
            checks.errors += CustomSchemaChecks.errors(object)
        case "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy": checks.admissionPolicy(object)
        case "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding":
            checks.admissionPolicyBinding(object)
        case "LimitRange": checks.errors += QuotaChecks.limitRange(object)
        case "ResourceQuota": checks.errors += QuotaChecks.quota(object)
        default: break
        }
        return checks.errors
    }
}

extension FieldChecks {
    fileprivate mutating func owners(_ owners: [JSONValue], _ path: FieldPath) {
        for owner in owners {
            if (owner["apiVersion"]?.stringValue ?? "").isEmpty {
                invalid(path.key("apiVersion"), "", "version must not be empty")
            }
            for name in ["kind", "name", "uid"] where (owner[name]?.stringValue ?? "").isEmpty {
                invalid(path.key(name), "", "must not be empty")
            }
        }
        let controllers = owners.filter { $0["controller"]?.boolValue == true }
        if controllers.count > 1 {
            let names = controllers.prefix(2).compactMap { $0["name"]?.stringValue }
            invalid(
                path,
                .array(owners),
                "Only one reference can have Controller set to true. Found \"true\" in references for "
                    + names.joined(separator: " and ")
            )
        }
    }
}
