internal import Crypto
internal import CryptoExtras
internal import Policy

/// A public key that verifies signatures of exactly one algorithm: a token cannot choose how its key is used.
struct VerificationKey: Sendable {
    private enum Material: Sendable {
        case rsa(_RSA.Signing.PublicKey, _RSA.Signing.Padding)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    /// The algorithm.
    let algorithm: SignatureAlgorithm
    private let material: Material

    /// Whether a signature of `input` was made with the private key.
    func isValid(_ signature: [UInt8], of input: some Collection<UInt8>) -> Bool {
        let input = Array(input)
        switch material {
        case .rsa(let key, let padding):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            switch algorithm {
            case .rs256, .ps256: return key.isValidSignature(signature, for: SHA256.hash(data: input), padding: padding)
            case .rs384, .ps384: return key.isValidSignature(signature, for: SHA384.hash(data: input), padding: padding)
            case .rs512, .ps512: return key.isValidSignature(signature, for: SHA512.hash(data: input), padding: padding)
            default: return false
            }
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: input))
        case .p384(let key):
            guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA384.hash(data: input))
        case .p521(let key):
            guard let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA512.hash(data: input))
        case .ed25519(let key): return key.isValidSignature(signature, for: input)
        }
    }

    // MARK: - From a JWK

    /// The sizes of RSA keys in bits: smaller ones can be broken (NIST SP 800-131A), and larger ones only take time.
    static let rsaBits = 2_048...8_192

    /// - Throws: `JWKProblem` if the numbers are not a key that can be accepted.
    static func rsa(
        modulus: [UInt8],
        exponent: [UInt8],
        _ algorithm: SignatureAlgorithm
    ) throws(JWKProblem) -> VerificationKey {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard rsaBits.contains(bits) else {
            throw JWKProblem(
                "its RSA key has \(bits) bits; \(rsaBits.lowerBound) to \(rsaBits.upperBound) are accepted"
            )
        }
        // With the exponent 1, everybody can make signatures; with an even one, nobody can.
        guard (1...4).contains(exponent.count), let last = exponent.last, last & 1 == 1, exponent != [1] else {
            throw JWKProblem("its RSA exponent is not accepted; use 65537")
        }
        let padding: _RSA.Signing.Padding
        switch algorithm {
        case .rs256, .rs384, .rs512: padding = .insecurePKCS1v1_5
        case .ps256, .ps384, .ps512: padding = .PSS
        default: throw JWKProblem("an RSA key cannot be used with \(algorithm.rawValue)")
        }
        do {
            let key = try _RSA.Signing.PublicKey(n: modulus, e: exponent)
            return VerificationKey(algorithm: algorithm, material: .rsa(key, padding))
        } catch {
            throw JWKProblem("its RSA key is not valid")
        }
    }

    /// - Throws: `JWKProblem` if the point is not on the curve.
    static func ellipticCurve(
        x: [UInt8],
        y: [UInt8],
        _ algorithm: SignatureAlgorithm
    ) throws(JWKProblem) -> VerificationKey {
        let size =
            switch algorithm {
            case .es256: 32
            case .es384: 48
            case .es512: 66
            default: 0
            }
        guard size > 0, x.count == size, y.count == size else {
            throw JWKProblem("its coordinates do not have the size of the curve")
        }
        let point = [0x04] + x + y
        do {
            let material: Material =
                switch algorithm {
                case .es256: .p256(try P256.Signing.PublicKey(x963Representation: point))
                case .es384: .p384(try P384.Signing.PublicKey(x963Representation: point))
                default: .p521(try P521.Signing.PublicKey(x963Representation: point))
                }
            return VerificationKey(algorithm: algorithm, material: material)
        } catch {
            throw JWKProblem("its point is not on the curve")
        }
    }

    /// - Throws: `JWKProblem` if the bytes are not a key.
    static func ed25519(_ x: [UInt8]) throws(JWKProblem) -> VerificationKey {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else {
            throw JWKProblem("its Ed25519 key is not valid")
        }
        return VerificationKey(algorithm: .edDSA, material: .ed25519(key))
    }
}

/// Why a key of a JWKS is not used.
struct JWKProblem: Error, Sendable, Hashable {
    let text: String

    init(_ text: String) { self.text = text }
}
