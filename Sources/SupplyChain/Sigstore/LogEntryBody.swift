internal import FoundationEssentials

/// What an entry of a transparency log says: which signature, of which content, with which key (Rekor's types hashedrekord, dsse and
/// intoto). An entry of another artifact proves nothing about this one (CVE-2022-36056).
enum LogEntryBody {
    /// What the entry must be about.
    struct Expected: Sendable {
        var content: SigstoreBundle.Content
        /// The hashes of the artifact that are accepted, for a signature of the artifact itself.
        var artifact: [HashedBytes]
        /// The certificate in DER, if there is one, and the key.
        var certificate: [UInt8]?
        var key: VerificationKey
    }

    /// Compares an entry with a bundle.
    ///
    /// - Throws: `VerificationError` with `logEntryMismatch`, `malformed` or `unsupported`.
    static func check(_ entry: TransparencyLogEntry, _ expected: Expected) throws(VerificationError) {
        let document = try JSONDocument(entry.body, "the body of the log entry")
        guard document["kind"]?.text == entry.kind, document["apiVersion"]?.text == entry.version,
            let spec = document["spec"]
        else { throw mismatch("is of another kind than the bundle says") }
        switch (entry.kind, entry.version, expected.content) {
        case ("hashedrekord", "0.0.1", .message(let signature, _)):
            try checkHash(
                HashAlgorithm(rawValue: spec["data"]?["hash"]?["algorithm"]?.text ?? ""),
                hexadecimal: spec["data"]?["hash"]?["value"]?.text,
                expected.artifact
            )
            try checkSignature(spec["signature"]?["content"]?.base64, signature)
            try checkVerifier(pem: spec["signature"]?["publicKey"]?["content"], expected)
        case ("hashedrekord", "0.0.2", let content):
            let record = spec["hashedRekordV002"]
            let hash = hash(record?["data"])
            switch content {
            case .message(let signature, _):
                guard let hash, expected.artifact.contains(hash) else {
                    throw mismatch("is about another artifact")
                }
                try checkSignature(record?["signature"]?["content"]?.base64, signature)
            case .envelope(let envelope):
                guard let hash, hash.algorithm.hash(envelope.signedBytes) == hash else {
                    throw mismatch("is about another statement")
                }
                try checkSignature(record?["signature"]?["content"]?.base64, envelope.signature)
            }
            try checkVerifier(record?["signature"]?["verifier"], expected)
        case ("dsse", "0.0.1", .envelope(let envelope)):
            try checkHash(
                HashAlgorithm(rawValue: spec["payloadHash"]?["algorithm"]?.text ?? ""),
                hexadecimal: spec["payloadHash"]?["value"]?.text,
                [HashAlgorithm.sha256.hash(envelope.payload)]
            )
            let signature = try single(spec["signatures"])
            try checkSignature(signature["signature"]?.base64, envelope.signature)
            try checkVerifier(pem: signature["verifier"], expected)
        case ("dsse", "0.0.2", .envelope(let envelope)):
            let record = spec["dsseV002"]
            guard let hash = hash(record?["payloadHash"]), hash.algorithm.hash(envelope.payload) == hash else {
                throw mismatch("is about another statement")
            }
            let signature = try single(record?["signatures"])
            try checkSignature(signature["content"]?.base64, envelope.signature)
            try checkVerifier(signature["verifier"], expected)
        case ("intoto", "0.0.2", .envelope(let envelope)):
            let content = spec["content"]
            try checkHash(
                HashAlgorithm(rawValue: content?["payloadHash"]?["algorithm"]?.text ?? ""),
                hexadecimal: content?["payloadHash"]?["value"]?.text,
                [HashAlgorithm.sha256.hash(envelope.payload)]
            )
            guard content?["envelope"]?["payloadType"]?.text == envelope.payloadType else {
                throw mismatch("is about another statement")
            }
            let signature = try single(content?["envelope"]?["signatures"])
            // This kind encodes the signature, which is base64 already, once more.
            let encoded = signature["sig"]?.base64.flatMap { Data(base64Encoded: Data($0)) }
            try checkSignature(encoded.map { Array($0) }, envelope.signature)
            try checkVerifier(pem: signature["publicKey"], expected)
        default:
            throw VerificationError(
                .unsupported,
                "log entries of the kind \(printable(entry.kind)) \(printable(entry.version)) are not supported for this signature"
            )
        }
    }

    private static func mismatch(_ text: String) -> VerificationError {
        VerificationError(.logEntryMismatch, "the log entry \(text)")
    }

    private static func single(_ list: JSONDocument?) throws(VerificationError) -> JSONDocument {
        guard let elements = list?.elements, elements.count == 1 else {
            throw mismatch("does not have exactly one signature")
        }
        return elements[0]
    }

    private static func hash(_ document: JSONDocument?) -> HashedBytes? {
        guard let algorithm = HashAlgorithm(protobuf: document?["algorithm"]?.text ?? ""),
            let bytes = document?["digest"]?.base64
        else { return nil }
        return HashedBytes(algorithm: algorithm, bytes: bytes)
    }

    private static func checkHash(
        _ algorithm: HashAlgorithm?,
        hexadecimal: String?,
        _ expected: [HashedBytes]
    ) throws(VerificationError) {
        let isExpected = expected.contains {
            $0.algorithm == algorithm && ContentDigest.hexadecimal($0.bytes) == hexadecimal
        }
        guard isExpected else { throw mismatch("is about another artifact") }
    }

    private static func checkSignature(_ signature: [UInt8]?, _ expected: [UInt8]) throws(VerificationError) {
        guard signature == expected else { throw mismatch("is about another signature") }
    }

    /// Compares a key or certificate in PEM, encoded as base64.
    private static func checkVerifier(pem: JSONDocument?, _ expected: Expected) throws(VerificationError) {
        guard let bytes = pem?.base64, let text = String(validating: bytes, as: UTF8.self),
            let block = PEMBlock(text)
        else { throw mismatch("has a key that cannot be read") }
        let matches =
            expected.certificate.map { block.label == "CERTIFICATE" && block.content == $0 }
            ?? ((try? VerificationKey(pem: text)) == expected.key && block.label != "CERTIFICATE")
        guard matches else { throw mismatch("is about another key") }
    }

    /// Compares a key or certificate of an entry of Rekor 2.
    private static func checkVerifier(_ verifier: JSONDocument?, _ expected: Expected) throws(VerificationError) {
        let matches =
            expected.certificate.map { verifier?["x509Certificate"]?["rawBytes"]?.base64 == $0 }
            ?? (verifier?["publicKey"]?["rawBytes"]?.base64 == expected.key.subjectPublicKeyInfo)
        guard matches else { throw mismatch("is about another key") }
    }
}
