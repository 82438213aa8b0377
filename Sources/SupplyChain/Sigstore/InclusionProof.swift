/// A proof that a Merkle tree contains a leaf (RFC 6962, section 2.1.1).
struct InclusionProof: Sendable, Hashable {
    var index: Int64
    var rootHash: [UInt8]
    var treeSize: Int64
    var hashes: [[UInt8]]
    /// The log's signed note about the tree.
    var checkpoint: String?

    init(_ document: JSONDocument) throws(VerificationError) {
        let problem = VerificationError(.logProofInvalid, "the inclusion proof of a log entry cannot be read")
        // Protobuf's JSON leaves out a zero.
        let index = document["logIndex"].map { $0.integer ?? -1 } ?? 0
        guard let rootHash = document["rootHash"]?.base64, let treeSize = document["treeSize"]?.integer, index >= 0,
            treeSize > 0, index < treeSize
        else { throw problem }
        let hashes = document["hashes"]?.elements ?? []
        guard hashes.count <= 64 else { throw problem }
        self.hashes = []
        for hash in hashes {
            guard let bytes = hash.base64, bytes.count == 32 else { throw problem }
            self.hashes.append(bytes)
        }
        self.index = index
        self.rootHash = rootHash
        self.treeSize = treeSize
        checkpoint = document["checkpoint"]?["envelope"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Checks the proof for a leaf.
    ///
    /// - Throws: `VerificationError` with `logProofInvalid`.
    func verify(leaf: [UInt8]) throws(VerificationError) {
        var node = HashAlgorithm.sha256.hash([0] + leaf).bytes
        var (position, last) = (index, treeSize - 1)
        for hash in hashes {
            guard last > 0 else { throw Self.mismatch }
            if position & 1 == 1 || position == last {
                node = HashAlgorithm.sha256.hash([1] + hash + node).bytes
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                node = HashAlgorithm.sha256.hash([1] + node + hash).bytes
            }
            position >>= 1
            last >>= 1
        }
        guard last == 0, node == rootHash else { throw Self.mismatch }
    }

    private static let mismatch = VerificationError(
        .logProofInvalid,
        "the inclusion proof does not lead from the log entry to the tree"
    )
}
