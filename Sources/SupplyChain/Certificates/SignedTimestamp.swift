internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// A signed timestamp: an authority's statement that something existed at a moment (RFC 3161).
///
/// Only DER is read. What the authority signs is read from the signed bytes themselves.
struct SignedTimestamp: Sendable, Hashable {
    /// The signed content, a TSTInfo.
    private var content: [UInt8]
    /// The certificates that the timestamp contains.
    private var certificates: [Certificate]
    private var signer: CMSSigner
    /// What the timestamp is for.
    private var imprint: HashedBytes
    /// The moment.
    let time: Date

    static let maximumSize = 65_536

    /// Reads a TimeStampResp.
    ///
    /// - Throws: `VerificationError` with `timestampInvalid` or `unsupported`.
    init(_ response: [UInt8]) throws(VerificationError) {
        guard response.count <= Self.maximumSize else { throw Self.problem("is too large") }
        do {
            let token = try Self.token(response)
            content = token.content
            certificates = token.certificates
            signer = token.signer
            (imprint, time) = try Self.information(token.content)
        } catch let error as VerificationError {
            throw error
        } catch {
            throw Self.problem("cannot be read")
        }
    }

    /// Checks that a trusted authority has signed this timestamp, and that it is for a message.
    ///
    /// - Throws: `VerificationError` with `timestampInvalid`.
    func verify(for message: [UInt8], authorities: [TrustedRoot.Authority]) async throws(VerificationError) {
        guard imprint.algorithm.hash(message) == imprint else { throw Self.problem("is for another signature") }
        guard !authorities.isEmpty else { throw Self.problem("cannot be verified: the trusted root has no authority") }
        var reason: VerificationError?
        for authority in authorities where authority.validFor.contains(time) {
            guard let certificate = signingCertificate(of: authority) else { continue }
            do {
                try await verify(with: certificate, of: authority)
                return
            } catch {
                reason = reason ?? error
            }
        }
        throw reason
            ?? Self.problem("is not from an authority that was trusted at \(time.formatted(.iso8601))")
    }

    /// The certificate of an authority that the timestamp says it is signed with. The trusted root contains it; if it only contains the
    /// authority above, the timestamp does.
    private func signingCertificate(of authority: TrustedRoot.Authority) -> Certificate? {
        if let known = authority.chain.first(where: signer.isSigned) { return known }
        guard let first = authority.chain.first, case .isCertificateAuthority = try? first.extensions.basicConstraints
        else { return nil }
        return certificates.first(where: signer.isSigned)
    }

    private func verify(with certificate: Certificate, of authority: TrustedRoot.Authority)
        async throws(VerificationError)
    {
        // This purpose alone, and critical (RFC 3161, section 2.3).
        guard let purposes = try? certificate.extensions.extendedKeyUsage, Array(purposes) == [.timeStamping],
            certificate.extensions[oid: .X509ExtensionID.extendedKeyUsage]?.critical == true
        else {
            throw Self.problem("is signed with a certificate that is not for timestamps alone")
        }
        do {
            _ = try await CertificateChain.verified(certificate, by: [authority], for: .timeStamping, at: time)
        } catch {
            throw Self.problem("is signed with a certificate that is not trusted: \(error.message)")
        }
        try signer.verify(content, contentType: Self.timestampContent, certificate: certificate)
    }

    static func problem(_ text: String) -> VerificationError {
        VerificationError(.timestampInvalid, "a timestamp \(text)")
    }

    private static let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 2]
    static let timestampContent: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 16, 1, 4]

    // MARK: Reading

    private struct Token {
        var content: [UInt8]
        var certificates: [Certificate]
        var signer: CMSSigner
    }

    /// TimeStampResp, ContentInfo, SignedData (RFC 3161, section 2.4.2; RFC 5652, sections 3 and 5.1).
    private static func token(_ response: [UInt8]) throws -> Token {
        try DER.sequence(try DER.parse(response), identifier: .sequence) { nodes in
            let status = try DER.sequence(try next(&nodes), identifier: .sequence) { nodes in
                let status = try Int(derEncoded: &nodes)
                while nodes.next() != nil {}
                return status
            }
            // 0 is granted, 1 is granted with modifications.
            guard status == 0 || status == 1 else { throw problem("was refused by its authority (status \(status))") }
            return try DER.sequence(try next(&nodes), identifier: .sequence) { nodes in
                guard try ASN1ObjectIdentifier(derEncoded: &nodes) == signedData else {
                    throw problem("is not signed data")
                }
                return try DER.explicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { node in
                    try signedData(node)
                }
            }
        }
    }

    private static func signedData(_ node: ASN1Node) throws -> Token {
        try DER.sequence(node, identifier: .sequence) { nodes in
            _ = try Int(derEncoded: &nodes)
            // digestAlgorithms: the signer names the one that is used.
            _ = try next(&nodes)
            let content: [UInt8] = try DER.sequence(try next(&nodes), identifier: .sequence) { nodes in
                guard try ASN1ObjectIdentifier(derEncoded: &nodes) == timestampContent else {
                    throw problem("contains something else")
                }
                return try DER.explicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { node in
                    Array(try ASN1OctetString(derEncoded: node).bytes)
                }
            }
            var certificates: [Certificate] = []
            var node = try next(&nodes)
            if node.identifier == contextTag(0), case .constructed(let entries) = node.content {
                // Other kinds than X.509 certificates are skipped.
                certificates = entries.prefix(16).compactMap { try? Certificate(derEncoded: $0.encodedBytes) }
                node = try next(&nodes)
            }
            if node.identifier == contextTag(1) { node = try next(&nodes) }
            guard node.identifier == .set, case .constructed(let signers) = node.content else {
                throw problem("has no signer")
            }
            var iterator = signers.makeIterator()
            guard let first = iterator.next(), iterator.next() == nil else {
                throw problem("does not have exactly one signer")
            }
            return Token(content: content, certificates: certificates, signer: try CMSSigner(first))
        }
    }

    /// TSTInfo (RFC 3161, section 2.4.2).
    private static func information(_ content: [UInt8]) throws -> (HashedBytes, Date) {
        try DER.sequence(try DER.parse(content), identifier: .sequence) { nodes in
            guard try Int(derEncoded: &nodes) == 1 else { throw problem("has an unknown version") }
            _ = try ASN1ObjectIdentifier(derEncoded: &nodes)
            let imprint = try DER.sequence(try next(&nodes), identifier: .sequence) { nodes in
                let algorithm = try CMSAlgorithm.hash(try next(&nodes))
                return HashedBytes(algorithm: algorithm, bytes: Array(try ASN1OctetString(derEncoded: &nodes).bytes))
            }
            _ = try next(&nodes)
            let time = try GeneralizedTime(derEncoded: &nodes)
            while nodes.next() != nil {}
            guard let date = time.date else { throw problem("has a time that is not valid") }
            return (imprint, date)
        }
    }

    static func next(_ nodes: inout ASN1NodeCollection.Iterator) throws -> ASN1Node {
        guard let node = nodes.next() else { throw problem("ends too early") }
        return node
    }

    static func contextTag(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }
}

extension GeneralizedTime {
    fileprivate var date: Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let components = DateComponents(
            year: year,
            month: month,
            day: day,
            hour: hours,
            minute: minutes,
            second: seconds
        )
        return calendar.date(from: components)?.addingTimeInterval(fractionalSeconds)
    }
}
