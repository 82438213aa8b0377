internal import FoundationEssentials

/// An entry of a transparency log, with the log's promise or proof that it includes the entry (sigstore_rekor.proto,
/// `TransparencyLogEntry`; Rekor versions 1 and 2).
struct TransparencyLogEntry: Sendable, Hashable {
    var logIdentifier: [UInt8]
    /// The index over all shards of the log.
    var index: Int64
    /// The kind and version of the entry's body, such as `hashedrekord` and `0.0.1`.
    var kind: String
    var version: String
    /// When the log says that it added the entry, in seconds since 1970. Rekor 2 does not say.
    var integratedTime: Int64?
    /// The signed entry timestamp.
    var promise: [UInt8]?
    var proof: InclusionProof?
    /// The entry's body as it is in the log.
    var body: [UInt8]

    init(_ document: JSONDocument) throws(VerificationError) {
        guard let body = document["canonicalizedBody"]?.base64, let identifier = document["logId"]?["keyId"]?.base64,
            let kind = document["kindVersion"]?["kind"]?.text, let version = document["kindVersion"]?["version"]?.text
        else {
            throw VerificationError(.malformed, "a log entry has no canonicalizedBody, logId or kindVersion")
        }
        // Protobuf's JSON leaves out a zero.
        let index = document["logIndex"].map { $0.integer ?? -1 } ?? 0
        guard index >= 0 else {
            throw VerificationError(.malformed, "the logIndex of a log entry is not a number from 0")
        }
        if let time = document["integratedTime"] {
            guard let seconds = time.integer, (0...Self.maximumTime).contains(seconds) else {
                throw VerificationError(.malformed, "the integratedTime of a log entry is not valid")
            }
            integratedTime = seconds == 0 ? nil : seconds
        }
        if let promise = document["inclusionPromise"] {
            guard let signature = promise["signedEntryTimestamp"]?.base64 else {
                throw VerificationError(.logPromiseInvalid, "the promise of a log entry is not valid base64")
            }
            self.promise = signature
        }
        proof = try document["inclusionProof"].map { proof throws(VerificationError) in try InclusionProof(proof) }
        self.body = body
        self.index = index
        self.kind = kind
        self.version = version
        logIdentifier = identifier
    }

    init(
        logIdentifier: [UInt8],
        index: Int64,
        kind: String,
        version: String,
        integratedTime: Int64?,
        promise: [UInt8]?,
        body: [UInt8]
    ) {
        self.logIdentifier = logIdentifier
        self.index = index
        self.kind = kind
        self.version = version
        self.integratedTime = integratedTime
        self.promise = promise
        self.body = body
    }

    /// The last second of the year 9999.
    private static let maximumTime: Int64 = 253_402_300_799

    /// Whether the log is Rekor 2, which signs no times.
    private var isTiled: Bool { version == "0.0.2" && (kind == "hashedrekord" || kind == "dsse") }

    /// The time that the log has added the entry at, if its promise binds it.
    var promisedTime: Date? {
        guard promise != nil, !isTiled else { return nil }
        return integratedTime.map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// The log and its key, as the root has them at the time of the entry.
    ///
    /// - Parameter times: the verified times of the signature, if the log says none.
    /// - Throws: `VerificationError` with `logUntrusted` or `unsupported`.
    func log(
        in root: TrustedRoot,
        times: [Date]
    ) throws(VerificationError) -> (log: TrustedRoot.Log, key: VerificationKey) {
        let known = root.transparencyLogs.filter { $0.identifier == logIdentifier }
        guard !known.isEmpty else {
            throw VerificationError(.logUntrusted, "the log of the entry is not in the trusted root")
        }
        let moments = promisedTime.map { [$0] } ?? times
        guard let log = known.first(where: { log in moments.isEmpty || moments.contains(where: log.validFor.contains) })
        else {
            throw VerificationError(
                .logUntrusted,
                "the key of the log \(printable(known[0].baseURL)) was not valid when the entry was made"
            )
        }
        switch log.key {
        case .success(let key): return (log, key)
        case .failure(let error):
            throw VerificationError(
                .unsupported,
                "the key of the log \(printable(log.baseURL)) cannot be used: \(error.message)"
            )
        }
    }

    /// Checks the log's promise, if there is one (Rekor 1, signed entry timestamp).
    func checkPromise(key: VerificationKey) throws(VerificationError) {
        guard let promise else { return }
        guard let integratedTime else {
            throw VerificationError(.logPromiseInvalid, "the log entry has a promise without a time")
        }
        // The canonical JSON (RFC 8785) of these members; none of them needs escapes.
        let identifier = ContentDigest.hexadecimal(logIdentifier)
        let message = """
            {"body":"\(Data(body).base64EncodedString())","integratedTime":\(integratedTime),"logID":"\(identifier)",\
            "logIndex":\(index)}
            """
        guard key.verifies(promise, of: message.utf8, hash: key.defaultHash) else {
            throw VerificationError(
                .logPromiseInvalid,
                "the promise of the log entry has a signature that is not valid"
            )
        }
    }

    /// Checks the proof that the log includes the entry, if there is one, up to the signature of the log's checkpoint.
    func checkProof(log: TrustedRoot.Log, key: VerificationKey) throws(VerificationError) {
        guard let proof else { return }
        try proof.verify(leaf: body)
        // Only bundles of version 0.1 have a proof without a checkpoint; the promise stands for it.
        guard let checkpoint = proof.checkpoint else { return }
        let parsed = try Checkpoint(checkpoint)
        try parsed.verify(identifier: log.identifier, key: key, bindsOrigin: isTiled)
        guard parsed.rootHash == proof.rootHash, parsed.size == proof.treeSize else {
            throw VerificationError(
                .logCheckpointInvalid,
                "the checkpoint is about another tree than the inclusion proof"
            )
        }
    }
}
