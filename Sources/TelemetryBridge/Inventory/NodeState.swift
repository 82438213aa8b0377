internal import KubernetesAPI
internal import MCPProtocol

/// What a node says about itself. Pure.
struct NodeState: Sendable, Hashable {
    var name: String
    var isReady: Bool
    var isSchedulable: Bool
    /// Conditions other than Ready that are not as they should be, such as `MemoryPressure`.
    var problems: [String]
    var taints: [String]
    var kubeletVersion: String
    var operatingSystem: String
    var containerRuntime: String
    var allocatable: ResourceUsage
    var maximumPods: Int64

    init(_ json: JSONValue) {
        name = json.text("metadata", "name") ?? ""
        let conditions = json.array("status", "conditions")
        isReady = conditions.contains { $0.text("type") == "Ready" && $0.text("status") == "True" }
        isSchedulable = json[path: ["spec", "unschedulable"]]?.boolValue != true
        problems = conditions.filter { $0.text("type") != "Ready" && $0.text("status") != "False" }
            .map { "\($0.text("type") ?? ""): \($0.text("reason") ?? "")" }
        if !isReady, let ready = conditions.first(where: { $0.text("type") == "Ready" }) {
            problems.insert("not Ready: \(ready.text("reason") ?? "")", at: 0)
        }
        taints = json.array("spec", "taints").map { taint in
            let value = taint.text("value").map { "=\($0)" } ?? ""
            return "\(taint.text("key") ?? "")\(value):\(taint.text("effect") ?? "")"
        }
        kubeletVersion = json.text("status", "nodeInfo", "kubeletVersion") ?? ""
        operatingSystem = json.text("status", "nodeInfo", "osImage") ?? ""
        containerRuntime = json.text("status", "nodeInfo", "containerRuntimeVersion") ?? ""
        allocatable = ResourceUsage(json[path: ["status", "allocatable"]])
        maximumPods =
            json[path: ["status", "allocatable", "pods"]].flatMap {
                $0.stringValue ?? $0.integerValue.map { String($0) }
            }
            .flatMap(Quantity.init).map { Int64(clamping: $0.nanos / 1_000_000_000) } ?? 0
    }

    var json: RawJSON {
        [
            "name": .string(name), "ready": .bool(isReady), "schedulable": .bool(isSchedulable),
            "problems": .array(problems.map(RawJSON.string)), "taints": .array(taints.map(RawJSON.string)),
            "kubeletVersion": .string(kubeletVersion), "operatingSystem": .string(operatingSystem),
            "containerRuntime": .string(containerRuntime), "cpuMillicores": .integer(allocatable.cpuMillicores),
            "memoryBytes": .integer(allocatable.memoryBytes), "maximumPods": .integer(maximumPods),
        ]
    }
}
