internal import CRDModels
internal import KubernetesAPI
internal import Policy

extension DoctorChecks {
    /// Network plug-ins that enforce NetworkPolicies, by a part of the name of their DaemonSet.
    private static let enforcing: [(part: String, name: String)] = [
        ("calico-node", "Calico"), ("cilium", "Cilium"), ("antrea-agent", "Antrea"), ("kube-router", "kube-router"),
        ("weave-net", "Weave Net"), ("ovnkube-node", "OVN-Kubernetes"), ("kube-ovn-cni", "Kube-OVN"),
        ("anetd", "GKE Dataplane V2"), ("azure-npm", "Azure NPM"), ("kube-network-policies", "kube-network-policies"),
    ]
    /// Those that do not, unless they are set up to.
    private static let others: [(part: String, name: String)] = [
        ("kube-flannel", "Flannel"), ("kindnet", "kindnet"), ("aws-node", "Amazon VPC CNI"),
    ]

    /// Whether NetworkPolicies are enforced, as far as that is known without trying.
    static func network(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Network"
        let found = conditions(ConditionType.networkPolicyEnforced, facts.tenants.value ?? [])
        if let bad = found.first(where: { $0.condition["status"] == "False" }) {
            return [
                .failed(
                    check,
                    "NetworkPolicies are not enforced, says MCPTenant \(bad.name): \(bad.condition.text("message") ?? "")",
                    "Use a network plug-in that enforces NetworkPolicies. Until then, tenants are not isolated."
                )
            ]
        }
        if let good = found.first(where: { $0.condition["status"] == "True" }) {
            return [.ok(check, "NetworkPolicies are enforced: the controller has tried it (MCPTenant \(good.name))")]
        }
        let hint = "Nothing was tried. To let the controller try it, install the chart with networkCheck.enabled."
        guard let sets = facts.daemonSets.value else {
            return [.notChecked(check, facts.daemonSets.problem ?? "", hint)]
        }
        if let plugin = known(enforcing, sets) {
            return [
                .notChecked(check, "\(plugin) runs, which enforces NetworkPolicies unless that is switched off", hint)
            ]
        }
        if let plugin = known(others, sets) {
            return [
                .warning(check, "\(plugin) runs, which does not enforce NetworkPolicies by itself", hint)
            ]
        }
        return [.notChecked(check, "no known network plug-in was found", hint)]
    }

    private static func known(_ plugins: [(part: String, name: String)], _ sets: [JSONValue]) -> String? {
        plugins.first { plugin in sets.contains { $0.name.contains(plugin.part) } }?.name
    }

    private static func conditions(
        _ type: String,
        _ objects: [JSONValue]
    ) -> [(name: String, condition: JSONValue)] {
        objects.flatMap { object in
            object.list("status", "conditions").filter { $0["type"]?.stringValue == type }.map {
                let namespace = object.text("metadata", "namespace").map { "\($0)/" } ?? ""
                return ("\(namespace)\(object.name)", $0)
            }
        }
    }

    /// Whether the namespaces of tenants have Pod Security labels.
    static func podSecurity(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Pod Security"
        guard let namespaces = facts.namespaces.value else {
            return [.notChecked(check, facts.namespaces.problem ?? "")]
        }
        let own = namespaces.filter { $0.label(MoorageLabels.tenant) != nil }
        guard !own.isEmpty else { return [.ok(check, "there is no namespace of a tenant")] }
        let key = "\(MoorageLabels.podSecurityPrefix)enforce"
        let open = own.filter { ![.some("restricted"), .some("baseline")].contains($0.label(key)) }.map(\.name)
        guard !open.isEmpty else {
            return [.ok(check, "the namespaces of tenants enforce baseline or restricted: \(own.count)")]
        }
        return [
            .warning(
                check,
                "these namespaces do not enforce baseline or restricted: \(shown(open))",
                "Set config.podSecurity.enabled in the chart, and spec.podSecurity of the MCPTenant."
            )
        ]
    }

    /// The reasons that are about registries.
    private static let registryReasons = Set(
        [Reason.registryUnavailable, .registryDenied, .imagePullFailed].map(\.rawValue)
    )

    /// What servers say about registries. None is called.
    static func registries(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Registries"
        guard let servers = facts.servers.value else { return [.notChecked(check, facts.servers.problem ?? "")] }
        var affected: [String: String] = [:]
        for server in servers {
            for condition in server.list("status", "conditions") {
                guard let reason = condition.text("reason"), registryReasons.contains(reason) else { continue }
                let name = "\(server.text("metadata", "namespace") ?? "")/\(server.name)"
                affected[name] = "\(reason), \(condition.text("message") ?? "")"
            }
        }
        guard let first = affected.min(by: { $0.key < $1.key }) else {
            return [.ok(check, "no server reports a problem with a registry; none was called")]
        }
        return [
            .warning(
                check,
                "servers that cannot read from a registry: \(affected.count), such as \(first.key): \(first.value)",
                "See: \(facts.program.name) status \(first.key.split(separator: "/").last ?? "") -n \(first.key.split(separator: "/").first ?? "")."
            )
        ]
    }

    /// Whether all tenants are accepted.
    static func tenants(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Tenants"
        guard let tenants = facts.tenants.value else { return [.notChecked(check, facts.tenants.problem ?? "")] }
        let refused = conditions(ConditionType.accepted, tenants).filter { $0.condition["status"] != "True" }
        let unseen = tenants.filter { $0.list("status", "conditions").isEmpty }.map(\.name)
        var results = refused.sorted { $0.name < $1.name }.prefix(maximumShown).map { tenant in
            CheckResult.failed(
                check,
                "\(tenant.name) is not accepted, \(tenant.condition.text("reason") ?? ""): "
                    + (tenant.condition.text("message") ?? ""),
                "See: \(facts.program.name) status tenant/\(tenant.name)."
            )
        }
        if !unseen.isEmpty {
            results.append(
                .failed(
                    check,
                    "the controller has not seen \(shown(unseen))",
                    "Check that the controller runs, and its log."
                )
            )
        }
        return results.isEmpty
            ? [.ok(check, counted(tenants.count, "tenant", "accepted"))]
            : results
    }

    private static let maximumShown = 10

    /// The servers that are not ready, by reason.
    static func servers(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Servers"
        guard let servers = facts.servers.value else { return [.notChecked(check, facts.servers.problem ?? "")] }
        let unseen = "not seen by the controller"
        var byReason: [String: [String]] = [:]
        for server in servers {
            let ready = server.list("status", "conditions").first { $0["type"]?.stringValue == ConditionType.ready }
            guard ready?["status"] != "True" else { continue }
            let name = "\(server.text("metadata", "namespace") ?? "")/\(server.name)"
            byReason[ready?.text("reason") ?? unseen, default: []].append(name)
        }
        guard !byReason.isEmpty else {
            return [.ok(check, counted(servers.count, "server", "ready"))]
        }
        return byReason.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { reason, names in
            .warning(
                check,
                "\(names.count) of \(servers.count) not ready, \(reason): \(shown(names))",
                reason == unseen
                    ? "Check that the controller runs, and its log."
                    : "See: \(facts.program.name) explain \(reason), and the status of these servers."
            )
        }
    }

    private static func counted(_ count: Int, _ kind: String, _ state: String) -> String {
        switch count {
        case 0: "there is no \(kind)"
        case 1: "the \(kind) is \(state)"
        default: "all \(count) \(kind)s are \(state)"
        }
    }

    private static func shown(_ names: [String]) -> String {
        let sorted = names.sorted()
        let more = sorted.count > 5 ? " and \(sorted.count - 5) more" : ""
        return sorted.prefix(5).joined(separator: ", ") + more
    }
}
