/// A signed payload with its type (DSSE, Dead Simple Signing Envelope, version 1).
struct DSSEEnvelope: Sendable, Hashable {
    var payload: [UInt8]
    var payloadType: String
    /// The signature. Bundles have exactly one.
    var signature: [UInt8]

    /// The type of in-toto statements, which is the only one that is accepted.
    static let statementType = "application/vnd.in-toto+json"

    /// Reads an envelope.
    ///
    /// - Throws: `VerificationError` with `malformed` or `unsupported`.
    init(_ document: JSONDocument) throws(VerificationError) {
        guard let payload = document["payload"]?.base64, let payloadType = document["payloadType"]?.text else {
            throw VerificationError(.malformed, "the DSSE envelope has no payload or payloadType")
        }
        let signatures = document["signatures"]?.elements ?? []
        guard signatures.count == 1, let signature = signatures[0]["sig"]?.base64, !signature.isEmpty else {
            throw VerificationError(
                .malformed,
                "the DSSE envelope has \(signatures.count) signatures, and exactly one that is valid base64 is needed"
            )
        }
        self.payload = payload
        self.payloadType = payloadType
        self.signature = signature
    }

    /// What is signed: the pre-authentication encoding.
    var signedBytes: [UInt8] {
        let type = Array(payloadType.utf8)
        return Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
    }
}
