internal import CRDModels
internal import KubernetesAPI
internal import Policy

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
        try effective.signatures.check(roots: Set((input.platform.trustedRoots ?? [:]).keys))
        let ledger = QuotaLedger(limit: effective.serverLimit, servers: input.servers)
        let roles = MemberRoles(platform: input.platform)
        let members = try roles.bindings(of: input.tenant.spec.members ?? [])
        return TenantPlan(
            tenant: input.tenant,
            effective: effective,
            ledger: ledger,
            usage: effective.usage(servers: ledger.admitted.count, toolCalls: input.toolCalls),
            toolCalls: input.toolCalls,
            network: effective.network.enabled ? input.network : .unchecked,
            members: members,
            warnings: warnings(effective, ledger: ledger) + MemberRoles.warnings(members, own: roles.prefix)
        )
    }

    private func checkClaim(_ namespace: String) throws(Refusal) {
        let state: String
        switch input.claims[namespace] {
        case .tenant(let holder)? where holder.metadata.name == name: return
        case .tenant(let holder)?:
            throw Refusal(
                .namespaceClaimed,
                field: "spec.namespace.name",
                "namespace \"\(namespace)\" belongs to MCPTenant \"\(holder.metadata.name ?? "")\": use another one"
            )
        case .retained(let former)?:
            state = "was retained by the deleted MCPTenant \"\(former)\""
        case nil:
            state = "already exists and was not created for this tenant"
        }
        throw Refusal(
            .namespaceNotOwned,
            field: "spec.namespace.adopt",
            """
            namespace "\(namespace)" \(state): set spec.namespace.adopt to true to adopt it, or use another \
            namespace
            """
        )
    }

    private func checkExisting(_ namespace: String) throws(Refusal) {
        guard let existing = input.existingNamespace else { return }
        if existing.metadata.deletionTimestamp != nil || existing.status?.phase == "Terminating" {
            throw Refusal(
                .namespaceTerminating,
                "namespace \"\(namespace)\" is being deleted: it is created again after that"
            )
        }
    }

    private func warnings(_ effective: EffectiveTenant, ledger: QuotaLedger) -> [String] {
        var warnings = effective.withoutEffect
        if ledger.excess > 0, let limit = ledger.limit {
            warnings.append(
                """
                \(ledger.admitted.count) servers run under a quota of \(limit): none of them is stopped, and new \
                servers wait
                """
            )
        }
        let others = OtherTenants(than: effective, claims: input.claims)
        let named =
            (effective.network.gateway.namespaces ?? []) + (effective.network.monitoring?.namespaces ?? [])
            + effective.network.allow.compactMap(\.namespace)
        for namespace in Set(named).sorted() {
            guard let other = others.holder(of: namespace) else { continue }
            warnings.append(
                """
                namespace "\(namespace)" belongs to tenant "\(other)", and tenants cannot reach each other: it is \
                omitted from the network policies
                """
            )
        }
        return warnings
    }
}
