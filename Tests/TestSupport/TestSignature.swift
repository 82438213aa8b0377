public import Crypto
import Foundation
internal import KubernetesAPI
import SupplyChain

/// A signature of an image by a key, in cosign's format.
public struct TestSignature: Sendable {
    /// What is signed.
    public let payload: [UInt8]
    /// The signature in base64.
    public let signature: String

    /// Signs an image.
    ///
    /// - Parameters:
    ///   - digest: the digest of the image.
    ///   - key: the private key.
    public init(of digest: String, by key: P256.Signing.PrivateKey) throws {
        let document: JSONValue = [
            "critical": [
                "identity": ["docker-reference": ""], "image": ["docker-manifest-digest": .string(digest)],
                "type": "cosign container image signature",
            ],
            "optional": .null,
        ]
        payload = document.serialized()
        signature = try key.signature(for: Data(payload)).derRepresentation.base64EncodedString()
    }

    /// The layer of the signature's manifest.
    var layer: JSONValue {
        [
            "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
            "digest": .string(ImageDigest(of: payload).description), "size": .integer(Int64(payload.count)),
            "annotations": ["dev.cosignproject.cosign/signature": .string(signature)],
        ]
    }
}
