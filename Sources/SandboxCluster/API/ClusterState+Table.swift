import KubernetesAPI

extension ClusterState {
    /// The objects as a `meta.k8s.io/v1` Table, which `kubectl get` requests.
    func table(
        _ objects: [JSONValue],
        _ resource: ResourceDefinition,
        revision: JSONValue?,
        includeObject: String
    ) -> JSONValue {
        let columns = TableColumns.columns(of: resource)
        var metadata: JSONValue = [:]
        metadata["resourceVersion"] = revision
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "columnDefinitions": .array(
                columns.map { column in
                    [
                        "name": .string(column.name), "type": .string(column.type), "format": .string(column.format),
                        "description": .string(column.description), "priority": .integer(column.priority),
                    ]
                }
            ),
            "rows": .array(
                objects.map { object in
                    var row: JSONValue = ["cells": .array(columns.map { $0.cell(object, now) })]
                    switch includeObject {
                    case "None": row["object"] = .null
                    case "Object": row["object"] = object
                    default: row["object"] = partial(object)
                    }
                    return row
                }
            ),
        ]
    }
}

/// The columns of Tables.
struct TableColumns: Sendable {
    var name: String
    var type = "string"
    var format = ""
    var description = ""
    var priority: Int64 = 0
    var cell: @Sendable (JSONValue, Timestamp) -> JSONValue

    private static let nameColumn = TableColumns(name: "Name", format: "name") { object, _ in .string(object.objectName)
    }
    static let age = TableColumns(name: "Age") { object, now in
        .string(duration(since: object.metadata["creationTimestamp"]?.stringValue, now: now))
    }

    static func field(_ name: String, _ path: String..., type: String = "string", missing: JSONValue = "<none>")
        -> TableColumns
    {
        TableColumns(name: name, type: type) { object, _ in object[path: path] ?? missing }
    }

    static func text(_ name: String, priority: Int64 = 0, _ text: @escaping @Sendable (JSONValue) -> String)
        -> TableColumns
    {
        TableColumns(name: name, priority: priority) { object, _ in .string(text(object)) }
    }

    static func keyValues(_ value: JSONValue?) -> String {
        let text = (value?.stringMap ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return text.isEmpty ? "<none>" : text.joined(separator: ",")
    }

    static func number(_ object: JSONValue, _ path: String...) -> Int64 {
        object[path: path]?.integerValue ?? 0
    }

    static func join(_ values: [JSONValue]?, _ key: String) -> String {
        (values ?? []).compactMap { $0[key]?.stringValue }.joined(separator: ",")
    }

    static func columns(of resource: ResourceDefinition) -> [TableColumns] {
        if resource.isCustom {
            let custom = resource.columns.map { column in
                TableColumns(
                    name: column.name,
                    type: column.type,
                    format: column.format,
                    description: column.description,
                    priority: column.priority
                ) { object, now in
                    guard let value = JSONPath.first(column.path, in: object) else { return .null }
                    if column.type == "date" { return .string(duration(since: value.stringValue, now: now)) }
                    if column.type == "string", value.stringValue == nil {
                        return .string(String(decoding: value.serialized(), as: UTF8.self))
                    }
                    return value
                }
            }
            return [nameColumn] + (custom.isEmpty ? [age] : custom)
        }
        let kind = resource.type.kind
        let columns = workloads(kind) ?? policies(kind) ?? builtIn(kind)
        // Events have their name in the last column.
        return kind == "Event" ? columns : [nameColumn] + columns
    }

    /// The subjects of a binding, by kind.
    private static func subjects(_ name: String, _ kind: String) -> TableColumns {
        text(name, priority: 1) { binding in
            (binding["subjects"]?.arrayValue ?? []).filter { $0["kind"]?.stringValue == kind }
                .map { subject in
                    let name = subject["name"]?.stringValue ?? ""
                    return kind == "ServiceAccount" ? "\(subject["namespace"]?.stringValue ?? "")/\(name)" : name
                }.joined(separator: ", ")
        }
    }

    private static func builtIn(_ kind: String) -> [TableColumns] {
        let containers = text("Containers", priority: 1) {
            join($0[path: ["spec", "template", "spec", "containers"]]?.arrayValue, "name")
        }
        let images = text("Images", priority: 1) {
            join($0[path: ["spec", "template", "spec", "containers"]]?.arrayValue, "image")
        }
        let selector = text("Selector", priority: 1) { keyValues($0[path: ["spec", "selector", "matchLabels"]]) }
        switch kind {
        case "Pod":
            return [
                text("Ready") { pod in
                    let all = pod[path: ["status", "containerStatuses"]]?.arrayValue ?? []
                    let total = pod[path: ["spec", "containers"]]?.arrayValue?.count ?? 0
                    return "\(all.filter { $0["ready"]?.boolValue == true }.count)/\(total)"
                },
                text("Status") { pod in
                    if pod.isBeingDeleted { return "Terminating" }
                    for status in pod[path: ["status", "containerStatuses"]]?.arrayValue ?? [] {
                        if let reason = status[path: ["state", "waiting", "reason"]]?.stringValue { return reason }
                    }
                    return pod[path: ["status", "phase"]]?.stringValue ?? "Pending"
                },
                text("Restarts") { pod in
                    let all = pod[path: ["status", "containerStatuses"]]?.arrayValue ?? []
                    return "\(all.reduce(0) { $0 + ($1["restartCount"]?.integerValue ?? 0) })"
                }, age,
                text("IP", priority: 1) { $0[path: ["status", "podIP"]]?.stringValue ?? "<none>" },
                text("Node", priority: 1) { $0[path: ["spec", "nodeName"]]?.stringValue ?? "<none>" },
                text("Nominated Node", priority: 1) { _ in "<none>" },
                text("Readiness Gates", priority: 1) { _ in "<none>" },
            ]
        case "Deployment":
            return [
                text("Ready") { "\(number($0, "status", "readyReplicas"))/\(number($0, "spec", "replicas"))" },
                field("Up-to-date", "status", "updatedReplicas", missing: 0),
                field("Available", "status", "availableReplicas", missing: 0), age, containers, images,
                selector,
            ]
        case "ReplicaSet":
            return [
                field("Desired", "spec", "replicas", type: "integer", missing: 0),
                field("Current", "status", "replicas", type: "integer", missing: 0),
                field("Ready", "status", "readyReplicas", type: "integer", missing: 0), age, containers, images,
                selector,
            ]
        case "Service":
            return [
                field("Type", "spec", "type"), field("Cluster-IP", "spec", "clusterIP"),
                text("External-IP") { _ in "<none>" },
                text("Port(s)") { service in
                    let ports = service[path: ["spec", "ports"]]?.arrayValue ?? []
                    return ports.map { "\($0["port"]?.integerValue ?? 0)/\($0["protocol"]?.stringValue ?? "TCP")" }
                        .joined(separator: ",")
                }, age, text("Selector", priority: 1) { keyValues($0[path: ["spec", "selector"]]) },
            ]
        case "Namespace": return [field("Status", "status", "phase"), age]
        case "Secret":
            return [
                field("Type", "type"),
                TableColumns(name: "Data", type: "string") { object, _ in
                    .integer(Int64(object["data"]?.objectValue?.count ?? 0))
                }, age,
            ]
        case "ConfigMap":
            return [
                TableColumns(name: "Data", type: "string") { object, _ in
                    .integer(Int64(object["data"]?.objectValue?.count ?? 0))
                }, age,
            ]
        case "Node":
            return [
                text("Status") { _ in "Ready" }, text("Roles") { _ in "<none>" }, age,
                field("Version", "status", "nodeInfo", "kubeletVersion"),
                text("Internal-IP", priority: 1) { _ in "<none>" }, text("External-IP", priority: 1) { _ in "<none>" },
                text("OS-Image", priority: 1) { _ in "<unknown>" },
                text("Kernel-Version", priority: 1) { _ in "<unknown>" },
                text("Container-Runtime", priority: 1) { _ in "<unknown>" },
            ]
        case "CustomResourceDefinition":
            return [field("Created At", "metadata", "creationTimestamp", type: "date")]
        case "PersistentVolumeClaim":
            return [
                field("Status", "status", "phase"), field("Volume", "spec", "volumeName", missing: ""),
                field("Capacity", "status", "capacity", "storage", missing: ""),
                text("Access Modes") { claim in
                    (claim[path: ["spec", "accessModes"]]?.arrayValue ?? []).compactMap(\.stringValue)
                        .map { String($0.filter(\.isUppercase)) }.joined(separator: ",")
                }, field("StorageClass", "spec", "storageClassName", missing: ""),
                text("VolumeAttributesClass") { _ in "<unset>" }, age,
                field("VolumeMode", "spec", "volumeMode", missing: "<unset>"),
            ]
        case "PodDisruptionBudget":
            return [
                field("Min Available", "spec", "minAvailable", missing: "N/A"),
                field("Max Unavailable", "spec", "maxUnavailable", missing: "N/A"),
                field("Allowed Disruptions", "status", "disruptionsAllowed", type: "integer", missing: 0), age,
            ]
        case "NetworkPolicy":
            return [text("Pod-Selector") { keyValues($0[path: ["spec", "podSelector", "matchLabels"]]) }, age]
        case "Ingress":
            return [
                field("Class", "spec", "ingressClassName"),
                text("Hosts") { join($0[path: ["spec", "rules"]]?.arrayValue, "host") },
                text("Address") { _ in "" }, text("Ports") { $0[path: ["spec", "tls"]] == nil ? "80" : "80, 443" }, age,
            ]
        case "Lease": return [field("Holder", "spec", "holderIdentity"), age]
        case "RoleBinding", "ClusterRoleBinding":
            return [
                text("Role") {
                    "\($0[path: ["roleRef", "kind"]]?.stringValue ?? "")/\($0[path: ["roleRef", "name"]]?.stringValue ?? "")"
                }, age, subjects("Users", "User"), subjects("Groups", "Group"),
                subjects("ServiceAccounts", "ServiceAccount"),
            ]
        default: return [age]
        }
    }

    /// A duration as `kubectl` shows it.
    static func duration(since text: String?, now: Timestamp) -> String {
        guard let text, let start = Timestamp(text) else { return "<unknown>" }
        let seconds = max(0, now.secondsSinceEpoch - start.secondsSinceEpoch)
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<600:
            return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(seconds % 60)s"
        case ..<10_800: return "\(seconds / 60)m"
        case ..<28_800:
            return seconds / 60 % 60 == 0 ? "\(seconds / 3_600)h" : "\(seconds / 3_600)h\(seconds / 60 % 60)m"
        case ..<172_800: return "\(seconds / 3_600)h"
        default: return "\(seconds / 86_400)d"
        }
    }
}

/// The part of JSONPath that printer columns use: fields, indices, and filters by equality.
enum JSONPath {
    static func first(_ path: String, in value: JSONValue) -> JSONValue? {
        var current = value
        var rest = Substring(path)
        while let mark = rest.first {
            rest = rest.dropFirst()
            if mark == "[" {
                guard let end = rest.firstIndex(of: "]") else { return nil }
                let inner = rest[..<end]
                rest = rest[rest.index(after: end)...]
                if inner.hasPrefix("?(@.") {
                    let parts = inner.dropFirst(4).dropLast().split(separator: "=", omittingEmptySubsequences: true)
                    guard parts.count == 2 else { return nil }
                    let key = String(parts[0].filter { $0 != " " })
                    let wanted = String(parts[1].filter { !"'\" ".contains($0) })
                    guard let match = current.arrayValue?.first(where: { $0[key]?.stringValue == wanted }) else {
                        return nil
                    }
                    current = match
                } else if let index = Int(inner) {
                    guard let elements = current.arrayValue, elements.indices.contains(index) else { return nil }
                    current = elements[index]
                } else {
                    guard let next = current[String(inner.filter { !"'\"".contains($0) })] else { return nil }
                    current = next
                }
            } else {
                if mark != "." { return nil }
                var name = ""
                while let letter = rest.first, letter != ".", letter != "[" {
                    rest = rest.dropFirst()
                    if letter == "\\", let escaped = rest.first {
                        name.append(escaped)
                        rest = rest.dropFirst()
                    } else {
                        name.append(letter)
                    }
                }
                if name.isEmpty { continue }
                guard let next = current[name] else { return nil }
                current = next
            }
        }
        return current
    }
}
