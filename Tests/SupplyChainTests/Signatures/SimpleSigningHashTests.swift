import Crypto
import Foundation
import SupplyChain
import Testing

@Suite("The hash of simple signing")
struct SimpleSigningHashTests {
    @Test("versions of cosign before 3 use SHA-256 with every key, later ones the key's own hash; others are refused")
    func hashes() async throws {
        let digest = ImageDigest(of: [1])
        let payload =
            #"{"critical":{"identity":{"docker-reference":""},"image":{"docker-manifest-digest":"\#(digest)"},"#
            + #""type":"cosign container image signature"},"optional":null}"#
        let key = P384.Signing.PrivateKey()
        let signer = ExpectedSigner.key(try VerificationKey(pem: key.publicKey.pemRepresentation))
        let message = Data(payload.utf8)
        let signatures = [
            (try key.signature(for: SHA256.hash(data: message)), true),
            (try key.signature(for: SHA384.hash(data: message)), true),
            (try key.signature(for: SHA512.hash(data: message)), false),
        ]
        for (signature, isValid) in signatures {
            let annotation = signature.derRepresentation.base64EncodedString()
            let layer = try SimpleSigning(
                payload: Array(payload.utf8),
                annotations: ["dev.cosignproject.cosign/signature": annotation]
            )
            let verified = try? await layer.verify(digest, root: nil, signer: signer, requiresLog: false)
            #expect((verified != nil) == isValid)
        }
    }
}
