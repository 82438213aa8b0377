internal import MCPProtocol
internal import Policy

/// The keys of an issuer: at most one for each id and algorithm. Pure.
///
/// Keys that cannot be used are left out with a reason, so that one bad key does not break all logins. Of different keys with the same id
/// and algorithm, none is used.
struct KeySet: Sendable {
    private struct Name: Hashable {
        var id: [UInt8]?
        var algorithm: SignatureAlgorithm
    }

    /// What is known about a token's key.
    enum Search {
        case key(VerificationKey)
        /// No key has this id and algorithm. The issuer may have a new one.
        case unknown
        /// The token names no key, and several come into question.
        case ambiguous(Int)
    }

    private var keys: [Name: VerificationKey] = [:]
    /// What each key is made of, so that equal keys are recognized.
    private var materials: [Name: String] = [:]
    /// Why keys are not used.
    private(set) var problems: [String] = []
    /// The bytes of the document, to recognize a change.
    let document: [UInt8]

    /// How many pairs of id and algorithm there are.
    var count: Int { keys.count }

    /// A JWKS with more keys is refused.
    static let maximumKeys = 256

    /// Reads a JWKS (RFC 7517, section 5).
    ///
    /// - Parameter allowed: the algorithms that are accepted. A key without `alg` can be used with those that fit its type.
    /// - Throws: `JWKProblem` if it is not a JWKS, or contains no key that can be used.
    init(parsing bytes: [UInt8], allowed: Set<SignatureAlgorithm>) throws(JWKProblem) {
        document = bytes
        let limits = MessageLimits(maximumBytes: 1 << 20, maximumDepth: 16, maximumValues: 20_000)
        let json: RawJSON
        do { json = try RawJSON(parsing: bytes, limits: limits) } catch {
            throw JWKProblem("it is not valid JSON: \(error)")
        }
        guard let entries = json["keys"]?.elements else {
            throw JWKProblem("it is not a JWKS: it has no array \"keys\"")
        }
        guard entries.count <= Self.maximumKeys else {
            throw JWKProblem("it has \(entries.count) keys; at most \(Self.maximumKeys) are accepted")
        }
        var conflicts: Set<Name> = []
        for (index, entry) in entries.enumerated() {
            do {
                try add(entry, allowed, &conflicts)
            } catch {
                let id = entry["kid"]?.stringValue.map(\.quotedForMessage) ?? "without an id"
                problems.append("key \(index + 1) (\(id)) is not used: \(error.text)")
            }
        }
        for name in conflicts {
            keys[name] = nil
            let id = name.id.map { String(decoding: $0, as: UTF8.self).quotedForMessage } ?? "no id"
            problems.append("different keys have \(id) and \(name.algorithm.rawValue); none of them is used")
        }
        guard !keys.isEmpty else {
            let reasons = problems.isEmpty ? "it is empty" : problems.prefix(3).joined(separator: "; ")
            throw JWKProblem("it contains no key that can be used: \(reasons)")
        }
    }

    private mutating func add(
        _ entry: RawJSON,
        _ allowed: Set<SignatureAlgorithm>,
        _ conflicts: inout Set<Name>
    ) throws(JWKProblem) {
        guard let type = entry["kty"]?.stringValue else { throw JWKProblem("it has no kty") }
        if let use = entry["use"], use.stringValue != "sig" { throw JWKProblem("its use is not sig") }
        if let operations = entry["key_ops"],
            !(operations.elements ?? []).contains(where: { $0.stringValue == "verify" })
        {
            throw JWKProblem("its key_ops do not contain verify")
        }
        if entry["d"] != nil {
            throw JWKProblem("it is a private key: replace it, since everybody can read it")
        }
        let fitting = try algorithms(type, entry)
        let accepted = fitting.filter(allowed.contains)
        guard !accepted.isEmpty else {
            throw JWKProblem("it is for \(fitting.map(\.rawValue).joined(separator: ", ")), which is not accepted")
        }
        var id: [UInt8]?
        if let value = entry["kid"] {
            guard let text = value.stringValue else { throw JWKProblem("its kid is not a string") }
            id = Array(text.utf8)
        }
        for algorithm in accepted {
            let key = try key(entry, algorithm)
            let material = ["n", "e", "crv", "x", "y"].map { entry[$0]?.stringValue ?? "" }.joined(separator: " ")
            let name = Name(id: id, algorithm: algorithm)
            if let known = materials[name], known != material { conflicts.insert(name) }
            materials[name] = material
            keys[name] = key
        }
    }

    /// The algorithms that a key says it is for, or that fit its type if it does not say so.
    private func algorithms(_ type: String, _ entry: RawJSON) throws(JWKProblem) -> [SignatureAlgorithm] {
        let fitting: [SignatureAlgorithm]
        switch (type, entry["crv"]?.stringValue) {
        case ("RSA", _): fitting = [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
        case ("EC", "P-256"): fitting = [.es256]
        case ("EC", "P-384"): fitting = [.es384]
        case ("EC", "P-521"): fitting = [.es512]
        case ("OKP", "Ed25519"): fitting = [.edDSA]
        case ("oct", _): throw JWKProblem("it is a shared secret; only pairs of keys are accepted")
        default: throw JWKProblem("its type is not supported")
        }
        guard let value = entry["alg"] else { return fitting }
        // RFC 9864 gives EdDSA with this curve a name of its own.
        let name = value.stringValue == "Ed25519" ? "EdDSA" : value.stringValue
        guard let algorithm = name.flatMap(SignatureAlgorithm.init(rawValue:)) else {
            throw JWKProblem("its alg is not supported")
        }
        guard fitting.contains(algorithm) else { throw JWKProblem("its alg does not fit its type") }
        return [algorithm]
    }

    private func key(_ entry: RawJSON, _ algorithm: SignatureAlgorithm) throws(JWKProblem) -> VerificationKey {
        func number(_ name: String) throws(JWKProblem) -> [UInt8] {
            guard let text = entry[name]?.stringValue, let bytes = Base64URL.decode(text.utf8), !bytes.isEmpty,
                bytes.count <= 2_048
            else { throw JWKProblem("its \(name) is missing or not valid") }
            return bytes
        }
        switch algorithm {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512:
            return try .rsa(modulus: number("n"), exponent: number("e"), algorithm)
        case .es256, .es384, .es512: return try .ellipticCurve(x: number("x"), y: number("y"), algorithm)
        case .edDSA: return try .ed25519(number("x"))
        }
    }

    /// Looks for the key of a token. An id that is not known never leads to another key.
    func find(id: String?, _ algorithm: SignatureAlgorithm) -> Search {
        if let id { return keys[Name(id: Array(id.utf8), algorithm: algorithm)].map { .key($0) } ?? .unknown }
        let fitting = keys.filter { $0.key.algorithm == algorithm }
        switch fitting.count {
        case 0: return .unknown
        case 1: return fitting.first.map { .key($0.value) } ?? .unknown
        default: return .ambiguous(fitting.count)
        }
    }
}
