public import KubernetesAPI

/// The pods that an object of a file describes: a pod, or a workload that creates pods.
public struct WorkloadPods: Sendable {
    /// The pods.
    public private(set) var pods: [ClusterModel.Pod] = []
    /// The labels that controllers add, with values that files do not show.
    public private(set) var unknownLabels: Set<String> = []

    /// The kinds that create pods, with their API groups.
    public static let kinds: [String: String] = [
        "Pod": "", "ReplicationController": "", "Deployment": "apps", "StatefulSet": "apps", "DaemonSet": "apps",
        "ReplicaSet": "apps", "Job": "batch", "CronJob": "batch",
    ]

    /// The most pods of one StatefulSet that are told apart.
    static let maximumReplicas: Int64 = 1000

    /// Why an object cannot be evaluated.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// The field.
        public var field: String
        /// What is wrong, and what to do.
        public var message: String

        public var description: String { "\(field): \(message)" }
    }

    /// Reads an object of one of `kinds`.
    ///
    /// - Throws: `Problem` if a field that decides about paths is not valid.
    public init(_ object: JSONValue, namespace: String) throws(Problem) {
        let kind = object["kind"]?.stringValue ?? ""
        let name = object[path: ["metadata", "name"]]?.stringValue ?? ""
        let path = Self.templatePath(kind)
        guard let template = object[path: FieldPath(path)] else {
            throw Problem(field: path, message: "is not set: without it, the pods are not known")
        }
        let prefix = path.isEmpty ? "" : "\(path)."
        var labels = try Self.labels(template, field: "\(prefix)metadata.labels")
        let spec = template["spec"] ?? .null
        guard spec.objectValue != nil else {
            throw Problem(field: "\(prefix)spec", message: "is not set: without it, the ports are not known")
        }
        let isOnHostNetwork = try Self.flag(spec["hostNetwork"], field: "\(prefix)spec.hostNetwork")
        let ports = try Self.ports(spec, field: "\(prefix)spec")
        var pod = ClusterModel.Pod(
            namespace: namespace,
            name: kind == "Pod" ? name : "\(kind)/\(name)",
            labels: labels,
            ports: ports,
            addresses: Self.addresses(object),
            isOnHostNetwork: isOnHostNetwork
        )
        switch kind {
        case "Deployment": unknownLabels = ["pod-template-hash"]
        case "DaemonSet": unknownLabels = ["controller-revision-hash", "pod-template-generation"]
        case "Job":
            for key in ["job-name", "batch.kubernetes.io/job-name"] { labels[key] = name }
            pod.labels = labels
            unknownLabels = ["controller-uid", "batch.kubernetes.io/controller-uid"]
        case "CronJob":
            unknownLabels = [
                "job-name", "batch.kubernetes.io/job-name", "controller-uid", "batch.kubernetes.io/controller-uid",
            ]
        case "StatefulSet":
            unknownLabels = ["controller-revision-hash"]
            // The controller gives each pod labels of its own.
            let replicas = object[path: ["spec", "replicas"]]?.integerValue ?? 1
            let start = object[path: ["spec", "ordinals", "start"]]?.integerValue ?? 0
            for offset in 0..<max(1, min(replicas, Self.maximumReplicas)) {
                let ordinal = start &+ offset
                var replica = pod
                replica.labels["statefulset.kubernetes.io/pod-name"] = "\(name)-\(ordinal)"
                replica.labels["apps.kubernetes.io/pod-index"] = "\(ordinal)"
                pods.append(replica)
            }
            return
        default: break
        }
        pods = [pod]
    }

    private static func templatePath(_ kind: String) -> String {
        switch kind {
        case "Pod": ""
        case "CronJob": "spec.jobTemplate.spec.template"
        default: "spec.template"
        }
    }

    private static func labels(_ template: JSONValue, field: String) throws(Problem) -> [String: String] {
        guard let value = template[path: ["metadata", "labels"]], !value.isNull else { return [:] }
        guard let members = value.objectValue else {
            throw Problem(field: field, message: "must be an object, not \(value.typeName)")
        }
        var labels: [String: String] = [:]
        for (key, value) in members {
            guard let text = value.stringValue else {
                throw Problem(
                    field: "\(field).\(key)",
                    message: "must be a string, not \(value.typeName); put it in quotes"
                )
            }
            labels[key] = text
        }
        return labels
    }

    private static func flag(_ value: JSONValue?, field: String) throws(Problem) -> Bool {
        guard let value, !value.isNull else { return false }
        guard let flag = value.boolValue else {
            throw Problem(field: field, message: "must be true or false, not \(value.typeName)")
        }
        return flag
    }

    /// The named ports of all containers. Init containers that keep running have ports as well.
    private static func ports(_ spec: JSONValue, field: String) throws(Problem) -> [ClusterModel.NamedPort] {
        var ports: [ClusterModel.NamedPort] = []
        for list in ["containers", "initContainers"] {
            for (index, container) in (spec[list]?.arrayValue ?? []).enumerated() {
                for (number, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
                    let path = "\(field).\(list)[\(index)].ports[\(number)]"
                    guard let name = port["name"]?.stringValue else { continue }
                    let text = port["protocol"]?.stringValue ?? "TCP"
                    guard let transport = TransportProtocol(rawValue: text) else {
                        throw Problem(
                            field: "\(path).protocol",
                            message: "\"\(text)\" is not a protocol: use TCP, UDP or SCTP"
                        )
                    }
                    guard let value = port["containerPort"]?.integerValue, (1...65_535).contains(value) else {
                        throw Problem(
                            field: "\(path).containerPort",
                            message: "is not a port: use a number from 1 to 65535"
                        )
                    }
                    ports.append(ClusterModel.NamedPort(name: name, transport: transport, number: Int(value)))
                }
            }
        }
        return ports
    }

    /// The addresses of a pod that runs.
    private static func addresses(_ pod: JSONValue) -> [AddressRange] {
        guard pod["kind"]?.stringValue == "Pod", let status = pod["status"] else { return [] }
        let all = (status["podIPs"]?.arrayValue ?? []).compactMap { $0["ip"]?.stringValue }
        let texts = all.isEmpty ? [status["podIP"]?.stringValue].compactMap { $0 } : all
        return texts.compactMap { AddressRange(address: $0) }
    }
}
