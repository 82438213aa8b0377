import Crypto
import Foundation
import Subprocess
import Testing

@testable import SupplyChain

/// Signatures of a Sigstore that the Python program in `miniature` makes: its own authorities and logs, and everything that
/// can be wrong with them. It needs PyPI's `sigstore`, which `scripts/install-python-tools` puts into `.cache/python`.
struct MiniatureSigstore: Sendable {
    /// One signature.
    struct Case: Sendable, Decodable {
        enum Format: String, Sendable, Decodable {
            case bundle, layer, attestation
        }

        let name: String
        let format: Format
        let document: Data
        let annotations: [String: String]?
        let content: Data
        let root: String?
        let key: String?
        let identity: String?
        let issuer: String?
        let requiresLog: Bool
        /// Whether it must be verified.
        let verifies: Bool
        /// `verified`, or why PyPI's `sigstore` refuses it; `nil` if it does not know the format.
        let foreign: String?

        var digest: ImageDigest { ImageDigest(of: Array(content)) }
        var hash: HashedBytes { HashedBytes(algorithm: .sha256, bytes: Array(SHA256.hash(data: content))) }
    }

    /// What a registry has for the image of the tests of policies.
    struct Policies: Sendable, Decodable {
        struct Layer: Sendable, Decodable {
            let document: Data
            let annotations: [String: String]
        }

        let layers: [String: Layer]
        let bundles: [String: Data]
    }

    /// What the program prints.
    private struct Output: Decodable {
        let digest: String
        let roots: [String: Data]
        let keys: [String: String]
        let cases: [Case]
        let policies: Policies
    }

    /// The digest of the image.
    let digest: ImageDigest
    /// The trusted roots, and the public keys in PEM, as they are written.
    let writtenRoots: [String: Data]
    let writtenKeys: [String: String]
    let cases: [Case]
    let policies: Policies
    let roots: [String: TrustedRoot]

    /// The signatures, which are made once.
    static let shared = Task { try await make() }

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    private static let packages = sources.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".cache/python/sigstore").path()

    /// In CI missing packages fail the tests; elsewhere they are skipped.
    static let canRun =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.fileExists(atPath: packages + "/sigstore")
    static let comment: Comment = "PyPI's sigstore is not installed: run `make tools`"

    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    private static func make() async throws -> MiniatureSigstore {
        let result = try await Subprocess.run(
            .name("env"),
            arguments: [
                "PYTHONPATH=\(packages)", "PYTHONDONTWRITEBYTECODE=1", "timeout", "120", "python3",
                sources.appending(path: "miniature").path(),
            ],
            output: .string(limit: 64 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw Unavailable(description: "the miniature Sigstore failed, run `make tools`: \(result.standardError)")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try MiniatureSigstore(try decoder.decode(Output.self, from: Data(result.standardOutput.utf8)))
    }

    private init(_ output: Output) throws {
        digest = try ImageDigest(output.digest)
        writtenRoots = output.roots
        writtenKeys = output.keys
        cases = output.cases
        policies = output.policies
        roots = try output.roots.mapValues { try TrustedRoot(Array($0)) }
    }

    func root(_ name: String) throws -> TrustedRoot { try #require(roots[name]) }

    func key(_ name: String) throws -> VerificationKey { try VerificationKey(pem: try #require(writtenKeys[name])) }

    func find(_ name: String) throws -> Case {
        try #require(cases.first { $0.name == name }, "there is no case \"\(name)\"")
    }

    func signer(of given: Case) throws -> ExpectedSigner {
        if let key = given.key { return .key(try self.key(key)) }
        return .identity(
            IdentityMatcher(
                subject: .exactly(try #require(given.identity)),
                issuer: .exactly(try #require(given.issuer))
            )
        )
    }

    func expectedSigner(of given: Case) throws -> VerifiedSignature.Signer {
        if let key = given.key { return .key(fingerprint: try self.key(key).fingerprint) }
        return .identity(subject: try #require(given.identity), issuer: try #require(given.issuer))
    }

    /// Verifies a case, or other bytes instead of its document.
    func verify(_ given: Case, document: [UInt8]? = nil, onlyHash: Bool = false) async throws -> VerifiedSignature {
        let document = document ?? Array(given.document)
        let root = try given.root.map { try self.root($0) }
        let signer = try signer(of: given)
        switch given.format {
        case .layer:
            let layer = try SimpleSigning(payload: document, annotations: given.annotations ?? [:])
            return try await layer.verify(given.digest, root: root, signer: signer, requiresLog: given.requiresLog)
        case .bundle, .attestation:
            let bundle =
                try given.format == .bundle
                ? SigstoreBundle(document)
                : SigstoreBundle(envelope: document, annotations: given.annotations ?? [:])
            let verifier = BundleVerifier(root: root, signer: signer, requiresLog: given.requiresLog)
            let isHash = onlyHash || given.format == .attestation
            let artifact: SignedArtifact = isHash ? .hash(given.hash) : .content(Array(given.content))
            return try await verifier.verify(bundle, artifact: artifact)
        }
    }
}
