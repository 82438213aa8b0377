/// A statement about artifacts (in-toto attestation framework, "Statement", versions 0.1 and 1).
public struct InTotoStatement: Sendable, Hashable {
    /// The type of what is stated.
    public let predicateType: String
    /// The digests of the artifacts, such as `sha256:` and hexadecimal digits.
    public let subjects: Set<String>
    /// What is stated.
    let predicate: JSONDocument

    /// The predicate type of cosign's signatures of images.
    public static let signaturePredicate = "https://sigstore.dev/cosign/sign/v1"

    /// The maximum number of subjects.
    static let maximumSubjects = 4_096

    init(_ payload: [UInt8]) throws(VerificationError) {
        let document = try JSONDocument(payload, "the statement")
        let type = document["_type"]?.text ?? ""
        guard ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"].contains(type) else {
            throw VerificationError(.unsupported, "the statement's _type is \"\(printable(type))\"")
        }
        guard let predicateType = document["predicateType"]?.text, !predicateType.isEmpty else {
            throw VerificationError(.malformed, "the statement has no predicateType")
        }
        let entries = document["subject"]?.elements ?? []
        guard !entries.isEmpty, entries.count <= Self.maximumSubjects else {
            throw VerificationError(
                .malformed,
                "the statement has \(entries.count) subjects; between 1 and \(Self.maximumSubjects) are read"
            )
        }
        var subjects: Set<String> = []
        for entry in entries {
            for digest in entry["digest"]?.members ?? [] {
                guard let value = digest.value.text else {
                    throw VerificationError(.malformed, "a digest of the statement's subjects is not a text")
                }
                subjects.insert("\(digest.name):\(value)")
            }
        }
        self.predicateType = predicateType
        self.subjects = subjects
        predicate = document["predicate"] ?? .null
    }
}
