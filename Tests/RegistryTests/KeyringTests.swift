import Foundation
import SupplyChain
import Testing

@testable import Registry

@Suite("Credentials of pull Secrets")
struct KeyringTests {
    /// A keyring with an entry for each location, whose user names are the locations.
    private func keyring(_ secrets: [String]...) throws -> Keyring {
        var keyring = Keyring()
        for locations in secrets {
            let entries = locations.map { location in
                "\"\(location)\":{\"auth\":\"\(Data("\(location.replacing(":", with: "|")):p".utf8).base64EncodedString())\"}"
            }
            try keyring.add(dockerConfigJSON: Array("{\"auths\":{\(entries.joined(separator: ","))}}".utf8))
        }
        return keyring
    }

    private func users(_ keyring: Keyring, _ image: String) throws -> [String] {
        keyring.credentials(for: try ImageReference(image)).map { $0.username.replacing("|", with: ":") }
    }

    /// Cases of the kubelet's own tests (`pkg/credentialprovider/keyring_test.go`), and of its documentation.
    @Test(
        "an entry matches as in the kubelet",
        arguments: [
            ("https://registry.example.com", "registry.example.com/a/b", true),
            ("http://registry.example.com/v1/", "registry.example.com/a/b", true),
            ("registry.example.com/v2/", "registry.example.com/a/b", true),
            ("registry.example.com/", "registry.example.com/a", true),
            ("registry.example.com", "registry.example.com:5000/a", false),
            ("registry.example.com:5000", "registry.example.com:5000/a", true),
            ("registry.example.com:5001", "registry.example.com:5000/a", false),
            ("registry.example.com/a", "registry.example.com/a/b", true),
            ("registry.example.com/a/b", "registry.example.com/a/c", false),
            ("*.example.com", "registry.example.com/a", true),
            ("*.example.com", "example.com/a", false),
            ("*.example.com", "a.b.example.com/a", false),
            ("*.*.example.com", "a.b.example.com/a", true),
            ("reg*.example.com:5000/a", "registry.example.com:5000/a/b", true),
            ("regis?ry.example.com", "registry.example.com/a", true),
            ("registry[0-9].example.com", "registry7.example.com/a", true),
            ("registry[^0-9].example.com", "registry7.example.com/a", false),
            ("registry[.example.com", "registry7.example.com/a", false),
            ("*.io", "k8s.io/a", true),
            ("[::1]:5000", "[::1]:5000/a", true),
            ("[::1]", "[::1]:5000/a", false),
            ("https://index.docker.io/v1/", "nginx", true),
            ("https://index.docker.io/v1/", "acme/time:1", true),
            ("docker.io", "acme/time:1", true),
            ("https://index.docker.io/v1/", "quay.io/acme/time:1", false),
            ("evil.example.com/registry.example.com", "registry.example.com/a", false),
        ]
    )
    func matching(location: String, image: String, isExpected: Bool) throws {
        #expect(try users(keyring([location]), image) == (isExpected ? [location] : []))
    }

    @Test("the more specific entry is first, then the order of the Secrets decides")
    func order() throws {
        let keyring = try keyring(
            ["registry.example.com", "registry.example.com/a", "*.example.com"],
            ["registry.example.com/a/b", "registry.example.com"]
        )
        #expect(
            try users(keyring, "registry.example.com/a/b:1") == [
                "registry.example.com/a/b", "registry.example.com/a", "registry.example.com", "registry.example.com",
                "*.example.com",
            ]
        )
        #expect(
            try users(keyring, "registry.example.com/c") == [
                "registry.example.com", "registry.example.com", "*.example.com",
            ]
        )
        // The entry of `docker login` is used only if no other matches.
        let hub = try self.keyring(["https://index.docker.io/v1/", "docker.io/acme"])
        #expect(try users(hub, "acme/time") == ["docker.io/acme"])
        #expect(try users(hub, "other/time") == ["https://index.docker.io/v1/"])
    }

    @Test("a password is read from auth, or from its own field, in both formats")
    func formats() throws {
        func credential(_ text: String, isOld: Bool = false) throws -> [String] {
            var keyring = Keyring()
            if isOld {
                try keyring.add(dockerConfig: Array(text.utf8))
            } else {
                try keyring.add(dockerConfigJSON: Array(text.utf8))
            }
            return keyring.credentials(for: try ImageReference("r.example/a")).map {
                "\($0.username)/\($0.password.reveal())"
            }
        }
        let auth = Data("user:pass:word".utf8).base64EncodedString()
        #expect(try credential(#"{"auths":{"r.example":{"auth":"\#(auth)"}}}"#) == ["user/pass:word"])
        let unpadded = Data("u:pw".utf8).base64EncodedString().replacing("=", with: "")
        #expect(try credential(#"{"auths":{"r.example":{"auth":"\#(unpadded)"}}}"#) == ["u/pw"])
        #expect(try credential(#"{"auths":{"r.example":{"username":"user","password":"pass"}}}"#) == ["user/pass"])
        #expect(
            try credential(#"{"auths":{"r.example":{"username":"x","password":"y","auth":"\#(auth)"}}}"#)
                == ["user/pass:word"]
        )
        #expect(try credential(#"{"r.example":{"auth":"\#(auth)"}}"#, isOld: true) == ["user/pass:word"])
        #expect(try credential("{}") == [])
        for text in ["", "[]", #"{"auths":[]}"#, #"{"auths":{"r.example":{"auth":"not base64!"}}}"#] {
            #expect(throws: Keyring.Failure.self, "\(text)") { try credential(text) }
        }
        let colonless = Data("user".utf8).base64EncodedString()
        #expect(throws: Keyring.Failure.self) { try credential(#"{"auths":{"r.example":{"auth":"\#(colonless)"}}}"#) }
    }

    @Test("a fingerprint tells credentials apart, and a keyring shows no password")
    func secrecy() throws {
        func keyring(_ password: String) throws -> Keyring {
            var keyring = Keyring()
            try keyring.add(
                dockerConfigJSON: Array(#"{"auths":{"r.example":{"username":"u","password":"\#(password)"}}}"#.utf8)
            )
            return keyring
        }
        let image = try ImageReference("r.example/a")
        let other = try ImageReference("s.example/a")
        let first = try keyring("hunter2")
        #expect(first.fingerprint(for: image) == (try keyring("hunter2")).fingerprint(for: image))
        #expect(first.fingerprint(for: image) != (try keyring("hunter3")).fingerprint(for: image))
        #expect(first.fingerprint(for: image) != Keyring().fingerprint(for: image))
        #expect(first.fingerprint(for: other) == Keyring().fingerprint(for: other))
        var text = "\(first)"
        dump(first, to: &text)
        #expect(!text.contains("hunter2"))
    }

    @Test("a pattern with many wildcards is matched in little time")
    func wildcards() {
        let pattern = LabelPattern(String(repeating: "*a", count: 40) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 63)))
        #expect(pattern.matches(String(repeating: "a", count: 62) + "b"))
    }
}
