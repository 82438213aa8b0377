import KubernetesAPI
import Policy
import Testing

@Suite("Settings of authentication") struct AuthenticationSettingsTests {
    private func settings(_ yaml: String) throws -> GatewayAuthentication {
        try YAML.value(of: yaml).decode(GatewayAuthentication.self)
    }

    @Test("a full example is valid, and is written as it was read")
    func example() throws {
        let text = """
            mode: Required
            issuers:
            - issuer: https://keycloak.example/realms/acme
              audiences: [https://mcp.example.com]
              algorithms: [RS256, EdDSA]
              tenants: {claim: tenant}
              refreshSeconds: 300
            - issuer: https://login.example/
              audiences: [api://mcp]
              jwksURL: http://127.0.0.1:8080/keys
              caFile: /etc/ca.pem
              timeoutSeconds: 5
              tenants:
                names: [acme]
                rules: [{claim: /realm_access/roles, values: [admin], tenants: ["*"]}]
            - issuer: local
              audiences: [x]
              jwksFile: /etc/keys.json
              allowPlainHTTP: false
              tenants: {names: ["*"]}
            serviceAccounts: {mode: Enabled, audiences: [moorage-gateway], issuer: https://cluster, refreshSeconds: 60}
            clientCertificates:
              authoritiesFile: /etc/clients.pem
              rules:
              - {names: ["URI:spiffe://example.com/*"], tenants: [acme], scopes: [read]}
            staticTokens:
            - name: ci
              sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF
              tenants: [acme]
              scopes: [read]
              expires: "2027-01-01T00:00:00Z"
            impliedScopes: {write: [read]}
            clockSkewSeconds: 30
            maximumTokenBytes: 8192
            maximumCachedTokens: 100
            """
        let settings = try settings(text)
        try settings.validate(field: "gateway.authentication")
        #expect(try JSONValue(encoding: settings) == YAML.value(of: text))
        #expect(settings.acceptsCredentials)
    }

    @Test(
        "an error names the field, and what to write instead",
        arguments: [
            (
                "issuers: [{issuer: 'http://a.example', audiences: [x], tenants: {names: [a]}}]", "issuers[0].issuer",
                "https://"
            ),
            (
                "issuers: [{issuer: 'http://127.0.0.1.example', audiences: [x], tenants: {names: [a]}}]",
                "issuers[0].issuer", "https"
            ),
            (
                "issuers: [{issuer: 'http://127.1', audiences: [x], tenants: {names: [a]}}]", "issuers[0].issuer",
                "https"
            ),
            (
                "issuers: [{issuer: 'http://127.0.0.1@a.example', audiences: [x], tenants: {names: [a]}}]",
                "issuers[0].issuer", "user"
            ),
            ("issuers: [{issuer: 'ftp://a', audiences: [x], tenants: {names: [a]}}]", "issuers[0].issuer", "URL"),
            ("issuers: [{issuer: 'https://', audiences: [x], tenants: {names: [a]}}]", "issuers[0].issuer", "URL"),
            ("issuers: [{issuer: '', audiences: [x], tenants: {names: [a]}}]", "issuers[0].issuer", "claim iss"),
            (
                "issuers: [{issuer: 'https://a', audiences: [], tenants: {names: [a]}}]", "issuers[0].audiences",
                "at least one"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [''], tenants: {names: [a]}}]", "issuers[0].audiences",
                "at least one"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], tenants: {}}]", "issuers[0].tenants",
                "names, claim or rules"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], tenants: {names: [A]}}]",
                "issuers[0].tenants.names[0]", "MCPTenant"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], tenants: {claim: '/'}}]", "issuers[0].tenants.claim",
                "Pointer"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], tenants: {rules: [{claim: a, values: [], tenants: [b]}]}}]",
                "issuers[0].tenants.rules[0].values", "at least one"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], tenants: {rules: [{claim: a, values: [c], tenants: []}]}}]",
                "issuers[0].tenants.rules[0].tenants", "at least one"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], algorithms: [], tenants: {names: [a]}}]",
                "issuers[0].algorithms", "RS256"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], jwksURL: 'https://b', jwksFile: /c, tenants: {names: [a]}}]",
                "issuers[0].jwksFile", "mutually exclusive"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], jwksURL: 'http://b', tenants: {names: [a]}}]",
                "issuers[0].jwksURL", "https://"
            ),
            (
                "issuers: [{issuer: 'https://a', audiences: [x], jwksFile: c, tenants: {names: [a]}}]",
                "issuers[0].jwksFile", "absolute"
            ),
            (
                """
                issuers:
                - {issuer: 'https://a', audiences: [x], tenants: {names: [a]}}
                - {issuer: 'https://a', audiences: [z], tenants: {names: [b]}}
                """, "issuers[1].issuer", "twice"
            ),
            ("mode: None\nserviceAccounts: {audiences: [x]}", "mode", "None switches"),
            ("serviceAccounts: {audiences: []}", "serviceAccounts.audiences", "at least one"),
            (
                "clientCertificates: {authoritiesFile: ca.pem, rules: []}", "clientCertificates.authoritiesFile",
                "absolute"
            ),
            ("clientCertificates: {authoritiesFile: /ca.pem, rules: []}", "clientCertificates.rules", "at least one"),
            (
                "clientCertificates: {authoritiesFile: /ca.pem, rules: [{tenants: [a]}]}",
                "clientCertificates.rules[0]", "names or sha256"
            ),
            (
                "clientCertificates: {authoritiesFile: /ca.pem, rules: [{names: ['*'], tenants: [a]}]}",
                "clientCertificates.rules[0].names[0]", "DNS:"
            ),
            ("staticTokens: [{name: a, sha256: secret, tenants: [a]}]", "staticTokens[0].sha256", "64 hexadecimal"),
            ("staticTokens: [{name: 'a b', sha256: x, tenants: [a]}]", "staticTokens[0].name", "without spaces"),
            ("impliedScopes: {'a b': [c]}", "impliedScopes[a b]", "not a scope"),
            ("clockSkewSeconds: 601", "clockSkewSeconds", "0 to 600"),
            ("maximumTokenBytes: 1", "maximumTokenBytes", "1024 to"),
        ]
    )
    func invalid(yaml: String, field: String, message: String) throws {
        let settings = try settings(yaml)
        let error = #expect(throws: SettingsError.self) { try settings.validate(field: "gateway.authentication") }
        #expect(error?.field == "gateway.authentication.\(field)")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("algorithms with shared secrets, and none, cannot be written", arguments: ["HS256", "none", "rs256"])
    func algorithms(name: String) {
        #expect(throws: DecodingError.self) {
            try settings("issuers: [{issuer: 'https://a', audiences: [x], algorithms: [\(name)], tenants: {}}]")
        }
    }
}
