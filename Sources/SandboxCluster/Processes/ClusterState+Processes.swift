internal import FoundationEssentials
import KubernetesAPI

/// What the simulated kubelet wants done for pods that exist outside of this state.
enum PodWork: Sendable {
    case start(PodLaunch)
    /// The processes of a pod must end within its grace period.
    case stop(uid: String, grace: Duration)
    /// The pod no longer exists.
    case forget(uid: String)
}

/// What happens to a container that runs as a process.
enum ContainerEvent: Sendable, Hashable {
    case started
    /// The state of its probes.
    case probed(isStarted: Bool, isReady: Bool)
    /// It cannot be started, with the kubelet's reason.
    case failed(reason: String, message: String)
    /// It has ended.
    case ended(exitCode: Int, signal: Int?, restarts: Bool)
}

/// The kubelet's part for pods whose containers run as processes.
extension ClusterState {
    /// Whether containers of a pod run as processes. Pods of Jobs complete without running.
    func runsProcesses(_ pod: JSONValue) -> Bool {
        configuration.processes != nil && !isJobs(pod)
            && (pod[path: ["spec", "containers"]]?.arrayValue ?? []).contains {
                $0["command"]?.arrayValue?.isEmpty == false
            }
    }

    /// Whether a container of a pod runs as a process.
    func isProcess(_ container: JSONValue, of pod: JSONValue) -> Bool {
        runsProcesses(pod) && container["command"]?.arrayValue?.isEmpty == false
    }

    /// Starts the processes of a pod. Containers without a command seem to run.
    ///
    /// - Returns: when to try again, if a value is missing.
    mutating func startProcesses(_ object: StoredObject) -> DelayedReconciliation? {
        var launches: [ContainerLaunch] = []
        let containers = object.value[path: ["spec", "containers"]]?.arrayValue ?? []
        for container in containers {
            do throws(MissingValue) {
                let variables = try variables(of: container, in: object.value)
                if let launch = ContainerLaunch(container, variables: variables) { launches.append(launch) }
            } catch {
                return wait(object, ("CreateContainerConfigError", error.message))
            }
        }
        var value = object.value
        let running = Set(launches.map(\.name))
        value[path: ["spec", "nodeName"]] = value[path: ["spec", "nodeName"]] ?? "sandbox"
        value["status"] = [
            "phase": "Pending", "startTime": .string(now.description), "hostIP": "127.0.0.1",
            "hostIPs": [["ip": "127.0.0.1"]],
            "qosClass": value[path: ["status", "qosClass"]] ?? "BestEffort",
            "conditions": .array(conditions(value, isReady: false)),
            "containerStatuses": .array(
                containers.map { container in
                    let isProcess = running.contains(container["name"]?.stringValue ?? "")
                    return [
                        "name": container["name"] ?? "", "image": container["image"] ?? "",
                        "imageID": container["image"] ?? "", "restartCount": 0, "ready": .bool(!isProcess),
                        "started": .bool(!isProcess),
                        "state": isProcess
                            ? ["waiting": ["reason": "ContainerCreating"]]
                            : ["running": ["startedAt": .string(now.description)]],
                    ]
                }
            ),
        ]
        let address = takePodAddress()
        value[path: ["status", "podIP"]] = .string(address)
        value[path: ["status", "podIPs"]] = [["ip": .string(address)]]
        processPods[object.uid] = .running
        podWork.append(
            .start(
                PodLaunch(
                    uid: object.uid,
                    containers: launches,
                    restartPolicy: PodLaunch.RestartPolicy(
                        rawValue: value[path: ["spec", "restartPolicy"]]?.stringValue ?? ""
                    ) ?? .always
                )
            )
        )
        store(value, at: object.key)
        return nil
    }

    /// Ends the processes of a pod that is being deleted. It is erased when they have ended.
    mutating func stopProcesses(_ object: StoredObject) {
        guard processPods[object.uid] == .running else { return }
        processPods[object.uid] = .stopping
        let grace = object.value.metadata["deletionGracePeriodSeconds"]?.integerValue ?? 30
        podWork.append(.stop(uid: object.uid, grace: .seconds(grace)))
        refreshEndpoints(for: object)
    }

    /// All processes of a pod have ended.
    mutating func processesEnded(uid: String) {
        processPods[uid] = nil
        if let object = storage.object(uid: uid) {
            if object.value.isBeingDeleted { pendingKeys.append(object.key) }
        } else {
            // What the processes wrote after the pod was gone.
            podWork.append(.forget(uid: uid))
        }
    }

    /// Writes to a pod's status what has happened to one of its containers.
    mutating func apply(_ event: ContainerEvent, container: String, uid: String) {
        guard let object = storage.object(uid: uid) else { return }
        var value = object.value
        var statuses = value[path: ["status", "containerStatuses"]]?.arrayValue ?? []
        guard let index = statuses.firstIndex(where: { $0["name"]?.stringValue == container }) else { return }
        var status = statuses[index]
        switch event {
        case .started:
            status["state"] = ["running": ["startedAt": .string(now.description)]]
            status["ready"] = false
            status["started"] = false
        case .probed(let isStarted, let isReady):
            status["started"] = .bool(isStarted)
            status["ready"] = .bool(isReady)
        case .failed(let reason, let message):
            status["state"] = ["waiting": ["reason": .string(reason), "message": .string(message)]]
            status["ready"] = false
            status["started"] = false
        case .ended(let code, let signal, let restarts):
            var terminated: JSONValue = [
                "exitCode": .integer(Int64(code)), "reason": code == 0 ? "Completed" : "Error",
                "finishedAt": .string(now.description),
                "startedAt": status[path: ["state", "running", "startedAt"]] ?? .string(now.description),
            ]
            if let signal { terminated["signal"] = .integer(Int64(signal)) }
            status["ready"] = false
            status["started"] = false
            if restarts {
                let count = (status["restartCount"]?.integerValue ?? 0) + 1
                status["restartCount"] = .integer(count)
                status["lastState"] = ["terminated": terminated]
                status["state"] = [
                    "waiting": [
                        "reason": "CrashLoopBackOff",
                        "message": .string("back-off restarting failed container \(container)"),
                    ]
                ]
            } else {
                status["state"] = ["terminated": terminated]
            }
        }
        statuses[index] = status
        let isReady = statuses.allSatisfy { $0["ready"]?.boolValue == true }
        value[path: ["status", "containerStatuses"]] = .array(statuses)
        value[path: ["status", "phase"]] = .string(Self.phase(statuses))
        value[path: ["status", "conditions"]] = .array(conditions(value, isReady: isReady))
        if let stored = store(value, at: object.key) { refreshEndpoints(for: stored) }
    }

    private static func phase(_ statuses: [JSONValue]) -> String {
        let ended = statuses.compactMap { $0[path: ["state", "terminated", "exitCode"]]?.integerValue }
        if ended.count == statuses.count { return ended.allSatisfy { $0 == 0 } ? "Succeeded" : "Failed" }
        let hasRun = statuses.contains { status in
            status["state"]?["running"] != nil || status["lastState"] != nil || status["state"]?["terminated"] != nil
        }
        return hasRun ? "Running" : "Pending"
    }

    // MARK: - Variables

    /// A value that a variable refers to does not exist.
    private struct MissingValue: Error {
        var message: String
    }

    private func variables(
        of container: JSONValue,
        in pod: JSONValue
    ) throws(MissingValue) -> [ContainerLaunch.Variable] {
        var variables: [ContainerLaunch.Variable] = []
        for source in container["envFrom"]?.arrayValue ?? [] {
            let prefix = source["prefix"]?.stringValue ?? ""
            for (kind, field) in [("secret", "secretRef"), ("configmap", "configMapRef")] {
                guard let name = source[path: [field, "name"]]?.stringValue else { continue }
                guard let values = values(kind, name, pod) else {
                    if source[path: [field, "optional"]]?.boolValue == true { continue }
                    throw MissingValue(message: "\(kind) \"\(name)\" not found")
                }
                variables += values.sorted { $0.key < $1.key }.map { .init(name: prefix + $0.key, value: $0.value) }
            }
        }
        for variable in container["env"]?.arrayValue ?? [] {
            guard let name = variable["name"]?.stringValue else { continue }
            if let value = try value(of: variable, name: name, container: container, pod: pod) {
                variables.append(.init(name: name, value: value))
            }
        }
        return variables
    }

    /// - Returns: `nil` if an optional value does not exist.
    private func value(
        of variable: JSONValue,
        name: String,
        container: JSONValue,
        pod: JSONValue
    ) throws(MissingValue) -> String? {
        guard let source = variable["valueFrom"] else { return variable["value"]?.stringValue ?? "" }
        for (kind, title, field) in [
            ("secret", "Secret", "secretKeyRef"), ("configmap", "ConfigMap", "configMapKeyRef"),
        ] {
            guard let reference = source[field] else { continue }
            let object = reference["name"]?.stringValue ?? ""
            let key = reference["key"]?.stringValue ?? ""
            if let value = values(kind, object, pod)?[key] { return value }
            if reference["optional"]?.boolValue == true { return nil }
            throw MissingValue(message: "couldn't find key \(key) in \(title) \(pod.objectNamespace)/\(object)")
        }
        if let field = source[path: ["fieldRef", "fieldPath"]]?.stringValue, let value = Self.field(field, of: pod) {
            return value
        }
        throw MissingValue(
            message:
                "the sandbox cannot resolve the variable \(name): it supports value, secretKeyRef, configMapKeyRef, and "
                + "fieldRef of metadata, spec.nodeName, spec.serviceAccountName, status.podIP and status.hostIP"
        )
    }

    private static func field(_ path: String, of pod: JSONValue) -> String? {
        switch path {
        case "metadata.name", "metadata.namespace", "metadata.uid":
            return pod[path: path.split(separator: ".").map(String.init)]?.stringValue
        case "spec.nodeName": return pod[path: ["spec", "nodeName"]]?.stringValue ?? "sandbox"
        case "spec.serviceAccountName": return pod[path: ["spec", "serviceAccountName"]]?.stringValue ?? "default"
        // Processes listen on the loopback address.
        case "status.podIP", "status.podIPs", "status.hostIP", "status.hostIPs": return "127.0.0.1"
        default: break
        }
        for map in ["labels", "annotations"] where path.hasPrefix("metadata.\(map)['") && path.hasSuffix("']") {
            let key = path.dropFirst("metadata.\(map)['".count).dropLast(2)
            return pod[path: ["metadata", map, String(key)]]?.stringValue ?? ""
        }
        return nil
    }

    /// The values of a Secret or a ConfigMap; `nil` if it does not exist.
    private func values(_ kind: String, _ name: String, _ pod: JSONValue) -> [String: String]? {
        let key = ObjectKey(
            resource: ResourceKey(group: "", plural: kind + "s"),
            namespace: pod.objectNamespace,
            name: name
        )
        guard let object = storage[key]?.value else { return nil }
        let texts = (object["data"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
        guard kind == "secret" else { return texts }
        return texts.compactMapValues { Data(base64Encoded: $0).map { String(decoding: $0, as: UTF8.self) } }
    }
}
