internal import HTTPTypes
internal import KubernetesClient
internal import MCPProtocol
internal import MCPTransport
internal import Policy

import struct FoundationEssentials.Data

/// The request of a token exchange (RFC 8693, section 2.1). Pure.
struct TokenExchangeRequest {
    let settings: TokenExchangeSettings
    let target: TokenExchangeTarget
    /// The client's secret; `nil` for a public client.
    let clientSecret: SensitiveString?
    /// The caller's token.
    let subjectToken: SensitiveString

    var httpRequest: HTTPExchangeRequest {
        var form: [(String, String)] = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", subjectToken.reveal()),
            ("subject_token_type", Self.accessToken),
            ("requested_token_type", Self.accessToken),
        ]
        if let audience = target.audience { form.append(("audience", audience)) }
        if let resource = target.resource { form.append(("resource", resource)) }
        if let scopes = target.scopes, !scopes.isEmpty { form.append(("scope", scopes.joined(separator: " "))) }
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"]
        switch (clientSecret, settings.clientAuthentication ?? .basic) {
        case (nil, _): form.append(("client_id", settings.clientID))
        case (let secret?, .body):
            form += [("client_id", settings.clientID), ("client_secret", secret.reveal())]
        case (let secret?, .basic):
            // Both parts are encoded before they are joined (RFC 6749, section 2.3.1).
            let pair = "\(Self.encoded(settings.clientID)):\(Self.encoded(secret.reveal()))"
            headers[.authorization] = "Basic \(Data(pair.utf8).base64EncodedString())"
        }
        let body = form.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }.joined(separator: "&")
        return HTTPExchangeRequest(method: .post, url: settings.tokenURL, headers: headers, body: Array(body.utf8))
    }

    static let accessToken = "urn:ietf:params:oauth:token-type:access_token"

    /// `application/x-www-form-urlencoded`.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                output.append(byte)
            case UInt8(ascii: " "): output.append(UInt8(ascii: "+"))
            default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// The answer of a token exchange (RFC 8693, section 2.2). Pure.
struct TokenExchangeAnswer {
    /// The token for the server.
    let token: SensitiveString
    /// How long it is valid, if the issuer says so.
    let lifetime: Duration?

    /// - Throws: `TokenExchangeError` if the issuer refuses the exchange, or its answer cannot be used.
    init(status: Int, body: [UInt8], subjectToken: SensitiveString) throws(TokenExchangeError) {
        func unusable(_ problem: String) -> TokenExchangeError {
            TokenExchangeError(.unavailable, "the answer of the token endpoint cannot be used: \(problem)")
        }
        let json: RawJSON
        do {
            json = try RawJSON(parsing: body, limits: MessageLimits(maximumDepth: 16, maximumValues: 1_000))
        } catch {
            throw unusable("its status is \(status), and it is not valid JSON")
        }
        guard status == 200 else {
            let name = json["error"]?.stringValue
            // These errors are about the gateway's client or the server, and not about the caller (RFC 6749, section 5.2).
            let isPlatform = name == nil || status >= 500 || ["invalid_client", "unauthorized_client"].contains(name)
            throw TokenExchangeError(
                isPlatform ? .unavailable : .refused,
                "the issuer refuses to exchange the caller's token: \((name ?? "status \(status)").quotedForMessage)"
            )
        }
        // Visible ASCII, since it becomes part of a header.
        guard let token = json["access_token"]?.stringValue, !token.isEmpty, token.utf8.count <= 65_536,
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw unusable("it has no valid access_token") }
        guard json["token_type"]?.stringValue?.lowercased() == "bearer" else {
            throw unusable("its token_type is not Bearer")
        }
        // The caller's own token never goes to a server.
        guard token != subjectToken.reveal() else { throw unusable("it is the caller's own token") }
        if let seconds = json["expires_in"] {
            guard let seconds = seconds.integerValue, (0...315_360_000).contains(seconds) else {
                throw unusable("its expires_in is not valid")
            }
            lifetime = .seconds(seconds)
        } else {
            lifetime = nil
        }
        self.token = SensitiveString(token)
    }
}
