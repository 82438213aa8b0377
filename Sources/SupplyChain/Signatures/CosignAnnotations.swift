internal import FoundationEssentials

/// What proves a signature that cosign stores as a layer: the annotations of the layer (cosign's signature specification).
struct CosignAnnotations: Sendable, Hashable {
    var material: SigstoreBundle.Material
    var entries: [TransparencyLogEntry]
    var timestamps: [SignedTimestamp]

    private static let signature = "dev.cosignproject.cosign/signature"
    private static let certificate = "dev.sigstore.cosign/certificate"
    private static let bundle = "dev.sigstore.cosign/bundle"
    private static let timestamp = "dev.sigstore.cosign/rfc3161timestamp"

    init(_ annotations: [String: String]) throws(VerificationError) {
        material = .publicKey
        if let pem = annotations[Self.certificate], !pem.isEmpty {
            guard let block = PEMBlock(pem), block.label == "CERTIFICATE" else {
                throw VerificationError(.malformed, "the annotation \(Self.certificate) is not a certificate in PEM")
            }
            material = .certificate(try SigningCertificate(der: block.content))
        }
        entries = try Self.entry(annotations[Self.bundle]).map { [$0] } ?? []
        timestamps = try Self.timestamp(annotations[Self.timestamp]).map { [$0] } ?? []
    }

    /// The signature of a layer with a payload.
    static func signature(_ annotations: [String: String]) throws(VerificationError) -> [UInt8] {
        guard let signature = annotations[signature].flatMap({ Data(base64Encoded: $0) }), !signature.isEmpty else {
            throw VerificationError(.malformed, "the annotation \(signature) is missing or not valid base64")
        }
        return Array(signature)
    }

    /// The log entry of the annotation `bundle`. It has the log's promise, and no proof.
    private static func entry(_ text: String?) throws(VerificationError) -> TransparencyLogEntry? {
        guard let text, !text.isEmpty else { return nil }
        let problem = VerificationError(.malformed, "the annotation \(bundle) cannot be read")
        let document = try JSONDocument(Array(text.utf8), "the annotation \(bundle)")
        let payload = document["Payload"]
        guard let promise = document["SignedEntryTimestamp"]?.base64, let body = payload?["body"]?.base64,
            let time = payload?["integratedTime"]?.integer, time > 0, let index = payload?["logIndex"]?.integer,
            index >= 0, let identifier = payload?["logID"]?.text.flatMap({ ContentDigest.bytes($0) })
        else { throw problem }
        let content = try JSONDocument(body, "the body of the log entry")
        guard let kind = content["kind"]?.text, let version = content["apiVersion"]?.text else { throw problem }
        return TransparencyLogEntry(
            logIdentifier: identifier,
            index: index,
            kind: kind,
            version: version,
            integratedTime: time,
            promise: promise,
            body: body
        )
    }

    private static func timestamp(_ text: String?) throws(VerificationError) -> SignedTimestamp? {
        guard let text, !text.isEmpty else { return nil }
        let document = try JSONDocument(Array(text.utf8), "the annotation \(timestamp)")
        guard let response = document["SignedRFC3161Timestamp"]?.base64 else {
            throw VerificationError(.malformed, "the annotation \(timestamp) cannot be read")
        }
        return try SignedTimestamp(response)
    }
}

extension SigstoreBundle {
    /// The media type of an attestation that cosign stores at the tag `sha256-….att`.
    public static let envelopeMediaType = "application/vnd.dsse.envelope.v1+json"

    /// Reads an attestation in cosign's older format.
    ///
    /// - Parameters:
    ///   - envelope: the layer's content, which the caller has compared with its digest.
    ///   - annotations: the layer's annotations.
    /// - Throws: `VerificationError`.
    public init(envelope: [UInt8], annotations: [String: String]) throws(VerificationError) {
        self.init(
            try CosignAnnotations(annotations),
            content: .envelope(try DSSEEnvelope(try JSONDocument(envelope, "the DSSE envelope")))
        )
    }
}
