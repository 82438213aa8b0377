internal import FoundationEssentials

/// A log's statement about its tree, as a signed note (C2SP specifications tlog-checkpoint and signed-note).
struct Checkpoint: Sendable, Hashable {
    var origin: String
    var size: Int64
    var rootHash: [UInt8]
    /// What is signed.
    private var text: [UInt8]
    private var signatures: [Signature]

    private struct Signature: Sendable, Hashable {
        var name: String
        /// The first bytes of the identifier of the key.
        var hint: [UInt8]
        var bytes: [UInt8]
    }

    init(_ note: String) throws(VerificationError) {
        func problem(_ text: String) -> VerificationError {
            VerificationError(.logCheckpointInvalid, "the checkpoint of the log \(text)")
        }
        guard note.utf8.count <= 65_536 else { throw problem("is too large") }
        let bytes = Array(note.utf8)
        // The signatures follow the last empty line.
        guard let end = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A }) else {
            throw problem("has no signatures")
        }
        text = Array(bytes[...end])
        let lines = String(decoding: bytes[..<end], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines[0].isEmpty else { throw problem("does not have an origin, a size and a hash") }
        guard lines[1].utf8.allSatisfy(\.isDigit), let size = Int64(lines[1]) else {
            throw problem("has no valid size")
        }
        guard let hash = Data(base64Encoded: String(lines[2])), hash.count == 32 else {
            throw problem("has no valid hash")
        }
        origin = String(lines[0])
        self.size = size
        rootHash = Array(hash)
        signatures = []
        let rest = String(decoding: bytes[(end + 2)...], as: UTF8.self)
        guard rest.hasSuffix("\n") else { throw problem("does not end with a line break") }
        for line in rest.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\u{2014}", !parts[1].isEmpty,
                let data = Data(base64Encoded: String(parts[2])), data.count > 4
            else { throw problem("has a signature that cannot be read") }
            signatures.append(
                Signature(name: String(parts[1]), hint: Array(data.prefix(4)), bytes: Array(data.dropFirst(4)))
            )
        }
        guard signatures.count <= 64 else { throw problem("has more than 64 signatures") }
    }

    /// Checks that the log has signed the checkpoint. Signatures of others, such as witnesses, are skipped.
    ///
    /// - Parameters:
    ///   - identifier: the log's identifier; the first four bytes are the hint.
    ///   - bindsOrigin: whether the name of the signature must be the origin, as in Rekor 2.
    /// - Throws: `VerificationError` with `logCheckpointInvalid`.
    func verify(identifier: [UInt8], key: VerificationKey, bindsOrigin: Bool) throws(VerificationError) {
        let own = signatures.filter { $0.hint == Array(identifier.prefix(4)) && (!bindsOrigin || $0.name == origin) }
        guard !own.isEmpty else {
            throw VerificationError(.logCheckpointInvalid, "the checkpoint is not signed by the log of the entry")
        }
        guard own.contains(where: { key.verifies($0.bytes, of: text, hash: key.defaultHash) }) else {
            throw VerificationError(
                .logCheckpointInvalid,
                "the checkpoint has a signature of the log that is not valid"
            )
        }
    }
}
