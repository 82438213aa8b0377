import KubernetesAPI

@testable import Isolation

/// The semantics of NetworkPolicies once more: one pair of pods and one port at a time, without groups, sets or compiled rules. It
/// shares only the model and the reading of addresses with the evaluator that it is compared with.
struct ReferenceEvaluator {
    var model: ClusterModel

    func isOpen(_ source: Int, _ target: Int, _ transport: TransportProtocol, _ port: Int) -> Bool {
        if source == target { return true }
        let from = model.pods[source]
        let to = model.pods[target]
        if from.isOnHostNetwork || to.isOnHostNetwork { return true }
        return allowsOut(from, to, transport, port) && allowsIn(to, from, transport, port)
    }

    /// Whether a pod can open a connection to an address that is not the address of a pod.
    func isOpen(_ source: Int, address: AddressRange, _ transport: TransportProtocol, _ port: Int) -> Bool {
        let pod = model.pods[source]
        if pod.isOnHostNetwork { return true }
        let own = policies(of: pod, "Egress")
        if own.isEmpty { return true }
        for policy in own {
            for rule in policy.spec?.egress ?? [] {
                let isPeer = (rule.to ?? []).isEmpty || (rule.to ?? []).contains { covers($0.ipBlock, [address]) }
                if isPeer, opens(rule.ports, transport, port, named: []) { return true }
            }
        }
        return false
    }

    private func allowsOut(
        _ from: ClusterModel.Pod,
        _ to: ClusterModel.Pod,
        _ transport: TransportProtocol,
        _ port: Int
    ) -> Bool {
        let own = policies(of: from, "Egress")
        if own.isEmpty { return true }
        for policy in own {
            for rule in policy.spec?.egress ?? [] {
                if opens(rule.ports, transport, port, named: to.ports), isPeer(to, rule.to, policy) { return true }
            }
        }
        return false
    }

    private func allowsIn(
        _ to: ClusterModel.Pod,
        _ from: ClusterModel.Pod,
        _ transport: TransportProtocol,
        _ port: Int
    ) -> Bool {
        let own = policies(of: to, "Ingress")
        if own.isEmpty { return true }
        for policy in own {
            for rule in policy.spec?.ingress ?? [] {
                if opens(rule.ports, transport, port, named: to.ports), isPeer(from, rule.from, policy) { return true }
            }
        }
        return false
    }

    private func policies(of pod: ClusterModel.Pod, _ type: String) -> [NetworkPolicy] {
        model.policies.filter { policy in
            guard policy.metadata.namespace ?? "default" == pod.namespace else { return false }
            let given = policy.spec?.policyTypes ?? []
            let types = given.isEmpty ? ["Ingress"] + ((policy.spec?.egress ?? []).isEmpty ? [] : ["Egress"]) : given
            return types.contains(type) && selects(policy.spec?.podSelector, pod.labels)
        }
    }

    private func isPeer(_ pod: ClusterModel.Pod, _ peers: [NetworkPolicyPeer]?, _ policy: NetworkPolicy) -> Bool {
        guard let peers, !peers.isEmpty else { return true }
        for peer in peers {
            if peer.ipBlock != nil {
                if covers(peer.ipBlock, pod.addresses.isEmpty ? model.podRanges : pod.addresses) { return true }
                continue
            }
            var labels = model.namespaces.first { $0.name == pod.namespace }?.labels ?? [:]
            labels["kubernetes.io/metadata.name"] = pod.namespace
            if let namespaces = peer.namespaceSelector {
                if selects(namespaces, labels), selects(peer.podSelector, pod.labels) { return true }
            } else if pod.namespace == policy.metadata.namespace ?? "default", selects(peer.podSelector, pod.labels) {
                return true
            }
        }
        return false
    }

    /// Whether a block contains an address of the ranges. Random worlds have ranges of which the exceptions cut off either
    /// nothing or all, or leave the first or the last address.
    private func covers(_ block: IPBlock?, _ ranges: [AddressRange]) -> Bool {
        guard let block, let whole = AddressRange(cidr: block.cidr) else { return false }
        let holes = (block.except ?? []).compactMap { AddressRange(cidr: $0) }
        for range in ranges where range.isIPv6 == whole.isIPv6 {
            // Where the block can begin to cover the range: at the beginning of either, and after each hole.
            let starts = [range.first, whole.first] + holes.filter { $0.last < .max }.map { $0.last + 1 }
            for start in starts where start >= range.first && start <= range.last {
                if start < whole.first || start > whole.last { continue }
                if holes.contains(where: { $0.isIPv6 == whole.isIPv6 && $0.first <= start && start <= $0.last }) {
                    continue
                }
                return true
            }
        }
        return false
    }

    private func opens(
        _ ports: [NetworkPolicyPort]?,
        _ transport: TransportProtocol,
        _ port: Int,
        named: [ClusterModel.NamedPort]
    ) -> Bool {
        guard let ports, !ports.isEmpty else { return true }
        for rule in ports where rule.protocol ?? "TCP" == transport.rawValue {
            switch rule.port {
            case nil: return true
            case .int(let first):
                if port == first { return true }
                if let end = rule.endPort, port > first, port <= end { return true }
            case .string(let name):
                if named.contains(where: { $0.name == name && $0.transport == transport && $0.number == port }) {
                    return true
                }
            }
        }
        return false
    }

    private func selects(_ selector: LabelSelector?, _ labels: [String: String]) -> Bool {
        for (key, value) in selector?.matchLabels ?? [:] {
            if labels[key] != value { return false }
        }
        for requirement in selector?.matchExpressions ?? [] {
            let values = requirement.values ?? []
            let value = labels[requirement.key]
            switch requirement.operator {
            case "In": if value == nil || !values.contains(value ?? "") { return false }
            case "NotIn": if value != nil, values.contains(value ?? "") { return false }
            case "Exists": if value == nil { return false }
            default: if value != nil { return false }
            }
        }
        return true
    }
}
