import Foundation
import Testing

@testable import SupplyChain

/// What a registry has for the image of the miniature Sigstore, and who may sign it.
struct SignedImage {
    let world: MiniatureSigstore
    var now = Date(timeIntervalSince1970: 1_768_482_000)

    static func make() async throws -> SignedImage { SignedImage(world: try await MiniatureSigstore.shared.value) }

    func evidence(_ name: String) throws -> SignatureEvidence {
        if let layer = world.policies.layers[name] {
            return .simpleSigning(try SimpleSigning(payload: Array(layer.document), annotations: layer.annotations))
        }
        return .bundle(try SigstoreBundle(Array(try #require(world.policies.bundles[name]))))
    }

    func keys(_ names: [String], threshold: Int = 1) throws -> SignatureAuthority.Signers {
        .keys(try names.map { try world.key($0) }, threshold: threshold)
    }

    func authority(
        _ keys: [String],
        threshold: Int = 1,
        name: String = "team",
        images: [String] = []
    ) throws -> SignatureAuthority {
        SignatureAuthority(
            name: name,
            images: try images.map { try RegistryPrefix($0) },
            signers: try self.keys(keys, threshold: threshold)
        )
    }

    func judge(
        _ evidence: [String],
        _ authorities: [SignatureAuthority],
        attestations: [AttestationRule] = [],
        image: String = "registry.example.com/team/server",
        digest: ImageDigest? = nil,
        mode: SignaturePolicy.Mode = .enforce,
        more: [SignatureEvidence] = []
    ) async throws -> SignatureVerdict {
        let signatures = ImageSignatures(
            image: try ImageReference("\(image):1"),
            digest: digest ?? world.digest,
            evidence: try evidence.map { try self.evidence($0) } + more,
            roots: world.roots,
            now: now
        )
        return await signatures.judge(SignaturePolicy(mode: mode, authorities: authorities, attestations: attestations))
    }
}

@Suite("Signatures of an image", .enabled(if: MiniatureSigstore.canRun, MiniatureSigstore.comment))
struct ImageSignaturesTests {
    @Test(
        "as many of the keys must have signed as are needed",
        arguments: [
            (["layer-first", "layer-second"], true), (["layer-first", "layer-third"], true),
            (["layer-second", "third"], true),
            (["layer-first", "layer-second", "layer-third"], true), (["layer-first"], false), ([], false),
            (["layer-first", "layer-other"], false),
            (["layer-other", "layer-second", "layer-other", "layer-first"], true),
            // Two signatures with one key.
            (["layer-first", "layer-first"], false), (["layer-first", "first"], false),
            // A provenance is not a signature.
            (["layer-first", "slsa1"], false), (["layer-first", "layer-keyless"], false),
        ]
    )
    func threshold(_ evidence: [String], _ isVerified: Bool) async throws {
        let image = try await SignedImage.make()
        let authority = try image.authority(["first", "second", "third"], threshold: 2)
        let verdict = try await image.judge(evidence, [authority])
        #expect(verdict.isVerified == isVerified, "\(verdict.problems)")
        #expect(verdict.signatures.count == (isVerified ? 2 : 0))
        #expect(Set(verdict.signatures.map(\.signature.signer)).count == verdict.signatures.count)
        #expect(verdict.problems.isEmpty == isVerified)
        if !isVerified { #expect(verdict.problems[0].contains("of the 2 keys"), "\(verdict.problems)") }
    }

    @Test(
        "a key that is listed twice counts once",
        arguments: [["first", "first"], ["p256", "p256-certificate"], ["rsa", "rsa-pkcs1"]]
    )
    func sameKey(_ keys: [String]) async throws {
        let image = try await SignedImage.make()
        let evidence = ["layer-first"]
        let more = try image.world.cases.filter { $0.name.hasPrefix("a layer, with a key (") }.map { given in
            SignatureEvidence.simpleSigning(
                try SimpleSigning(payload: Array(given.document), annotations: given.annotations ?? [:])
            )
        }
        #expect(more.count == 5)
        let single = try await image.judge(evidence, [image.authority(keys)], more: more)
        #expect(single.isVerified, "\(single.problems)")
        let double = try await image.judge(evidence, [image.authority(keys, threshold: 2)], more: more)
        #expect(!double.isVerified)
        #expect(double.problems[0].contains("1 of the 2 keys"), "\(double.problems)")
    }

    @Test("at least one key is needed, whatever the number says", arguments: [0, -1, Int.min])
    func smallThreshold(_ threshold: Int) async throws {
        let image = try await SignedImage.make()
        #expect(try await !image.judge([], [image.authority(["first"], threshold: threshold)]).isVerified)
        #expect(try await !image.judge(["layer-other"], [image.authority(["first"], threshold: threshold)]).isVerified)
        #expect(try await image.judge(["layer-first"], [image.authority(["first"], threshold: threshold)]).isVerified)
    }

    @Test("without keys nobody has signed")
    func noKeys() async throws {
        let image = try await SignedImage.make()
        #expect(try await !image.judge(["layer-first"], [image.authority([])]).isVerified)
        #expect(try await !image.judge(["layer-first"], []).isVerified)
        let nobody = SignatureAuthority(name: "team", signers: .identities([]), trustedRoot: "root")
        #expect(try await !image.judge(["layer-keyless"], [nobody]).isVerified)
    }

    @Test(
        "an authority only signs its own images, on the boundaries of paths",
        arguments: [
            ("registry.example.com/team", "registry.example.com/team/server", true),
            ("registry.example.com/team/server", "registry.example.com/team/server", true),
            ("registry.example.com", "registry.example.com/team/server", true),
            ("registry.example.com/team", "registry.example.com/team-evil/server", false),
            ("registry.example.com/team", "registry.example.com/teams", false),
            ("registry.example.com/team/server", "registry.example.com/team/server-evil", false),
            ("registry.example.com/team/server", "registry.example.com/team", false),
            ("registry.example.com", "registry.example.com.evil.example/team/server", false),
            ("registry.example.com", "registry.example.com:5000/team/server", false),
        ]
    )
    func images(_ prefix: String, _ name: String, _ isVerified: Bool) async throws {
        let image = try await SignedImage.make()
        let verdict = try await image.judge(
            ["layer-first"],
            [image.authority(["first"], images: [prefix])],
            image: name
        )
        #expect(verdict.isVerified == isVerified)
        if !isVerified { #expect(verdict.problems == ["no authority may sign \(name)"]) }
    }

    @Test("one of the authorities is enough, and one for other images is not")
    func authorities() async throws {
        let image = try await SignedImage.make()
        let first = try image.authority(["first"], name: "first")
        let second = try image.authority(["second"], name: "second")
        let elsewhere = try image.authority(["first"], name: "elsewhere", images: ["registry.example.com/other"])
        let verdict = try await image.judge(["layer-second"], [first, second])
        #expect(verdict.signatures.map(\.authority) == ["second"])
        let refused = try await image.judge(["layer-first"], [elsewhere, second])
        #expect(!refused.isVerified)
        #expect(refused.problems.count == 1 && refused.problems[0].hasPrefix("second: "), "\(refused.problems)")
        let none = try await image.judge(["layer-other"], [first, second])
        #expect(none.problems.count == 2, "\(none.problems)")
    }

    @Test("a certificate needs an identity that may sign, and a trusted root that is there")
    func identities() async throws {
        let image = try await SignedImage.make()
        func authority(_ subject: String, _ issuer: String, _ root: String?) -> SignatureAuthority {
            let identity = IdentityMatcher(
                subject: AnchoredPattern(pattern: subject),
                issuer: AnchoredPattern(pattern: issuer)
            )
            return SignatureAuthority(name: "team", signers: .identities([identity]), trustedRoot: root)
        }
        let issuer = "https://issuer.example.com"
        for evidence in ["layer-keyless", "keyless"] {
            let verdict = try await image.judge([evidence], [authority("*@example.com", issuer, "root")])
            #expect(verdict.isVerified, "\(verdict.problems)")
            let signer = VerifiedSignature.Signer.identity(subject: "builder@example.com", issuer: issuer)
            #expect(verdict.signatures.map(\.signature.signer) == [signer])
        }
        for (authority, words) in [
            (authority("*@other.example", issuer, "root"), "*@other.example"),
            (authority("*@example.com", "https://*.other.example", "root"), "https://*.other.example"),
            (authority("*@example.com", issuer, "none"), "the trusted root \"none\" is not there"),
            (authority("*@example.com", issuer, nil), "a trusted root is needed"),
            (authority("*@example.com", issuer, "other-log"), "the log of the entry is not in the trusted root"),
        ] {
            let verdict = try await image.judge(["layer-keyless"], [authority])
            #expect(!verdict.isVerified)
            #expect(verdict.problems.first?.contains(words) == true, "\(verdict.problems)")
        }
    }

    @Test("a signature of another image is not one of this image")
    func replay() async throws {
        let image = try await SignedImage.make()
        let digest = try ImageDigest("sha256:" + String(repeating: "a1", count: 32))
        for evidence in ["layer-first", "first"] {
            let verdict = try await image.judge([evidence], [image.authority(["first"])], digest: digest)
            #expect(!verdict.isVerified, "\(evidence)")
            #expect(verdict.problems.first?.contains("other") == true, "\(verdict.problems)")
        }
        let long = try ImageDigest("sha512:" + String(repeating: "a1", count: 64))
        #expect(
            try await !image.judge(["layer-first", "first"], [image.authority(["first"])], digest: long).isVerified
        )
    }

    @Test("the verdict is the same in every mode", arguments: [["layer-first"], ["layer-other"]])
    func modes(_ evidence: [String]) async throws {
        let image = try await SignedImage.make()
        var verdicts: Set<SignatureVerdict> = []
        for mode in SignaturePolicy.Mode.allCases {
            verdicts.insert(try await image.judge(evidence, [image.authority(["first"])], mode: mode))
        }
        #expect(verdicts.count == 1)
    }

    @Test("what cannot be read does not hide a good signature, and is named if there is none")
    func unreadable() async throws {
        let image = try await SignedImage.make()
        let broken = SignatureEvidence.unreadable(VerificationError(.limitExceeded, "it is too large"))
        let authority = try image.authority(["first"])
        #expect(try await image.judge(["layer-first"], [authority], more: [broken]).isVerified)
        let verdict = try await image.judge(["layer-other"], [authority], more: [broken])
        #expect(verdict.problems == ["team: it is too large"])
        #expect(try await image.judge([], [authority]).problems == ["team: the registry has no signature of the image"])
    }

    @Test("a log can be required of a key")
    func requiredLog() async throws {
        let image = try await SignedImage.make()
        var authority = try image.authority(["first"])
        authority.requiresLog = true
        for root in [nil, "root"] {
            authority.trustedRoot = root
            let verdict = try await image.judge(["layer-first", "first"], [authority])
            #expect(verdict.problems == ["team: no transparency log has recorded the signature"])
        }
    }
}
