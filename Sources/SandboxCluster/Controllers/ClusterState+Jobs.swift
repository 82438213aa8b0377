import KubernetesAPI

/// The simulated controller of Jobs: their pods succeed as soon as they run, unless the image's name says otherwise.
extension ClusterState {
    private static let jobs = ResourceKey(group: "batch", plural: "jobs")

    mutating func job(_ object: StoredObject) -> DelayedReconciliation? {
        guard !object.value.isBeingDeleted else { return nil }
        let spec = object.value["spec"] ?? [:]
        if isFinished(object.value) {
            removeActive(of: object)
            guard let seconds = spec["ttlSecondsAfterFinished"]?.integerValue else { return nil }
            if seconds <= 0 || isDue(object, "ttl") {
                if let resource = registry.any(ClusterState.jobs) {
                    remove(object, resource, propagation: "Background")
                }
                return nil
            }
            return DelayedReconciliation(key: object.key, delay: .seconds(seconds), reason: "ttl")
        }
        var pods = controlled(ClusterState.pods, by: object)
        func count(_ phase: String) -> Int {
            pods.filter { $0.value[path: ["status", "phase"]]?.stringValue == phase }.count
        }
        let parallelism = Int(spec["parallelism"]?.integerValue ?? 1)
        let completions = Int(spec["completions"]?.integerValue ?? Int64(parallelism))
        let backoffLimit = Int(spec["backoffLimit"]?.integerValue ?? 6)
        var retry: DelayedReconciliation?
        if spec["suspend"]?.boolValue == true {
            removeActive(of: object)
        } else if count("Failed") <= backoffLimit, mayCreatePods(for: object) {
            var failure: String?
            let active = activePods(of: object).count
            let missing = min(parallelism - active, completions - count("Succeeded") - active)
            for _ in 0..<max(0, missing) where failure == nil {
                failure = makePod(spec["template"] ?? [:], owner: object)
            }
            retry = recordCreation(for: object, failure: failure)
        }
        pods = controlled(ClusterState.pods, by: object)
        var status = object.value["status"] ?? [:]
        let succeeded = count("Succeeded")
        let failed = count("Failed")
        let active = activePods(of: object)
        let started: JSONValue = status["startTime"] ?? .string(now.description)
        status = ["uncountedTerminatedPods": [:], "terminating": 0]
        status["ready"] = .integer(Int64(active.filter { isReady($0.value) }.count))
        if spec["suspend"]?.boolValue != true { status["startTime"] = started }
        for (key, value) in [("active", active.count), ("succeeded", succeeded), ("failed", failed)] where value > 0 {
            status[key] = .integer(Int64(value))
        }
        let old = object.value[path: ["status", "conditions"]]
        func end(_ types: [String], _ reason: String, _ message: String) {
            status["conditions"] = .array(
                types.map { type in
                    var result = condition(type, "True", reason, message, in: old)
                    result["lastProbeTime"] = result["lastTransitionTime"]
                    return result
                }
            )
        }
        if succeeded >= completions, completions > 0 || parallelism == 0 {
            end(["SuccessCriteriaMet", "Complete"], "CompletionsReached", "Reached expected number of succeeded pods")
            status["completionTime"] = .string(now.description)
        } else if failed > backoffLimit {
            end(["FailureTarget", "Failed"], "BackoffLimitExceeded", "Job has reached the specified backoff limit")
        } else if spec["suspend"]?.boolValue == true {
            end(["Suspended"], "JobSuspended", "Job suspended")
        }
        storeStatus(status, of: object)
        return retry
    }

    private func isFinished(_ job: JSONValue) -> Bool {
        let conditions = job[path: ["status", "conditions"]]?.arrayValue ?? []
        return conditions.contains {
            ["Complete", "Failed"].contains($0["type"]?.stringValue) && $0["status"] == "True"
        }

    }

    private mutating func removeActive(of object: StoredObject) {
        guard let resource = registry["", "v1", "pods"] else { return }
        for pod in activePods(of: object) { remove(pod, resource, grace: 0) }
    }

    /// Whether a Job controls a pod, so that the pod completes.
    func isJobs(_ pod: JSONValue) -> Bool {
        pod.ownerReferences.contains { $0["kind"] == "Job" && $0["controller"]?.boolValue == true }
    }
}
