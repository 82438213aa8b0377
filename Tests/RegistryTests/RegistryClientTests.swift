import Foundation
import HTTPTypes
import SupplyChain
import TestSupport
import Testing

@testable import Registry

@Suite("The registry client")
struct RegistryClientTests {
    private static let image = TestImage(entrypoint: ["/server"], cmd: ["--stdio"])
    private static let entryPoint = EntryPoint(command: ["/server"], arguments: ["--stdio"])

    private func client(
        _ registry: FakeRegistry,
        clock: RecordingClock = RecordingClock(),
        _ change: (inout RegistryOptions) -> Void = { _ in }
    ) -> RegistryClient {
        var options = RegistryOptions()
        change(&options)
        return RegistryClient(transport: registry, options: options, clock: clock)
    }

    private func keyring(_ credentials: [(location: String, user: String)]) throws -> Keyring {
        var keyring = Keyring()
        for (location, user) in credentials {
            let text = #"{"auths":{"\#(location)":{"username":"\#(user)","password":"p-\#(user)"}}}"#
            try keyring.add(dockerConfigJSON: Array(text.utf8))
        }
        return keyring
    }

    private func basic(_ user: String) -> String { "Basic " + Data("\(user):p-\(user)".utf8).base64EncodedString() }

    private func failure(
        _ client: RegistryClient,
        _ reference: String = "r.example/acme/time:1",
        keyring: Keyring = Keyring()
    ) async -> RegistryError? {
        await #expect(throws: RegistryError.self) {
            _ = try await client.entryPoint(of: try ImageReference(reference), keyring: keyring)
        }
    }

    @Test("a tag is resolved to the digest of what arrives, and Docker Hub is reached at its own host")
    func tag() async throws {
        let registry = FakeRegistry { FakeRegistry.content(Self.image, $0.url) }
        let read = try await client(registry).entryPoint(of: try ImageReference("acme/time:1"))
        #expect(read.digest == ImageDigest(of: Self.image.manifest))
        #expect(read.entryPoint == Self.entryPoint)
        let configuration = ImageDigest(of: Self.image.configuration)
        #expect(
            registry.requests.map(\.url) == [
                "https://registry-1.docker.io/v2/acme/time/manifests/1",
                "https://registry-1.docker.io/v2/acme/time/blobs/\(configuration)",
            ]
        )
    }

    @Test("a digest decides, whatever the tag and the header say")
    func digest() async throws {
        let registry = FakeRegistry { request in
            var answer = FakeRegistry.content(Self.image, request.url)
            if let name = HTTPField.Name("Docker-Content-Digest") {
                answer.headers[name] = "sha256:" + String(repeating: "0", count: 64)
            }
            return answer
        }
        let digest = ImageDigest(of: Self.image.manifest)
        let read = try await client(registry).entryPoint(of: try ImageReference("r.example/acme/time:1@\(digest)"))
        #expect(read.digest == digest)
        #expect(registry.requests.first?.url.hasSuffix("/manifests/\(digest)") == true)
        // For a tag, a different header means that something was changed on the way.
        #expect(await failure(client(registry))?.message.contains("does not match its digest") == true)
        let other = "sha256:" + String(repeating: "1", count: 64)
        #expect(await failure(client(registry), "r.example/acme/time@\(other)")?.code == .invalid)
    }

    @Test("a configuration that does not match its digest or its size, or is too large, is refused")
    func configuration() async throws {
        for body in [Array("{}".utf8), Self.image.configuration + [0x20], []] {
            let registry = FakeRegistry { request in
                request.url.contains("/blobs/")
                    ? RegistryAnswer(status: 200, body: body) : FakeRegistry.content(Self.image, request.url)
            }
            #expect(await failure(client(registry))?.code == .invalid)
        }
        let registry = FakeRegistry { FakeRegistry.content(Self.image, $0.url) }
        #expect(await failure(client(registry) { $0.configurationLimit = 10 })?.message.contains("10 are read") == true)
        #expect(registry.requests.count == 1)
        let large = FakeRegistry { request in
            RegistryAnswer(status: 200, body: Self.image.manifest + [UInt8](repeating: 0x20, count: 100_000))
        }
        #expect(await failure(client(large) { $0.manifestLimit = 90_000 })?.message == "larger than 90000 bytes")
    }

    @Test(
        "a redirect is followed, without credentials for another host, and not to plain HTTP or to the machine itself"
    )
    func redirects() async throws {
        func registry(_ location: String) -> FakeRegistry {
            FakeRegistry { request in
                if request.url.hasPrefix("https://r.example/"), request.url.contains("/blobs/") {
                    guard request.authorization != nil else {
                        return RegistryAnswer(status: 401, headers: [.wwwAuthenticate: "Basic realm=x"])
                    }
                    return RegistryAnswer(status: 307, headers: [.location: location])
                }
                if request.url.contains("/manifests/"), request.authorization == nil {
                    return RegistryAnswer(status: 401, headers: [.wwwAuthenticate: "Basic realm=x"])
                }
                return FakeRegistry.content(Self.image, request.url)
            }
        }
        let keyring = try keyring([("r.example", "a")])
        let image = try ImageReference("r.example/acme/time:1")
        let elsewhere = registry("https://cdn.example/blobs/x?sig=1")
        #expect(try await client(elsewhere).entryPoint(of: image, keyring: keyring).entryPoint == Self.entryPoint)
        #expect(elsewhere.requests.last == .init(url: "https://cdn.example/blobs/x?sig=1", authorization: nil))
        let same = registry("/v2/moved/blobs/x")
        // The same origin again and again: the limit ends it. The credentials stay.
        #expect(await failure(client(same), keyring: keyring)?.message.contains("redirects more than 5 times") == true)
        #expect(same.requests.last == .init(url: "https://r.example/v2/moved/blobs/x", authorization: basic("a")))
        let otherPort = registry("https://r.example:444/blobs/x")
        _ = try await client(otherPort).entryPoint(of: image, keyring: keyring)
        #expect(otherPort.requests.last?.authorization == nil)
        for location in [
            "http://r.example/blobs/x", "http://169.254.169.254/latest/meta-data", "https://127.0.0.1/blobs/x",
            "https://[::1]/x/blobs/", "https://localhost/blobs/x", "https://user:pass@cdn.example/blobs/x", "ftp://a/b",
            "https://[::ffff:169.254.169.254]/blobs/",
        ] {
            let refusing = registry(location)
            #expect(await failure(client(refusing), keyring: keyring)?.code == .invalid, "\(location)")
            #expect(refusing.requests.allSatisfy { $0.url.hasPrefix("https://r.example/") }, "\(location)")
        }
        // The platform names a host that is reached over plain HTTP.
        let plain = registry("http://cdn.example:5000/blobs/x")
        let named = client(plain) { $0.plainHTTP = ["cdn.example:5000"] }
        #expect(try await named.entryPoint(of: image, keyring: keyring).entryPoint == Self.entryPoint)
    }

    @Test(
        "a registry on the machine itself is not read, unless the platform lists it",
        arguments: ["localhost:5000", "127.0.0.1:5000", "[::1]:5000", "169.254.169.254", "[::ffff:a9fe:a9fe]"]
    )
    func local(registry: String) async throws {
        let fake = FakeRegistry { FakeRegistry.content(Self.image, $0.url) }
        let error = await failure(client(fake), "\(registry)/acme/time:1")
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("an address of the machine itself") == true)
        #expect(fake.requests.isEmpty)
        let listed = client(fake) { $0.plainHTTP = [registry] }
        _ = try await listed.entryPoint(of: try ImageReference("\(registry)/acme/time:1"))
        #expect(fake.requests.first?.url == "http://\(registry)/v2/acme/time/manifests/1")
    }

    @Test("credentials are tried one after the other, as the kubelet does; without any, the way out is named")
    func credentials() async throws {
        let registry = FakeRegistry { request in
            guard let authorization = request.authorization else {
                return RegistryAnswer(status: 401, headers: [.wwwAuthenticate: #"Basic realm="x""#])
            }
            guard authorization == self.basic("right") else {
                return RegistryAnswer(
                    status: 403,
                    body: Array(#"{"errors":[{"code":"DENIED","message":"<b>no</b>"}]}"#.utf8)
                )
            }
            return FakeRegistry.content(Self.image, request.url)
        }
        let both = try keyring([("r.example/acme", "wrong"), ("r.example", "right")])
        let read = try await client(registry).entryPoint(of: try ImageReference("r.example/acme/time:1"), keyring: both)
        #expect(read.entryPoint == Self.entryPoint)
        let wrong = await failure(client(registry), keyring: try keyring([("r.example", "wrong")]))
        #expect(wrong?.code == .denied)
        #expect(wrong?.message.contains("answers 403 DENIED") == true, "\(wrong?.message ?? "")")
        // Nothing else of what the registry says, and no password.
        #expect(wrong?.message.contains("<b>") == false)
        #expect(wrong?.message.contains("p-wrong") == false)
        let none = await failure(client(registry))
        #expect(none?.message.contains("no credentials that match r.example/acme/time; add an imagePullSecret") == true)
        // An entry of a credential helper has neither a user nor a password.
        var helper = Keyring()
        try helper.add(dockerConfigJSON: Array(#"{"auths":{"r.example":{}}}"#.utf8))
        let anonymous = FakeRegistry { FakeRegistry.content(Self.image, $0.url) }
        _ = try await client(anonymous).entryPoint(of: try ImageReference("r.example/acme/time:1"), keyring: helper)
        #expect(anonymous.requests.allSatisfy { $0.authorization == nil })
        #expect(await failure(client(registry), keyring: helper)?.message.contains("no credentials that match") == true)
        let other = FakeRegistry { _ in RegistryAnswer(status: 401, headers: [.wwwAuthenticate: "Negotiate"]) }
        #expect(await failure(client(other))?.code == .denied)
        let silent = FakeRegistry { _ in RegistryAnswer(status: 401) }
        #expect(await failure(client(silent))?.code == .denied)
    }

    @Test("a token is requested with the credentials, and not from a host that must not be reached")
    func token() async throws {
        func registry(realm: String) -> FakeRegistry {
            FakeRegistry { request in
                if request.url.hasPrefix("https://auth.example/") {
                    return RegistryAnswer(status: 200, body: Array(#"{"token":"t0"}"#.utf8))
                }
                guard request.authorization == "Bearer t0" else {
                    return RegistryAnswer(
                        status: 401,
                        headers: [.wwwAuthenticate: "Bearer realm=\"\(realm)\",service=s"]
                    )
                }
                return FakeRegistry.content(Self.image, request.url)
            }
        }
        let working = registry(realm: "https://auth.example/token")
        let image = try ImageReference("r.example/acme/time:1")
        _ = try await client(working).entryPoint(of: image, keyring: try keyring([("r.example", "a")]))
        let token = "https://auth.example/token?service=s&scope=repository:acme/time:pull"
        #expect(
            working.requests.filter { $0.url.hasPrefix("https://auth") } == [
                .init(url: token, authorization: basic("a"))
            ]
        )
        // Anonymously too.
        let anonymous = registry(realm: "https://auth.example/token")
        _ = try await client(anonymous).entryPoint(of: image)
        #expect(anonymous.requests.contains(.init(url: token, authorization: nil)))
        for realm in ["http://auth.example/token", "http://169.254.169.254/", "https://127.0.0.1/token", ""] {
            let refusing = registry(realm: realm)
            #expect(await failure(client(refusing))?.code == .invalid, "\(realm)")
            #expect(refusing.requests.count == 1)
        }
    }

    @Test("what may pass is tried again, with growing delays or those that the registry asks for")
    func retries() async throws {
        let limited = FakeRegistry { _ in RegistryAnswer(status: 429, headers: [.retryAfter: "3"]) }
        let clock = RecordingClock()
        let error = await failure(client(limited, clock: clock))
        #expect(error?.code == .unavailable)
        #expect(error?.message == "r.example answers 429")
        #expect(limited.requests.count == 3)
        #expect(clock.delays.map { ($0 / .seconds(1)).rounded() } == [3, 3])
        let failing = FakeRegistry { _ in throw RegistryError(.unavailable, "r.example cannot be reached") }
        #expect(await failure(client(failing))?.message == "r.example cannot be reached")
        #expect(failing.requests.count == 3)
        // A refusal is not tried again, nor is a missing image.
        let missing = FakeRegistry { _ in
            RegistryAnswer(status: 404, body: Array(#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#.utf8))
        }
        #expect(await failure(client(missing))?.message == "r.example has no such image (404 MANIFEST_UNKNOWN)")
        #expect(missing.requests.count == 1)
        #expect(RegistryRetry.delay(attempt: 1, after: nil) == .milliseconds(500))
        #expect(RegistryRetry.delay(attempt: 2, after: nil) == .seconds(1))
        #expect(RegistryRetry.delay(attempt: 1_000, after: nil) == .seconds(5))
        #expect(RegistryRetry.delay(attempt: 1, after: "999999999999") == .seconds(5))
        #expect(RegistryRetry.delay(attempt: 1, after: "-1") == .milliseconds(500))
    }

    @Test("reading ends after its time limit")
    func timeLimit() async throws {
        struct Silent: RegistryTransport {
            func get(_ url: String, headers: HTTPFields, limit: Int) async throws -> RegistryAnswer {
                try await parked()
                return RegistryAnswer(status: 200)
            }
        }
        let client = RegistryClient(transport: Silent(), clock: RecordingClock(endsLimits: true))
        let error = await failure(client)
        #expect(error == RegistryError(.unavailable, "r.example does not answer within 30 seconds"))
    }

    @Test("an index is read on all platforms, and an image for another system is refused")
    func index() async throws {
        let images = ["amd64", "arm64"].map { TestImage(entrypoint: ["/server"], cmd: ["--stdio"], architecture: $0) }
        let windows = TestImage(entrypoint: ["server.exe"], os: "windows")
        let all = images + [windows]
        let registry = FakeRegistry { request in
            for image in all {
                if request.url.hasSuffix("\(ImageDigest(of: image.manifest))") {
                    return FakeRegistry.content(image, request.url)
                }
                if request.url.hasSuffix("\(ImageDigest(of: image.configuration))") {
                    return RegistryAnswer(status: 200, body: image.configuration)
                }
            }
            return RegistryAnswer(status: 200, body: TestImage.index(all))
        }
        let read = try await client(registry).entryPoint(of: try ImageReference("r.example/acme/time:1"))
        #expect(read.digest == ImageDigest(of: TestImage.index(all)))
        #expect(read.entryPoint == Self.entryPoint)
        #expect(registry.requests.count == 5)
        let other = FakeRegistry { FakeRegistry.content(windows, $0.url) }
        #expect(await failure(client(other))?.message == "it is an image for windows/amd64")
    }
}
