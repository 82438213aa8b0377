import Foundation
import SwiftASN1
import Testing
import X509

@testable import SupplyChain

/// Random changes of what a miniature Sigstore makes. Nothing crashes or hangs, and nothing is verified as something else.
@Suite("Random input for signatures", .enabled(if: MiniatureSigstore.canRun, MiniatureSigstore.comment))
struct SigstoreFuzzTests {
    private let bases = [
        "an artifact, in Rekor 1", "an artifact, in a bundle of version 0.1", "an artifact, in Rekor 2",
        "a statement, in Rekor 1", "a statement, in Rekor 1 as intoto", "a statement, in Rekor 2", "two timestamps",
        "an artifact, with a key (p256)", "a statement, with a key (p256)",
        "an artifact, with a key (p256) in Rekor 2",
        "a layer, with a certificate", "a layer, with a key (p256)", "an older attestation, with a certificate (dsse)",
    ]
    private let seed = Fuzz.seed

    /// A document that is still verified must be about the same artifact, by the same signer.
    private func check(_ document: [UInt8], _ given: MiniatureSigstore.Case, _ world: MiniatureSigstore) async throws {
        do {
            let verified = try await world.verify(given, document: document)
            #expect(try verified.signer == world.expectedSigner(of: given), "seed \(seed): \(given.name)")
            let subjects = verified.statement?.subjects
            #expect(subjects == nil || subjects == [given.digest.description], "seed \(seed): \(given.name)")
            guard given.format == .bundle else { return }
            let verifier = BundleVerifier(
                root: try given.root.map { try world.root($0) },
                signer: try world.signer(of: given)
            )
            await #expect(throws: VerificationError.self, "seed \(seed): \(given.name)") {
                _ = try await verifier.verify(try SigstoreBundle(document), artifact: .content([1, 2, 3]))
            }
        } catch is VerificationError {
            // It is refused.
        }
    }

    @Test("a document with damaged bytes is not verified as something else")
    func documents() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        let cases = try bases.map { try world.find($0) }
        for _ in 0..<Fuzz.cases(1_000) {
            let given = try #require(cases.randomElement(using: &random))
            try await check(Fuzz.damaged(Array(given.document), &random), given, world)
        }
    }

    @Test("a document with damaged bytes in its base64 is not verified as something else")
    func insides() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        let cases = try bases.map { try world.find($0) }
        for _ in 0..<Fuzz.cases(1_000) {
            let given = try #require(cases.randomElement(using: &random))
            try await check(try Fuzz.damagedInside(Array(given.document), &random), given, world)
        }
    }

    @Test("annotations with damaged bytes do not make another signature good")
    func annotations() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        let given = try world.find("a layer, with a certificate and a timestamp")
        let annotations = try #require(given.annotations)
        let root = try world.root("root")
        for _ in 0..<Fuzz.cases(500) {
            var damaged = annotations
            let name = try #require(annotations.keys.sorted().randomElement(using: &random))
            let bytes = Array((annotations[name] ?? "").utf8)
            let isJSON = bytes.first == UInt8(ascii: "{") && Bool.random(using: &random)
            damaged[name] = String(
                decoding: isJSON ? try Fuzz.damagedInside(bytes, &random) : Fuzz.damaged(bytes, &random),
                as: UTF8.self
            )
            do {
                let layer = try SimpleSigning(payload: Array(given.document), annotations: damaged)
                let verified = try await layer.verify(
                    given.digest,
                    root: root,
                    signer: try world.signer(of: given),
                    requiresLog: true
                )
                #expect(try verified.signer == world.expectedSigner(of: given), "seed \(seed)")
                #expect(!verified.times.isEmpty, "seed \(seed)")
            } catch is VerificationError {
                // It is refused.
            }
        }
    }

    /// The certificate of a bundle.
    private func certificate(_ name: String, _ world: MiniatureSigstore) throws -> SigningCertificate {
        let bundle = try SigstoreBundle(Array(try world.find(name).document))
        guard case .certificate(let certificate) = bundle.material else {
            throw MiniatureSigstore.Unavailable(description: name)
        }
        return certificate
    }

    @Test("a certificate with damaged bytes is read or refused, and no authority has issued it")
    func certificates() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        let root = try world.root("root")
        let originals = try ["an artifact, in Rekor 1", "a workflow", "a user name"].map { try certificate($0, world) }
        for _ in 0..<Fuzz.cases(1_000) {
            let original = try #require(originals.randomElement(using: &random))
            guard let damaged = try? SigningCertificate(der: Fuzz.damaged(original.der, &random)) else { continue }
            try? damaged.checkUsage()
            _ = damaged.identities
            _ = damaged.issuer
            let issuer = try #require(root.certificateAuthorities[0].chain.first)
            try? CertificateTimestamp.verify(damaged.certificate, issuer: issuer, logs: root.certificateLogs)
            let time = original.certificate.notValidBefore
            let chain = try? await CertificateChain.verified(
                damaged.certificate,
                by: root.certificateAuthorities,
                for: .codeSigning,
                at: time
            )
            let isSame =
                damaged.certificate.tbsCertificateBytes == original.certificate.tbsCertificateBytes
            #expect(chain == nil || isSame, "seed \(seed)")
        }
    }

    @Test("timestamps of certificate logs with damaged bytes are read or refused")
    func certificateTimestamps() async throws {
        var random = SeededGenerator(seed: seed)
        let original = try certificate("an artifact, in Rekor 1", try await MiniatureSigstore.shared.value)
        let value = Array(try #require(original.certificate.extensions[oid: CertificateTimestamp.identifier]?.value))
        let body = Array(original.certificate.tbsCertificateBytes)
        #expect(try CertificateTimestamp.list(value).count == 1)
        for _ in 0..<Fuzz.cases(5_000) {
            if let list = try? CertificateTimestamp.list(Fuzz.damaged(value, &random)) {
                #expect(list.count <= 8, "seed \(seed)")
                for timestamp in list {
                    #expect(timestamp.logIdentifier.count == 32, "seed \(seed)")
                    _ = timestamp.signedMessage(issuerHash: [], body: [])
                }
            }
            _ = try? CertificateTimestamp.precertificate(Fuzz.damaged(body, &random)[...])
        }
    }

    @Test("a timestamp with damaged bytes never says another time")
    func timestamps() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        let given = try world.find("two timestamps")
        let authorities = try world.root("both-tsas").timestampAuthorities
        let document = try JSONDocument(Array(given.document), "the bundle")
        let list = document["verificationMaterial"]?["timestampVerificationData"]?["rfc3161Timestamps"]?.elements
        let responses = try #require(list).compactMap { $0["signedTimestamp"]?.base64 }
        let signature = try SigstoreBundle(Array(given.document)).signature
        try #require(responses.count == 2)
        for _ in 0..<Fuzz.cases(1_000) {
            let response = try #require(responses.randomElement(using: &random))
            let original = try SignedTimestamp(response)
            guard let damaged = try? SignedTimestamp(Fuzz.damaged(response, &random)),
                (try? await damaged.verify(for: signature, authorities: authorities)) != nil
            else { continue }
            #expect(damaged.time == original.time, "seed \(seed)")
            let isForOther = (try? await damaged.verify(for: [1, 2, 3], authorities: authorities)) != nil
            #expect(!isForOther, "seed \(seed)")
        }
    }

    @Test("a checkpoint with damaged bytes never says something else")
    func checkpoints() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        let root = try world.root("root")
        for name in ["an artifact, in Rekor 1", "an artifact, in Rekor 2"] {
            let entry = try #require(try SigstoreBundle(Array(try world.find(name).document)).entries.first)
            let (log, key) = try entry.log(in: root, times: [])
            let note = try #require(entry.proof?.checkpoint)
            let original = try Checkpoint(note)
            try original.verify(identifier: log.identifier, key: key, bindsOrigin: entry.version == "0.0.2")
            for _ in 0..<Fuzz.cases(1_000) {
                let text = String(decoding: Fuzz.damaged(Array(note.utf8), &random), as: UTF8.self)
                guard let damaged = try? Checkpoint(text),
                    (try? damaged.verify(identifier: log.identifier, key: key, bindsOrigin: entry.version == "0.0.2"))
                        != nil
                else { continue }
                #expect(damaged.origin == original.origin, "seed \(seed)")
                #expect(damaged.size == original.size, "seed \(seed)")
                #expect(damaged.rootHash == original.rootHash, "seed \(seed)")
            }
        }
    }

    @Test("a trusted root with damaged bytes is read or refused")
    func roots() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        let original = Array(try #require(world.writtenRoots["root"]))
        for _ in 0..<Fuzz.cases(500) {
            let isInside = Bool.random(using: &random)
            let damaged = isInside ? try Fuzz.damagedInside(original, &random) : Fuzz.damaged(original, &random)
            guard let root = try? TrustedRoot(damaged) else { continue }
            #expect(root.digest == ContentDigest.sha256(of: damaged), "seed \(seed)")
        }
    }

    @Test("a key with damaged bytes is read or refused, and no signature becomes good")
    func keys() async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await MiniatureSigstore.shared.value
        for name in ["p256", "p384", "p521", "ed25519", "rsa"] {
            let given = try world.find("an artifact, with a key (\(name))")
            let original = try world.key(name)
            let bundle = try SigstoreBundle(Array(given.document))
            let pem = try #require(world.writtenKeys[name])
            for _ in 0..<Fuzz.cases(500) {
                let text: String
                if Bool.random(using: &random) {
                    text = String(decoding: Fuzz.damaged(Array(pem.utf8), &random), as: UTF8.self)
                } else {
                    let content = Data(Fuzz.damaged(original.subjectPublicKeyInfo, &random)).base64EncodedString()
                    text = "-----BEGIN PUBLIC KEY-----\n\(content)\n-----END PUBLIC KEY-----\n"
                }
                guard let key = try? VerificationKey(pem: text) else { continue }
                let verifier = BundleVerifier(root: nil, signer: .key(key))
                let artifact = SignedArtifact.content(Array(given.content))
                let isVerified = (try? await verifier.verify(bundle, artifact: artifact)) != nil
                #expect(isVerified == (key == original), "seed \(seed)")
            }
        }
    }
}
