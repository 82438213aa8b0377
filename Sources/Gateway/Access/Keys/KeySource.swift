internal import ControllerRuntime
internal import KubernetesClient
internal import MCPProtocol
internal import Policy

/// Reads the keys of an issuer.
protocol KeySource: Sendable {
    func fetch() async throws(FetchFailure) -> FetchedKeys
}

/// Keys at a URL: one that is configured, or the one that the issuer's metadata names.
struct HTTPKeySource: KeySource {
    let issuer: TokenIssuer
    let http: IssuerHTTP

    func fetch() async throws(FetchFailure) -> FetchedKeys {
        let url: String
        if let configured = issuer.jwksURL { url = configured } else { url = try await discover() }
        let bytes = try await http.get(url)
        return FetchedKeys(issuer: issuer.issuer, set: try KeySet(parsing: bytes, of: issuer, at: url))
    }

    /// The URL of the keys, from the metadata of OpenID Connect Discovery or, if there is none, of RFC 8414.
    private func discover() async throws(FetchFailure) -> String {
        let (openID, oauth) = IssuerMetadata.urls(of: issuer.issuer)
        let bytes: [UInt8]
        do {
            bytes = try await http.get(openID)
        } catch {
            guard error.isNotFound else { throw error }
            bytes = try await http.get(oauth)
        }
        return try IssuerMetadata.keyURL(in: bytes, of: issuer)
    }
}

/// The metadata of issuers. Pure.
enum IssuerMetadata {
    /// Where an issuer's metadata is: by OpenID Connect Discovery 1.0, section 4, and by RFC 8414, section 3.1.
    static func urls(of issuer: String) -> (openID: String, oauth: String) {
        var base = issuer
        while base.hasSuffix("/") { base.removeLast() }
        // Scheme, an empty part, host, and the path.
        let parts = base.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        let origin = parts.prefix(3).joined(separator: "/")
        let path = parts.count > 3 ? "/\(parts[3])" : ""
        return (
            "\(base)/.well-known/openid-configuration", "\(origin)/.well-known/oauth-authorization-server\(path)"
        )
    }

    /// The URL of the keys.
    static func keyURL(in bytes: [UInt8], of issuer: TokenIssuer) throws(FetchFailure) -> String {
        let json = try parse(bytes, issuer.issuer)
        // Otherwise one issuer could speak for another (OpenID Connect Discovery 1.0, section 4.3).
        guard let name = json["issuer"]?.stringValue, name.utf8.elementsEqual(issuer.issuer.utf8) else {
            let found = json["issuer"]?.stringValue?.quotedForMessage ?? "none"
            throw FetchFailure(
                "the metadata of \(issuer.issuer) is of another issuer, \(found): write the issuer exactly as there"
            )
        }
        guard let url = json["jwks_uri"]?.stringValue else {
            throw FetchFailure("the metadata of \(issuer.issuer) has no jwks_uri")
        }
        // Metadata that was read over TLS does not make the gateway read over plain HTTP, also not from its own machine.
        if url.hasPrefix("http://"), !issuer.issuer.hasPrefix("http://"), issuer.allowPlainHTTP != true {
            throw FetchFailure("the jwks_uri of \(issuer.issuer) must start with https://")
        }
        if let problem = FetchURL.problem(url, allowPlainHTTP: issuer.allowPlainHTTP == true) {
            throw FetchFailure("the jwks_uri of \(issuer.issuer) is not accepted: \(problem)")
        }
        return url
    }

    static func parse(_ bytes: [UInt8], _ name: String) throws(FetchFailure) -> RawJSON {
        do {
            return try RawJSON(parsing: bytes, limits: MessageLimits(maximumDepth: 32, maximumValues: 20_000))
        } catch {
            throw FetchFailure("the metadata of \(name) is not valid JSON: \(error)")
        }
    }
}

/// Keys in a file.
struct FileKeySource: KeySource {
    let issuer: TokenIssuer
    let path: String

    func fetch() async throws(FetchFailure) -> FetchedKeys {
        let bytes = try BoundedFile.read(path)
        return FetchedKeys(issuer: issuer.issuer, set: try KeySet(parsing: bytes, of: issuer, at: path))
    }
}

/// The keys of the cluster that sign the tokens of ServiceAccounts, from the API server.
struct ClusterKeySource: KeySource {
    let settings: ServiceAccountAuthentication
    let client: KubernetesClient
    let clock: RuntimeClock

    static let keyPath = "/openid/v1/jwks"
    static let metadataPath = "/.well-known/openid-configuration"

    func fetch() async throws(FetchFailure) -> FetchedKeys {
        let issuer: String
        if let configured = settings.issuer {
            issuer = configured
        } else {
            let metadata = try IssuerMetadata.parse(try await read(Self.metadataPath), "the cluster's issuer")
            guard let name = metadata["issuer"]?.stringValue, !name.isEmpty else {
                throw FetchFailure("the metadata of the cluster's issuer has no issuer")
            }
            issuer = name
        }
        let bytes = try await read(Self.keyPath)
        do {
            return FetchedKeys(
                issuer: issuer,
                set: try KeySet(parsing: bytes, allowed: Set(SignatureAlgorithm.allCases))
            )
        } catch {
            throw FetchFailure("the JWKS of the cluster is not accepted: \(error.text)")
        }
    }

    private func read(_ path: String) async throws(FetchFailure) -> [UInt8] {
        var client = client
        client.maximumBodyBytes = IssuerHTTP.maximumBytes
        do {
            return try await BoundedTime.run(.seconds(10), clock: clock) { [client] in try await client.raw(path) }
        } catch is BoundedTime.Passed {
            throw FetchFailure("\(path) of the API server: no answer in 10 s")
        } catch {
            throw FetchFailure("\(path) of the API server: \(error)")
        }
    }
}

extension KeySet {
    init(parsing bytes: [UInt8], of issuer: TokenIssuer, at place: String) throws(FetchFailure) {
        do {
            try self.init(parsing: bytes, allowed: Set(issuer.algorithms ?? SignatureAlgorithm.allCases))
        } catch {
            throw FetchFailure("the JWKS at \(place) is not accepted: \(error.text)")
        }
    }
}
