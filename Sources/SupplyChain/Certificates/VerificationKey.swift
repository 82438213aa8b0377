internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// A public key that verifies signatures: ECDSA with P-256, P-384 or P-521, RSA with PKCS #1 v1.5 padding, or Ed25519.
public struct VerificationKey: Sendable, Hashable, CustomStringConvertible {
    /// The key's SubjectPublicKeyInfo in DER (RFC 5280, section 4.1).
    public let subjectPublicKeyInfo: [UInt8]
    private let key: Certificate.PublicKey

    /// The smallest RSA key that is accepted, in bits.
    public static let minimumRSABits = 2_048

    /// Reads a key in PEM: `PUBLIC KEY`, `RSA PUBLIC KEY`, or the key of a `CERTIFICATE`.
    ///
    /// - Throws: `VerificationError` with `malformed` or `unsupported`.
    public init(pem: String) throws(VerificationError) {
        guard pem.utf8.count <= 65_536, let block = PEMBlock(pem) else {
            throw VerificationError(.malformed, "the key is not PEM: it must start with -----BEGIN PUBLIC KEY-----")
        }
        switch block.label {
        case "PUBLIC KEY": try self.init(der: block.content)
        case "RSA PUBLIC KEY": try self.init(pkcs1: block.content)
        case "CERTIFICATE":
            guard let certificate = try? Certificate(derEncoded: block.content) else {
                throw VerificationError(.malformed, "the certificate of the key is not valid")
            }
            try self.init(certificate.publicKey)
        case let other:
            throw VerificationError(
                .unsupported,
                "the PEM document is \"\(printable(other))\", and a public key (-----BEGIN PUBLIC KEY-----) is needed"
            )
        }
    }

    /// Reads a SubjectPublicKeyInfo.
    ///
    /// - Throws: `VerificationError` with `malformed` or `unsupported`.
    public init(der: [UInt8]) throws(VerificationError) {
        let key: Certificate.PublicKey
        do {
            key = try Certificate.PublicKey(derEncoded: der)
        } catch let error as CertificateError where error.code == .unsupportedPublicKeyAlgorithm {
            throw VerificationError(
                .unsupported,
                "the public key's algorithm is not supported: use ECDSA (P-256, P-384, P-521), RSA or Ed25519"
            )
        } catch {
            throw Self.tooSmall(der) ?? VerificationError(.malformed, "the public key is not valid")
        }
        try self.init(key)
    }

    /// Reads an RSA key of PKCS #1 (RFC 8017, appendix A.1.1).
    init(pkcs1 der: [UInt8]) throws(VerificationError) {
        guard let key = try? _RSA.Signing.PublicKey(derRepresentation: Data(der)) else {
            throw Self.tooSmall(der) ?? VerificationError(.malformed, "the RSA public key is not valid")
        }
        try self.init(Certificate.PublicKey(key))
    }

    /// The error for a RSA key that is too small, which swift-crypto only reads if it is asked to.
    private static func tooSmall(_ der: [UInt8]) -> VerificationError? {
        guard let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: Data(der)),
            key.keySizeInBits < minimumRSABits
        else { return nil }
        return tooSmall(bits: key.keySizeInBits)
    }

    private static func tooSmall(bits: Int) -> VerificationError {
        VerificationError(.unsupported, "the RSA key has \(bits) bits, and \(minimumRSABits) are needed")
    }

    init(_ key: Certificate.PublicKey) throws(VerificationError) {
        self.key = key
        if let rsa = _RSA.Signing.PublicKey(key), rsa.keySizeInBits < Self.minimumRSABits {
            throw Self.tooSmall(bits: rsa.keySizeInBits)
        }
        var serializer = DER.Serializer()
        do {
            try serializer.serialize(key)
        } catch {
            throw VerificationError(.malformed, "the public key cannot be encoded")
        }
        subjectPublicKeyInfo = serializer.serializedBytes
    }

    /// The SHA-256 of the key, as 64 hexadecimal digits.
    public var fingerprint: String { ContentDigest.sha256(of: subjectPublicKeyInfo) }

    public var description: String { "\(algorithm) \(fingerprint.prefix(16))" }

    /// The algorithm's name.
    public var algorithm: String {
        if P256.Signing.PublicKey(key) != nil { return "ECDSA P-256" }
        if P384.Signing.PublicKey(key) != nil { return "ECDSA P-384" }
        if P521.Signing.PublicKey(key) != nil { return "ECDSA P-521" }
        if Curve25519.Signing.PublicKey(key) != nil { return "Ed25519" }
        return "RSA"
    }

    /// The hash that signatures with this key use unless something else is specified (Sigstore's algorithm registry): that of the
    /// curve's size; SHA-256 for RSA.
    public var defaultHash: HashAlgorithm {
        if P384.Signing.PublicKey(key) != nil { return .sha384 }
        if P521.Signing.PublicKey(key) != nil { return .sha512 }
        return .sha256
    }

    /// Whether a signature is valid for a message. Ed25519 signs the message itself; for it, `hash` is ignored.
    func verifies(_ signature: some Sequence<UInt8>, of message: some Sequence<UInt8>, hash: HashAlgorithm) -> Bool {
        let message = Data(message)
        if let ed25519 = Curve25519.Signing.PublicKey(key) {
            return ed25519.isValidSignature(Data(signature), for: message)
        }
        switch hash {
        case .sha256: return verifies(signature, digest: SHA256.hash(data: message))
        case .sha384: return verifies(signature, digest: SHA384.hash(data: message))
        case .sha512: return verifies(signature, digest: SHA512.hash(data: message))
        }
    }

    /// Whether a signature is valid for a message of which only the hash is known.
    ///
    /// - Returns: `nil` if that cannot be decided: Ed25519 signs messages, not hashes, and the RSA implementation needs the message.
    func verifies(_ signature: some Sequence<UInt8>, ofHash hash: HashedBytes) -> Bool? {
        guard Curve25519.Signing.PublicKey(key) == nil, _RSA.Signing.PublicKey(key) == nil else { return nil }
        switch hash.algorithm {
        case .sha256: return KnownDigest<Bytes32>(hash.bytes).map { verifies(signature, digest: $0) } ?? false
        case .sha384: return KnownDigest<Bytes48>(hash.bytes).map { verifies(signature, digest: $0) } ?? false
        case .sha512: return KnownDigest<Bytes64>(hash.bytes).map { verifies(signature, digest: $0) } ?? false
        }
    }

    private func verifies(_ signature: some Sequence<UInt8>, digest: some Digest) -> Bool {
        let signature = Data(signature)
        if let key = P256.Signing.PublicKey(key) {
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        }
        if let key = P384.Signing.PublicKey(key) {
            guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        }
        if let key = P521.Signing.PublicKey(key) {
            guard let signature = try? P521.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        }
        if let key = _RSA.Signing.PublicKey(key) {
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            return key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
        }
        return false
    }
}

/// The hash functions of signatures.
public enum HashAlgorithm: String, Sendable, Hashable, CaseIterable {
    case sha256, sha384, sha512

    /// Protobuf's names of hash functions (sigstore_common.proto, `HashAlgorithm`).
    init?(protobuf name: String) {
        switch name {
        case "SHA2_256": self = .sha256
        case "SHA2_384": self = .sha384
        case "SHA2_512": self = .sha512
        default: return nil
        }
    }

    /// The hash of a message.
    func hash(_ message: some Sequence<UInt8>) -> HashedBytes {
        let message = Data(message)
        return switch self {
        case .sha256: HashedBytes(algorithm: self, bytes: Array(SHA256.hash(data: message)))
        case .sha384: HashedBytes(algorithm: self, bytes: Array(SHA384.hash(data: message)))
        case .sha512: HashedBytes(algorithm: self, bytes: Array(SHA512.hash(data: message)))
        }
    }
}

/// The hash of a message.
public struct HashedBytes: Sendable, Hashable {
    /// The hash function.
    public var algorithm: HashAlgorithm
    /// The hash.
    public var bytes: [UInt8]

    /// Creates a value from its fields.
    public init(algorithm: HashAlgorithm, bytes: [UInt8]) {
        self.algorithm = algorithm
        self.bytes = bytes
    }
}

private protocol ByteCount {
    static var count: Int { get }
}
private enum Bytes32: ByteCount { static let count = 32 }
private enum Bytes48: ByteCount { static let count = 48 }
private enum Bytes64: ByteCount { static let count = 64 }

/// A hash that was computed elsewhere, as swift-crypto takes it.
private struct KnownDigest<Size: ByteCount>: Digest {
    static var byteCount: Int { Size.count }
    private let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Size.count else { return nil }
        self.bytes = bytes
    }

    func makeIterator() -> Array<UInt8>.Iterator { bytes.makeIterator() }
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }
    var description: String { "\(Size.count) bytes" }
}
