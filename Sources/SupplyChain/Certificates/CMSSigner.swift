internal import Crypto
internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// The signer of signed data, with signed attributes (RFC 5652, section 5.3).
struct CMSSigner: Sendable, Hashable {
    private enum Identifier: Sendable, Hashable {
        case issuer(DistinguishedName, serialNumber: [UInt8])
        case subjectKey([UInt8])
    }

    private var identifier: Identifier
    private var contentHash: HashAlgorithm
    private var signatureHash: HashAlgorithm
    private var attributes: [ASN1ObjectIdentifier: [UInt8]]
    /// The attributes as they are signed: with the tag of a set.
    private var signedBytes: [UInt8]
    private var signature: [UInt8]
}

extension CMSSigner {
    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            _ = try Int(derEncoded: &nodes)
            let identifier = try Self.identifier(try SignedTimestamp.next(&nodes))
            let contentHash = try CMSAlgorithm.hash(try SignedTimestamp.next(&nodes))
            let attributes = try SignedTimestamp.next(&nodes)
            guard attributes.identifier == SignedTimestamp.contextTag(0) else {
                throw SignedTimestamp.problem("has no signed attributes")
            }
            let signatureHash = try CMSAlgorithm.signatureHash(
                try SignedTimestamp.next(&nodes),
                contentHash: contentHash
            )
            let signature = Array(try ASN1OctetString(derEncoded: &nodes).bytes)
            while nodes.next() != nil {}
            return CMSSigner(
                identifier: identifier,
                contentHash: contentHash,
                signatureHash: signatureHash,
                attributes: try Self.attributes(attributes),
                signedBytes: [0x31] + attributes.encodedBytes.dropFirst(),
                signature: signature
            )
        }
    }

    private static func identifier(_ node: ASN1Node) throws -> Identifier {
        if node.identifier == SignedTimestamp.contextTag(0) {
            let key = try ASN1OctetString(derEncoded: node, withIdentifier: node.identifier)
            return .subjectKey(Array(key.bytes))
        }
        return try DER.sequence(node, identifier: .sequence) { nodes in
            let issuer = try DistinguishedName(derEncoded: &nodes)
            let serialNumber = try ArraySlice<UInt8>(derEncoded: &nodes)
            return .issuer(issuer, serialNumber: Array(serialNumber))
        }
    }

    /// The attributes; each must have exactly one value, and must not be repeated.
    private static func attributes(_ node: ASN1Node) throws -> [ASN1ObjectIdentifier: [UInt8]] {
        guard case .constructed(let entries) = node.content else {
            throw SignedTimestamp.problem("has signed attributes that are not valid")
        }
        var attributes: [ASN1ObjectIdentifier: [UInt8]] = [:]
        for entry in entries {
            try DER.sequence(entry, identifier: .sequence) { nodes in
                let name = try ASN1ObjectIdentifier(derEncoded: &nodes)
                let values = try SignedTimestamp.next(&nodes)
                guard values.identifier == .set, case .constructed(let list) = values.content else {
                    throw SignedTimestamp.problem("has a signed attribute that is not valid")
                }
                var iterator = list.makeIterator()
                guard let value = iterator.next(), iterator.next() == nil,
                    attributes.updateValue(Array(value.encodedBytes), forKey: name) == nil
                else { throw SignedTimestamp.problem("has a signed attribute more than once") }
            }
        }
        return attributes
    }

    /// Whether this signer says that it has this certificate.
    func isSigned(with certificate: Certificate) -> Bool {
        switch identifier {
        case .issuer(let issuer, let serialNumber):
            certificate.issuer == issuer && Array(certificate.serialNumber.bytes) == Self.trimmed(serialNumber)
        case .subjectKey(let key):
            (try? certificate.extensions.subjectKeyIdentifier).map { Array($0.keyIdentifier) } == key
        }
    }

    private static func trimmed(_ integer: [UInt8]) -> [UInt8] { Array(integer.drop { $0 == 0 }) }

    /// Checks the signature of content.
    ///
    /// - Throws: `VerificationError` with `timestampInvalid`.
    func verify(
        _ content: [UInt8],
        contentType: ASN1ObjectIdentifier,
        certificate: Certificate
    ) throws(VerificationError) {
        guard let type = attributes[Self.contentType], (try? ASN1ObjectIdentifier(derEncoded: type)) == contentType
        else {
            throw SignedTimestamp.problem("is signed as another type of content")
        }
        guard let digest = attributes[Self.messageDigest], let digest = try? ASN1OctetString(derEncoded: digest),
            Array(digest.bytes) == contentHash.hash(content).bytes
        else { throw SignedTimestamp.problem("does not match its signature") }
        try checkCertificateAttribute(certificate)
        let key = try VerificationKey(certificate.publicKey)
        guard key.verifies(signature, of: signedBytes, hash: signatureHash) else {
            throw SignedTimestamp.problem("has a signature that is not valid")
        }
    }

    /// The signed attributes name the certificate by its hash, so that no other one with the same key takes its place (RFC 5035).
    private func checkCertificateAttribute(_ certificate: Certificate) throws(VerificationError) {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(certificate)) != nil else { throw SignedTimestamp.problem("cannot be read") }
        let der = serializer.serializedBytes
        let expected: [UInt8]
        let named: [UInt8]?
        if let value = attributes[Self.signingCertificateV2] {
            (expected, named) = (HashAlgorithm.sha256.hash(der).bytes, try? Self.certificateHash(value))
        } else if let value = attributes[Self.signingCertificate] {
            (expected, named) = (Array(Insecure.SHA1.hash(data: Data(der))), try? Self.certificateHash(value))
        } else {
            throw SignedTimestamp.problem("does not name the certificate that it is signed with")
        }
        guard let named, named == expected else {
            throw SignedTimestamp.problem("is signed with another certificate than it names")
        }
    }

    /// The hash of the first ESSCertID or ESSCertIDv2. Version 2 with another hash than SHA-256 is not supported.
    private static func certificateHash(_ value: [UInt8]) throws -> [UInt8] {
        try DER.sequence(try DER.parse(value), identifier: .sequence) { nodes in
            defer { while nodes.next() != nil {} }
            return try DER.sequence(try SignedTimestamp.next(&nodes), identifier: .sequence) { nodes in
                defer { while nodes.next() != nil {} }
                return try DER.sequence(try SignedTimestamp.next(&nodes), identifier: .sequence) { nodes in
                    defer { while nodes.next() != nil {} }
                    var node = try SignedTimestamp.next(&nodes)
                    if node.identifier == .sequence {
                        guard try CMSAlgorithm.hash(node) == .sha256 else {
                            throw SignedTimestamp.problem("names its certificate with an unsupported hash")
                        }
                        node = try SignedTimestamp.next(&nodes)
                    }
                    return Array(try ASN1OctetString(derEncoded: node).bytes)
                }
            }
        }
    }

    private static let contentType: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 3]
    private static let messageDigest: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 4]
    private static let signingCertificate: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 16, 2, 12]
    private static let signingCertificateV2: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 16, 2, 47]
}

/// AlgorithmIdentifiers (RFC 5754). SHA-1 is not supported.
enum CMSAlgorithm {
    /// The hash function of an AlgorithmIdentifier.
    static func hash(_ node: ASN1Node) throws -> HashAlgorithm {
        switch try identifier(node) {
        case [2, 16, 840, 1, 101, 3, 4, 2, 1]: .sha256
        case [2, 16, 840, 1, 101, 3, 4, 2, 2]: .sha384
        case [2, 16, 840, 1, 101, 3, 4, 2, 3]: .sha512
        case let other: throw SignedTimestamp.problem("uses a hash that is not supported (\(other))")
        }
    }

    /// The hash function of a signature's AlgorithmIdentifier. Some only name the kind of key.
    static func signatureHash(_ node: ASN1Node, contentHash: HashAlgorithm) throws -> HashAlgorithm {
        switch try identifier(node) {
        case [1, 2, 840, 10045, 4, 3, 2], [1, 2, 840, 113549, 1, 1, 11]: .sha256
        case [1, 2, 840, 10045, 4, 3, 3], [1, 2, 840, 113549, 1, 1, 12]: .sha384
        case [1, 2, 840, 10045, 4, 3, 4], [1, 2, 840, 113549, 1, 1, 13]: .sha512
        case [1, 2, 840, 10045, 2, 1], [1, 2, 840, 113549, 1, 1, 1], [1, 3, 101, 112]: contentHash
        case let other: throw SignedTimestamp.problem("uses a signature that is not supported (\(other))")
        }
    }

    private static func identifier(_ node: ASN1Node) throws -> ASN1ObjectIdentifier {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let identifier = try ASN1ObjectIdentifier(derEncoded: &nodes)
            while nodes.next() != nil {}
            return identifier
        }
    }
}
