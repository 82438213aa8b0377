/// Which tenants the callers of an issuer belong to: the union of what the fields say. Only the platform sets this, so that nobody can give
/// another tenant's callers access.
public struct TenantMapping: Sendable, Hashable, Codable {
    /// Tenants that all callers of the issuer belong to; `*` for all tenants.
    public var names: [String]?
    /// A claim whose values are names of tenants.
    public var claim: String?
    /// Tenants by values of claims. All rules that match apply.
    public var rules: [TenantRule]?

    public init(names: [String]? = nil, claim: String? = nil, rules: [TenantRule]? = nil) {
        self.names = names
        self.claim = claim
        self.rules = rules
    }

    func validate(field: String) throws(SettingsError) {
        guard names?.isEmpty == false || claim != nil || rules?.isEmpty == false else {
            throw SettingsError(field: field, "must have names, claim or rules, or callers belong to no tenant")
        }
        try SettingRules.checkTenants(names ?? [], field: "\(field).names", canBeEmpty: true)
        if let claim { try SettingRules.checkClaim(claim, field: "\(field).claim") }
        for (index, rule) in (rules ?? []).enumerated() { try rule.validate(field: "\(field).rules[\(index)]") }
    }
}

/// Tenants of callers with certain values of a claim.
public struct TenantRule: Sendable, Hashable, Codable {
    /// The claim: its name, or a JSON Pointer such as `/realm_access/roles`.
    public var claim: String
    /// The values, one of which the claim must have or contain.
    public var values: [String]
    /// The tenants that these callers belong to; `*` for all.
    public var tenants: [String]

    public init(claim: String, values: [String], tenants: [String]) {
        self.claim = claim
        self.values = values
        self.tenants = tenants
    }

    func validate(field: String) throws(SettingsError) {
        try SettingRules.checkClaim(claim, field: "\(field).claim")
        guard !values.isEmpty else { throw SettingsError(field: "\(field).values", "must list at least one value") }
        try SettingRules.checkTenants(tenants, field: "\(field).tenants")
    }
}

/// Checks that several settings share.
enum SettingRules {
    static func checkAudiences(_ audiences: [String], field: String) throws(SettingsError) {
        guard !audiences.isEmpty, !audiences.contains(where: \.isEmpty) else {
            throw SettingsError(
                field: field,
                "must list at least one audience, such as the gateway's URL, or tokens for other services would be accepted"
            )
        }
    }

    /// RFC 6749, section 3.3.
    static func checkScope(_ scope: String, field: String) throws(SettingsError) {
        guard Scopes.isValid(scope) else {
            throw SettingsError(
                field: field,
                "\"\(scope)\" is not a scope: it must be printable ASCII without spaces, quotation marks and backslashes"
            )
        }
    }

    static func checkHash(_ text: String, field: String) throws(SettingsError) {
        guard text.utf8.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw SettingsError(field: field, "must be a SHA-256 of 64 hexadecimal digits")
        }
    }

    static func checkTenants(_ tenants: [String], field: String, canBeEmpty: Bool = false) throws(SettingsError) {
        guard canBeEmpty || !tenants.isEmpty else {
            throw SettingsError(field: field, "must list at least one tenant, or * for all")
        }
        for (index, tenant) in tenants.enumerated() where tenant != "*" && !TenantNames.isValid(tenant) {
            throw SettingsError(
                field: "\(field)[\(index)]",
                "\"\(tenant)\" must be the name of an MCPTenant, or * for all"
            )
        }
    }

    static func checkClaim(_ claim: String, field: String) throws(SettingsError) {
        guard ClaimPath(claim) != nil else {
            throw SettingsError(
                field: field,
                "\"\(claim)\" must be the name of a claim, or a JSON Pointer such as /realm_access/roles"
            )
        }
    }
}

/// The names of tenants.
public enum TenantNames {
    /// Whether text can be the name of an MCPTenant: a DNS label. `*` never is.
    public static func isValid(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8?) -> Bool {
            switch byte ?? 0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        return (1...63).contains(text.utf8.count) && isAlphanumeric(text.utf8.first) && isAlphanumeric(text.utf8.last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
}

/// The syntax of OAuth scopes.
public enum Scopes {
    /// Whether text is one scope (RFC 6749, section 3.3).
    public static func isValid(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
    }
}
