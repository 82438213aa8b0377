import KubernetesAPI

/// The checks of kinds that create pods.
extension FieldChecks {
    mutating func workload(_ spec: JSONValue, old: JSONValue?, kind: String) {
        let path = FieldPath("spec")
        // The fields of Deployments and ReplicaSets are checked before the template, those of StatefulSets partly after
        // it.
        let isSet = kind == "StatefulSet"
        if isSet { statefulSet(spec, path) }
        atLeast(0, spec, path, "replicas")
        if kind == "Deployment" { strategy(spec, path) }
        if kind == "DaemonSet" {
            let update = spec["updateStrategy"] ?? [:]
            if !["RollingUpdate", "OnDelete"].contains(update["type"]?.stringValue) {
                let shown: JSONValue = ["Type": update["type"] ?? "", "RollingUpdate": .null]
                unsupported(path.key("updateStrategy"), shown, ["RollingUpdate", "OnDelete"])
            }
        }
        atLeast(0, spec, path, "minReadySeconds", "revisionHistoryLimit")
        if let deadline = spec["progressDeadlineSeconds"]?.integerValue, kind == "Deployment" {
            if deadline <= spec["minReadySeconds"]?.integerValue ?? 0 {
                let detail = "must be greater than minReadySeconds"
                invalid(path.key("progressDeadlineSeconds"), .integer(deadline), detail)
            }
        }
        if let old { immutable(path.key("selector"), spec["selector"], old["selector"]) }
        match(spec, path, kind: kind)
        template(spec[path: ["template", "spec"]] ?? [:])
        if isSet, let old { statefulSetUpdate(spec, old: old) }
    }

    private mutating func match(_ spec: JSONValue, _ path: FieldPath, kind: String) {
        let labels = spec[path: ["template", "metadata", "labels"]]
        let selector = spec["selector"]
        if let selector {
            let before = errors.count
            self.selector(path.key("selector"), selector)
            let isEmpty =
                (selector["matchLabels"]?.objectValue ?? [:]).isEmpty
                && (selector["matchExpressions"]?.arrayValue ?? []).isEmpty
            if isEmpty {
                // The message of a ReplicaSet also mentions a deployment.
                let word = kind == "ReplicaSet" ? "deployment" : kind.lowercased()
                invalid(path.key("selector"), [:], "empty selector is invalid for \(word)")
            }
            if errors.count > before { return }
            if (try? selector.decode(LabelSelector.self))?.matches(labels?.stringMap ?? [:]) == true { return }
        } else {
            required(path.key("selector"))
        }
        invalid(
            path.key("template").key("metadata").key("labels"),
            labels,
            "`selector` does not match template `labels`"
        )
    }

    private mutating func template(_ spec: JSONValue) {
        let path = FieldPath("spec.template.spec")
        if let policy = spec["restartPolicy"], policy != "Always" {
            unsupported(path.key("restartPolicy"), policy, ["Always"])
        }
        if spec["activeDeadlineSeconds"] != nil {
            forbidden(path.key("activeDeadlineSeconds"), "activeDeadlineSeconds in ReplicaSet is not Supported")
        }
        var rest = spec
        rest["restartPolicy"] = nil
        pod(rest, path)
    }

    private mutating func strategy(_ spec: JSONValue, _ path: FieldPath) {
        let strategy = spec["strategy"] ?? [:]
        let base = path.key("strategy")
        switch strategy["type"]?.stringValue {
        case "Recreate":
            if strategy["rollingUpdate"] != nil {
                let detail = "may not be specified when strategy `type` is 'Recreate'"
                forbidden(base.key("rollingUpdate"), detail)
            }
        case "RollingUpdate":
            let rolling = strategy["rollingUpdate"] ?? [:]
            let place = base.key("rollingUpdate")
            amount(place.key("maxSurge"), rolling["maxSurge"])
            amount(place.key("maxUnavailable"), rolling["maxUnavailable"], most: 100)
            let isNothing: (JSONValue?) -> Bool = { $0 == 0 || $0 == "0%" }
            if isNothing(rolling["maxSurge"]), isNothing(rolling["maxUnavailable"]) {
                invalid(place.key("maxUnavailable"), rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0")
            }
        default:
            unsupported(
                base,
                ["Type": strategy["type"] ?? "", "RollingUpdate": .null],
                ["Recreate", "RollingUpdate"]
            )
        }
    }

    private mutating func statefulSet(_ spec: JSONValue, _ path: FieldPath) {
        if let policy = spec["podManagementPolicy"], !["OrderedReady", "Parallel"].contains(policy.stringValue) {
            invalid(path.key("podManagementPolicy"), policy, "must be 'OrderedReady' or 'Parallel'")
        }
        let update = spec["updateStrategy"] ?? [:]
        if !["RollingUpdate", "OnDelete"].contains(update["type"]?.stringValue) {
            invalid(
                path.key("updateStrategy"),
                ["Type": update["type"] ?? "", "RollingUpdate": .null],
                "must be 'RollingUpdate' or 'OnDelete'"
            )
        }
    }

    private mutating func statefulSetUpdate(_ spec: JSONValue, old: JSONValue) {
        let free = [
            "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "selector",
        ]
        var new = spec
        var before = old
        for name in free {
            new[name] = nil
            before[name] = nil
        }
        if new == before { return }
        forbidden(
            FieldPath("spec"),
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        )
    }

    // MARK: Jobs

    mutating func job(_ spec: JSONValue, old: JSONValue?) {
        jobSpec(spec, FieldPath("spec"))
        guard let old else { return }
        let path = FieldPath("spec")
        if spec["completionMode"] != "Indexed" {
            immutable(path.key("completions"), spec["completions"], old["completions"])
        }
        immutable(path.key("selector"), spec["selector"], old["selector"])
        // The scheduling fields in the template of a suspended Job can still change.
        let pod = ["template", "spec"]
        immutable(path.key("template").key("spec"), spec[path: pod], old[path: pod])
        immutable(path.key("completionMode"), spec["completionMode"], old["completionMode"])
    }

    private mutating func jobSpec(_ spec: JSONValue, _ path: FieldPath) {
        for name in ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"] {
            atLeast(0, spec, path, name)
        }
        var template = spec[path: ["template", "spec"]] ?? [:]
        let base = path.key("template").key("spec")
        if !["OnFailure", "Never"].contains(template["restartPolicy"]?.stringValue) {
            required(base.key("restartPolicy"), "valid values: \"OnFailure\", \"Never\"")
            template["restartPolicy"] = nil
        }
        pod(template, base)
    }

    mutating func cronJob(_ spec: JSONValue) {
        let path = FieldPath("spec")
        if (spec["schedule"]?.stringValue ?? "").isEmpty { required(path.key("schedule")) }
        oneOf(path.key("concurrencyPolicy"), spec["concurrencyPolicy"], ["Allow", "Forbid", "Replace"])
        atLeast(0, spec, path, "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
        jobSpec(spec[path: ["jobTemplate", "spec"]] ?? [:], path.key("jobTemplate").key("spec"))
    }

    // MARK: Pods

    /// Most fields of an existing pod cannot change.
    mutating func podUpdate(_ spec: JSONValue, old: JSONValue) {
        func fixed(_ spec: JSONValue) -> JSONValue {
            var spec = spec
            for list in ["containers", "initContainers"] { Defaults.each(&spec, list) { $0["image"] = nil } }
            for name in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName"] {
                spec[name] = nil
            }
            return spec
        }
        if fixed(spec) == fixed(old) { return }
        forbidden(
            FieldPath("spec"),
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
        )
    }
}
