internal import Crypto
internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// A signed certificate timestamp: a log's promise that it has recorded a certificate (RFC 6962, section 3.2), embedded in the
/// certificate.
struct CertificateTimestamp: Sendable, Hashable {
    var logIdentifier: [UInt8]
    /// Milliseconds since 1970.
    var milliseconds: UInt64
    var extensions: [UInt8]
    var hash: HashAlgorithm
    var signature: [UInt8]

    /// Checks that a trusted log has recorded a certificate.
    ///
    /// - Parameters:
    ///   - certificate: the certificate.
    ///   - issuer: the certificate of its issuer.
    /// - Throws: `VerificationError` with `certificateNotLogged`.
    static func verify(
        _ certificate: Certificate,
        issuer: Certificate,
        logs: [TrustedRoot.Log]
    ) throws(VerificationError) {
        guard let value = certificate.extensions[oid: Self.identifier]?.value else {
            throw VerificationError(.certificateNotLogged, "the certificate has no timestamp of a log (SCT)")
        }
        let timestamps = try list(Array(value))
        let issuerKey = try VerificationKey(issuer.publicKey)
        let issuerHash = HashAlgorithm.sha256.hash(issuerKey.subjectPublicKeyInfo).bytes
        let body = try precertificate(certificate.tbsCertificateBytes)
        var reason = "its log is not trusted"
        for timestamp in timestamps {
            for log in logs where log.identifier == timestamp.logIdentifier {
                guard log.validFor.contains(timestamp.time) else {
                    reason = "the key of its log was not valid at \(timestamp.time.formatted(.iso8601))"
                    continue
                }
                switch log.key {
                case .failure(let error): reason = error.message
                case .success(let key):
                    let message = timestamp.signedMessage(issuerHash: issuerHash, body: body)
                    if key.verifies(timestamp.signature, of: message, hash: timestamp.hash) { return }
                    reason = "its signature is not valid"
                }
            }
        }
        throw VerificationError(
            .certificateNotLogged,
            "no trusted log has recorded the certificate: \(timestamps.isEmpty ? "it has no timestamp (SCT)" : reason)"
        )
    }

    static let identifier: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2]

    var time: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }

    /// The timestamps of the extension's value.
    ///
    /// - Throws: `VerificationError` with `malformed`.
    static func list(_ value: [UInt8]) throws(VerificationError) -> [CertificateTimestamp] {
        guard let content = try? ASN1OctetString(derEncoded: value) else {
            throw VerificationError(.malformed, "the timestamps (SCT) of the certificate are not valid")
        }
        var outer = TLSReader(content.bytes)
        var entries = TLSReader(try outer.vector(lengthBytes: 2))
        try outer.end()
        var timestamps: [CertificateTimestamp] = []
        while !entries.isAtEnd {
            guard timestamps.count < 8 else {
                throw VerificationError(.limitExceeded, "the certificate has more than 8 timestamps (SCT)")
            }
            var entry = TLSReader(try entries.vector(lengthBytes: 2))
            // Versions other than 1 are skipped (RFC 6962, section 3.3).
            guard try entry.integer(bytes: 1) == 0 else { continue }
            let identifier = try entry.take(32)
            let milliseconds = try entry.integer(bytes: 8)
            let extensions = try entry.vector(lengthBytes: 2)
            let hash: HashAlgorithm? =
                switch try entry.integer(bytes: 1) {
                case 4: .sha256
                case 5: .sha384
                case 6: .sha512
                default: nil
                }
            _ = try entry.integer(bytes: 1)
            let signature = try entry.vector(lengthBytes: 2)
            try entry.end()
            guard let hash else {
                throw VerificationError(
                    .unsupported,
                    "the hash of a timestamp (SCT) of the certificate is not supported"
                )
            }
            timestamps.append(
                CertificateTimestamp(
                    logIdentifier: Array(identifier),
                    milliseconds: milliseconds,
                    extensions: Array(extensions),
                    hash: hash,
                    signature: Array(signature)
                )
            )
        }
        return timestamps
    }

    /// What the log has signed: the certificate without this extension, and the hash of its issuer's key.
    func signedMessage(issuerHash: [UInt8], body: [UInt8]) -> [UInt8] {
        // Version 1, certificate_timestamp.
        var message: [UInt8] = [0, 0]
        message += bigEndian(milliseconds, bytes: 8)
        // precert_entry
        message += [0, 1]
        message += issuerHash
        message += bigEndian(UInt64(body.count), bytes: 3) + body
        message += bigEndian(UInt64(extensions.count), bytes: 2) + extensions
        return message
    }

    private func bigEndian(_ value: UInt64, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    /// A TBSCertificate without the timestamps.
    static func precertificate(_ tbsCertificate: ArraySlice<UInt8>) throws(VerificationError) -> [UInt8] {
        do {
            let node = try DER.parse(tbsCertificate)
            guard case .constructed(let fields) = node.content else { throw ASN1Error.invalidASN1Object(reason: "") }
            var serializer = DER.Serializer()
            serializer.appendConstructedNode(identifier: .sequence) { serializer in
                for field in fields {
                    guard field.identifier == Self.extensionsTag, case .constructed(let explicit) = field.content else {
                        serializer.serializeRawBytes(field.encodedBytes)
                        continue
                    }
                    serializer.appendConstructedNode(identifier: Self.extensionsTag) { serializer in
                        for list in explicit { Self.serialize(list, into: &serializer) }
                    }
                }
            }
            return serializer.serializedBytes
        } catch {
            throw VerificationError(.malformed, "the signing certificate is not valid")
        }
    }

    private static let extensionsTag = ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific)

    private static func serialize(_ list: ASN1Node, into serializer: inout DER.Serializer) {
        guard case .constructed(let extensions) = list.content else {
            serializer.serializeRawBytes(list.encodedBytes)
            return
        }
        serializer.appendConstructedNode(identifier: list.identifier) { serializer in
            for entry in extensions {
                var iterator: ASN1NodeCollection.Iterator?
                if case .constructed(let fields) = entry.content { iterator = fields.makeIterator() }
                let name = iterator?.next().flatMap { try? ASN1ObjectIdentifier(derEncoded: $0) }
                if name != identifier { serializer.serializeRawBytes(entry.encodedBytes) }
            }
        }
    }
}

/// Reads a structure of TLS's presentation language (RFC 8446, section 3).
private struct TLSReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) throws(VerificationError) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw Self.problem }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func integer(bytes: Int) throws(VerificationError) -> UInt64 {
        try take(bytes).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func vector(lengthBytes: Int) throws(VerificationError) -> ArraySlice<UInt8> {
        try take(Int(try integer(bytes: lengthBytes)))
    }

    func end() throws(VerificationError) {
        guard rest.isEmpty else { throw Self.problem }
    }

    private static let problem = VerificationError(.malformed, "the timestamps (SCT) of the certificate are not valid")
}
