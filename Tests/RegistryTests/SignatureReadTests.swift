import Crypto
import Foundation
import HTTPTypes
import SupplyChain
import TestSupport
import Testing

@testable import Registry

/// The answers of a registry by the ends of their URLs; 404 for everything else.
private struct Contents: Sendable {
    var answers: [(suffix: String, answer: RegistryAnswer)] = []

    func answer(_ request: FakeRegistry.Request) -> RegistryAnswer {
        answers.first { request.url.hasSuffix($0.suffix) }?.answer ?? RegistryAnswer(status: 404)
    }

    /// Adds content and returns its descriptor.
    mutating func add(
        _ content: String,
        _ kind: String,
        type: String,
        at name: String? = nil,
        extra: String = ""
    ) -> String {
        let digest = ImageDigest(of: Array(content.utf8))
        let answer = RegistryAnswer(status: 200, headers: [.contentType: type], body: Array(content.utf8))
        answers.append(("/\(kind)/\(digest)", answer))
        if let name { answers.append(("/\(kind)/\(name)", answer)) }
        return #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(content.utf8.count)\#(extra)}"#
    }
}

private let manifestType = "application/vnd.oci.image.manifest.v1+json"
private let indexType = "application/vnd.oci.image.index.v1+json"
private let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

@Suite("Reading signatures from a registry")
struct SignatureReadTests {
    private let image: ImageReference
    private let digest: ImageDigest
    private let key = P256.Signing.PrivateKey()

    init() throws {
        digest = ImageDigest(of: TestImage(cmd: ["/server"]).manifest)
        image = try ImageReference("r.example/acme/time@\(digest)")
    }

    /// A bundle with a signature of the image by the key.
    private func bundle() throws -> String {
        let digest = digest.hexadecimal
        let statement =
            #"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://sigstore.dev/cosign/sign/v1","#
            + #""subject":[{"name":"","digest":{"sha256":"\#(digest)"}}],"predicate":{}}"#
        let type = "application/vnd.in-toto+json"
        let signed = "DSSEv1 \(type.utf8.count) \(type) \(statement.utf8.count) \(statement)"
        let signature = try key.signature(for: Data(signed.utf8)).derRepresentation.base64EncodedString()
        let payload = Data(statement.utf8).base64EncodedString()
        return #"{"mediaType":"\#(bundleType)","verificationMaterial":{"publicKey":{"hint":""}},"dsseEnvelope":"#
            + #"{"payload":"\#(payload)","payloadType":"\#(type)","signatures":[{"sig":"\#(signature)"}]}}"#
    }

    /// The manifest of an artifact about an image, and an entry for it in an index.
    private func referrer(_ contents: inout Contents, subject: ImageDigest) throws -> String {
        let layer = contents.add(try bundle(), "blobs", type: bundleType)
        let config = contents.add("{}", "blobs", type: "application/vnd.oci.empty.v1+json")
        let manifest =
            #"{"schemaVersion":2,"mediaType":"\#(manifestType)","artifactType":"\#(bundleType)","config":\#(config),"#
            + #""layers":[\#(layer)],"subject":{"mediaType":"\#(manifestType)","digest":"\#(subject)","size":1}}"#
        return contents.add(
            manifest,
            "manifests",
            type: manifestType,
            extra: #","artifactType":"\#(bundleType)""#
        )
    }

    private func index(_ entries: [String]) -> String {
        #"{"schemaVersion":2,"mediaType":"\#(indexType)","manifests":[\#(entries.joined(separator: ","))]}"#
    }

    private func read(_ contents: Contents) async throws -> RegistryClient.ImageEvidence {
        let registry = FakeRegistry { contents.answer($0) }
        return try await RegistryClient(transport: registry, clock: RecordingClock()).signatures(of: image)
    }

    private func verdict(_ evidence: [SignatureEvidence]) async throws -> SignatureVerdict {
        let policy = SignaturePolicy(
            mode: .enforce,
            authorities: [
                SignatureAuthority(
                    name: "release",
                    signers: .keys([try VerificationKey(pem: key.publicKey.pemRepresentation)], threshold: 1)
                )
            ]
        )
        return await ImageSignatures(image: image, digest: digest, evidence: evidence, roots: [:], now: Date())
            .judge(policy)
    }

    @Test("a bundle that refers to the image is found with the referrers API, over several pages")
    func referrers() async throws {
        var contents = Contents()
        let entry = try referrer(&contents, subject: digest)
        let other = contents.add("{}", "blobs", type: "text/plain", extra: #","artifactType":"text/plain""#)
        var first = RegistryAnswer(
            status: 200,
            headers: [.contentType: indexType],
            body: Array(index([other]).utf8)
        )
        first.headers[.linkToPages] = "</v2/acme/time/referrers/\(digest)?last=1>; rel=\"next\""
        contents.answers.append(("/referrers/\(digest)", first))
        contents.answers.append(
            (
                "/referrers/\(digest)?last=1",
                RegistryAnswer(status: 200, headers: [.contentType: indexType], body: Array(index([entry]).utf8))
            )
        )
        let found = try await read(contents)
        #expect(found.digest == digest)
        #expect(try await verdict(found.evidence).isVerified)
    }

    @Test("the tag of the same name is read if the registry has no referrers API", arguments: [404, 400, 405])
    func fallback(status: Int) async throws {
        var contents = Contents()
        let entry = try referrer(&contents, subject: digest)
        contents.answers.append(("/referrers/\(digest)", RegistryAnswer(status: status)))
        _ = contents.add(index([entry]), "manifests", type: indexType, at: "sha256-\(digest.hexadecimal)")
        #expect(try await verdict(try await read(contents).evidence).isVerified)
    }

    @Test("an artifact that is listed and refers to another image is reported, and does not count")
    func otherSubject() async throws {
        var contents = Contents()
        let entry = try referrer(&contents, subject: ImageDigest(of: [1]))
        _ = contents.add(index([entry]), "manifests", type: indexType, at: "sha256-\(digest.hexadecimal)")
        let verdict = try await verdict(try await read(contents).evidence)
        #expect(verdict.problems == ["release: the registry lists a signature of another image"])
    }

    @Test("what cannot be read hides no signature beside it, and the number of signatures is bounded")
    func unreadable() async throws {
        var contents = Contents()
        let signature = try TestSignature(of: digest.description, by: key)
        let payload = String(decoding: signature.payload, as: UTF8.self)
        let good = contents.add(
            payload,
            "blobs",
            type: SimpleSigning.mediaType,
            extra: #","annotations":{"dev.cosignproject.cosign/signature":"\#(signature.signature)"}"#
        )
        let bad = contents.add(
            "{}",
            "blobs",
            type: SimpleSigning.mediaType,
            extra: #","annotations":{"dev.cosignproject.cosign/signature":"no base64"}"#
        )
        func tag(_ layers: [String]) -> Contents {
            var contents = contents
            let manifest =
                #"{"schemaVersion":2,"config":\#(good),"layers":[\#(layers.joined(separator: ","))]}"#
            _ = contents.add(manifest, "manifests", type: manifestType, at: "sha256-\(digest.hexadecimal).sig")
            return contents
        }
        let found = try await read(tag([bad, good])).evidence
        #expect(found.count == 2)
        #expect(try await verdict(found).isVerified)
        let many = try await read(tag(Array(repeating: bad, count: 200))).evidence
        #expect(many.count == ImageSignatures.maximumEvidence + 1)
        #expect(many.contains { if case .unreadable(let error) = $0 { error.code == .limitExceeded } else { false } })
    }

    @Test("a registry that cannot be reached, or refuses, is an error and not an image without signatures")
    func failures() async throws {
        for (status, code) in [(503, RegistryError.Code.unavailable), (401, .denied), (403, .denied)] {
            let registry = FakeRegistry { _ in RegistryAnswer(status: status) }
            let client = RegistryClient(transport: registry, clock: RecordingClock())
            let error = await #expect(throws: RegistryError.self) { _ = try await client.signatures(of: image) }
            #expect(error?.code == code)
        }
    }

    @Test("an image with a tag is verified as the digest that the tag names")
    func tag() async throws {
        let registry = FakeRegistry { request in
            request.url.hasSuffix("/manifests/1")
                ? FakeRegistry.content(TestImage(cmd: ["/server"]), request.url) : RegistryAnswer(status: 404)
        }
        let client = RegistryClient(transport: registry, clock: RecordingClock())
        let found = try await client.signatures(of: try ImageReference("r.example/acme/time:1"))
        #expect(found.digest == digest)
        #expect(found.evidence.isEmpty)
    }
}
