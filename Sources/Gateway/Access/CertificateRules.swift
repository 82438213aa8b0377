internal import Policy

/// Which client certificates are accepted. Pure.
struct CertificateRules: Sendable {
    private struct Rule {
        var names: [WildcardPattern]?
        var hashes: Set<[UInt8]>?
        var tenants: Set<String>
        var scopes: Set<String>
    }

    private let rules: [Rule]

    init(_ rules: [ClientCertificateRule]) {
        self.rules = rules.map { rule in
            Rule(
                names: rule.names.map { $0.map(WildcardPattern.init) },
                hashes: rule.sha256.map { Set($0.compactMap(Hexadecimal.decode)) },
                tenants: Set(rule.tenants),
                scopes: Set(rule.scopes ?? [])
            )
        }
    }

    /// The caller that a certificate stands for: by the name that a rule matches, which stays when the certificate is renewed, or else by
    /// its hash. `nil` if no rule matches.
    func caller(_ certificate: ClientCertificate, _ scopes: ScopeHierarchy) -> Caller? {
        for rule in rules {
            var subject = "SHA256:" + Hexadecimal.encode(certificate.sha256)
            if let hashes = rule.hashes, !hashes.contains(certificate.sha256) { continue }
            if let patterns = rule.names {
                let names = certificate.names.sorted()
                guard let name = names.first(where: { name in patterns.contains { $0.matches(name) } }) else {
                    continue
                }
                subject = name
            } else if rule.hashes == nil {
                continue
            }
            return Caller(
                issuer: Caller.Kind.certificate,
                subject: subject,
                scopes: scopes.expand(rule.scopes),
                tenants: rule.tenants
            )
        }
        return nil
    }
}
