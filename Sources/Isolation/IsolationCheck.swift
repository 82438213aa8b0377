/// Evaluates a model, and finds the paths that break the isolation of tenants. Pure.
public struct IsolationCheck: Sendable {
    private let model: ClusterModel
    private let blocked: [BlockedRange]
    private let allowances: [Allowance]
    private let reachability: Reachability
    private let groups: PodClasses

    /// - Parameters:
    ///   - model: the cluster.
    ///   - blocked: the addresses that pods of tenants must not reach.
    ///   - allowances: the paths that are wanted all the same.
    /// - Throws: `PolicyProblems` if a policy cannot be evaluated.
    public init(
        _ model: ClusterModel,
        blocked: [BlockedRange],
        allowances: [Allowance] = []
    ) throws(PolicyProblems) {
        self.model = model
        self.blocked = blocked
        self.allowances = allowances
        reachability = try Reachability(model)
        groups = reachability.groups
    }

    /// Evaluates every pair of pods, and every blocked range for every pod.
    public func report() -> IsolationReport {
        var hosts: [Int: BitSet] = [:]
        for (index, group) in groups.classes.enumerated() where group.isOnHostNetwork {
            hosts[group.namespace, default: BitSet(count: groups.classes.count)].insert(index)
        }
        return IsolationReport(
            paths: paths(),
            blocked: blockedPaths(),
            outside: outsidePaths(),
            onHostNetwork: hosts.sorted { $0.key < $1.key }.map { end(of: $0.value, namespace: $0.key) },
            namespaces: groups.namespaces.sorted { ($0.tenant ?? "", $0.name) < ($1.tenant ?? "", $1.name) },
            podCount: model.pods.count
        )
    }

    // MARK: Paths between pods

    /// Paths with the same key are reported as one: every source reaches every target.
    private struct PathKey: Hashable {
        var source: Int
        var target: Int
        var connection: Int
        /// The network of a node reaches all pods; pods that reach it do not reach all pods.
        var isFromHostNetwork: Bool
        var isToHostNetwork: Bool
    }

    private func paths() -> [IsolationReport.Path] {
        let count = groups.classes.count
        var numbers: [Reachability.Connection: Int] = [:]
        var found: [PathKey: (sources: BitSet, targets: BitSet)] = [:]
        for source in 0..<count {
            let from = groups.classes[source].namespace
            reachability.candidates(fromClass: source).forEach { target in
                // A pod reaches itself, which is not worth a line.
                if source == target, groups.pods[source].count == 1 { return }
                let connection = reachability.connection(fromClass: source, toClass: target)
                if connection.ports.isEmpty { return }
                let number = numbers[connection] ?? numbers.count
                numbers[connection] = number
                let key = PathKey(
                    source: from,
                    target: groups.classes[target].namespace,
                    connection: number,
                    isFromHostNetwork: groups.classes[source].isOnHostNetwork,
                    isToHostNetwork: groups.classes[target].isOnHostNetwork
                )
                found[key, default: (BitSet(count: count), BitSet(count: count))].sources.insert(source)
                found[key]?.targets.insert(target)
            }
        }
        let connections = numbers.sorted { $0.value < $1.value }.map(\.key)
        let paths = found.map { key, ends in
            let connection = connections[key.connection]
            return IsolationReport.Path(
                kind: kind(from: groups.namespaces[key.source].tenant, to: groups.namespaces[key.target].tenant),
                source: end(of: ends.sources, namespace: key.source),
                target: end(of: ends.targets, namespace: key.target),
                ports: connection.ports,
                egress: connection.egress,
                ingress: connection.ingress
            )
        }
        return paths.sorted { left, right in
            let order = IsolationReport.Kind.allCases
            return
                (order.firstIndex(of: left.kind) ?? 0, left.source.sortKey, left.target.sortKey, "\(left.ports)")
                < (order.firstIndex(of: right.kind) ?? 0, right.source.sortKey, right.target.sortKey, "\(right.ports)")
        }
    }

    private func kind(from source: String?, to target: String?) -> IsolationReport.Kind {
        guard let source, let target else { return .shared }
        if source == target { return .sameTenant }
        let isAllowed = allowances.contains { $0.isFor(source) && $0.target == .tenant(target) }
        return isAllowed ? .allowed : .crossing
    }

    private func end(of set: BitSet, namespace: Int) -> IsolationReport.End {
        var names: [String] = []
        set.forEach { index in names += groups.pods[index].map { model.pods[$0].name } }
        let found = groups.namespaces[namespace]
        return IsolationReport.End(namespace: found.name, tenant: found.tenant, pods: names.sorted())
    }

    // MARK: Addresses

    private struct AddressKey: Hashable {
        var namespace: Int
        var block: AddressBlock?
        var ports: PortSet
        var egress: Reachability.Opening
    }

    /// The rules by which pods of tenants reach addresses.
    private func addressRules(
        of index: Int
    ) -> [(block: AddressBlock, ports: PortSet, opening: Reachability.Opening)] {
        guard let rules = reachability.outside(ofClass: index) else {
            return [(.all, .all, groups.classes[index].isOnHostNetwork ? .hostNetwork : .notSelected)]
        }
        return rules.map { ($0.block, $0.ports, .policies([$0.policy])) }
    }

    private func outsidePaths() -> [IsolationReport.OutsidePath] {
        var found: [AddressKey: BitSet] = [:]
        for (index, group) in groups.classes.enumerated() where groups.namespaces[group.namespace].tenant != nil {
            for rule in addressRules(of: index) {
                let key = AddressKey(
                    namespace: group.namespace,
                    block: rule.block,
                    ports: rule.ports,
                    egress: rule.opening
                )
                found[key, default: BitSet(count: groups.classes.count)].insert(index)
            }
        }
        return found.map { key, set in
            IsolationReport.OutsidePath(
                source: end(of: set, namespace: key.namespace),
                block: key.block ?? .all,
                ports: key.ports,
                egress: key.egress
            )
        }.sorted {
            ($0.source.sortKey, $0.block.description, "\($0.ports)")
                < ($1.source.sortKey, $1.block.description, "\($1.ports)")
        }
    }

    private func blockedPaths() -> [IsolationReport.BlockedPath] {
        var parts: [String: [(number: Int, ranges: [AddressRange])]] = [:]
        var hits: [String: [AddressBlock: [Int]]] = [:]
        var found: [AddressKey: (set: BitSet, ranges: Set<Int>)] = [:]
        for (index, group) in groups.classes.enumerated() {
            guard let tenant = groups.namespaces[group.namespace].tenant else { continue }
            let ofTenant = parts[tenant] ?? blockedParts(of: tenant)
            parts[tenant] = ofTenant
            for rule in addressRules(of: index) {
                let reached =
                    hits[tenant]?[rule.block]
                    ?? ofTenant.filter { $0.ranges.contains(where: rule.block.overlaps) }.map(\.number)
                hits[tenant, default: [:]][rule.block] = reached
                if reached.isEmpty { continue }
                let key = AddressKey(
                    namespace: group.namespace,
                    block: nil,
                    ports: rule.ports,
                    egress: rule.opening
                )
                found[key, default: (BitSet(count: groups.classes.count), [])].set.insert(index)
                found[key]?.ranges.formUnion(reached)
            }
        }
        return found.map { key, value in
            IsolationReport.BlockedPath(
                source: end(of: value.set, namespace: key.namespace),
                ranges: value.ranges.sorted().map { blocked[$0] },
                ports: key.ports,
                egress: key.egress
            )
        }.sorted { ($0.source.sortKey, "\($0.ports)") < ($1.source.sortKey, "\($1.ports)") }
    }

    /// The blocked ranges of a tenant, without the addresses that are allowed.
    private func blockedParts(of tenant: String) -> [(number: Int, ranges: [AddressRange])] {
        let allowed = allowances.filter { $0.isFor(tenant) }.compactMap { allowance -> AddressRange? in
            if case .range(let range) = allowance.target { range } else { nil }
        }
        return blocked.enumerated().filter { $0.element.tenant == nil || $0.element.tenant == tenant }
            .map { number, blocked in
                (number, allowed.reduce([blocked.range]) { rest, hole in rest.flatMap { $0.subtracting(hole) } })
            }
    }
}

extension IsolationReport.End {
    /// The order in reports.
    var sortKey: String { "\(tenant ?? "")\u{0}\(namespace)\u{0}\(pods.first ?? "")" }
}
