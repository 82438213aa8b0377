import Crypto
import FoundationEssentials
import KubernetesAPI
internal import NIOSSL

/// The certificate with which the sandbox serves TLS: self-signed, for the loopback address, with a key that is never
/// stored.
struct ServingCertificate: Sendable {
    /// The certificate as PEM, which is also the authority that clients trust.
    let pem: String
    private let key: P256.Signing.PrivateKey

    init(now: Timestamp) throws {
        key = P256.Signing.PrivateKey()
        let day: Int64 = 86_400
        let content = DER.sequence(
            DER.tagged(0, DER.integer([2])),
            DER.integer([UInt8](SHA256.hash(data: key.publicKey.derRepresentation)).prefix(16).map { $0 & 0x7F }),
            DER.ecdsaWithSHA256,
            DER.commonName("moorage sandbox"),
            DER.sequence(
                // Clocks of clients can be slow.
                DER.time(Timestamp(secondsSinceEpoch: now.secondsSinceEpoch - day)),
                DER.time(Timestamp(secondsSinceEpoch: now.secondsSinceEpoch + 365 * day))
            ),
            DER.commonName("moorage sandbox"),
            [UInt8](key.publicKey.derRepresentation),
            DER.tagged(3, DER.sequence(ServingCertificate.extensions))
        )
        let signature = try key.signature(for: Data(content))
        let certificate = DER.sequence(
            content,
            DER.ecdsaWithSHA256,
            DER.bitString([UInt8](signature.derRepresentation))
        )
        let text = Data(certificate).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        pem = "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    }

    /// Basic constraints, key usage, extended key usage and the names (RFC 5280, section 4.2).
    private static var extensions: [UInt8] {
        let isCritical: [UInt8] = [0x01, 0x01, 0xFF]
        let authority = DER.sequence(isCritical)
        // digitalSignature and keyCertSign: bits 0 and 5.
        let usage = DER.bitString([0x84], unused: 2)
        let serverAuth = DER.sequence(DER.identifier([0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]))
        let names = DER.sequence(DER.value(0x82, Array("localhost".utf8)), DER.value(0x87, [127, 0, 0, 1]))
        func item(_ last: UInt8, _ flag: [UInt8], _ content: [UInt8]) -> [UInt8] {
            DER.sequence(DER.identifier([0x55, 0x1D, last]), flag, DER.value(0x04, content))
        }
        return item(0x13, isCritical, authority) + item(0x0F, isCritical, usage) + item(0x25, [], serverAuth)
            + item(0x11, [], names)
    }

    func tlsConfiguration() throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).map { NIOSSLCertificateSource.certificate($0) }
        let privateKey = try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem)
        return .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(privateKey))
    }
}

/// The part of ASN.1's distinguished encoding rules that this certificate needs.
private enum DER {
    static let ecdsaWithSHA256 = sequence(identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]))

    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        if content.count < 0x80 {
            length = [UInt8(content.count)]
        } else {
            var rest = content.count
            while rest > 0 {
                length.insert(UInt8(rest & 0xFF), at: 0)
                rest >>= 8
            }
            length.insert(0x80 | UInt8(length.count), at: 0)
        }
        return [tag] + length + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, parts.flatMap { $0 }) }
    static func tagged(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { value(0xA0 | number, content) }
    static func identifier(_ bytes: [UInt8]) -> [UInt8] { value(0x06, bytes) }
    static func bitString(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { value(0x03, [unused] + bytes) }

    /// A positive integer. Its first bit must be 0, and it must have no leading zero bytes.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let significant = Array(bytes.drop { $0 == 0 })
        return value(0x02, significant.isEmpty ? [0] : significant)
    }

    static func commonName(_ name: String) -> [UInt8] {
        sequence(value(0x31, sequence(identifier([0x55, 0x04, 0x03]), value(0x0C, Array(name.utf8)))))
    }

    /// UTCTime, which RFC 5280 requires until 2049: `YYMMDDHHMMSSZ`.
    static func time(_ moment: Timestamp) -> [UInt8] {
        value(0x17, Array(moment.description.filter(\.isNumber).dropFirst(2).utf8) + [UInt8(ascii: "Z")])
    }
}
