internal import KubernetesAPI
internal import MCPProtocol

/// A summary of a cluster, or of one namespace: nodes, workloads, pods with problems, and warnings. Pure.
struct InventorySnapshot: Sendable {
    /// Rows of each list.
    static let maximumRows = 200

    let facts: ClusterFacts
    let now: Timestamp
    let namespace: String?

    static let members: [(String, RawJSON)] = [
        ("takenAt", OutputSchema.text("When, in the format of RFC 3339.")),
        ("namespace", OutputSchema.text("The namespace that it is about; missing for the whole cluster.")),
        ("serverVersion", OutputSchema.text("The version of Kubernetes.")),
        (
            "counts",
            OutputSchema.object(
                [
                    ("nodes", OutputSchema.integer("Nodes.")),
                    ("nodesReady", OutputSchema.integer("Nodes that are ready.")),
                    ("namespaces", OutputSchema.integer("Namespaces.")), ("pods", OutputSchema.integer("Pods.")),
                    ("services", OutputSchema.integer("Services.")),
                    ("warnings", OutputSchema.integer("Warnings of the last hour.")),
                ],
                "How many there are."
            )
        ),
        (
            "podPhases",
            ["type": "object", "additionalProperties": ["type": "integer"], "description": "Pods by their phase."]
        ),
        (
            "nodes",
            OutputSchema.array(
                of: ["type": "object"],
                "The nodes: readiness, problems, taints, versions, allocatable resources."
            )
        ),
        ("namespaces", OutputSchema.array(of: ["type": "string"], "The names of the namespaces.")),
        (
            "workloads",
            OutputSchema.array(
                of: OutputSchema.object([
                    ("kind", OutputSchema.text("Deployment, StatefulSet or DaemonSet.")),
                    ("namespace", OutputSchema.text("The namespace.")), ("name", OutputSchema.text("The name.")),
                    ("wanted", OutputSchema.integer("Pods that it wants.")),
                    ("ready", OutputSchema.integer("Pods that are ready.")),
                    ("images", OutputSchema.array(of: ["type": "string"], "The images of its containers.")),
                ]),
                "The workloads, those with missing pods first."
            )
        ),
        (
            "podsWithProblems",
            OutputSchema.array(
                of: OutputSchema.object(
                    [
                        ("namespace", OutputSchema.text("The namespace.")), ("name", OutputSchema.text("The name.")),
                        ("phase", OutputSchema.text("The phase.")), ("problem", OutputSchema.text("What is wrong.")),
                        ("restarts", OutputSchema.integer("Restarts of its containers.")),
                        ("node", OutputSchema.text("The node.")),
                    ],
                    optional: ["node"]
                ),
                "Pods that do not run as they should, the most restarts first."
            )
        ),
        ("warnings", OutputSchema.array(of: ["type": "object"], "The newest warnings of the last hour.")),
        (
            "unavailable",
            OutputSchema.texts("Parts that could not be read, and why; what is about them is empty here.")
        ),
    ]

    /// The snapshot within a budget.
    ///
    /// - Parameter includesTime: whether it has the time; without, equal clusters give equal snapshots.
    func output(maximumBytes: Int, includesTime: Bool = true) -> ToolOutput {
        var budget = ResultBudget(bytes: maximumBytes)
        let narrow = namespace == nil ? "set namespace" : "use k8s.get"
        let pods = facts.pods.map(PodState.init)
        // What is wrong matters most, so it comes first in the budget.
        let problems = pods.compactMap { pod in pod.problem(now: now).map { (pod, $0) } }
            .sorted { ($1.0.restarts, $0.0.path) < ($0.0.restarts, $1.0.path) }
        let badPods = take(problems.map { Self.row($0.0, $0.1) }, "pods with problems", narrow, &budget)
        let nodes = facts.nodes.map(NodeState.init)
        let shownNodes = take(
            nodes.sorted { ($0.isReady ? 1 : 0, $0.name) < ($1.isReady ? 1 : 0, $1.name) }.map(\.json),
            "nodes",
            narrow,
            &budget
        )
        let warnings = facts.warnings.prefix(includesTime ? 20 : 0).map(\.json)
        let shownWarnings = take(Array(warnings), "warnings", "use k8s.events", &budget)
        let workloads = workloads.sorted(by: Workload.areInOrder)
        let shownWorkloads = take(workloads.map(\.json), "workloads", narrow, &budget)
        let names = take(
            facts.namespaces.sorted().map(RawJSON.string),
            "namespaces",
            "use k8s.get with kind Namespace",
            &budget
        )
        for part in facts.incomplete.map(\.rawValue).sorted() {
            budget.leaveOut("Only the first \(part) were read, because there are too many; \(narrow).")
        }
        let phases = pods.reduce(into: [String: Int64]()) { $0[$1.phase, default: 0] += 1 }
        let fields: [(String, RawJSON?)] = [
            ("takenAt", includesTime ? .string(now.description) : nil), ("namespace", namespace.map(RawJSON.string)),
            ("serverVersion", facts.version.map(RawJSON.string)),
            (
                "counts",
                [
                    "nodes": .integer(Int64(nodes.count)), "nodesReady": .integer(Int64(nodes.filter(\.isReady).count)),
                    "namespaces": .integer(Int64(facts.namespaces.count)), "pods": .integer(Int64(pods.count)),
                    "services": .integer(Int64(facts.services)), "warnings": .integer(Int64(facts.warnings.count)),
                ]
            ), ("podPhases", .object(phases.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
            ("nodes", .array(shownNodes)), ("namespaces", .array(names)), ("workloads", .array(shownWorkloads)),
            ("podsWithProblems", .array(badPods)), ("warnings", .array(shownWarnings)),
            (
                "unavailable",
                .texts(Dictionary(uniqueKeysWithValues: facts.unavailable.map { ($0.key.rawValue, $0.value) }))
            ),
        ]
        return ToolOutput(fields: fields, leftOut: budget.leftOut)
    }

    private func take(_ rows: [RawJSON], _ what: String, _ narrow: String, _ budget: inout ResultBudget) -> [RawJSON] {
        budget.take(rows, limit: Self.maximumRows, what: what, narrow: narrow)
    }

    private static func row(_ pod: PodState, _ problem: String) -> RawJSON {
        [
            "namespace": .string(pod.namespace), "name": .string(pod.name), "phase": .string(pod.phase),
            "problem": .string(problem), "restarts": .integer(pod.restarts), "node": pod.node.map(RawJSON.string),
        ]
    }

    /// The workloads of all kinds.
    var workloads: [Workload] {
        facts.deployments.map {
            Workload($0, kind: "Deployment", wanted: $0.integer("spec", "replicas") ?? 1, ready: "readyReplicas")
        }
            + facts.statefulSets.map {
                Workload($0, kind: "StatefulSet", wanted: $0.integer("spec", "replicas") ?? 1, ready: "readyReplicas")
            }
            + facts.daemonSets.map {
                Workload(
                    $0,
                    kind: "DaemonSet",
                    wanted: $0.integer("status", "desiredNumberScheduled") ?? 0,
                    ready: "numberReady"
                )
            }
    }
}

/// A Deployment, StatefulSet or DaemonSet.
struct Workload: Sendable, Hashable {
    var kind: String
    var namespace: String
    var name: String
    var wanted: Int64
    var ready: Int64
    var images: [String]

    init(_ json: JSONValue, kind: String, wanted: Int64, ready: String) {
        self.kind = kind
        self.wanted = wanted
        namespace = json.text("metadata", "namespace") ?? ""
        name = json.text("metadata", "name") ?? ""
        self.ready = json.integer("status", ready) ?? 0
        images = json.array("spec", "template", "spec", "containers").compactMap { $0.text("image") }.uniqued()
    }

    var isShort: Bool { ready < wanted }

    static func areInOrder(_ left: Workload, _ right: Workload) -> Bool {
        (left.isShort ? 0 : 1, left.namespace, left.name, left.kind) < (
            right.isShort ? 0 : 1, right.namespace, right.name, right.kind
        )
    }

    var json: RawJSON {
        [
            "kind": .string(kind), "namespace": .string(namespace), "name": .string(name), "wanted": .integer(wanted),
            "ready": .integer(ready), "images": .array(images.map(RawJSON.string)),
        ]
    }
}
