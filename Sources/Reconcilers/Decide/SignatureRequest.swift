public import CRDModels
internal import KubernetesAPI
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

    /// What has to be verified before a server can run: its image, and every image that its volumes or its override of the pod template
    /// add. An image that may not run anyway is left out, so that no registry is asked that the tenant's policy does not allow.
    ///
    /// - Parameter roots: the digests of the trusted roots by their names.
    public static func all(_ input: ServerInput, roots: [String: String]) -> [SignatureRequest] {
        let namespace = input.server.metadata.namespace ?? ""
        // Before anything else is decided about the image: most servers need nothing.
        let rules = SignatureRules(namespace: namespace, claims: input.claims, platform: input.platform)
        guard rules.areChecked, let pull = ImagePull(input) else { return [] }
        let rulesDigest = pull.tenant.signatures.digest(roots: roots)
        var requests: [SignatureRequest] = []
        let own = pull.isOwn ? [] : [(pull.requested, pull.image)]
        let images = own + AddedImages.allowed(of: input.server.spec, tenant: pull.tenant)
        for (requested, image) in images {
            guard let digest = image.digest, requests.count < Self.maximumImages else { continue }
            let request = SignatureRequest(
                image: image,
                digest: digest,
                requested: requested,
                rules: pull.tenant.signatures,
                rulesDigest: rulesDigest,
                pullSecrets: pull.secrets,
                serviceAccount: pull.serviceAccount
            )
            if !requests.contains(where: { $0.key == request.key }) { requests.append(request) }
        }
        return requests
    }

    /// How many images of a server are verified and recorded. A server with more is refused.
    static let maximumImages = 16

    /// The name and the digest: what a verdict is about.
    var key: String { Self.key(requested, digest) }

    static func key(_ requested: ImageReference, _ digest: ImageDigest) -> String { "\(requested.name)@\(digest)" }

    /// That this was verified before, with the same rules. It stays valid, so that a restart asks no registry.
    public func recorded(in status: MCPServerStatus?) -> ImageVerification? {
        status?.imageVerifications?.first {
            $0.image == requested.name && $0.digest == digest.description && $0.rules == rulesDigest
        }
    }
}

/// The images of a server's pods in addition to its own.
enum AddedImages {
    /// Those that the tenant's image policy allows; the others are refused with the pod template. The image of the adapter is the
    /// platform's.
    static func allowed(
        of spec: MCPServerSpec,
        tenant: EffectiveTenant
    ) -> [(requested: ImageReference, resolved: ImageReference)] {
        var images = (spec.volumes ?? []).compactMap(\.image?.reference) + (spec.plugins ?? []).compactMap(\.image)
        if let template = spec.podTemplate {
            _ = PodSchema.current.replacingImages(in: template) { (_, image) throws(Never) in
                images.append(image)
                return image
            }
        }
        return images.compactMap { image in
            guard let verdict = try? tenant.images.judge(image) else { return nil }
            return (verdict.requested, verdict.resolved)
        }
    }
}

/// What is known about the signatures of one image.
public enum SignatureState: Sendable, Hashable {
    /// They are being verified.
    case pending
    /// They satisfy the rules.
    case verified(ImageVerification)
    /// They do not, and the rules only warn.
    case tolerated(ImageFailure)
    /// They do not, or cannot be read.
    case failed(ImageFailure)
}

/// What is known about the signatures of a server's images.
public struct SignatureStates: Sendable, Hashable {
    private let isChecked: Bool
    private let states: [String: SignatureState]

    /// Nobody verifies them, because the input is from files.
    public static let notChecked = SignatureStates(isChecked: false, states: [:])

    /// - Parameter states: what is known about each image, by the key of its request. Nothing is known about the others.
    init(_ states: [String: SignatureState] = [:]) {
        self.init(isChecked: true, states: states)
    }

    private init(isChecked: Bool, states: [String: SignatureState]) {
        self.isChecked = isChecked
        self.states = states
    }

    /// What was verified about the images of a server.
    ///
    /// - Throws: `Refusal` if one of them must not run, or not yet.
    func required(
        for image: ImageVerdict,
        of spec: MCPServerSpec,
        tenant: EffectiveTenant
    ) throws(Refusal) -> SignatureResult {
        var result = SignatureResult()
        guard isChecked, tenant.signatures.areChecked else { return result }
        let added = AddedImages.allowed(of: spec, tenant: tenant)
        guard added.count < SignatureRequest.maximumImages else {
            throw Refusal(
                .signatureRefused,
                field: "spec.podTemplate",
                "signatures are required, and the pods have more than \(SignatureRequest.maximumImages) images: remove some"
            )
        }
        if !image.isOwn { try add(image.requested, image.resolved, field: "spec.image", to: &result) }
        for (requested, resolved) in added { try add(requested, resolved, field: "spec.podTemplate", to: &result) }
        return result
    }

    private func add(
        _ requested: ImageReference,
        _ resolved: ImageReference,
        field: String,
        to result: inout SignatureResult
    ) throws(Refusal) {
        let digest = resolved.digest
        switch digest.flatMap({ states[SignatureRequest.key(requested, $0)] }) ?? .pending {
        // That of another image says nothing about this one.
        case .verified(let record) where record.image == requested.name && record.digest == digest?.description:
            if !result.verifications.contains(record) { result.verifications.append(record) }
        case .tolerated(let failure): result.problems.append(failure)
        case .failed(let failure): throw Refusal(failure.reason, field: field, failure.message)
        case .pending, .verified:
            throw Refusal(.signaturePending, "the signatures of \(resolved) are being read from \(resolved.registry)")
        }
    }
}

/// What is known about the signatures of images that may run.
public struct SignatureResult: Sendable, Hashable {
    /// What was verified.
    public var verifications: [ImageVerification] = []
    /// What is missing, if the rules only warn.
    public var problems: [ImageFailure] = []
}

extension SignatureResult {
    /// The records of a status with these. Others that were verified with the same rules are kept, because a version before may still
    /// run; those that are there already stay in their order, so that nothing is written again.
    func recorded(in records: [ImageVerification]?) -> [ImageVerification]? {
        let known = records ?? []
        let new = verifications.filter { !known.contains($0) }
        guard !new.isEmpty else { return records }
        let others = known.filter { record in
            record.rules == new[0].rules
                && !new.contains { $0.image == record.image && $0.digest == record.digest }
        }
        return Array((new + others).prefix(SignatureRequest.maximumImages))
    }
}
