internal import CRDModels
public import SupplyChain

/// The signatures and attestations that the images of a tenant must have: those that the platform requires and those that the tenant
/// requires.
public struct SignatureRules: Sendable, Hashable {
    /// The rules of one of them.
    struct Requirement: Sendable, Hashable {
        /// The field that sets them, for messages.
        var field: String
        var signatures: TenantSignatures
    }

    let requirements: [Requirement]

    /// - Parameters:
    ///   - platform: the rules of the platform.
    ///   - tenant: the rules of the tenant.
    init(platform: TenantSignatures?, tenant: TenantSignatures?) {
        requirements = [("images.signatures", platform), ("spec.images.signatures", tenant)].compactMap {
            field,
            signatures in
            guard let signatures, signatures.areChecked else { return nil }
            return Requirement(field: field, signatures: signatures)
        }
    }

    /// The rules for the images of a namespace, without everything else that applies there.
    package init(namespace: String, claims: NamespaceClaims, platform: PlatformConfiguration) {
        self.init(
            platform: platform.images?.signatures,
            tenant: claims[namespace]?.tenant?.spec.images?.signatures
        )
    }

    /// Whether signatures are checked at all.
    public var areChecked: Bool { !requirements.isEmpty }

    /// Whether an image without what is required must not run. Otherwise, the rules only warn.
    public var areEnforced: Bool { requirements.contains { $0.signatures.mode != .warn } }

    /// The names of the trusted roots that the rules use.
    public var trustedRoots: Set<String> {
        Set(requirements.flatMap { $0.signatures.authorities ?? [] }.compactMap(\.trustedRoot))
    }

    /// A digest of the rules and the trusted roots. What was verified with others is verified again.
    ///
    /// - Parameter roots: the digests of the trusted roots by their names.
    public func digest(roots: [String: String]) -> String {
        var digest = ContentDigest()
        func add(_ text: String?) {
            digest.update(text ?? "")
            digest.update([text == nil ? 0 : 1])
        }
        func add(_ list: [String]?) {
            add(list.map { "\($0.count)" })
            for text in list ?? [] { add(text) }
        }
        for requirement in requirements {
            let signatures = requirement.signatures
            add(requirement.field)
            add(signatures.mode?.rawValue)
            add("\(signatures.authorities?.count ?? 0)")
            for authority in signatures.authorities ?? [] {
                add(authority.name)
                add(authority.images)
                add(authority.keys)
                add(authority.threshold.map(String.init))
                add("\(authority.identities?.count ?? 0)")
                for identity in authority.identities ?? [] {
                    for text in [identity.subject, identity.subjectPattern, identity.issuer, identity.issuerPattern] {
                        add(text)
                    }
                }
                add(authority.trustedRoot)
                add(authority.trustedRoot.flatMap { roots[$0] })
                add("\(authority.requireTransparencyLog ?? false)")
            }
            for attestation in signatures.attestations ?? [] {
                add(attestation.name)
                add(attestation.predicateType)
                add(attestation.builder)
                add(attestation.source)
                add(attestation.maximumAgeHours.map(String.init))
            }
        }
        return digest.hexadecimal
    }

    /// The rules as policies, each of which must be satisfied.
    ///
    /// - Throws: `Refusal` with `tenantInvalid`, which names the field.
    public func policies() throws(Refusal) -> [SignaturePolicy] {
        var policies: [SignaturePolicy] = []
        for requirement in requirements {
            let field = requirement.field
            var authorities: [SignatureAuthority] = []
            for (index, authority) in (requirement.signatures.authorities ?? []).enumerated() {
                authorities.append(try SignatureAuthority(authority, field: "\(field).authorities[\(index)]"))
            }
            guard !authorities.isEmpty else {
                throw Refusal(
                    .tenantInvalid,
                    field: "\(field).authorities",
                    "is empty, so that no image could run: add an authority, or set \(field).mode to Off"
                )
            }
            policies.append(
                SignaturePolicy(
                    mode: requirement.signatures.mode == .warn ? .warn : .enforce,
                    authorities: authorities,
                    attestations: (requirement.signatures.attestations ?? []).map(AttestationRule.init)
                )
            )
        }
        return policies
    }

    /// Checks what the schema cannot express.
    ///
    /// - Parameter roots: the names of the trusted roots that the platform has; `nil` if they are not known.
    /// - Throws: `Refusal` with `tenantInvalid`, which names the field.
    public func check(roots: Set<String>?) throws(Refusal) {
        _ = try policies()
        guard let roots else { return }
        for requirement in requirements {
            for (index, authority) in (requirement.signatures.authorities ?? []).enumerated() {
                guard let name = authority.trustedRoot, !roots.contains(name) else { continue }
                let known = roots.isEmpty ? "it has none" : "use one of \(roots.sorted().joined(separator: ", "))"
                throw Refusal(
                    .tenantInvalid,
                    field: "\(requirement.field).authorities[\(index)].trustedRoot",
                    "\"\(name)\" is not a trusted root of the platform's configuration (trustedRoots): \(known)"
                )
            }
        }
    }
}

extension TenantSignatures {
    /// Whether anything is checked. An empty object is what the chart writes if nothing is set.
    var areChecked: Bool { mode != .off && self != TenantSignatures() }
}

extension SignatureAuthority {
    fileprivate init(_ authority: ImageAuthority, field: String) throws(Refusal) {
        var images: [RegistryPrefix] = []
        for (index, text) in (authority.images ?? []).enumerated() {
            images.append(try ImagePolicy.prefix(text, field: "\(field).images[\(index)]"))
        }
        self.init(
            name: authority.name,
            images: images,
            signers: try Self.signers(authority, field: field),
            trustedRoot: authority.trustedRoot,
            requiresLog: authority.requireTransparencyLog ?? false
        )
        if requiresLog, trustedRoot == nil {
            throw Refusal(
                .tenantInvalid,
                field: "\(field).requireTransparencyLog",
                "needs trustedRoot, which has the keys of the logs: set it, or remove requireTransparencyLog"
            )
        }
    }

    private static func signers(_ authority: ImageAuthority, field: String) throws(Refusal) -> Signers {
        let (keys, identities) = (authority.keys ?? [], authority.identities ?? [])
        guard keys.isEmpty != identities.isEmpty else {
            throw Refusal(
                .tenantInvalid,
                field: field,
                keys.isEmpty
                    ? "has neither keys nor identities: set one of them"
                    : "has both keys and identities: use an authority for each"
            )
        }
        if !identities.isEmpty {
            guard authority.trustedRoot != nil else {
                throw Refusal(
                    .tenantInvalid,
                    field: "\(field).trustedRoot",
                    "is not set, and certificates can only be verified with a trusted root: set it"
                )
            }
            var matchers: [IdentityMatcher] = []
            for (index, identity) in identities.enumerated() {
                let field = "\(field).identities[\(index)]"
                matchers.append(
                    IdentityMatcher(
                        subject: try pattern(identity.subject, identity.subjectPattern, "subject", field: field),
                        issuer: try pattern(identity.issuer, identity.issuerPattern, "issuer", field: field)
                    )
                )
            }
            return .identities(matchers)
        }
        var parsed: [VerificationKey] = []
        for (index, text) in keys.enumerated() {
            let field = "\(field).keys[\(index)]"
            let key: VerificationKey
            do {
                key = try VerificationKey(pem: text)
            } catch {
                throw Refusal(.tenantInvalid, field: field, "is not a public key: \(error.message)")
            }
            guard !parsed.contains(key) else {
                throw Refusal(.tenantInvalid, field: field, "is the same key as another one: remove one of them")
            }
            parsed.append(key)
        }
        let threshold = authority.threshold ?? 1
        guard (1...parsed.count).contains(threshold) else {
            throw Refusal(
                .tenantInvalid,
                field: "\(field).threshold",
                "\(threshold) of \(parsed.count) keys cannot sign: use a number from 1 to \(parsed.count)"
            )
        }
        return .keys(parsed, threshold: threshold)
    }

    private static func pattern(
        _ exact: String?,
        _ pattern: String?,
        _ name: String,
        field: String
    ) throws(Refusal) -> AnchoredPattern {
        switch (exact, pattern) {
        case (let exact?, nil) where !exact.isEmpty: return .exactly(exact)
        case (nil, let pattern?) where !pattern.isEmpty: return AnchoredPattern(pattern: pattern)
        default:
            throw Refusal(
                .tenantInvalid,
                field: field,
                "needs either \(name) or \(name)Pattern, and not both"
            )
        }
    }
}

extension AttestationRule {
    fileprivate init(_ attestation: ImageAttestation) {
        self.init(
            name: attestation.name,
            predicateType: attestation.predicateType,
            builder: attestation.builder.map { AnchoredPattern(pattern: $0) },
            source: attestation.source.map { AnchoredPattern(pattern: $0) },
            maximumAge: attestation.maximumAgeHours.map { .seconds(3_600 * $0) }
        )
    }
}
