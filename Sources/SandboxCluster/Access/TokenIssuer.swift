import Crypto
import FoundationEssentials
import KubernetesAPI

/// Why a token is not accepted.
struct TokenFailure: Error {
    var message: String

    init(_ message: String) { self.message = message }
}

/// The claims of a ServiceAccount's token.
struct TokenClaims: Sendable, Hashable {
    /// The object that the token is bound to.
    struct BoundObject: Sendable, Hashable {
        var kind: String
        var name: String
        var uid: String

        var plural: String { "\(kind.lowercased())s" }
    }

    /// The issuer of tokens, which is also the audience of tokens for the API server.
    static let issuer = "https://kubernetes.default.svc.cluster.local"

    var id: String
    var namespace: String
    var accountName: String
    var accountUID: String
    var audiences: [String]
    /// Both times are in seconds since 1970.
    var issued: Int64
    var expiration: Int64
    var boundObject: BoundObject?

    var user: UserInfo {
        var extra = ["authentication.kubernetes.io/credential-id": ["JTI=\(id)"]]
        if let boundObject, boundObject.kind != "Secret" {
            let prefix = "authentication.kubernetes.io/\(boundObject.kind.lowercased())"
            extra["\(prefix)-name"] = [boundObject.name]
            extra["\(prefix)-uid"] = [boundObject.uid]
        }
        return UserInfo(
            name: UserInfo.serviceAccountName(namespace, accountName),
            uid: accountUID,
            groups: UserInfo.serviceAccountGroups(namespace) + [UserInfo.authenticated],
            extra: extra
        )
    }

    fileprivate var json: JSONValue {
        var kubernetes: JSONValue = [
            "namespace": .string(namespace),
            "serviceaccount": ["name": .string(accountName), "uid": .string(accountUID)],
        ]
        if let boundObject {
            kubernetes[boundObject.kind.lowercased()] = [
                "name": .string(boundObject.name), "uid": .string(boundObject.uid),
            ]
        }
        return [
            "aud": .array(audiences.map { .string($0) }), "exp": .integer(expiration), "iat": .integer(issued),
            "iss": .string(TokenClaims.issuer), "jti": .string(id), "kubernetes.io": kubernetes,
            "nbf": .integer(issued), "sub": .string(UserInfo.serviceAccountName(namespace, accountName)),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        let kubernetes = json["kubernetes.io"] ?? [:]
        guard let id = json["jti"]?.stringValue, let namespace = kubernetes["namespace"]?.stringValue,
            let name = kubernetes[path: ["serviceaccount", "name"]]?.stringValue,
            let uid = kubernetes[path: ["serviceaccount", "uid"]]?.stringValue,
            let issued = json["iat"]?.integerValue, let expiration = json["exp"]?.integerValue
        else { return nil }
        var bound: BoundObject?
        for kind in ["Pod", "Secret", "Node"] {
            if let object = kubernetes[kind.lowercased()] {
                bound = BoundObject(
                    kind: kind,
                    name: object["name"]?.stringValue ?? "",
                    uid: object["uid"]?.stringValue ?? ""
                )
            }
        }
        self.init(
            id: id,
            namespace: namespace,
            accountName: name,
            accountUID: uid,
            audiences: json["aud"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            issued: issued,
            expiration: expiration,
            boundObject: bound
        )
    }

    init(
        id: String,
        namespace: String,
        accountName: String,
        accountUID: String,
        audiences: [String],
        issued: Int64,
        expiration: Int64,
        boundObject: BoundObject?
    ) {
        self.id = id
        self.namespace = namespace
        self.accountName = accountName
        self.accountUID = accountUID
        self.audiences = audiences
        self.issued = issued
        self.expiration = expiration
        self.boundObject = boundObject
    }
}

/// Issues the tokens of ServiceAccounts, as JSON web tokens, and verifies them. The key exists as long as the sandbox.
struct TokenIssuer: Sendable {
    /// The administrator's token, which is in the sandbox's kubeconfig.
    let administrator: String
    private let key = P256.Signing.PrivateKey()
    /// The name of the key.
    private let keyID: String

    init() {
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        administrator = "sandbox-admin-\(TokenIssuer.encode(secret))"
        keyID = TokenIssuer.encode(Data(SHA256.hash(data: key.publicKey.derRepresentation)))
    }

    func token(_ claims: TokenClaims) throws(TokenFailure) -> String {
        let header: JSONValue = ["alg": "ES256", "kid": .string(keyID)]
        let content =
            "\(TokenIssuer.encode(Data(header.serialized()))).\(TokenIssuer.encode(Data(claims.json.serialized())))"
        do {
            let signature = try key.signature(for: Data(content.utf8))
            return "\(content).\(TokenIssuer.encode(signature.rawRepresentation))"
        } catch {
            throw TokenFailure("the token cannot be signed: \(error)")
        }
    }

    /// The claims of a token, if this issuer issued it.
    func claims(of token: String) throws(TokenFailure) -> TokenClaims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let code = TokenIssuer.decode(parts[2]), let body = TokenIssuer.decode(parts[1]) else {
            throw TokenFailure("the token is not a JSON web token")
        }
        let content = Data("\(parts[0]).\(parts[1])".utf8)
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: code),
            key.publicKey.isValidSignature(signature, for: content),
            let json = try? JSONValue(parsing: [UInt8](body)), let claims = TokenClaims(json)
        else {
            throw TokenFailure("the token was not issued by this cluster")
        }
        return claims
    }

    /// `/openid/v1/jwks`: the public key.
    var keySet: JSONValue {
        // A byte for the form of the point, and two coordinates of 32 bytes.
        let point = Data(key.publicKey.x963Representation)
        return [
            "keys": [
                [
                    "use": "sig", "kty": "EC", "kid": .string(keyID), "crv": "P-256", "alg": "ES256",
                    "x": .string(TokenIssuer.encode(Data(point.dropFirst().prefix(32)))),
                    "y": .string(TokenIssuer.encode(Data(point.suffix(32)))),
                ]
            ]
        ]
    }

    /// `/.well-known/openid-configuration`: where the key is.
    static let metadata: JSONValue = [
        "issuer": .string(TokenClaims.issuer), "jwks_uri": .string("\(TokenClaims.issuer)/openid/v1/jwks"),
        "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    ]

    /// Base64 for URLs (RFC 4648, section 5), without padding.
    private static func encode(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func decode(_ text: String) -> Data? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
