internal import ControllerRuntime
internal import HTTPTypes
internal import KubernetesClient
internal import MCPProtocol
internal import MCPTransport
internal import Policy

import class FoundationEssentials.FileManager

/// Reads the keys of an issuer.
protocol KeySource: Sendable {
    func fetch() async throws(KeyFetchFailure) -> FetchedKeys
}

/// The sizes of what is read.
enum KeyLimits {
    /// Of a JWKS, or of an issuer's metadata.
    static let maximumBytes = 1 << 20
}

/// Keys at a URL: one that is configured, or the one that the issuer's metadata names.
///
/// Each time, certificates of authorities are read and a connection is made anew: keys are read rarely.
struct HTTPKeySource: KeySource {
    let issuer: TokenIssuer
    let makeExchange: @Sendable (HTTPClientExchange.Trust) throws -> any HTTPExchange
    let clock: RuntimeClock

    func fetch() async throws(KeyFetchFailure) -> FetchedKeys {
        var trust = HTTPClientExchange.Trust.system
        if let file = issuer.caFile {
            trust = .authorities(pem: String(decoding: try BoundedFile.read(file), as: UTF8.self))
        }
        let exchange: any HTTPExchange
        do { exchange = try makeExchange(trust) } catch { throw KeyFetchFailure("\(issuer.caFile ?? ""): \(error)") }
        let result: Result<FetchedKeys, KeyFetchFailure>
        do { result = .success(try await fetch(over: exchange)) } catch { result = .failure(error) }
        await (exchange as? HTTPClientExchange)?.shutdown()
        return try result.get()
    }

    private func fetch(over exchange: any HTTPExchange) async throws(KeyFetchFailure) -> FetchedKeys {
        let url: String
        if let configured = issuer.jwksURL { url = configured } else { url = try await discover(exchange) }
        let bytes = try await read(url, exchange)
        return FetchedKeys(issuer: issuer.issuer, set: try KeySet(parsing: bytes, of: issuer, at: url))
    }

    /// The URL of the keys, from the metadata of OpenID Connect Discovery or, if there is none, of RFC 8414.
    private func discover(_ exchange: any HTTPExchange) async throws(KeyFetchFailure) -> String {
        let (openID, oauth) = IssuerMetadata.urls(of: issuer.issuer)
        let bytes: [UInt8]
        do {
            bytes = try await read(openID, exchange)
        } catch {
            guard error.isNotFound else { throw error }
            bytes = try await read(oauth, exchange)
        }
        return try IssuerMetadata.keyURL(in: bytes, of: issuer)
    }

    private func read(_ url: String, _ exchange: any HTTPExchange) async throws(KeyFetchFailure) -> [UInt8] {
        let seconds = issuer.timeoutSeconds ?? 10
        do {
            return try await BoundedTime.run(.seconds(seconds), clock: clock) {
                let accept: HTTPFields = [.accept: "application/json, application/jwk-set+json"]
                let response = try await exchange.send(HTTPExchangeRequest(method: .get, url: url, headers: accept))
                guard response.status == 200 else {
                    throw KeyFetchFailure(
                        "\(url): the status is \(response.status), and must be 200",
                        isNotFound: response.status == 404
                    )
                }
                var body: [UInt8] = []
                for try await chunk in response.body {
                    guard body.count + chunk.count <= KeyLimits.maximumBytes else {
                        throw KeyFetchFailure("\(url): the answer has more than \(KeyLimits.maximumBytes) bytes")
                    }
                    body += chunk
                }
                return body
            }
        } catch let error as KeyFetchFailure {
            throw error
        } catch is BoundedTime.Passed {
            throw KeyFetchFailure("\(url): no complete answer in \(seconds) s")
        } catch {
            throw KeyFetchFailure("\(error)")
        }
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
    static func keyURL(in bytes: [UInt8], of issuer: TokenIssuer) throws(KeyFetchFailure) -> String {
        let json = try parse(bytes, issuer.issuer)
        // Otherwise one issuer could speak for another (OpenID Connect Discovery 1.0, section 4.3).
        guard let name = json["issuer"]?.stringValue, name.utf8.elementsEqual(issuer.issuer.utf8) else {
            let found = json["issuer"]?.stringValue?.quotedForMessage ?? "none"
            throw KeyFetchFailure(
                "the metadata of \(issuer.issuer) is of another issuer, \(found): write the issuer exactly as there"
            )
        }
        guard let url = json["jwks_uri"]?.stringValue else {
            throw KeyFetchFailure("the metadata of \(issuer.issuer) has no jwks_uri")
        }
        // Metadata that was read over TLS does not make the gateway read over plain HTTP, also not from its own machine.
        if url.hasPrefix("http://"), !issuer.issuer.hasPrefix("http://"), issuer.allowPlainHTTP != true {
            throw KeyFetchFailure("the jwks_uri of \(issuer.issuer) must start with https://")
        }
        if let problem = FetchURL.problem(url, allowPlainHTTP: issuer.allowPlainHTTP == true) {
            throw KeyFetchFailure("the jwks_uri of \(issuer.issuer) is not accepted: \(problem)")
        }
        return url
    }

    static func parse(_ bytes: [UInt8], _ name: String) throws(KeyFetchFailure) -> RawJSON {
        do {
            return try RawJSON(parsing: bytes, limits: MessageLimits(maximumDepth: 32, maximumValues: 20_000))
        } catch {
            throw KeyFetchFailure("the metadata of \(name) is not valid JSON: \(error)")
        }
    }
}

/// Keys in a file.
struct FileKeySource: KeySource {
    let issuer: TokenIssuer
    let path: String

    func fetch() async throws(KeyFetchFailure) -> FetchedKeys {
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

    func fetch() async throws(KeyFetchFailure) -> FetchedKeys {
        let issuer: String
        if let configured = settings.issuer {
            issuer = configured
        } else {
            let metadata = try IssuerMetadata.parse(try await read(Self.metadataPath), "the cluster's issuer")
            guard let name = metadata["issuer"]?.stringValue, !name.isEmpty else {
                throw KeyFetchFailure("the metadata of the cluster's issuer has no issuer")
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
            throw KeyFetchFailure("the JWKS of the cluster is not accepted: \(error.text)")
        }
    }

    private func read(_ path: String) async throws(KeyFetchFailure) -> [UInt8] {
        var client = client
        client.maximumBodyBytes = KeyLimits.maximumBytes
        do {
            return try await BoundedTime.run(.seconds(10), clock: clock) { [client] in try await client.raw(path) }
        } catch is BoundedTime.Passed {
            throw KeyFetchFailure("\(path) of the API server: no answer in 10 s")
        } catch {
            throw KeyFetchFailure("\(path) of the API server: \(error)")
        }
    }
}

extension KeySet {
    init(parsing bytes: [UInt8], of issuer: TokenIssuer, at place: String) throws(KeyFetchFailure) {
        do {
            try self.init(parsing: bytes, allowed: Set(issuer.algorithms ?? SignatureAlgorithm.allCases))
        } catch {
            throw KeyFetchFailure("the JWKS at \(place) is not accepted: \(error.text)")
        }
    }
}

/// Reads small files.
enum BoundedFile {
    static func read(_ path: String) throws(KeyFetchFailure) -> [UInt8] {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? UInt64
        if let size, size > UInt64(KeyLimits.maximumBytes) {
            throw KeyFetchFailure("\(path) has more than \(KeyLimits.maximumBytes) bytes")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KeyFetchFailure("\(path) does not exist, or cannot be read")
        }
        return Array(data)
    }
}

/// Runs something, and cancels it when it takes too long.
enum BoundedTime {
    /// The time has passed.
    struct Passed: Error {}

    static func run<Value: Sendable>(
        _ limit: Duration,
        clock: RuntimeClock,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await clock.sleep(until: clock.now.advanced(by: limit), tolerance: nil)
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw Passed() }
            return value
        }
    }
}
