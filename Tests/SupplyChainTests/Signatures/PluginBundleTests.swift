import Crypto
import Foundation
import SupplyChain
import Testing

@Suite("Plug-in bundles")
struct PluginBundleTests {
    private let key = P256.Signing.PrivateKey()

    private func hexadecimal(_ content: [UInt8]) -> String {
        SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
    }

    /// Verifies an entry that is signed as it should be, except for what is given.
    private func code(
        _ text: String,
        path: String = "SHA256SUMS",
        sha256: String? = nil,
        signature: String? = nil,
        keys: [VerificationKey]? = nil
    ) -> VerificationError.Code? {
        let entry = Array(text.utf8)
        let (sum, signed) = (sha256 ?? hexadecimal(entry), signature ?? sign(entry))
        do throws(VerificationError) {
            var trusted = keys
            if trusted == nil { trusted = [try VerificationKey(pem: key.publicKey.pemRepresentation)] }
            _ = try PluginBundle(entry: entry, path: path, sha256: sum, signature: signed, keys: trusted ?? [])
            return nil
        } catch {
            return error.code
        }
    }

    private func sign(_ content: [UInt8]) -> String {
        (try? key.signature(for: Data(content)).derRepresentation.base64EncodedString()) ?? ""
    }

    private let digest = String(repeating: "a", count: 64)

    @Test("a signed list names the files that are covered")
    func list() throws {
        let entry = Array("\(digest)  ./index.js\n\(digest) *lib/a b.js\n".utf8)
        let bundle = try PluginBundle(
            entry: entry,
            path: "SHA256SUMS",
            sha256: hexadecimal(entry),
            signature: sign(entry),
            keys: [VerificationKey(pem: key.publicKey.pemRepresentation)]
        )
        #expect(bundle.files.map(\.path) == ["index.js", "lib/a b.js"])
        #expect(bundle.files.map(\.sha256) == [digest, digest])
    }

    @Test("an entry of another name covers itself only")
    func single() {
        #expect(code("console.log(1)", path: "index.js") == nil)
        #expect(code("\(digest)  ../x\n", path: "list.txt") == nil)
    }

    @Test("a bundle that is not what was signed is refused, with the check that failed")
    func refused() throws {
        #expect(code("x", path: "index.js", sha256: digest) == .digestMismatch)
        #expect(code("x", path: "index.js", signature: "!") == .malformed)
        #expect(code("x", path: "index.js", signature: "") == .malformed)
        #expect(code("x", path: "index.js", signature: sign(Array("y".utf8))) == .signatureInvalid)
        #expect(code("x", path: "index.js", keys: []) == .signatureInvalid)
        let other = try VerificationKey(pem: P256.Signing.PrivateKey().publicKey.pemRepresentation)
        #expect(code("x", path: "index.js", keys: [other]) == .signatureInvalid)
    }

    @Test("keys of Ed25519 and P-384 sign too, and one of several keys is enough")
    func algorithms() throws {
        let content = Array("x".utf8)
        let edwards = Curve25519.Signing.PrivateKey()
        let wide = P384.Signing.PrivateKey()
        // SubjectPublicKeyInfo of RFC 8410: an object identifier and the key.
        let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
        let keys = [
            try VerificationKey(der: prefix + Array(edwards.publicKey.rawRepresentation)),
            try VerificationKey(pem: wide.publicKey.pemRepresentation),
        ]
        let signed = try edwards.signature(for: Data(content)).base64EncodedString()
        #expect(code("x", path: "i", signature: signed, keys: keys) == nil)
        // As `openssl dgst -sha256` signs.
        let hashed = try wide.signature(for: SHA256.hash(data: content)).derRepresentation.base64EncodedString()
        #expect(code("x", path: "i", signature: hashed, keys: keys) == nil)
    }

    @Test(
        "a signed list whose paths leave the bundle, or that cannot be read, is refused",
        arguments: [
            "\(String(repeating: "a", count: 64))  ../x", "\(String(repeating: "a", count: 64))  /etc/passwd",
            "\(String(repeating: "a", count: 64))  a/../../x", "\(String(repeating: "a", count: 64))  a//b",
            "\(String(repeating: "a", count: 64))  ", "\(String(repeating: "a", count: 64)) x",
            "\(String(repeating: "A", count: 64))  x", "short  x", "\(String(repeating: "a", count: 64))  a\u{7F}b",
            "\(String(repeating: "a", count: 64))  x\n\(String(repeating: "b", count: 64))  x",
            "\(String(repeating: "a", count: 64))  a\\b", "\(String(repeating: "a", count: 64))  ././x",
        ]
    )
    func paths(_ list: String) {
        #expect(code(list) == .malformed)
    }

    @Test("a list with too many files is refused")
    func bounded() {
        let list = (0...PluginBundle.maximumFiles).map { "\(digest)  f\($0)\n" }.joined()
        #expect(code(list) == .malformed)
    }

    @Test("random changes of a signed list never crash, and are always refused")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        let list = Array("\(digest)  ./index.js\n\(digest)  lib/a.js\n".utf8)
        let (sum, signature) = (hexadecimal(list), sign(list))
        for _ in 0..<2_000 {
            var changed = list
            changed[Int.random(in: changed.indices, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            do {
                _ = try PluginBundle(
                    entry: changed,
                    path: "SHA256SUMS",
                    sha256: sum,
                    signature: signature,
                    keys: [VerificationKey(pem: key.publicKey.pemRepresentation)]
                )
                Issue.record("accepted \(changed)")
            } catch {}
        }
    }
}
