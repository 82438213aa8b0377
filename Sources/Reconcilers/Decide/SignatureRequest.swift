public import CRDModels
public import Policy
public import SupplyChain

/// What has to be verified before the image of a server can run.
public struct SignatureRequest: Sendable, Hashable {
    /// The image, as the pods pull it: after mirrors are applied, with its digest.
    public var image: ImageReference
    /// The digest of the image.
    public var digest: ImageDigest
    /// The image as the spec has it, whose name the authorities are for.
    public var requested: ImageReference
    /// The rules.
    public var rules: SignatureRules
    /// The digest of the rules and the trusted roots.
    public var rulesDigest: String
    /// The pull Secrets of the pods, in order.
    public var pullSecrets: [String]
    /// The ServiceAccount of the pods, whose pull Secrets they get if they name none.
    public var serviceAccount: String

    /// - Parameter roots: the digests of the trusted roots by their names.
    /// - Returns: `nil` if nothing has to be verified, or the image may not run anyway.
    public init?(_ input: ServerInput, roots: [String: String]) {
        guard let pull = ImagePull(input), pull.tenant.signatures.areChecked, let digest = pull.image.digest else {
            return nil
        }
        image = pull.image
        self.digest = digest
        requested = pull.requested
        rules = pull.tenant.signatures
        rulesDigest = rules.digest(roots: roots)
        pullSecrets = pull.secrets
        serviceAccount = pull.serviceAccount
    }

    /// That this was verified before, with the same rules. It stays valid, so that a restart asks no registry.
    public func recorded(in status: MCPServerStatus?) -> ImageVerification? {
        status?.imageVerifications?.first { $0.digest == digest.description && $0.rules == rulesDigest }
    }
}

/// What is known about the signatures of a server's image.
public enum SignatureState: Sendable, Hashable {
    /// Nobody verifies them, because the input is from files.
    case notChecked
    /// They are being verified.
    case pending
    /// They satisfy the rules.
    case verified(ImageVerification)
    /// They do not, and the rules only warn.
    case tolerated(ImageFailure)
    /// They do not, or cannot be read.
    case failed(ImageFailure)
}

extension SignatureState {
    /// What was verified about an image.
    ///
    /// - Throws: `Refusal` if the image must not run, or not yet.
    func required(for image: ImageReference) throws(Refusal) -> SignatureResult {
        switch self {
        case .notChecked: return SignatureResult()
        // That of another image says nothing about this one.
        case .verified(let record) where record.digest == image.digest?.description:
            return SignatureResult(verification: record)
        case .tolerated(let failure): return SignatureResult(problem: failure)
        case .failed(let failure): throw Refusal(failure.reason, field: "spec.image", failure.message)
        case .pending, .verified:
            throw Refusal(.signaturePending, "the signatures of \(image) are being read from \(image.registry)")
        }
    }
}

/// What is known about the signatures of an image that may run.
public struct SignatureResult: Sendable, Hashable {
    /// What was verified; `nil` if nothing was.
    public var verification: ImageVerification?
    /// What is missing, if the rules only warn.
    public var problem: ImageFailure?
}

extension SignatureResult {
    /// The records of a status with this one first. Those of other images that were verified with the same rules are kept, because a
    /// version before may still run.
    func recorded(in records: [ImageVerification]?) -> [ImageVerification]? {
        guard let verification else { return records }
        let others = (records ?? []).filter { $0.digest != verification.digest && $0.rules == verification.rules }
        return [verification] + others.prefix(Self.maximumRecords - 1)
    }

    /// How many images of a server are recorded.
    private static var maximumRecords: Int { 4 }
}
