/// Why a signature or an attestation is not accepted.
public struct VerificationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The check that failed.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The bundle, or another signed document, cannot be read.
        case malformed
        /// The format, version, algorithm or kind of entry is not supported.
        case unsupported
        /// The trusted root cannot be read.
        case trustedRootMalformed
        /// There are more entries, timestamps or bytes than are read, or one is repeated.
        case limitExceeded
        /// The bundle is signed with a key and a certificate is expected, or the other way round.
        case materialMismatch
        /// No trusted source says when the signature was made.
        case timeMissing
        /// A timestamp is not valid, not for this signature, or from an authority that is not trusted.
        case timestampInvalid
        /// The certificate was not issued by a trusted authority, or was not valid when the signature was made.
        case certificateUntrusted
        /// The certificate must not be used to sign code.
        case certificateUsage
        /// No trusted certificate transparency log has recorded the certificate.
        case certificateNotLogged
        /// The certificate belongs to another identity.
        case identityMismatch
        /// The certificate's identity was confirmed by another issuer.
        case issuerMismatch
        /// There is no entry of a transparency log.
        case logEntryMissing
        /// The transparency log is not trusted, or its key was not valid at that time.
        case logUntrusted
        /// The log's promise to include the entry is not valid.
        case logPromiseInvalid
        /// The proof that the log includes the entry is missing or not valid.
        case logProofInvalid
        /// The log's checkpoint is not valid, or does not match the proof.
        case logCheckpointInvalid
        /// The entry of the log is about another signature, key or artifact.
        case logEntryMismatch
        /// The signature is not valid for this content and key.
        case signatureInvalid
        /// The signature is for another artifact.
        case digestMismatch
        /// The statement is of another type.
        case predicateMismatch
    }

    /// The check that failed.
    public let code: Code
    /// What is wrong. It contains no text of the checked document that is not printable.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// Text of a signed document for a message: shortened, and without what is not printable.
func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let shown = String(
        String.UnicodeScalarView(scalars.prefix(200).map { (0x20...0x7E).contains($0.value) ? $0 : "?" })
    )
    return scalars.count > 200 ? shown + "…" : shown
}
