internal import FoundationEssentials
internal import HTTPTypes
internal import SupplyChain
internal import Synchronization

/// The requests for one image, with one credential or none.
final class RegistrySession: Sendable {
    /// A manifest, and its digest.
    struct FetchedManifest: Sendable {
        var digest: ImageDigest
        var manifest: Manifest
    }

    private let image: ImageReference
    private let address: RegistryAddress
    private let credential: RegistryCredential?
    private let transport: any RegistryTransport
    private let options: RegistryOptions
    private let clock: any Clock<Duration>
    /// The value of `Authorization` that the registry has asked for.
    private let authorization = Mutex<Redacted?>(nil)

    init(
        image: ImageReference,
        credential: RegistryCredential?,
        transport: any RegistryTransport,
        options: RegistryOptions,
        clock: any Clock<Duration>
    ) {
        self.image = image
        self.credential = credential
        self.transport = transport
        self.options = options
        self.clock = clock
        address = RegistryAddress(registry: image.registry, plainHTTP: options.plainHTTP)
    }

    /// A manifest's bytes, and their digest.
    struct ManifestContent: Sendable {
        var digest: ImageDigest
        var bytes: [UInt8]
        var contentType: String?
    }

    /// Reads a manifest of an image.
    ///
    /// - Parameters:
    ///   - reference: its tag or its digest.
    ///   - digest: the digest that it must have; `nil` for a tag.
    func manifest(_ reference: String, digest: ImageDigest?) async throws -> FetchedManifest {
        let content = try await manifestContent(reference, digest: digest)
        return FetchedManifest(
            digest: content.digest,
            manifest: try Manifest(content.bytes, contentType: content.contentType)
        )
    }

    /// Reads the bytes of a manifest, which match its digest.
    func manifestContent(_ reference: String, digest: ImageDigest?) async throws -> ManifestContent {
        let answer = try await get(
            "manifests/\(reference)",
            accept: Manifest.accepted.joined(separator: ", "),
            limit: options.manifestLimit
        )
        let actual = ImageDigest(of: answer.body, algorithm: digest?.algorithm ?? .sha256)
        guard digest == nil || digest == actual else {
            throw RegistryError(.invalid, "\(address.authority) sends a manifest that does not match its digest")
        }
        // The header is optional; a different one means that what arrived is not what the registry has.
        if digest == nil, let named = answer.headers[.dockerContentDigest], let named = try? ImageDigest(named),
            !named.matches(answer.body)
        {
            throw RegistryError(.invalid, "\(address.authority) sends a manifest that does not match its digest")
        }
        return ManifestContent(digest: actual, bytes: answer.body, contentType: answer.headers[.contentType])
    }

    /// Reads the list of artifacts that refer to a manifest (OCI distribution specification, "Listing Referrers").
    ///
    /// - Returns: the entries; `nil` if the registry does not support this.
    func referrers(of digest: ImageDigest) async throws -> [Descriptor]? {
        var entries: [Descriptor] = []
        var path = "referrers/\(digest)"
        for _ in 0..<Self.referrerPages {
            let answer: RegistryAnswer
            do {
                answer = try await get(path, accept: MediaType.index, limit: options.manifestLimit)
            } catch let error as RegistryError where error.code == .notFound || error.isUnsupportedRequest {
                return nil
            }
            guard MediaType.base(answer.headers[.contentType] ?? "") == MediaType.index else { return nil }
            guard case .index(let page) = try Manifest(answer.body, contentType: MediaType.index) else { return nil }
            entries += page
            guard let next = Self.nextPage(answer.headers[values: .linkToPages]), entries.count < Self.referrerLimit
            else {
                return entries
            }
            guard let range = next.firstRange(of: "/referrers/") else { return entries }
            path = String(next[next.index(after: range.lowerBound)...])
        }
        return entries
    }

    /// How many pages and entries of referrers are read.
    private static let (referrerPages, referrerLimit) = (8, 512)

    /// The path of the next page (RFC 8288). A page elsewhere is not followed.
    private static func nextPage(_ links: [String]) -> String? {
        for link in links where link.contains("rel=\"next\"") || link.contains("rel=next") {
            guard let start = link.firstIndex(of: "<"), let end = link[start...].firstIndex(of: ">") else { continue }
            let target = String(link[link.index(after: start)..<end])
            return target.utf8.count <= 2_048 && target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) ? target : nil
        }
        return nil
    }

    /// Reads the configuration of an image.
    func configuration(_ descriptor: Descriptor) async throws -> ImageConfiguration {
        guard MediaType.isConfiguration(descriptor.mediaType) else {
            throw RegistryError(
                .invalid,
                "it is not a container image, but an artifact of type \(printable(descriptor.mediaType))"
            )
        }
        return try ImageConfiguration(try await blob(descriptor, limit: options.configurationLimit))
    }

    /// Reads content by its digest.
    func blob(_ descriptor: Descriptor, limit: Int) async throws -> [UInt8] {
        guard descriptor.size <= limit else {
            throw RegistryError(.invalid, "a part of it has \(descriptor.size) bytes, and \(limit) are read")
        }
        let answer = try await get("blobs/\(descriptor.digest)", accept: "*/*", limit: descriptor.size)
        guard answer.body.count == descriptor.size, descriptor.digest.matches(answer.body) else {
            throw RegistryError(.invalid, "\(address.authority) sends content that does not match its digest")
        }
        return answer.body
    }

    // MARK: Requests

    private func get(_ path: String, accept: String, limit: Int) async throws -> RegistryAnswer {
        let url = address.url(repository: image.repository, path)
        let used = authorization.withLock { $0 }
        var answer = try await follow(url, accept: accept, authorization: used, limit: limit)
        // A token can have expired in between, so one that was used before is renewed once.
        if answer.status == 401 {
            let fresh = try await authorize(answer.headers[values: .wwwAuthenticate])
            authorization.withLock { $0 = fresh }
            answer = try await follow(url, accept: accept, authorization: fresh, limit: limit)
        }
        switch answer.status {
        case 200: return answer
        case 401, 403: throw denied("\(address.authority) answers \(answer.status)\(codes(answer))")
        case 404: throw RegistryError(.notFound, "\(address.authority) has no such image (404\(codes(answer)))")
        default: throw unexpected(answer, from: address.authority)
        }
    }

    /// Follows redirects. Credentials are only sent to the origin that they are for.
    private func follow(
        _ url: String,
        accept: String,
        authorization: Redacted?,
        limit: Int
    ) async throws -> RegistryAnswer {
        var current = try RegistryURL(url, plainHTTP: options.plainHTTP)
        let origin = current.origin
        for _ in 0...options.redirectLimit {
            var headers: HTTPFields = [.accept: accept]
            if current.origin == origin { headers[.authorization] = authorization?.reveal() }
            let answer = try await send(current.text, headers: headers, limit: limit)
            guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.headers[.location] else {
                return answer
            }
            current = try RegistryURL(location, against: current.text, plainHTTP: options.plainHTTP)
        }
        throw RegistryError(.invalid, "\(address.authority) redirects more than \(options.redirectLimit) times")
    }

    /// Sends a request, again if it fails for a reason that may pass.
    private func send(_ url: String, headers: HTTPFields, limit: Int) async throws -> RegistryAnswer {
        var attempt = 1
        while true {
            let isLast = attempt >= options.attempts
            do {
                let answer = try await transport.get(url, headers: headers, limit: max(limit, Self.errorLimit))
                guard answer.status == 200 || answer.status < 500 && answer.status != 429 || isLast else {
                    try await clock.sleep(
                        for: RegistryRetry.delay(attempt: attempt, after: answer.headers[.retryAfter])
                    )
                    attempt += 1
                    continue
                }
                return answer
            } catch let error as RegistryError where error.code == .unavailable && !isLast {
                try await clock.sleep(for: RegistryRetry.delay(attempt: attempt, after: nil))
                attempt += 1
            }
        }
    }

    /// The size of answers that are errors, which can be larger than what was asked for.
    private static let errorLimit = 64 << 10

    // MARK: Authentication

    /// The value of `Authorization` for the registry's challenges.
    private func authorize(_ challenges: [String]) async throws -> Redacted {
        let challenges = AuthenticationChallenge.parse(challenges)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) { return try await token(bearer) }
        guard challenges.contains(where: { $0.scheme == "basic" }) else {
            throw RegistryError(.denied, "\(address.authority) answers 401 and asks for neither a token nor a password")
        }
        guard let credential else { throw denied("\(address.authority) answers 401") }
        return credential.basic
    }

    private func token(_ challenge: AuthenticationChallenge) async throws -> Redacted {
        guard let url = BearerToken.url(challenge, repository: image.repository) else {
            throw RegistryError(.invalid, "\(address.authority) asks for a token and does not say where to get it")
        }
        let server = try RegistryURL(
            url,
            against: address.url(repository: image.repository, ""),
            plainHTTP: options.plainHTTP
        )
        let answer = try await follow(
            server.text,
            accept: "application/json",
            authorization: credential?.basic,
            limit: Self.tokenLimit
        )
        switch answer.status {
        case 200:
            guard let token = BearerToken.token(answer.body) else {
                throw RegistryError(.invalid, "\(server.origin) sends no valid token")
            }
            return token
        case 400, 401, 403: throw denied("\(server.origin) answers \(answer.status)\(codes(answer))")
        default: throw unexpected(answer, from: server.origin)
        }
    }

    /// The maximum size of the answer to a request for a token, in bytes.
    private static let tokenLimit = 256 << 10

    private func denied(_ what: String) -> RegistryError {
        RegistryError(
            .denied,
            credential == nil
                ? "\(what): no credentials that match \(image.name); add an imagePullSecret with credentials for it"
                : "\(what): the credentials that match \(image.name) are not accepted; check the imagePullSecret"
        )
    }

    private func unexpected(_ answer: RegistryAnswer, from server: String) -> RegistryError {
        let isTransient = answer.status == 429 || answer.status >= 500
        var error = RegistryError(
            isTransient ? .unavailable : .invalid,
            "\(server) answers \(answer.status)\(codes(answer))"
        )
        error.isUnsupportedRequest = [400, 405, 406].contains(answer.status)
        return error
    }

    /// The error codes of an answer, such as `MANIFEST_UNKNOWN`, after a space.
    private func codes(_ answer: RegistryAnswer) -> String {
        let codes = RegistryRetry.errorCodes(answer.body)
        return codes.isEmpty ? "" : " " + codes.joined(separator: ", ")
    }
}

extension HTTPField.Name {
    /// The digest of a manifest, which registries send with it.
    static let dockerContentDigest = HTTPField.Name("Docker-Content-Digest") ?? .eTag
    /// Further pages of a list (RFC 8288).
    static let linkToPages = HTTPField.Name("Link") ?? .location
}
