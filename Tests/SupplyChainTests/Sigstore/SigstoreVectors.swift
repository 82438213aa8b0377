import Foundation
import SupplyChain
import Testing

/// Cases of the Sigstore project's conformance suite, a folder each in `sigstore-conformance/test/assets/bundle-verify` below
/// `MOORAGE_VECTORS`. A case with `_fail` in its name must be refused.
struct SigstoreCase: Sendable, CustomTestStringConvertible {
    let folder: URL

    var name: String { folder.lastPathComponent }
    var testDescription: String { name }
    var mustFail: Bool { name.hasSuffix("_fail") }

    static let vectors = ProcessInfo.processInfo.environment["MOORAGE_VECTORS"].map { URL(filePath: $0) }
    static let comment: Comment = "MOORAGE_VECTORS is not set"

    static let all: [SigstoreCase] = {
        guard let assets else { return [] }
        let folders = try? FileManager.default.contentsOfDirectory(
            at: assets.appending(path: "bundle-verify"),
            includingPropertiesForKeys: [.isDirectoryKey]
        )
        return (folders ?? []).filter { $0.hasDirectoryPath }.map(SigstoreCase.init)
            .sorted { $0.name < $1.name }
    }()

    private static let assets = vectors?.appending(path: "sigstore-conformance/test/assets")

    func file(_ name: String) -> URL? {
        let url = folder.appending(path: name)
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }

    private func text(_ name: String) throws -> String? {
        try file(name).map {
            try String(contentsOf: $0, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// The artifact: that of the case, or the one that all others share.
    func artifact() throws -> [UInt8] {
        let shared = try #require(Self.assets).appending(path: "bundle-verify/a.txt")
        return Array(try Data(contentsOf: file("artifact") ?? shared))
    }

    /// The trusted root: that of the case, or the one of the public instance.
    func root() throws -> TrustedRoot {
        let shared = try #require(Self.vectors).appending(path: "sigstore-root/trusted_root.json")
        return try TrustedRoot(Array(try Data(contentsOf: file("trusted_root.json") ?? shared)))
    }

    func signer() throws -> ExpectedSigner {
        if let key = try text("key.pub") { return .key(try VerificationKey(pem: key)) }
        return .identity(
            IdentityMatcher(
                subject: .exactly(try text("identity") ?? Self.identity),
                issuer: .exactly(try text("issuer") ?? Self.issuer)
            )
        )
    }

    func verify(_ artifact: SignedArtifact? = nil) async throws -> VerifiedSignature {
        let bundle = try SigstoreBundle(Array(try Data(contentsOf: folder.appending(path: "bundle.sigstore.json"))))
        let verifier = BundleVerifier(root: try root(), signer: try signer())
        return try await verifier.verify(bundle, artifact: try artifact ?? .content(try self.artifact()))
    }

    /// Whose certificate the suite's bundles are signed with unless a case says otherwise.
    private static let identity =
        "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
        + "extremely-dangerous-oidc-beacon.yml@refs/heads/main"
    private static let issuer = "https://token.actions.githubusercontent.com"
}
