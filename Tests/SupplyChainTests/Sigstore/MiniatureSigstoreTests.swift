import Foundation
import SupplyChain
import Testing

/// Good cases that PyPI's `sigstore` does not support.
private let onlyHere: Set<String> = [
    "a statement, in Rekor 1 as intoto", "a statement, in Rekor 2 as dsse", "two logs",
    // It reads the name with its encoding.
    "a user name",
    // It only reads the older extension.
    "an issuer in the newer extension only",
    // The trusted root must contain the authority's own certificate.
    "a timestamp with its certificate",
    // It refuses what it does not know.
    "members that are not known",
]

/// Bad cases that PyPI's `sigstore` accepts.
private let onlyThere: Set<String> = [
    // It leaves the subjects to its caller.
    "a statement about another artifact, with a certificate",
    // It only reads the older extension.
    "another issuer in the newer extension",
    // It only checks the purpose of the signer's certificate.
    "an intermediate for another purpose",
    // It does not compare the periods of the trusted root with the time of the signature.
    "an authority that was not trusted any more", "a certificate log that was not trusted any more",
    "a log that was not trusted any more", "a log of tiles that was not trusted any more",
    // It does not compare the names of signatures of checkpoints with the origin.
    "a checkpoint signed in another name",
    // It ignores a promise without a time.
    "a promise without a time",
    // It does not check what the signed attributes say, and takes signatures without them.
    "a timestamp that names another certificate", "a timestamp that names no certificate",
    "a timestamp without signed attributes", "a timestamp that is signed as other data",
    // The last one counts.
    "the same member twice",
]

@Suite("A miniature Sigstore", .enabled(if: MiniatureSigstore.canRun, MiniatureSigstore.comment))
struct MiniatureSigstoreTests {
    @Test("the bad cases are those whose reasons are known")
    func complete() async throws {
        let cases = try await MiniatureSigstore.shared.value.cases
        #expect(Set(cases.map(\.name)).count == cases.count)
        #expect(Set(cases.filter { !$0.verifies }.map(\.name)) == Set(miniatureReasons.keys))
        #expect(cases.contains { $0.verifies })
        #expect(
            Set(miniatureTimestampReasons.keys)
                == Set(miniatureReasons.filter { $0.value == .timestampInvalid }.keys)
        )
    }

    @Test("PyPI's sigstore has the same verdict, but for known differences")
    func foreign() async throws {
        let cases = try await MiniatureSigstore.shared.value.cases.filter { $0.foreign != nil }
        #expect(cases.count > 100)
        for given in cases {
            let isVerified = given.foreign == "verified"
            // It signs and verifies with P-256 only.
            let isOtherKind = given.name.hasPrefix("a certificate with a key of the kind ")
            let isDifferent = onlyHere.contains(given.name) || onlyThere.contains(given.name) || isOtherKind
            #expect(isVerified == (given.verifies != isDifferent), "\(given.name): \(given.foreign ?? "")")
        }
        #expect(onlyHere.union(onlyThere).isSubset(of: cases.map(\.name)))
    }

    @Test("a good case is verified, with its signer")
    func good() async throws {
        let world = try await MiniatureSigstore.shared.value
        for given in world.cases where given.verifies {
            await #expect(throws: Never.self, "\(given.name)") {
                let verified = try await world.verify(given)
                #expect(try verified.signer == world.expectedSigner(of: given), "\(given.name)")
                #expect(given.identity == nil || !verified.times.isEmpty, "\(given.name)")
                #expect(given.identity == nil || !verified.logs.isEmpty, "\(given.name)")
                let subjects = verified.statement?.subjects
                #expect(subjects == nil || subjects == [given.digest.description], "\(given.name)")
            }
        }
    }

    @Test("a bad case is refused for its own reason", arguments: miniatureReasons.keys.sorted())
    func bad(_ name: String) async throws {
        let world = try await MiniatureSigstore.shared.value
        let error = await #expect(throws: VerificationError.self) { _ = try await world.verify(try world.find(name)) }
        #expect(error?.code == miniatureReasons[name], "\(error?.message ?? "")")
        if let words = miniatureTimestampReasons[name] {
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test("a bad case is also refused if only the hash of the artifact is known")
    func badHash() async throws {
        let world = try await MiniatureSigstore.shared.value
        for given in world.cases where !given.verifies && given.format == .bundle {
            await #expect(throws: VerificationError.self, "\(given.name)") {
                _ = try await world.verify(given, onlyHash: true)
            }
        }
    }

    @Test("a good case is verified by the SHA-256 of its artifact, if its signature is over that")
    func goodHash() async throws {
        let world = try await MiniatureSigstore.shared.value
        for given in world.cases where given.verifies && given.format == .bundle {
            do {
                let verified = try await world.verify(given, onlyHash: true)
                #expect(try verified.signer == world.expectedSigner(of: given))
                #expect(!needsContent(given), "\(given.name)")
            } catch let error as VerificationError {
                #expect(needsContent(given), "\(given.name): \(error)")
                #expect([.unsupported, .logEntryMismatch].contains(error.code), "\(given.name): \(error)")
            }
        }
    }

    /// P-384 and P-521 sign another hash, and Ed25519 and RSA need the artifact itself.
    private func needsContent(_ given: MiniatureSigstore.Case) -> Bool {
        if given.name.hasSuffix("for a statement") || given.name.hasPrefix("a statement") { return false }
        if let key = given.key { return key != "p256" }
        return given.name.hasPrefix("a certificate with a key of the kind ")
    }

    @Test("a signature of one image is not one of another")
    func replay() async throws {
        let world = try await MiniatureSigstore.shared.value
        let other = HashedBytes(algorithm: .sha256, bytes: Array(repeating: 7, count: 32))
        for given in world.cases where given.verifies && given.format == .bundle {
            let verifier = BundleVerifier(
                root: try given.root.map { try world.root($0) },
                signer: try world.signer(of: given)
            )
            for artifact in [SignedArtifact.hash(other), .content(Array("another image".utf8))] {
                await #expect(throws: VerificationError.self, "\(given.name)") {
                    _ = try await verifier.verify(try SigstoreBundle(Array(given.document)), artifact: artifact)
                }
            }
        }
    }

    @Test("a signature with a key is verified without a trusted root, but never recorded then")
    func withoutRoot() async throws {
        let world = try await MiniatureSigstore.shared.value
        let given = try world.find("an artifact, with a key (p256) in Rekor 1")
        let signer = try world.signer(of: given)
        let bundle = try SigstoreBundle(Array(given.document))
        let artifact = SignedArtifact.content(Array(given.content))
        let verified = try await BundleVerifier(root: nil, signer: signer).verify(bundle, artifact: artifact)
        #expect(verified.logs.isEmpty)
        let error = await #expect(throws: VerificationError.self) {
            _ = try await BundleVerifier(root: nil, signer: signer, requiresLog: true).verify(
                bundle,
                artifact: artifact
            )
        }
        #expect(error?.code == .logEntryMissing)
    }
}
