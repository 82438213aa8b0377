import SupplyChain
import Testing

private let sha256 = String(repeating: "0123456789abcdef", count: 4)
private let sha512 = String(repeating: "0123456789abcdef", count: 8)

private let wellFormed: [(String, String)] = [
    ("nginx", "docker.io/library/nginx"),
    ("nginx:1.27", "docker.io/library/nginx:1.27"),
    ("nginx@sha256:\(sha256)", "docker.io/library/nginx@sha256:\(sha256)"),
    ("nginx:1.27@sha256:\(sha256)", "docker.io/library/nginx:1.27@sha256:\(sha256)"),
    ("nginx@sha512:\(sha512)", "docker.io/library/nginx@sha512:\(sha512)"),
    ("acme/server", "docker.io/acme/server"),
    ("acme/team/server:v1", "docker.io/acme/team/server:v1"),
    ("docker.io/nginx", "docker.io/library/nginx"),
    ("docker.io/acme/server", "docker.io/acme/server"),
    ("index.docker.io/nginx", "docker.io/library/nginx"),
    ("library/nginx", "docker.io/library/nginx"),
    ("ghcr.io/acme/server", "ghcr.io/acme/server"),
    ("ghcr.io/server", "ghcr.io/server"),
    ("GHCR.io/acme/server", "ghcr.io/acme/server"),
    ("localhost/server", "localhost/server"),
    ("localhost:5000/server", "localhost:5000/server"),
    ("localhost:5000/server:5000", "localhost:5000/server:5000"),
    ("registry:5000/server", "registry:5000/server"),
    ("127.0.0.1:5000/a/b:c", "127.0.0.1:5000/a/b:c"),
    ("10.0.0.1/server", "10.0.0.1/server"),
    ("[::1]/server", "[::1]/server"),
    ("[::1]:5000/server:v1", "[::1]:5000/server:v1"),
    ("[2001:db8::1]:5000/a/b@sha256:\(sha256)", "[2001:db8::1]:5000/a/b@sha256:\(sha256)"),
    ("Uppercase/server", "Uppercase/server"),
    ("registry.example.com/a_b", "registry.example.com/a_b"),
    ("registry.example.com/a__b", "registry.example.com/a__b"),
    ("registry.example.com/a-b", "registry.example.com/a-b"),
    ("registry.example.com/a---b", "registry.example.com/a---b"),
    ("registry.example.com/a.b", "registry.example.com/a.b"),
    ("registry.example.com/1/2", "registry.example.com/1/2"),
    ("server:v1.2.3-rc.1_x", "docker.io/library/server:v1.2.3-rc.1_x"),
    ("server:_tag", "docker.io/library/server:_tag"),
    ("server:TAG", "docker.io/library/server:TAG"),
    (
        "server:" + String(repeating: "a", count: 128),
        "docker.io/library/server:" + String(repeating: "a", count: 128)
    ),
    ("a.b/" + String(repeating: "c", count: 255), "a.b/" + String(repeating: "c", count: 255)),
    ("xn--80ak6aa92e.example/server", "xn--80ak6aa92e.example/server"),
    ("a.b/\(sha256)", "a.b/\(sha256)"),
]

private let malformedForms: [(String, ImageReferenceError.Kind)] = [
    ("", ImageReferenceError.Kind.empty),
    (" nginx", .whiteSpace),
    ("nginx ", .whiteSpace),
    ("ng\tinx", .whiteSpace),
    ("nginx\n", .whiteSpace),
    ("https://ghcr.io/acme/server", .scheme),
    ("docker://nginx", .scheme),
    ("oci://ghcr.io/a", .scheme),
    ("ghcr.io/Acme/server", .uppercaseRepository),
    ("ghcr.io/acme/Server:v1", .uppercaseRepository),
    ("Nginx", .uppercaseRepository),
    (sha256, .hexadecimalName),
    ("-host.io/a", .registryHost),
    ("host-.io/a", .registryHost),
    ("ho..st/a", .registryHost),
    (".io/a", .registryHost),
    ("ho_st.io/a", .registryHost),
    ("[::1/a", .registryHost),
    ("[1]:5000/a", .registryHost),
    ("[::g]:5000/a", .registryHost),
    ("[::1]x:1/a", .registryHost),
    ("host.io:/a", .registryPort),
    ("host.io:port/a", .registryPort),
    ("host.io:70000/a", .registryPort),
    ("host.io:0/a", .registryPort),
    ("[::1]:x/a", .registryPort),
    ("ghcr.io//server", .emptyPathComponent),
    ("ghcr.io/acme//server", .emptyPathComponent),
    ("ghcr.io/acme/", .emptyPathComponent),
    ("/server", .emptyPathComponent),
    ("ghcr.io/.acme", .pathComponent),
    ("ghcr.io/acme.", .pathComponent),
    ("ghcr.io/ac..me", .pathComponent),
    ("ghcr.io/ac___me", .pathComponent),
    ("ghcr.io/-acme", .pathComponent),
    ("ghcr.io/acme-", .pathComponent),
    ("ghcr.io/ac._me", .pathComponent),
    ("ghcr.io/ac$me", .pathComponent),
    ("ghcr.io/acmé", .pathComponent),
    ("ghcr.io/", .missingRepository),
    ("@sha256:\(sha256)", .missingRepository),
    (":tag", .missingRepository),
    ("a.b/" + String(repeating: "c", count: 256), .repositoryLength),
    ("nginx:", .emptyTag),
    ("nginx:@sha256:\(sha256)", .emptyTag),
    ("nginx:" + String(repeating: "a", count: 129), .tagLength),
    ("nginx:.tag", .tagCharacters),
    ("nginx:-tag", .tagCharacters),
    ("nginx:ta+g", .tagCharacters),
    ("nginx:tág", .tagCharacters),
    ("nginx@", .emptyDigest),
    ("nginx@sha256:\(sha256)@sha256:\(sha256)", .severalDigests),
    ("nginx@\(sha256)", .digestWithoutAlgorithm),
    ("nginx@md5:0123", .unknownDigestAlgorithm),
    ("nginx@SHA256:\(sha256)", .unknownDigestAlgorithm),
    ("nginx@sha256:", .digestLength),
    ("nginx@sha256:abc", .digestLength),
    ("nginx@sha256:\(sha256)0", .digestLength),
    ("nginx@sha512:\(sha256)", .digestLength),
    ("nginx@sha256:" + sha256.uppercased(), .digestCharacters),
    ("nginx@sha256:" + String(repeating: "g", count: 64), .digestCharacters),
]

@Suite("Image references")
struct ImageReferenceTests {
    @Test("are parsed by the distribution grammar, and completed", arguments: wellFormed)
    func canonical(text: String, expected: String) throws {
        let reference = try ImageReference(text)
        #expect(reference.description == expected)
        #expect(try ImageReference(reference.description) == reference, "the full text is parsed to the same reference")
    }

    @Test("that are invalid are refused with the rule", arguments: malformedForms)
    func malformed(text: String, kind: ImageReferenceError.Kind) {
        let error = #expect(throws: ImageReferenceError.self) { _ = try ImageReference(text) }
        #expect(error?.kind == kind, "\(error?.description ?? "")")
        #expect(error?.description.contains("\"\(text)\"") == true)
    }

    @Test("without tag and digest mean latest; those with only a digest do not")
    func latest() throws {
        #expect(try ImageReference("nginx").isLatest)
        #expect(try ImageReference("nginx:latest").isLatest)
        #expect(try ImageReference("nginx:latest@sha256:\(sha256)").isLatest)
        #expect(try !ImageReference("nginx@sha256:\(sha256)").isLatest)
        #expect(try !ImageReference("nginx:1").isLatest)
    }

    @Test("of any bytes are accepted or refused, and accepted ones are canonical", arguments: [UInt64(20_261_121)])
    func fuzz(seed: UInt64) throws {
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let alphabet = Array("ab0AZ._-:/@[]$ \u{e9}sha256:")
        var read = 0
        for _ in 0..<10_000 {
            let text = String((0..<next(24)).map { _ in alphabet[next(alphabet.count)] })
            guard let reference = try? ImageReference(text) else { continue }
            read += 1
            #expect(try ImageReference(reference.description) == reference, "seed \(seed): \(text)")
        }
        #expect(read > 50, "seed \(seed): the cases are not all refused")
    }
}
