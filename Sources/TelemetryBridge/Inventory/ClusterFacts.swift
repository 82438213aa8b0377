internal import KubernetesAPI

/// What was read of a cluster for a snapshot or a playbook: each part, or why it could not be read.
struct ClusterFacts: Sendable {
    /// The parts.
    enum Part: String, Sendable, CaseIterable {
        case version, nodes, namespaces, pods, deployments, statefulSets, daemonSets, services, warnings
    }

    var version: String?
    var nodes: [JSONValue] = []
    var namespaces: [String] = []
    var pods: [JSONValue] = []
    var deployments: [JSONValue] = []
    var statefulSets: [JSONValue] = []
    var daemonSets: [JSONValue] = []
    var services = 0
    /// Warnings of the last hour.
    var warnings: [ClusterEvent] = []
    /// Parts that could not be read, and why.
    var unavailable: [Part: String] = [:]
    /// Parts of which only the first objects were read.
    var incomplete: Set<Part> = []
}

extension ClusterFacts {
    /// Reads the parts, as far as that is possible: a part that is missing does not prevent the others.
    static func gather(_ context: BridgeContext, namespace: String?, parts: Set<Part> = Set(Part.allCases)) async
        -> ClusterFacts
    {
        var facts = ClusterFacts()
        let cluster = context.cluster
        await withTaskGroup(of: (Part, Result<@Sendable (inout ClusterFacts) -> Void, any Error>).self) { group in
            func read(
                _ part: Part,
                _ work: @escaping @Sendable () async throws -> @Sendable (inout ClusterFacts) -> Void
            ) {
                guard parts.contains(part) else { return }
                group.addTask {
                    do { return (part, .success(try await work())) } catch { return (part, .failure(error)) }
                }
            }
            func list(
                _ part: Part,
                _ type: ResourceType,
                _ field: any WritableKeyPath<ClusterFacts, [JSONValue]> & Sendable
            ) {
                read(part) {
                    let (items, isComplete) = try await cluster.objects(
                        type,
                        namespace: type.isNamespaced ? namespace : nil
                    )
                    return { facts in
                        facts[keyPath: field] = items
                        if !isComplete { facts.incomplete.insert(part) }
                    }
                }
            }
            read(.version) {
                let version = try await cluster.json("/version").text("gitVersion")
                return { $0.version = version }
            }
            read(.namespaces) {
                let names = try await cluster.names(.namespace)
                return { $0.namespaces = namespace.map { [$0] } ?? names }
            }
            read(.services) {
                let count = try await cluster.count(.service, namespace: namespace)
                return { $0.services = count }
            }
            read(.warnings) {
                let (events, isComplete) = try await context.events(
                    namespace: namespace,
                    since: PrometheusDuration(seconds: 3_600),
                    fieldSelector: "type=Warning"
                )
                return { facts in
                    facts.warnings = events
                    if !isComplete { facts.incomplete.insert(.warnings) }
                }
            }
            list(.nodes, .node, \.nodes)
            list(.pods, .pod, \.pods)
            list(.deployments, .deployment, \.deployments)
            list(.statefulSets, .statefulSet, \.statefulSets)
            list(.daemonSets, .daemonSet, \.daemonSets)
            for await (part, result) in group {
                switch result {
                case .success(let apply): apply(&facts)
                case .failure(let error):
                    facts.unavailable[part] = ClusterFailure.explain(error, reading: part.rawValue)
                }
            }
        }
        return facts
    }
}
