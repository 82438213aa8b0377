/// Which signatures and attestations images must have.
public struct SignaturePolicy: Sendable, Hashable {
    /// What happens to an image without them.
    public enum Mode: String, Sendable, Hashable, CaseIterable, Codable {
        /// It does not run.
        case enforce = "Enforce"
        /// It runs, and a condition says what is missing.
        case warn = "Warn"
        /// Nothing is checked.
        case off = "Off"
    }

    /// What happens to an image without them.
    public var mode: Mode
    /// Who may sign. An image needs the signature of one of those that are for it.
    public var authorities: [SignatureAuthority]
    /// What must be stated about every image, in addition.
    public var attestations: [AttestationRule]

    /// Creates a policy.
    public init(mode: Mode, authorities: [SignatureAuthority], attestations: [AttestationRule] = []) {
        self.mode = mode
        self.authorities = authorities
        self.attestations = attestations
    }

    /// The authorities for an image.
    ///
    /// - Parameter name: the image's registry and repository.
    public func authorities(for name: String) -> [SignatureAuthority] {
        authorities.filter { $0.covers(name) }
    }
}

/// Who may sign images.
public struct SignatureAuthority: Sendable, Hashable {
    /// How it signs.
    public enum Signers: Sendable, Hashable {
        /// With keys, of which a number must have signed.
        case keys([VerificationKey], threshold: Int)
        /// With certificates for identities, which authorities of a trusted root have issued. One must have signed.
        case identities([IdentityMatcher])
    }

    /// The authority's name, for messages.
    public var name: String
    /// The images that it may sign; empty for all.
    public var images: [RegistryPrefix]
    /// How it signs.
    public var signers: Signers
    /// The name of the trusted root; `nil` if there is none, which only keys can do without.
    public var trustedRoot: String?
    /// Whether a transparency log must have recorded a signature with a key.
    public var requiresLog: Bool

    /// Creates an authority.
    public init(
        name: String,
        images: [RegistryPrefix] = [],
        signers: Signers,
        trustedRoot: String? = nil,
        requiresLog: Bool = false
    ) {
        self.name = name
        self.images = images
        self.signers = signers
        self.trustedRoot = trustedRoot
        self.requiresLog = requiresLog
    }

    /// Whether it may sign an image.
    func covers(_ name: String) -> Bool { images.isEmpty || images.contains { $0.covers(name) } }

    /// Each signer alone.
    var expectedSigners: [ExpectedSigner] {
        switch signers {
        case .keys(let keys, _): keys.map { .key($0) }
        case .identities(let identities): identities.map { .identity($0) }
        }
    }

    /// How many signers must have signed.
    var threshold: Int {
        switch signers {
        case .keys(_, let threshold): max(1, threshold)
        case .identities: 1
        }
    }
}
