internal import Crypto

extension ImageDigest {
    /// The digest of content.
    public init(of content: [UInt8], algorithm: Algorithm = .sha256) {
        let hexadecimal =
            switch algorithm {
            case .sha256: ContentDigest.hexadecimal(SHA256.hash(data: content))
            case .sha512: ContentDigest.hexadecimal(SHA512.hash(data: content))
            }
        self.init(algorithm: algorithm, hexadecimal: hexadecimal)
    }

    /// Whether this is the digest of content.
    public func matches(_ content: [UInt8]) -> Bool { self == ImageDigest(of: content, algorithm: algorithm) }
}

extension ImageReference {
    /// The same reference with another digest. The tag is kept for people; the digest decides what is pulled.
    public func pinned(to digest: ImageDigest) -> ImageReference {
        var reference = self
        reference.digest = digest
        return reference
    }
}
