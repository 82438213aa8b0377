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
    private let key = SymmetricKey(size: .bits256)

    init() {
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        administrator = "sandbox-admin-\(TokenIssuer.encode(secret))"
    }

    func token(_ claims: TokenClaims) -> String {
        let header: JSONValue = ["alg": "HS256", "typ": "JWT"]
        let content =
            "\(TokenIssuer.encode(Data(header.serialized()))).\(TokenIssuer.encode(Data(claims.json.serialized())))"
        let code = HMAC<SHA256>.authenticationCode(for: Data(content.utf8), using: key)
        return "\(content).\(TokenIssuer.encode(Data(code)))"
    }

    /// The claims of a token, if this issuer issued it.
    func claims(of token: String) throws(TokenFailure) -> TokenClaims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let code = TokenIssuer.decode(parts[2]), let body = TokenIssuer.decode(parts[1]) else {
            throw TokenFailure("the token is not a JSON web token")
        }
        let content = Data("\(parts[0]).\(parts[1])".utf8)
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: content, using: key),
            let json = try? JSONValue(parsing: [UInt8](body)), let claims = TokenClaims(json)
        else {
            throw TokenFailure("the token was not issued by this cluster")
        }
        return claims
    }

    /// Base64 for URLs (RFC 4648, section 5), without padding.
    private static func encode(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func decode(_ text: String) -> Data? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
