package import CommandSupport
internal import CRDModels
package import KubernetesAPI
internal import Policy

/// The state of a server or a tenant: its conditions, what belongs to it, and what to do next.
package struct StatusReport: Sendable {
    /// `MCPServer` or `MCPTenant`.
    package var kind: String
    /// The namespace; `nil` for a tenant.
    package var namespace: String?
    /// The name.
    package var name: String
    /// Whether it is Ready, in words.
    package var summary: String
    /// Whether it is Ready.
    package var state: TreeNode.State
    /// Single values, such as the URL.
    package var values: [Value]
    /// The conditions, those that matter first.
    package var conditions: [ConditionFact]
    /// What belongs to it.
    package var children: [ChildFact]
    /// The revisions of a server, the newest first.
    package var revisions: [RevisionFact]
    /// What to do, the most important first.
    package var steps: [NextStep]
    /// The kinds that the account is not allowed to read.
    package var unread: [String]
    var events: [EventFact]
    private var now: Timestamp

    /// A value with a name.
    package struct Value: Sendable, Hashable {
        /// What it is, such as `url`.
        package var name: String
        /// The value.
        package var text: String
    }

    private static let maximumEvents = 8

    /// - Parameters:
    ///   - cluster: what was read.
    ///   - catalogue: the documentation of all reasons.
    ///   - program: how this program is called, such as `kubectl moorage`.
    ///   - now: the current time.
    package init(_ cluster: ClusterObjects, catalogue: ReasonCatalogue, program: String, now: Timestamp) {
        let subject = cluster.subject
        self.now = now
        kind = subject.kind
        namespace = subject.text("metadata", "namespace")
        name = subject.name
        let health = Health(subject, catalogue: catalogue)
        (summary, state) = (health.text, health.state)
        values = Self.values(of: subject)
        conditions = ConditionFact.ordered(
            subject.list("status", "conditions").compactMap { ConditionFact($0, catalogue: catalogue) }
        )
        children = Self.children(of: cluster, catalogue: catalogue)
        revisions = RevisionFact.newestFirst(
            cluster.objects.filter { $0.kind == MCPServerRevision.resourceType.kind }.map(RevisionFact.init)
        )
        events = EventFact.recent(cluster.events, limit: Self.maximumEvents)
        unread = cluster.unread
        let candidate = subject.text("status", "candidate", "revision")
        let next = NextSteps(
            catalogue: catalogue,
            program: program,
            namespace: namespace,
            name: name,
            waiting: candidate ?? revisions.first(where: \.isWaiting)?.name,
            serving: subject.text("status", "revision", "name"),
            rejected: revisions.first { $0.state == "Rejected" }?.name
        )
        steps = Self.ownSteps(subject, now: now) + next.steps(conditions)
        steps += children.filter {
            $0.kind == MCPServer.resourceType.kind && ($0.state == .bad || $0.state == .waiting)
        }
        .map { server in
            NextStep(
                cause: "MCPServer \(server.name) is \(server.summary).",
                wayOut: "See its status.",
                commands: ["\(program) status server/\(server.name) -n \(subject.text("status", "namespace") ?? "")"]
            )
        }
    }

    private static func values(of subject: JSONValue) -> [Value] {
        let fields: [(String, [String])] = [
            ("url", ["status", "url"]), ("address", ["status", "address"]), ("tenant", ["status", "tenant"]),
            ("class", ["status", "className"]), ("image", ["status", "image"]), ("namespace", ["status", "namespace"]),
            ("plan", ["status", "plan"]), ("rollbackTo", ["spec", "rollbackTo"]),
            ("candidate", ["status", "candidate", "state"]),
        ]
        var values = fields.compactMap { name, path -> Value? in
            guard let text = subject[path: path]?.stringValue, !text.isEmpty else { return nil }
            // Without an exposure, both addresses are the same.
            if name == "address", text == subject.text("status", "url") { return nil }
            return Value(name: name, text: text)
        }
        if let position = subject.integer("status", "queuePosition") {
            values.append(Value(name: "queuePosition", text: "\(position)"))
        }
        if let admitted = subject.integer("status", "servers", "admitted") {
            let limit = subject.integer("status", "servers", "limit").map { " of \($0)" } ?? ""
            let waiting = subject.integer("status", "servers", "waiting") ?? 0
            values.append(
                Value(name: "servers", text: "\(admitted)\(limit)" + (waiting > 0 ? ", \(waiting) waiting" : ""))
            )
        }
        return values
    }

    /// The kinds in the order in which they are shown.
    private static let order = [
        "Namespace", "MCPServer", "Deployment", "Pod", "Service", "NetworkPolicy", "Secret", "PersistentVolumeClaim",
        "HorizontalPodAutoscaler", "Ingress", "HTTPRoute", "ResourceQuota", "LimitRange", "RoleBinding",
    ]

    private static func children(of cluster: ClusterObjects, catalogue: ReasonCatalogue) -> [ChildFact] {
        var pods = cluster.objects.filter { $0.kind == "Pod" }
        var children: [ChildFact] = []
        for object in cluster.objects where object.kind != "Pod" && object.kind != MCPServerRevision.resourceType.kind {
            var child = ChildFact(object, catalogue: catalogue)
            if child.kind == "Deployment" {
                let isCandidate = object.label(MoorageLabels.candidate) != nil
                if isCandidate { child.summary += ", the new version" }
                let own = pods.filter { ($0.label(MoorageLabels.candidate) != nil) == isCandidate }
                pods.removeAll { ($0.label(MoorageLabels.candidate) != nil) == isCandidate }
                child.children = own.map { PodFact($0).child }.sorted { $0.name < $1.name }
            }
            children.append(child)
        }
        children += pods.map { PodFact($0).child }
        return children.sorted { left, right in
            let places = [left, right].map { order.firstIndex(of: $0.kind) ?? order.count }
            return places[0] == places[1] ? (left.kind, left.name) < (right.kind, right.name) : places[0] < places[1]
        }
    }

    /// What conditions do not say, because the controller has not seen the object.
    private static func ownSteps(_ subject: JSONValue, now: Timestamp) -> [NextStep] {
        if let deleted = subject.time("metadata", "deletionTimestamp") {
            let finalizers = subject.texts("metadata", "finalizers")
            let waits = finalizers.isEmpty ? "" : " It waits for the finalizers \(finalizers.joined(separator: ", "))."
            return [
                NextStep(
                    cause: "It is being deleted since \(Age.text(since: deleted, now: now)).\(waits)",
                    wayOut: "Wait. If it takes too long, check that the controller of Moorage runs."
                )
            ]
        }
        let observed = subject.integer("status", "observedGeneration") ?? -1
        guard let generation = subject.integer("metadata", "generation"), observed < generation else { return [] }
        return [
            NextStep(
                cause: observed < 0
                    ? "The controller has not seen it yet."
                    : "The controller has not seen the last change yet: the status is of generation \(observed), and the "
                        + "object has generation \(generation).",
                wayOut:
                    "Wait some seconds. If it stays like this, check that the controller of Moorage runs, and its logs."
            )
        ]
    }
}

extension StatusReport {
    /// The report as text: a tree, and what to do below it.
    package func rendered(console: Console) -> String {
        var text = tree.rendered(console: console)
        if !unread.isEmpty {
            let note = "Not read, because your account is not allowed to: \(unread.joined(separator: ", "))."
            text +=
                "\n"
                + TextLayout.paragraph(note, indentation: 0)
                .map { console.styled($0, .faint) }.joined(separator: "\n") + "\n"
        }
        text += "\n" + console.styled("What to do", .bold) + "\n"
        if steps.isEmpty {
            let reach = unread.isEmpty ? "everything" : "everything that could be read"
            return text + "Nothing: \(reach) is as it should be.\n"
        }
        for (index, step) in steps.enumerated() { text += step.lines(number: index + 1).joined(separator: "\n") + "\n" }
        return text
    }

    /// The report as a tree.
    package var tree: TreeNode {
        let place = namespace.map { "\($0)/" } ?? ""
        var nodes: [TreeNode] = []
        if !conditions.isEmpty { nodes.append(TreeNode("Conditions", children: conditionNodes)) }
        nodes += children.map(\.node)
        if !revisions.isEmpty { nodes.append(TreeNode("Revisions", children: revisions.map { $0.node(now: now) })) }
        if !events.isEmpty { nodes.append(TreeNode("Events", children: events.map { $0.node(now: now) })) }
        return TreeNode(
            "\(kind) \(place)\(name)",
            summary: summary,
            state: state,
            notes: values.map { "\($0.name): \($0.text)" },
            children: nodes
        )
    }

    /// Conditions that are as they should be are in one line, except Accepted, whose message can have warnings.
    private var conditionNodes: [TreeNode] {
        let isShort = { (fact: ConditionFact) in fact.state == .good && fact.type != ConditionType.accepted }
        let short = conditions.filter(isShort).map(\.type)
        // Several conditions often have the same message.
        var said: Set<String> = []
        var nodes = conditions.filter { !isShort($0) }.map { condition in
            node(condition, isSaid: !said.insert(condition.message).inserted)
        }
        if !short.isEmpty {
            nodes.append(TreeNode("As they should be", summary: short.joined(separator: ", "), state: .good))
        }
        return nodes
    }

    private func node(_ condition: ConditionFact, isSaid: Bool) -> TreeNode {
        let age = condition.since.map { " for \(Age.text(since: $0, now: now))" } ?? ""
        let reason = condition.reason.isEmpty ? "" : ", \(condition.reason)"
        return TreeNode(
            condition.type,
            summary: condition.status + reason + age,
            state: condition.state,
            notes: condition.message.isEmpty || isSaid ? [] : [condition.message]
        )
    }

    /// The same facts as data.
    package var json: JSONValue {
        .fields(
            ("kind", .string(kind)),
            ("namespace", JSONValue(namespace)),
            ("name", .string(name)),
            ("summary", .string(summary)),
            ("state", .string(state.rawValue)),
            (
                "values",
                .object(Dictionary(values.map { ($0.name, .string($0.text)) }, uniquingKeysWith: { first, _ in first }))
            ),
            ("conditions", .array(conditions.map(\.json))),
            ("children", .array(children.map(\.json))),
            ("revisions", JSONValue(nonEmpty: revisions.map(\.json))),
            ("events", .array(events.map(\.json))),
            ("nextSteps", .array(steps.map(\.json))),
            ("notRead", JSONValue(nonEmpty: unread.map { .string($0) }))
        )
    }
}
