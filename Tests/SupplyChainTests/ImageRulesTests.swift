import SupplyChain
import Testing

private let digest = "sha256:" + String(repeating: "a1", count: 32)

private func policy(
    requireDigest: Bool = true,
    allowed: [String] = [],
    mirrors: [(String, String)] = []
) throws -> ImagePolicy {
    ImagePolicy(
        requireDigest: requireDigest,
        allowedRegistries: try allowed.map { try RegistryPrefix($0) },
        mirrors: try mirrors.map {
            RegistryMirror(source: try RegistryPrefix($0.0), mirror: try RegistryPrefix($0.1))
        }
    )
}

private let prefixes: [(String, String, Bool)] = [
    ("ghcr.io/acme", "ghcr.io/acme/server", true),
    ("ghcr.io/acme", "ghcr.io/acme/team/server", true),
    ("ghcr.io/acme", "ghcr.io/acme", true),
    ("ghcr.io/acme", "ghcr.io/acme-evil/server", false),
    ("ghcr.io/acme", "ghcr.io/acmeevil", false),
    ("ghcr.io/acme/", "ghcr.io/acme/server", true),
    ("ghcr.io/acme/*", "ghcr.io/acme/server", true),
    ("ghcr.io", "ghcr.io/anything", true),
    ("ghcr.io", "ghcr.io.evil.example/anything", false),
    ("ghcr.io", "evil-ghcr.io/anything", false),
    ("GHCR.io/acme", "ghcr.io/acme/server", true),
    ("docker.io", "nginx", true),
    ("docker.io/library", "nginx", true),
    ("docker.io/library", "acme/nginx", false),
    ("registry.example:5000", "registry.example:5000/a", true),
    ("registry.example:5000", "registry.example:5001/a", false),
    ("registry.example", "registry.example:5000/a", false),
]

@Suite("Rules for images")
struct ImageRulesTests {
    @Test(
        "a digest is required unless neither policy requires one",
        arguments: [
            (true, nil, false), (false, nil, true), (false, true, false), (true, false, false), (false, false, true),
        ] as [(Bool, Bool?, Bool)]
    )
    func digestRequired(platform: Bool, tenant: Bool?, isAllowed: Bool) throws {
        let rules = ImageRules(
            platform: try policy(requireDigest: platform),
            tenant: try tenant.map { try policy(requireDigest: $0) }
        )
        if isAllowed {
            #expect(try rules.judge("ghcr.io/acme/server:v1").resolved.tag == "v1")
        } else {
            let refusal = #expect(throws: ImageRefusal.self) { _ = try rules.judge("ghcr.io/acme/server:v1") }
            #expect(refusal?.kind == .digestRequired)
        }
        #expect(try rules.judge("ghcr.io/acme/server:v1@\(digest)").resolved.digest?.description == digest)
    }

    @Test("latest is refused, explicit or implicit", arguments: ["nginx", "nginx:latest", "nginx:latest@\(digest)"])
    func latest(image: String) throws {
        let rules = ImageRules(platform: try policy(requireDigest: false))
        let refusal = #expect(throws: ImageRefusal.self) { _ = try rules.judge(image) }
        #expect(refusal?.kind == .latestTag)
    }

    @Test("allowed registries match host and path, on path boundaries", arguments: prefixes)
    func allowed(prefix: String, name: String, isAllowed: Bool) throws {
        let rules = ImageRules(platform: try policy(allowed: [prefix]))
        #expect(((try? rules.judge("\(name)@\(digest)")) != nil) == isAllowed)
    }

    @Test("both lists must allow an image, so that a tenant can only be stricter")
    func bothLists() throws {
        let rules = ImageRules(
            platform: try policy(allowed: ["ghcr.io", "quay.io/acme"]),
            tenant: try policy(allowed: ["ghcr.io/acme", "docker.io"])
        )
        #expect((try? rules.judge("ghcr.io/acme/a@\(digest)")) != nil)
        for name in ["ghcr.io/other/a", "docker.io/a/b", "quay.io/acme/a"] {
            let refusal = #expect(throws: ImageRefusal.self) { _ = try rules.judge("\(name)@\(digest)") }
            #expect(refusal?.kind == .registryNotAllowed, "\(name)")
        }
    }

    @Test("a mirror replaces the name and keeps tag and digest; the longest source is used")
    func mirrors() throws {
        let rules = ImageRules(
            platform: try policy(mirrors: [
                ("docker.io", "mirror.example/hub"), ("ghcr.io", "mirror.example/ghcr"),
                ("ghcr.io/acme", "mirror.example:5000"),
            ])
        )
        let cases = [
            ("nginx:1@\(digest)", "mirror.example/hub/library/nginx:1@\(digest)"),
            ("ghcr.io/other/a@\(digest)", "mirror.example/ghcr/other/a@\(digest)"),
            ("ghcr.io/acme/a@\(digest)", "mirror.example:5000/a@\(digest)"),
            ("ghcr.io/acme-evil/a@\(digest)", "mirror.example/ghcr/acme-evil/a@\(digest)"),
            ("quay.io/a@\(digest)", "quay.io/a@\(digest)"),
        ]
        for (image, expected) in cases {
            let verdict = try rules.judge(image)
            #expect(verdict.resolved.description == expected)
            #expect(verdict.requested.digest == verdict.resolved.digest)
        }
    }

    @Test("a tenant's mirror cannot bypass the platform's list")
    func mirrorsAreNoDetour() throws {
        let tenant = try policy(mirrors: [("ghcr.io", "evil.example")])
        let rules = ImageRules(platform: try policy(allowed: ["ghcr.io"]), tenant: tenant)
        let refusal = #expect(throws: ImageRefusal.self) { _ = try rules.judge("ghcr.io/a@\(digest)") }
        #expect(refusal?.kind == .mirrorNotAllowed)
        let open = ImageRules(platform: try policy(allowed: ["ghcr.io", "evil.example"]), tenant: tenant)
        #expect(try open.judge("ghcr.io/a@\(digest)").resolved.name == "evil.example/a")
        let platforms = ImageRules(platform: try policy(allowed: ["ghcr.io"], mirrors: [("ghcr.io", "inner.example")]))
        #expect(try platforms.judge("ghcr.io/a@\(digest)").resolved.name == "inner.example/a")
    }

    @Test("if air-gapped, images only come from mirrors")
    func mirrorsOnly() throws {
        let rules = ImageRules(
            platform: try policy(),
            tenant: try policy(mirrors: [("ghcr.io/acme", "registry.internal.example")]),
            mirrorsOnly: true
        )
        #expect(try rules.judge("ghcr.io/acme/a@\(digest)").resolved.registry == "registry.internal.example")
        #expect(try rules.judge("registry.internal.example/a@\(digest)").mirror == nil)
        let refusal = #expect(throws: ImageRefusal.self) { _ = try rules.judge("ghcr.io/other/a@\(digest)") }
        #expect(refusal?.kind == .notMirrored)
    }

    @Test(
        "an allowed registry must be a valid host",
        arguments: ["", "acme", "acme/server", "ghcr.io//a", "https://ghcr.io"]
    )
    func badPrefixes(text: String) {
        #expect(throws: ImageReferenceError.self) { _ = try RegistryPrefix(text) }
    }

    @Test("a digest of parts depends on the boundaries of the parts")
    func contentDigest() {
        var first = ContentDigest()
        first.update("ab")
        first.update("c")
        var second = ContentDigest()
        second.update("a")
        second.update("bc")
        #expect(first.hexadecimal != second.hexadecimal)
        #expect(first.hexadecimal.count == 64)
    }
}
