public import CRDModels
internal import KubernetesAPI

/// Decides about one tenant: a plan for its namespace, or why there is none. Pure.
public func decide(_ input: TenantInput) -> Decision<TenantPlan> {
    do {
        return .run(try TenantDecider(input: input).decide())
    } catch {
        return .refused(error)
    }
}

/// The steps of a decision about one tenant.
struct TenantDecider {
    let input: TenantInput

    private var name: String { input.tenant.metadata.name ?? "" }

    func decide() throws(Refusal) -> TenantPlan {
        let namespace = EffectiveTenant.namespace(of: input.tenant)
        try ProtectedNamespaces(platform: input.platform, controllerNamespace: input.controllerNamespace)
            .check(namespace, field: "spec.namespace.name")
        try checkClaim(namespace)
        try checkExisting(namespace)
        let effective = try EffectiveTenant(input.tenant, namespace: namespace, platform: input.platform)
        let ledger = QuotaLedger(limit: effective.serverLimit, servers: input.servers)
        return TenantPlan(
            tenant: input.tenant,
            effective: effective,
            ledger: ledger,
            usage: effective.usage(servers: ledger.admitted.count),
            warnings: warnings(effective, ledger: ledger)
        )
    }

    private func checkClaim(_ namespace: String) throws(Refusal) {
        let others = input.tenants.filter { $0.metadata.name != name }
        let claimant = EffectiveTenant.claimant(of: namespace, among: others + [input.tenant])
        guard let winner = claimant?.metadata.name, winner != name else { return }
        throw Refusal(
            .namespaceClaimed,
            field: "spec.namespace.name",
            "namespace \"\(namespace)\" belongs to MCPTenant \"\(winner)\", which is older: name another namespace"
        )
    }

    private func checkExisting(_ namespace: String) throws(Refusal) {
        guard let existing = input.existingNamespace else { return }
        if existing.metadata.deletionTimestamp != nil || existing.status?.phase == "Terminating" {
            throw Refusal(
                .namespaceTerminating,
                "namespace \"\(namespace)\" is being deleted: it is made anew once it is gone"
            )
        }
        let isOurs =
            existing.metadata.labels?[MoorageLabels.managedBy] == MoorageLabels.managedByValue
            && existing.metadata.labels?[MoorageLabels.tenant] == ObjectLabels.tenant(name)[MoorageLabels.tenant]
        guard isOurs || input.tenant.spec.namespace?.adopt ?? false else {
            throw Refusal(
                .namespaceNotOwned,
                field: "spec.namespace.adopt",
                "namespace \"\(namespace)\" is there already and was not made for this tenant: set "
                    + "spec.namespace.adopt to true to take it over, or name another namespace"
            )
        }
    }

    private func warnings(_ effective: EffectiveTenant, ledger: QuotaLedger) -> [String] {
        var warnings = effective.withoutEffect
        if ledger.excess > 0, let limit = ledger.limit {
            warnings.append(
                "\(ledger.admitted.count) servers run under a quota of \(limit): none is stopped, and new ones wait"
            )
        }
        let others = OtherTenants(than: effective, among: input.tenants)
        let named =
            (effective.network.gateway.namespaces ?? []) + (effective.network.monitoring?.namespaces ?? [])
            + effective.network.allow.compactMap(\.namespace)
        for namespace in Set(named).sorted() {
            guard let other = others.namespaces[namespace] else { continue }
            warnings.append(
                "namespace \"\(namespace)\" is tenant \"\(other)\"'s, and no tenant reaches another: it is left out of the "
                    + "network policies"
            )
        }
        return warnings
    }
}
