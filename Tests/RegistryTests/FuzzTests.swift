import FoundationEssentials
import KubernetesAPI
import SupplyChain
import TestSupport
import Testing

@testable import Registry

/// Random input for everything that reads what others write. Nothing may crash or hang. `MOORAGE_FUZZ_CASES` sets the number of cases,
/// `MOORAGE_FUZZ_SEED` the seed.
@Suite("Random input for the registry client")
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let cases = environment["MOORAGE_FUZZ_CASES"].flatMap { Int($0) } ?? 10_000
    private static let seed = environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_127

    private static let digest = "sha256:" + String(repeating: "ab", count: 32)
    private static let samples = [
        #"Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull""#,
        #"Basic realm="x", Negotiate abc=="#,
        #"{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"},"*.example.com/a":{"username":"u","password":"p"}}}"#,
        #"{"schemaVersion":2,"config":{"mediaType":"a","digest":"\#(digest)","size":3},"layers":[]}"#,
        #"{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"\#(digest)","size":3,"platform":{"os":"linux"}}]}"#,
        #"{"os":"linux","config":{"Entrypoint":["/a"],"Cmd":["b"]}}"#,
        #"{"token":"abc","errors":[{"code":"DENIED"}]}"#, "https://[::1]:5000/a?b=c", "../../x", "reg[a-z]*.exa?ple",
    ]
    private static let pieces = [
        "\"", "\\", ",", "=", " ", "{", "}", "[", "]", ":", "null", "-1", "1e999", "\u{0}", "é", "*", "?", "%", "@",
        "//",
        "manifests", "config", "\u{FFFD}", "999999999999999999999",
    ]

    private func damaged(_ text: String, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where position < bytes.count: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 1 where position < bytes.count: bytes.remove(at: position)
            case 2: bytes.removeLast(bytes.count - position)
            default:
                let piece = Self.pieces.randomElement(using: &random) ?? ""
                bytes.insert(contentsOf: Array(piece.utf8), at: position)
            }
        }
        return bytes
    }

    @Test("no input crashes or hangs, and what is read is within its limits")
    func all() throws {
        var random = SeededGenerator(seed: Self.seed)
        print("seed \(Self.seed)")
        let image = try ImageReference("registry.example.com/a/b:1")
        for _ in 0..<Self.cases {
            let bytes = damaged(Self.samples.randomElement(using: &random) ?? "", &random)
            let text = String(decoding: bytes, as: UTF8.self)
            let challenges = AuthenticationChallenge.parse([text])
            #expect(challenges.count <= AuthenticationChallenge.limits.challenges, "seed \(Self.seed)")
            for challenge in challenges { _ = BearerToken.url(challenge, repository: "a/b") }
            if let token = BearerToken.token(bytes) {
                #expect(token.reveal().utf8.allSatisfy { (0x20...0x7E).contains($0) }, "seed \(Self.seed)")
            }
            var keyring = Keyring()
            try? keyring.add(dockerConfigJSON: bytes)
            try? keyring.add(dockerConfig: bytes)
            _ = keyring.credentials(for: image)
            _ = Keyring.matches(text, image.name)
            _ = LabelPattern(text).matches("registry")
            if case .index(let entries)? = try? Manifest(bytes, contentType: text) {
                _ = try? Manifest.linuxImages(of: entries)
            }
            if let configuration = try? ImageConfiguration(bytes) {
                #expect(
                    configuration.entryPoint.command.count <= EntryPoint.limits.entries,
                    "seed \(Self.seed)"
                )
            }
            if let url = try? RegistryURL(text, against: "https://registry.example.com/v2/a", plainHTTP: ["a:1"]) {
                #expect(url.origin.hasPrefix("https://") || url.origin == "http://a:1", "seed \(Self.seed): \(text)")
            }
            #expect(RegistryRetry.errorCodes(bytes).allSatisfy { $0.utf8.count <= 40 }, "seed \(Self.seed)")
            _ = try? RegistryProxy(environment: ["HTTPS_PROXY": text, "NO_PROXY": text])
        }
    }
}
