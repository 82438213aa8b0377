internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// A certificate that signs an artifact, as Fulcio issues it (Fulcio's certificate specification).
struct SigningCertificate: Sendable, Hashable {
    let certificate: Certificate
    let der: [UInt8]
    let key: VerificationKey

    init(der: [UInt8]) throws(VerificationError) {
        guard der.count <= 32_768, let certificate = try? Certificate(derEncoded: der) else {
            throw VerificationError(.malformed, "the signing certificate is not valid")
        }
        self.der = der
        self.certificate = certificate
        key = try VerificationKey(certificate.publicKey)
    }

    /// Checks that the certificate is there to sign code, and is not that of an authority.
    func checkUsage() throws(VerificationError) {
        let extensions = certificate.extensions
        guard let usage = try? extensions.keyUsage, usage.digitalSignature else {
            throw VerificationError(.certificateUsage, "the certificate must not be used for signatures (key usage)")
        }
        guard let purposes = try? extensions.extendedKeyUsage, purposes.contains(.codeSigning) else {
            throw VerificationError(
                .certificateUsage,
                "the certificate must not be used to sign code (extended key usage)"
            )
        }
        if case .isCertificateAuthority = try? extensions.basicConstraints {
            throw VerificationError(.certificateUsage, "the certificate is that of an authority")
        }
    }

    /// The identities, of all forms that Fulcio issues: e-mail addresses, URIs, DNS names, and user names.
    var identities: [String] {
        guard let names = try? certificate.extensions.subjectAlternativeNames else { return [] }
        return names.compactMap { name in
            switch name {
            case .rfc822Name(let text), .uniformResourceIdentifier(let text), .dnsName(let text): text
            case .otherName(let other) where other.typeID == Self.userName:
                other.value.flatMap { try? ASN1UTF8String(asn1Any: $0) }.map { String($0) }
            default: nil
            }
        }
    }

    /// The OpenID Connect issuer that confirmed the identity.
    var issuer: String? {
        if let value = certificate.extensions[oid: Self.issuerV2]?.value {
            return (try? ASN1UTF8String(derEncoded: value)).map { String($0) }
        }
        return certificate.extensions[oid: Self.issuerV1].flatMap { String(validating: $0.value, as: UTF8.self) }
    }

    private static let issuerV1: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 1]
    private static let userName: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 7]
    private static let issuerV2: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 8]
}
