import Foundation
import SupplyChain
import Testing

private func pattern(_ text: String) -> AnchoredPattern { AnchoredPattern(pattern: text) }

private let builder = "https://builder.example.com/v1"

private let rules: [(evidence: String, rule: AttestationRule, isSatisfied: Bool)] = [
    ("slsa1", AttestationRule(name: "r", predicateType: "slsaprovenance"), true),
    ("slsa02", AttestationRule(name: "r", predicateType: "slsaprovenance"), true),
    ("slsa1", AttestationRule(name: "r", predicateType: "https://slsa.dev/provenance/v1"), true),
    ("slsa02", AttestationRule(name: "r", predicateType: "https://slsa.dev/provenance/v1"), false),
    ("slsa1", AttestationRule(name: "r", predicateType: "https://slsa.dev/provenance/*"), false),
    ("slsa1", AttestationRule(name: "r", predicateType: "spdx"), false),
    ("spdx", AttestationRule(name: "r", predicateType: "spdx"), true),
    ("spdx", AttestationRule(name: "r", predicateType: "cyclonedx"), false),
    ("scan", AttestationRule(name: "r", predicateType: "vuln"), true),
    ("scan-started", AttestationRule(name: "r", predicateType: "vuln"), true),
    ("first", AttestationRule(name: "r", predicateType: "https://sigstore.dev/cosign/sign/v1"), false),
    ("layer-first", AttestationRule(name: "r", predicateType: "slsaprovenance"), false),
    ("slsa-other-key", AttestationRule(name: "r", predicateType: "slsaprovenance"), false),
    ("slsa1", AttestationRule(name: "r", predicateType: "slsaprovenance", builder: pattern(builder)), true),
    ("slsa02", AttestationRule(name: "r", predicateType: "slsaprovenance", builder: pattern(builder)), true),
    (
        "slsa1",
        AttestationRule(name: "r", predicateType: "slsaprovenance", builder: pattern("https://builder.example.com/*")),
        true
    ),
    (
        "slsa1",
        AttestationRule(name: "r", predicateType: "slsaprovenance", builder: pattern("https://builder.example.com")),
        false
    ),
    (
        "slsa02",
        AttestationRule(name: "r", predicateType: "slsaprovenance", builder: pattern("https://evil.example/*")), false
    ),
    ("spdx", AttestationRule(name: "r", predicateType: "spdx", builder: pattern(builder)), false),
    (
        "slsa1",
        AttestationRule(
            name: "r",
            predicateType: "slsaprovenance",
            source: pattern("https://github.com/example/server")
        ), true
    ),
    (
        "slsa1",
        AttestationRule(name: "r", predicateType: "slsaprovenance", source: pattern("https://github.com/example/serv")),
        false
    ),
    // A dependency is not the source.
    (
        "slsa1",
        AttestationRule(
            name: "r",
            predicateType: "slsaprovenance",
            source: pattern("git+https://github.com/example/other")
        ), false
    ),
    (
        "slsa02",
        AttestationRule(
            name: "r",
            predicateType: "slsaprovenance",
            source: pattern("git+https://github.com/example/server@**")
        ), true
    ),
    (
        "slsa02",
        AttestationRule(
            name: "r",
            predicateType: "slsaprovenance",
            source: pattern("git+https://github.com/example/other@**")
        ), false
    ),
    (
        "spdx", AttestationRule(name: "r", predicateType: "spdx", source: pattern("https://github.com/example/server")),
        false
    ),
    (
        "slsa1",
        AttestationRule(
            name: "r",
            predicateType: "slsaprovenance",
            builder: pattern(builder),
            source: pattern("https://github.com/evil/server")
        ), false
    ),
    ("scan-never", AttestationRule(name: "r", predicateType: "vuln"), true),
    ("scan-never", AttestationRule(name: "r", predicateType: "vuln", maximumAge: .seconds(1_000_000)), false),
    ("spdx", AttestationRule(name: "r", predicateType: "spdx", maximumAge: .seconds(1_000_000)), false),
]

@Suite("Attestations of an image", .enabled(if: MiniatureSigstore.canRun, MiniatureSigstore.comment))
struct AttestationRuleTests {
    @Test("a rule is satisfied by a statement that it describes, of a signer of the policy", arguments: rules.indices)
    func table(_ index: Int) async throws {
        let (evidence, rule, isSatisfied) = rules[index]
        let image = try await SignedImage.make()
        let authority = try image.authority(["first"])
        let verdict = try await image.judge(["layer-first", evidence], [authority], attestations: [rule])
        #expect(verdict.isVerified == isSatisfied, "\(evidence), \(rule): \(verdict.problems)")
        #expect(verdict.attestations == (isSatisfied ? ["r"] : []))
        #expect(verdict.signatures.count == 1)
        if !isSatisfied {
            #expect(verdict.problems.count == 1)
            #expect(verdict.problems[0].hasPrefix("attestation r: "), "\(verdict.problems)")
        }
    }

    /// The scan has finished at 12:00:00.123.
    @Test(
        "a scan must not be too old, nor in the future",
        arguments: [
            ("scan", 0, 3_600, true), ("scan", 3_600, 3_600, true), ("scan", 3_601, 3_600, false),
            ("scan", 7_200, 3_600, false),
            // Clocks differ a little.
            ("scan", -299, 3_600, true), ("scan", -301, 3_600, false), ("scan", -86_400, 3_600, false),
            // It has started at 11:00.
            ("scan-started", 0, 3_600, true), ("scan-started", 1, 3_600, false),
        ]
    )
    func age(_ evidence: String, _ seconds: Int, _ maximum: Int, _ isSatisfied: Bool) async throws {
        var image = try await SignedImage.make()
        image.now = try Date("2026-01-15T12:00:00Z", strategy: .iso8601).addingTimeInterval(Double(seconds))
        let rule = AttestationRule(name: "scan", predicateType: "vuln", maximumAge: .seconds(maximum))
        let verdict = try await image.judge(
            ["layer-first", evidence],
            [image.authority(["first"])],
            attestations: [rule]
        )
        #expect(verdict.isVerified == isSatisfied, "\(verdict.problems)")
        if !isSatisfied {
            let words = seconds < 0 ? "in the future" : "too long ago"
            #expect(verdict.problems[0].contains(words), "\(verdict.problems)")
        }
    }

    @Test("every rule must be satisfied, and the image signed too")
    func all() async throws {
        let image = try await SignedImage.make()
        let authority = try image.authority(["first"])
        let attestations = [
            AttestationRule(name: "provenance", predicateType: "slsaprovenance"),
            AttestationRule(name: "contents", predicateType: "spdx"),
        ]
        let both = try await image.judge(["layer-first", "slsa1", "spdx"], [authority], attestations: attestations)
        #expect(both.isVerified)
        #expect(both.attestations == ["provenance", "contents"])
        let one = try await image.judge(["layer-first", "slsa1"], [authority], attestations: attestations)
        #expect(one.attestations == ["provenance"])
        #expect(one.problems.count == 1 && one.problems[0].hasPrefix("attestation contents: "), "\(one.problems)")
        let unsigned = try await image.judge(["slsa1", "spdx"], [authority], attestations: attestations)
        #expect(!unsigned.isVerified)
        #expect(unsigned.attestations == ["provenance", "contents"])
        #expect(unsigned.problems.count == 1 && unsigned.problems[0].hasPrefix("team: "), "\(unsigned.problems)")
    }

    @Test(
        "one statement that satisfies a rule is enough, in any order",
        arguments: [["slsa1", "slsa02"], ["slsa02", "slsa1"]]
    )
    func several(_ evidence: [String]) async throws {
        let image = try await SignedImage.make()
        let rule = AttestationRule(
            name: "r",
            predicateType: "slsaprovenance",
            source: pattern("git+https://github.com/example/server@**")
        )
        let verdict = try await image.judge(
            ["layer-first"] + evidence,
            [image.authority(["first"])],
            attestations: [rule]
        )
        #expect(verdict.isVerified, "\(verdict.problems)")
    }

    @Test("a statement about another image does not count")
    func replay() async throws {
        let image = try await SignedImage.make()
        let digest = try ImageDigest("sha256:" + String(repeating: "a1", count: 32))
        let verdict = try await image.judge(
            ["slsa1"],
            [image.authority(["first"])],
            attestations: [AttestationRule(name: "r", predicateType: "slsaprovenance")],
            digest: digest
        )
        #expect(verdict.attestations.isEmpty)
        #expect(verdict.problems.last?.contains("about other artifacts") == true, "\(verdict.problems)")
    }

    @Test("a short name stands for the types of its kind")
    func names() {
        #expect(AttestationRule.predicateTypes("slsaprovenance").count == 2)
        #expect(AttestationRule.predicateTypes("cyclonedx") == ["https://cyclonedx.org/bom"])
        #expect(AttestationRule.predicateTypes("https://example.com/x") == ["https://example.com/x"])
    }
}
