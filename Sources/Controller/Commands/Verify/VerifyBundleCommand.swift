import ArgumentParser
import CommandSupport
import FoundationEssentials
import SupplyChain

/// `moorage verify bundle`.
struct VerifyBundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Verify a Sigstore bundle for a file or a digest, offline.",
        discussion: """
            Reads bundles of the versions 0.1 to 0.3, with a signature of the file itself or with a statement about it. Nothing \
            is requested from anywhere.

            Examples:
              moorage verify bundle --bundle app.sigstore.json --key release.pub app.tar.gz
              moorage verify bundle --bundle app.sigstore.json --trusted-root trusted_root.json \\
                --certificate-identity release@example.com --certificate-oidc-issuer https://accounts.example.com app.tar.gz
            """
    )

    @Option(help: ArgumentHelp("The bundle.", valueName: "file"))
    var bundle: String

    @OptionGroup
    var signer: SignerOptions

    @Argument(help: "The file that is signed, or its digest, such as sha256: and 64 hexadecimal digits.")
    var fileOrDigest: String

    func validate() throws {
        guard signer.key.count <= 1 else { throw ValidationError("a bundle has one signature: use one --key") }
    }

    func run() async throws {
        let expected = try signer.keys().first.map { ExpectedSigner.key($0) } ?? signer.identity.map { .identity($0) }
        guard let expected else { throw CommandFailure("say who must have signed") }
        let verifier = BundleVerifier(root: try signer.root(), signer: expected)
        let content = try InputFile.read(bundle, limit: SigstoreBundle.maximumSize)
        let artifact = try artifact()
        switch await verify(content, artifact, verifier) {
        case .success(let verified): Console.standard.output("verified: \(verified.summary)\n")
        case .failure(let error):
            throw CommandFailure("\(bundle): refused (\(error.code.rawValue)): \(error.message)")
        }
    }

    private func verify(
        _ content: [UInt8],
        _ artifact: SignedArtifact,
        _ verifier: BundleVerifier
    ) async -> Result<VerifiedSignature, VerificationError> {
        do throws(VerificationError) {
            let bundle = try SigstoreBundle(content)
            return .success(try await verifier.verify(bundle, artifact: artifact))
        } catch {
            return .failure(error)
        }
    }

    private func artifact() throws -> SignedArtifact {
        if let digest = try? ImageDigest(fileOrDigest), let hash = HashedBytes(digest) { return .hash(hash) }
        return .content(try InputFile.read(fileOrDigest, limit: Self.maximumSize))
    }

    /// The maximum size of the file, in bytes.
    private static let maximumSize = 1 << 30
}

extension VerifiedSignature {
    /// Who signed, when, and where that is recorded, in one line.
    var summary: String {
        let who =
            switch signer {
            case .key(let fingerprint): "signed with the key \(fingerprint)"
            case .identity(let subject, let issuer): "signed by \(subject), confirmed by \(issuer)"
            }
        let time = times.first.map { ", at \($0.formatted(.iso8601))" } ?? ""
        let log = logs.isEmpty ? "" : ", recorded in \(logs.joined(separator: " and "))"
        let type = statement.map { "; statement of the type \($0.predicateType)" } ?? ""
        return who + time + log + type
    }
}
