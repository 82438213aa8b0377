internal import KubernetesAPI

/// The pods of a model, grouped so that no policy distinguishes the pods of a group. Most clusters have far fewer groups than
/// pods, and what is true for one pod of a group is true for all.
struct PodClasses: Sendable {
    /// Pods that no policy distinguishes.
    struct Class: Sendable, Hashable {
        /// The index of the namespace.
        var namespace: Int
        /// The labels that any policy selects by.
        var labels: [String: String]
        /// The numbers of the named ports that any policy uses.
        var ports: [CheckedPolicy.NamedPort: Set<Int>]
        /// Whether the pods use the network of their node.
        var isOnHostNetwork: Bool
        /// Which of the blocks can contain the pods' addresses.
        var blocks: [Bool]
    }

    /// The namespaces, with all labels.
    private(set) var namespaces: [ClusterModel.Namespace]
    /// The groups.
    private(set) var classes: [Class] = []
    /// The group of each pod.
    private(set) var classOfPod: [Int] = []
    /// The pods of each group.
    private(set) var pods: [[Int]] = []
    /// The groups of each namespace.
    private(set) var classesOfNamespace: [[Int]]
    /// The index of each namespace by its name.
    private(set) var namespaceIndex: [String: Int] = [:]
    /// The blocks of all policies.
    private(set) var blocks: [AddressBlock: Int] = [:]

    init(_ model: ClusterModel, policies: [CheckedPolicy]) {
        namespaces = Self.namespaces(of: model)
        classesOfNamespace = Array(repeating: [], count: namespaces.count)
        for (index, namespace) in namespaces.enumerated() { namespaceIndex[namespace.name] = index }
        var keys: Set<String> = []
        var names: Set<CheckedPolicy.NamedPort> = []
        for policy in policies {
            keys.formUnion(policy.podSelector.requirements.map(\.key))
            for rule in (policy.ingress ?? []) + (policy.egress ?? []) {
                names.formUnion(rule.namedPorts)
                for peer in rule.peers ?? [] {
                    switch peer {
                    case .podsOf(_, let selector), .pods(_, let selector):
                        keys.formUnion(selector.requirements.map(\.key))
                    case .block(let block):
                        if blocks[block] == nil { blocks[block] = blocks.count }
                    }
                }
            }
        }
        let ordered = blocks.sorted { $0.value < $1.value }.map(\.key)
        let ofUnknownAddress = ordered.map { block in model.podRanges.contains(where: block.overlaps) }
        var indices: [Class: Int] = [:]
        for (number, pod) in model.pods.enumerated() {
            let key = Class(
                namespace: namespaceIndex[pod.namespace] ?? 0,
                labels: pod.labels.filter { keys.contains($0.key) },
                ports: Self.ports(of: pod, names),
                isOnHostNetwork: pod.isOnHostNetwork,
                blocks: pod.addresses.isEmpty
                    ? ofUnknownAddress : ordered.map { block in pod.addresses.contains(where: block.overlaps) }
            )
            let index = indices[key] ?? classes.count
            if index == classes.count {
                indices[key] = index
                classes.append(key)
                pods.append([])
                classesOfNamespace[key.namespace].append(index)
            }
            classOfPod.append(index)
            pods[index].append(number)
        }
    }

    private static func namespaces(of model: ClusterModel) -> [ClusterModel.Namespace] {
        var known: [String: ClusterModel.Namespace] = [:]
        for pod in model.pods { known[pod.namespace] = ClusterModel.Namespace(name: pod.namespace) }
        for namespace in model.namespaces { known[namespace.name] = namespace }
        return known.values.sorted { $0.name < $1.name }.map { namespace in
            var namespace = namespace
            namespace.labels["kubernetes.io/metadata.name"] = namespace.name
            return namespace
        }
    }

    private static func ports(
        of pod: ClusterModel.Pod,
        _ names: Set<CheckedPolicy.NamedPort>
    ) -> [CheckedPolicy.NamedPort: Set<Int>] {
        var ports: [CheckedPolicy.NamedPort: Set<Int>] = [:]
        for port in pod.ports {
            let name = CheckedPolicy.NamedPort(transport: port.transport, name: port.name)
            if names.contains(name) { ports[name, default: []].insert(port.number) }
        }
        return ports
    }
}
