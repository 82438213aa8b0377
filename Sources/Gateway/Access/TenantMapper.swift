internal import MCPProtocol
internal import Policy

/// Which tenants the callers of an issuer belong to, from their claims. Pure.
struct TenantMapper: Sendable {
    private struct Rule {
        var claim: ClaimPath
        var values: Set<[UInt8]>
        var tenants: [String]
    }

    private let names: Set<String>
    private let claim: ClaimPath?
    private let rules: [Rule]

    /// Claims and rules that are not valid match nobody; `TenantMapping.validate` reports them.
    init(_ mapping: TenantMapping) {
        names = Set(mapping.names ?? [])
        claim = mapping.claim.flatMap { ClaimPath($0) }
        rules = (mapping.rules ?? []).compactMap { rule in
            ClaimPath(rule.claim).map {
                Rule(claim: $0, values: Set(rule.values.map { Array($0.utf8) }), tenants: rule.tenants)
            }
        }
    }

    func tenants(_ claims: RawJSON) -> Set<String> {
        var tenants = names
        // What a token says is a name, and never `*`.
        if let claim { tenants.formUnion(claim.values(in: claims).filter(TenantNames.isValid)) }
        for rule in rules where rule.claim.values(in: claims).contains(where: { rule.values.contains(Array($0.utf8)) })
        {
            tenants.formUnion(rule.tenants)
        }
        return tenants
    }
}
