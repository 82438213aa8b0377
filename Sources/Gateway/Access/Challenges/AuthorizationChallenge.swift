/// The value of `WWW-Authenticate` (RFC 6750, section 3; RFC 9728, section 5.1). Pure.
public enum AuthorizationChallenge {
    /// For a request that is not authenticated.
    ///
    /// - Parameters:
    ///   - metadataURL: where the metadata of the resource is; `nil` if there is none.
    ///   - scopes: the scopes that the operation needs.
    /// - Returns: `nil` if a challenge would not help: the server is at fault.
    public static func value(
        for failure: AuthenticationFailure,
        metadataURL: String?,
        scopes: Set<String> = []
    ) -> String? {
        var parameters: [(String, String)] = []
        switch failure.code {
        case .unavailable, .notConfigured: return nil
        // Without credentials, there is nothing to say about them (RFC 6750, section 3.1).
        case .missingCredentials: break
        case .invalidRequest: parameters += [("error", "invalid_request"), ("error_description", failure.message)]
        case .invalidToken: parameters += [("error", "invalid_token"), ("error_description", failure.message)]
        }
        return write(parameters, scopes, metadataURL)
    }

    /// For a call whose caller does not have all scopes: 403.
    ///
    /// - Parameter required: all scopes that the operation needs, also those that the caller has.
    public static func insufficientScope(required: Set<String>, metadataURL: String?) -> String {
        let parameters = [
            ("error", "insufficient_scope"), ("error_description", "the operation needs more scopes"),
        ]
        return write(parameters, required, metadataURL)
    }

    private static func write(_ parameters: [(String, String)], _ scopes: Set<String>, _ metadataURL: String?) -> String
    {
        var parameters = parameters
        if !scopes.isEmpty { parameters.append(("scope", scopes.sorted().joined(separator: " "))) }
        if let metadataURL { parameters.append(("resource_metadata", metadataURL)) }
        if parameters.isEmpty { return "Bearer" }
        return "Bearer " + parameters.map { "\($0.0)=\"\(quotable($0.1))\"" }.joined(separator: ", ")
    }

    /// The text with only the characters that these parameters can contain (RFC 6750, section 3).
    private static func quotable(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "\""): UInt8(ascii: "'")
                case UInt8(ascii: "\\"): UInt8(ascii: "/")
                case 0x20...0x7E: byte
                default: UInt8(ascii: "?")
                }
            },
            as: UTF8.self
        )
    }
}
