import CRDModels
import SupplyChain
import Testing

@testable import Policy

private let key = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExRRST79+PsrRBnGAI4cMu6Omz2Jh
    fwlMW+gIutNKVRaMyS4rQKvgngc5p8UbLj55pVHhIoAxi/SRgURZI0J3Xw==
    -----END PUBLIC KEY-----
    """

@Suite("The rules for signatures")
struct SignatureRulesTests {
    private func rules(_ authority: ImageAuthority, _ change: (inout TenantSignatures) -> Void = { _ in })
        -> SignatureRules
    {
        var signatures = TenantSignatures(authorities: [authority])
        change(&signatures)
        return SignatureRules(platform: nil, tenant: signatures)
    }

    private func refusal(_ rules: SignatureRules, roots: Set<String>? = nil) -> Refusal? {
        do throws(Refusal) {
            try rules.check(roots: roots)
            return nil
        } catch {
            return error
        }
    }

    @Test("what the schema cannot express is refused with its field and the way out")
    func refusals() {
        let field = "spec.images.signatures.authorities[0]"
        let identity = ImageIdentity(subject: "a@example.com", issuer: "https://issuer.example")
        let cases: [(ImageAuthority, String, String)] = [
            (ImageAuthority(name: "a"), field, "has neither keys nor identities"),
            (
                ImageAuthority(name: "a", keys: [key], identities: [identity], trustedRoot: "public"), field,
                "has both keys and identities"
            ),
            (ImageAuthority(name: "a", keys: ["hello"]), "\(field).keys[0]", "is not a public key"),
            (ImageAuthority(name: "a", keys: [key, key + "\n"]), "\(field).keys[1]", "is the same key"),
            (ImageAuthority(name: "a", keys: [key], threshold: 2), "\(field).threshold", "2 of 1 keys cannot sign"),
            (ImageAuthority(name: "a", identities: [identity]), "\(field).trustedRoot", "is not set"),
            (
                ImageAuthority(name: "a", identities: [ImageIdentity(subject: "a")], trustedRoot: "public"),
                "\(field).identities[0]", "needs either issuer or issuerPattern"
            ),
            (
                ImageAuthority(
                    name: "a",
                    identities: [ImageIdentity(subject: "a", subjectPattern: "a*", issuer: "b")],
                    trustedRoot: "public"
                ), "\(field).identities[0]", "needs either subject or subjectPattern"
            ),
            (
                ImageAuthority(name: "a", keys: [key], requireTransparencyLog: true), "\(field).requireTransparencyLog",
                "needs trustedRoot"
            ),
            (ImageAuthority(name: "a", images: ["acme"], keys: [key]), "\(field).images[0]", "is not a registry"),
        ]
        for (authority, field, text) in cases {
            let refusal = refusal(rules(authority))
            #expect(refusal?.reason == .tenantInvalid)
            #expect(refusal?.field == field)
            #expect(refusal?.message.contains(text) == true, "\(refusal?.message ?? "accepted")")
        }
        let none = SignatureRules(platform: nil, tenant: TenantSignatures(mode: .enforce))
        #expect(refusal(none)?.field == "spec.images.signatures.authorities")
    }

    @Test("an authority must name a trusted root that the platform has")
    func roots() {
        let rules = rules(ImageAuthority(name: "a", keys: [key], trustedRoot: "public"))
        #expect(refusal(rules, roots: ["public"]) == nil)
        #expect(refusal(rules, roots: ["private"])?.message.contains("use one of private") == true)
        #expect(refusal(rules, roots: [])?.message.contains("it has none") == true)
        #expect(rules.trustedRoots == ["public"])
    }

    @Test("rules that are off, or that the chart leaves empty, check nothing")
    func off() {
        #expect(!SignatureRules(platform: TenantSignatures(), tenant: nil).areChecked)
        let off = rules(ImageAuthority(name: "a", keys: [key])) { $0.mode = .off }
        #expect(!off.areChecked)
        #expect(rules(ImageAuthority(name: "a", keys: [key])).areChecked)
    }

    @Test("the platform's and the tenant's rules are two policies, each with its mode")
    func both() throws {
        let authority = ImageAuthority(name: "a", images: ["ghcr.io/acme"], keys: [key])
        let both = SignatureRules(
            platform: TenantSignatures(mode: .warn, authorities: [authority]),
            tenant: TenantSignatures(authorities: [authority])
        )
        let policies = try both.policies()
        #expect(policies.map(\.mode) == [.warn, .enforce])
        #expect(both.areEnforced)
        let warning = SignatureRules(platform: TenantSignatures(mode: .warn, authorities: [authority]), tenant: nil)
        #expect(warning.areChecked && !warning.areEnforced)
        #expect(policies[0].authorities(for: "ghcr.io/acme/server").count == 1)
        #expect(policies[0].authorities(for: "ghcr.io/acme-evil/server").isEmpty)
    }

    @Test("the digest of rules changes with every field, and with the trusted roots that they use")
    func digest() {
        let authority = ImageAuthority(
            name: "a",
            images: ["ghcr.io/a", "ghcr.io/b"],
            keys: [key],
            trustedRoot: "public"
        )
        let roots = ["public": "1", "other": "1"]
        var digests: [String] = [rules(authority).digest(roots: roots)]
        #expect(rules(authority).digest(roots: ["public": "1", "other": "2"]) == digests[0])
        digests.append(rules(authority).digest(roots: ["public": "2"]))
        let changes: [(inout ImageAuthority) -> Void] = [
            { $0.name = "b" }, { $0.images = ["ghcr.io/ab"] }, { $0.images = nil }, { $0.images = [] },
            { $0.keys = nil }, { $0.threshold = 1 }, { $0.trustedRoot = nil }, { $0.requireTransparencyLog = true },
            { $0.identities = [ImageIdentity(subject: "a")] }, { $0.identities = [ImageIdentity(subjectPattern: "a")] },
            { $0.identities = [ImageIdentity(issuer: "a")] }, { $0.identities = [ImageIdentity(issuerPattern: "a")] },
        ]
        for change in changes {
            var changed = authority
            change(&changed)
            digests.append(rules(changed).digest(roots: roots))
        }
        let attestations: [ImageAttestation] = [
            ImageAttestation(name: "a", predicateType: "vuln"), ImageAttestation(name: "b", predicateType: "vuln"),
            ImageAttestation(name: "a", predicateType: "spdx"),
            ImageAttestation(name: "a", predicateType: "vuln", builder: "x"),
            ImageAttestation(name: "a", predicateType: "vuln", source: "x"),
            ImageAttestation(name: "a", predicateType: "vuln", maximumAgeHours: 1),
        ]
        for attestation in attestations {
            digests.append(rules(authority) { $0.attestations = [attestation] }.digest(roots: roots))
        }
        digests.append(rules(authority) { $0.mode = .warn }.digest(roots: roots))
        digests.append(
            SignatureRules(platform: TenantSignatures(authorities: [authority]), tenant: nil).digest(roots: roots)
        )
        #expect(Set(digests).count == digests.count)
    }
}
