import ArgumentParser
import CommandSupport
import FoundationEssentials
import SupplyChain

/// Who must have signed.
struct SignerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A file with a public key in PEM. Repeat it for several keys.", valueName: "file")
    )
    var key: [String] = []

    @Option(
        help: ArgumentHelp(
            "The identity of the certificate: an e-mail address, or the URI of a workflow.",
            valueName: "identity"
        )
    )
    var certificateIdentity: String?

    @Option(
        help: ArgumentHelp(
            "A pattern for the whole identity: * is any text without /, and ** is any text.",
            valueName: "pattern"
        )
    )
    var certificateIdentityPattern: String?

    @Option(
        help: ArgumentHelp("The OpenID Connect issuer that confirmed the identity.", valueName: "url")
    )
    var certificateOidcIssuer: String?

    @Option(
        help: ArgumentHelp("A pattern for the whole URL of the issuer.", valueName: "pattern")
    )
    var certificateOidcIssuerPattern: String?

    @Option(
        help: ArgumentHelp(
            "The trusted root, a trusted_root.json of Sigstore. Needed for certificates; with a key, logs and timestamps are checked too.",
            valueName: "file"
        )
    )
    var trustedRoot: String?

    func validate() throws {
        let hasIdentity = certificateIdentity != nil || certificateIdentityPattern != nil
        let hasIssuer = certificateOidcIssuer != nil || certificateOidcIssuerPattern != nil
        guard key.isEmpty else {
            guard !hasIdentity, !hasIssuer else {
                throw ValidationError("use either --key or a certificate's identity and issuer, not both")
            }
            return
        }
        guard hasIdentity, hasIssuer else {
            throw ValidationError(
                "say who must have signed: --key FILE, or --certificate-identity ID with --certificate-oidc-issuer URL"
            )
        }
        guard certificateIdentity == nil || certificateIdentityPattern == nil,
            certificateOidcIssuer == nil || certificateOidcIssuerPattern == nil
        else { throw ValidationError("use either an exact value or a pattern, not both") }
        guard trustedRoot != nil else {
            throw ValidationError("certificates can only be verified with a trusted root: add --trusted-root FILE")
        }
    }

    /// The keys.
    ///
    /// - Throws: `CommandFailure`, which names the file.
    func keys() throws -> [VerificationKey] {
        try key.map { path in
            let content = try InputFile.read(path, limit: 65_536)
            guard let text = String(validating: content, as: UTF8.self) else {
                throw CommandFailure("\(path): a public key in PEM is expected")
            }
            do {
                return try VerificationKey(pem: text)
            } catch let error as VerificationError {
                throw CommandFailure("\(path): \(error.message)")
            }
        }
    }

    /// The identity, if no key is set.
    var identity: IdentityMatcher? {
        guard
            let subject = certificateIdentity.map(AnchoredPattern.exactly)
                ?? certificateIdentityPattern.map({ AnchoredPattern(pattern: $0) }),
            let issuer = certificateOidcIssuer.map(AnchoredPattern.exactly)
                ?? certificateOidcIssuerPattern.map({ AnchoredPattern(pattern: $0) })
        else { return nil }
        return IdentityMatcher(subject: subject, issuer: issuer)
    }

    /// The trusted root.
    ///
    /// - Throws: `CommandFailure`, which names the file.
    func root() throws -> TrustedRoot? { try trustedRoot.map { try TrustedRootFiles.read($0) } }
}

/// Files that a command reads.
enum InputFile {
    /// The content of a file.
    ///
    /// - Parameter limit: the maximum size in bytes.
    /// - Throws: `CommandFailure`, which names the file.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(path): the file cannot be read")
        }
        guard content.count <= limit else {
            throw CommandFailure("\(path): the file has \(content.count) bytes, and \(limit) are read")
        }
        return Array(content)
    }
}
