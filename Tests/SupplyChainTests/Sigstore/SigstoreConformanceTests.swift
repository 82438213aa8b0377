import Crypto
import Foundation
import SupplyChain
import Testing

/// The check that each bad case must fail at: each is refused for its own reason, not for a mistake of the reader.
private let reasons: [String: VerificationError.Code] = [
    "bundle-empty-certificate-chain_fail": .malformed,
    "bundle-from-wrong-instance_fail": .logUntrusted,
    "bundle-invalid-base64-signature_fail": .malformed,
    "bundle-malformed-json_fail": .malformed,
    "bundle-negative-log-index_fail": .malformed,
    "bundle-unknown-version_fail": .unsupported,
    "bundle-with-root-cert_fail": .malformed,
    "checkpoint-bad-keyhint_fail": .logCheckpointInvalid,
    "checkpoint-wrong-roothash_fail": .logCheckpointInvalid,
    "dsse-invalid-sig_fail": .logEntryMismatch,
    "dsse-mismatch-envelope_fail": .logEntryMismatch,
    "dsse-mismatch-sig_fail": .logEntryMismatch,
    "inclusion-proof-corrupted-hash_fail": .logProofInvalid,
    "incorrect-public-key_fail": .logPromiseInvalid,
    "integrated-time-in-future_fail": .certificateUntrusted,
    "intoto-expired-certificate_fail": .certificateUntrusted,
    "intoto-log-entry-mismatch_fail": .logEntryMismatch,
    "intoto-missing-inclusion-proof_fail": .logProofInvalid,
    "intoto-set-outside-signing-cert-validity_fail": .certificateUntrusted,
    "intoto-tsa-timestamp-outside-cert-validity_fail": .certificateUntrusted,
    "invalid-checkpoint-signature_fail": .logCheckpointInvalid,
    "invalid-ct-key_fail": .certificateNotLogged,
    "invalid-inclusion-proof_fail": .logCheckpointInvalid,
    "managed-key-no-key_fail": .materialMismatch,
    "managed-key-wrong-key_fail": .malformed,
    "message-digest-mismatch_fail": .digestMismatch,
    "rekor2-checkpoint-missing-log-signature_fail": .logCheckpointInvalid,
    "rekor2-checkpoint-missing-origin_fail": .logCheckpointInvalid,
    "rekor2-checkpoint-missing-root-hash_fail": .logCheckpointInvalid,
    "rekor2-checkpoint-missing-size_fail": .logCheckpointInvalid,
    "rekor2-checkpoint-no-matching-signature_fail": .logCheckpointInvalid,
    "rekor2-dsse-invalid-sig_fail": .logEntryMismatch,
    "rekor2-dsse-mismatch-envelope_fail": .logEntryMismatch,
    "rekor2-dsse-mismatch-sig_fail": .logEntryMismatch,
    "rekor2-no-inclusion-proof_fail": .logProofInvalid,
    "rekor2-no-timestamp_fail": .timeMissing,
    "rekor2-timestamp-outside-trust-root-tsa-validity_fail": .timestampInvalid,
    "rekor2-timestamp-outside-tsa-cert-validity_fail": .timestampInvalid,
    "rekor2-timestamp-payload-mismatch_fail": .timestampInvalid,
    "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail": .timestampInvalid,
    "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail": .timestampInvalid,
    "rekor2-timestamp-with-incorrect-time_fail": .certificateUntrusted,
    "set-invalid-signature_fail": .logPromiseInvalid,
    "signature-mismatch_fail": .logEntryMismatch,
    "trust-root-tlog-missing-validity-start_fail": .trustedRootMalformed,
    "wrong-hashedrekord-artifact_fail": .logEntryMismatch,
    "wrong-hashedrekord-cert-and-sig_fail": .logEntryMismatch,
    "wrong-hashedrekord-entry_fail": .logEntryMismatch,
    "wrong-material_fail": .logEntryMismatch,
]

@Suite("Sigstore's conformance cases", .enabled(if: SigstoreCase.vectors != nil, SigstoreCase.comment))
struct SigstoreConformanceTests {
    @Test("the bad cases are those whose reasons are known")
    func complete() {
        #expect(Set(SigstoreCase.all.filter(\.mustFail).map(\.name)) == Set(reasons.keys))
        #expect(SigstoreCase.all.contains { !$0.mustFail })
    }

    @Test("a case has the expected verdict", arguments: SigstoreCase.all)
    func verdict(_ given: SigstoreCase) async throws {
        do {
            let verified = try await given.verify()
            #expect(!given.mustFail, "it must be refused, and is verified: \(verified)")
        } catch let error as VerificationError {
            #expect(error.code == reasons[given.name], "\(error.message)")
        }
    }

    @Test("a case has the same verdict if only the hash of the artifact is known", arguments: SigstoreCase.all)
    func verdictOfHash(_ given: SigstoreCase) async throws {
        let hash = HashedBytes(algorithm: .sha256, bytes: Array(SHA256.hash(data: Data(try given.artifact()))))
        do {
            _ = try await given.verify(.hash(hash))
            #expect(!given.mustFail)
        } catch let error as VerificationError {
            #expect(error.code == reasons[given.name], "\(error.message)")
        }
    }
}
