internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// Who is trusted: certificate authorities, timestamp authorities, transparency logs and certificate transparency logs, each for a
/// period (sigstore_trustroot.proto, `TrustedRoot`).
public struct TrustedRoot: Sendable, Hashable {
    /// An authority that issues certificates or timestamps.
    struct Authority: Sendable, Hashable {
        var uri: String
        /// The chain, which ends with the certificate that is trusted.
        var chain: [Certificate]
        var validFor: ValidityPeriod
    }

    /// A log that promises or proves that it includes something.
    struct Log: Sendable, Hashable {
        var baseURL: String
        /// The identifier by which entries name the log.
        var identifier: [UInt8]
        /// The key; the reason why it cannot be used if its algorithm is not supported.
        var key: Result<VerificationKey, VerificationError>
        var validFor: ValidityPeriod
    }

    var certificateAuthorities: [Authority] = []
    var timestampAuthorities: [Authority] = []
    var transparencyLogs: [Log] = []
    var certificateLogs: [Log] = []
    /// The SHA-256 of the document. A verdict is renewed when it changes.
    public let digest: String

    /// The maximum size of the document, in bytes.
    public static let maximumSize = 1 << 20

    /// Reads a `trusted_root.json`.
    ///
    /// - Throws: `VerificationError` with `trustedRootMalformed` or `malformed`.
    public init(_ content: [UInt8]) throws(VerificationError) {
        guard content.count <= Self.maximumSize else {
            throw VerificationError(
                .trustedRootMalformed,
                "the trusted root has \(content.count) bytes, and \(Self.maximumSize) are read"
            )
        }
        digest = ContentDigest.sha256(of: content)
        let document = try JSONDocument(content, "the trusted root")
        let mediaType = document["mediaType"]?.text ?? ""
        guard Self.mediaTypes.contains(mediaType) else {
            throw VerificationError(
                .trustedRootMalformed,
                "mediaType of the trusted root is \"\(printable(mediaType))\": use \(Self.mediaTypes[0])"
            )
        }
        certificateAuthorities = try Self.list(document, "certificateAuthorities", Authority.init)
        timestampAuthorities = try Self.list(document, "timestampAuthorities", Authority.init)
        transparencyLogs = try Self.list(document, "tlogs", Log.init)
        certificateLogs = try Self.list(document, "ctlogs", Log.init)
    }

    private static let mediaTypes = [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    private static func list<Element>(
        _ document: JSONDocument,
        _ name: String,
        _ make: (JSONDocument, String) throws(VerificationError) -> Element
    ) throws(VerificationError) -> [Element] {
        guard let list = document[name], list != .null else { return [] }
        guard let elements = list.elements, elements.count <= 64 else {
            throw VerificationError(
                .trustedRootMalformed,
                "\(name) of the trusted root is not a list of at most 64 entries"
            )
        }
        var result: [Element] = []
        for (index, element) in elements.enumerated() { result.append(try make(element, "\(name)[\(index)]")) }
        return result
    }
}

extension TrustedRoot.Authority {
    init(_ document: JSONDocument, _ what: String) throws(VerificationError) {
        uri = document["uri"]?.text ?? ""
        let certificates = document["certChain"]?["certificates"]?.elements ?? []
        guard !certificates.isEmpty, certificates.count <= 16 else {
            throw VerificationError(
                .trustedRootMalformed,
                "\(what).certChain of the trusted root does not have between 1 and 16 certificates"
            )
        }
        chain = []
        for certificate in certificates {
            guard let der = certificate["rawBytes"]?.base64, let certificate = try? Certificate(derEncoded: der) else {
                throw VerificationError(
                    .trustedRootMalformed,
                    "\(what).certChain of the trusted root contains a certificate that is not valid"
                )
            }
            chain.append(certificate)
        }
        validFor = try ValidityPeriod(document["validFor"], "\(what).validFor")
    }
}

extension TrustedRoot.Log {
    init(_ document: JSONDocument, _ what: String) throws(VerificationError) {
        baseURL = document["baseUrl"]?.text ?? ""
        let publicKey = document["publicKey"]
        guard let identifier = document["logId"]?["keyId"]?.base64, !identifier.isEmpty else {
            throw VerificationError(.trustedRootMalformed, "\(what).logId.keyId of the trusted root is not valid")
        }
        guard let der = publicKey?["rawBytes"]?.base64 else {
            throw VerificationError(
                .trustedRootMalformed,
                "\(what).publicKey.rawBytes of the trusted root is not valid"
            )
        }
        self.identifier = identifier
        // A log with a key of another kind must not make the whole root unusable.
        key = Self.key(der, details: publicKey?["keyDetails"]?.text ?? "")
        validFor = try ValidityPeriod(publicKey?["validFor"], "\(what).publicKey.validFor")
    }

    private static func key(_ der: [UInt8], details: String) -> Result<VerificationKey, VerificationError> {
        switch details {
        case "PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P384_SHA_384", "PKIX_ECDSA_P521_SHA_512", "PKIX_ED25519",
            "PKIX_RSA_PKCS1V15_2048_SHA256", "PKIX_RSA_PKCS1V15_3072_SHA256", "PKIX_RSA_PKCS1V15_4096_SHA256",
            "PKIX_RSA_PKCS1V5":
            return Result { () throws(VerificationError) in try VerificationKey(der: der) }
        case "PKCS1_RSA_PKCS1V5":
            return Result { () throws(VerificationError) in try VerificationKey(pkcs1: der) }
        default:
            return .failure(
                VerificationError(.unsupported, "keys of the kind \"\(printable(details))\" are not supported")
            )
        }
    }
}
