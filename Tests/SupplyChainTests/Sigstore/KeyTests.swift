import Testing

@testable import SupplyChain

@Suite("PEM")
struct PEMBlockTests {
    private let content = "AQIDBAUGBwgJ"

    @Test("lines can have any length and any line break")
    func lines() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        for text in [
            "-----BEGIN KEY-----\n\(content)\n-----END KEY-----\n",
            "-----BEGIN KEY-----\r\nAQID\r\nBAUGBwgJ\r\n-----END KEY-----\r\n",
            "\n\n-----BEGIN KEY-----\n\n  AQIDBAUG \n BwgJ\n\n-----END KEY-----",
            "-----BEGIN KEY-----\nA\nQIDBAUGBwgJ\n-----END KEY-----",
        ] {
            let block = try #require(PEMBlock(text))
            #expect(block.label == "KEY")
            #expect(block.content == bytes)
        }
    }

    @Test("a text that is not exactly one block is refused")
    func refused() {
        let good = "-----BEGIN KEY-----\n\(content)\n-----END KEY-----\n"
        #expect(PEMBlock(good) != nil)
        for text in [
            "", "\n", "x", content, good + good, "x\n" + good, good + "x\n", "-----BEGIN KEY-----\n-----END KEY-----\n",
            "-----BEGIN KEY-----\n\(content)\n", "-----BEGIN KEY-----\n\(content)\n-----END OTHER-----\n",
            "-----BEGIN KEY\n\(content)\n-----END KEY-----\n", "-----BEGIN KEY-----\n!!!\n-----END KEY-----\n",
            "-----BEGIN KEY-----\nProc-Type: 4,ENCRYPTED\n\(content)\n-----END KEY-----\n",
            "-----BEGIN KEY-----\nAQ\n-----END KEY-----\n",
            "----BEGIN KEY-----\n\(content)\n-----END KEY-----\n", good + "-----BEGIN KEY-----\n",
            "-----BEGIN -----\n\n-----END -----",
        ] { #expect(PEMBlock(text) == nil, "\(text)") }
    }

    @Test(
        "a key that is not a key is refused",
        arguments: [
            "", "key", "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n",
            "-----BEGIN RSA PUBLIC KEY-----\nAQID\n-----END RSA PUBLIC KEY-----\n",
            String(repeating: "x", count: 70_000),
        ]
    )
    func malformed(_ text: String) {
        let error = #expect(throws: VerificationError.self) { _ = try VerificationKey(pem: text) }
        #expect(error?.code == .malformed)
    }

    @Test(
        "a document that is not a public key is named",
        arguments: ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED SIGSTORE PRIVATE KEY"]
    )
    func unsupported(_ label: String) {
        let error = #expect(throws: VerificationError.self) {
            _ = try VerificationKey(pem: "-----BEGIN \(label)-----\nAQID\n-----END \(label)-----\n")
        }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains(label) == true)
        #expect(error?.message.contains("AQID") == false)
    }
}

@Suite("Keys of signatures", .enabled(if: MiniatureSigstore.canRun, MiniatureSigstore.comment))
struct VerificationKeyTests {
    @Test(
        "a key says what it is",
        arguments: [
            ("p256", "ECDSA P-256", HashAlgorithm.sha256), ("p384", "ECDSA P-384", .sha384),
            ("p521", "ECDSA P-521", .sha512),
            ("rsa", "RSA", .sha256), ("ed25519", "Ed25519", .sha256),
        ]
    )
    func kinds(_ name: String, _ algorithm: String, _ hash: HashAlgorithm) async throws {
        let world = try await MiniatureSigstore.shared.value
        let key = try world.key(name)
        #expect(key.algorithm == algorithm)
        #expect(key.defaultHash == hash)
        #expect(key.description == "\(algorithm) \(key.fingerprint.prefix(16))")
        let written = try #require(world.writtenKeys[name])
        let block = try #require(PEMBlock(written))
        #expect(key.subjectPublicKeyInfo == block.content)
        #expect(key.fingerprint == ContentDigest.sha256(of: block.content))
        #expect(try VerificationKey(der: block.content) == key)
    }

    @Test("a key is the same key in every form")
    func forms() async throws {
        let world = try await MiniatureSigstore.shared.value
        for (form, name) in [("rsa-pkcs1", "rsa"), ("p256-certificate", "p256")] {
            #expect(try world.key(form).fingerprint == world.key(name).fingerprint, "\(form)")
            #expect(try world.key(form) == world.key(name), "\(form)")
        }
    }

    @Test(
        "a key that is too small or of another kind is not supported",
        arguments: ["rsa-1024", "rsa-1024-pkcs1", "secp256k1", "ed448", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"]
    )
    func unsupported(_ name: String) async throws {
        let world = try await MiniatureSigstore.shared.value
        let error = #expect(throws: VerificationError.self) { _ = try world.key(name) }
        #expect(error?.code == .unsupported, "\(error?.message ?? "")")
    }
}
