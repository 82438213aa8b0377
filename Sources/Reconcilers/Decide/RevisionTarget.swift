internal import CRDModels
internal import KubernetesAPI
internal import MCPProtocol
internal import Policy
internal import SupplyChain

/// What is known of a revision before its contract is at hand: enough for its name. Pure.
struct RevisionTarget: Sendable, Hashable {
    /// The server's name.
    let server: String
    /// The image that the checked pod runs.
    let image: RevisionImage
    /// The digest of what the server offers.
    let contractDigest: String
    /// The hash of the template of the checked pod.
    let podTemplateHash: String?
    /// What the spec says about the tools.
    let curation: Curation
    /// The reviewed part of the spec.
    let template: RevisionTemplate
    /// The digest of all that distinguishes this revision from others of the server.
    let key: String

    /// - Parameters:
    ///   - server: the server, with the spec that the pod runs.
    ///   - template: the reviewed part of this spec.
    ///   - checked: what the check of the pod found.
    ///   - unreadable: the digest to use if the pod does not say what it offers.
    /// - Returns: `nil` if the check did not read a contract, or does not say from which image.
    init?(
        server: MCPServer,
        template: RevisionTemplate,
        checked: ServerProtocolStatus,
        unreadable: String? = nil
    ) {
        guard let contractDigest = checked.contractDigest ?? unreadable, let image = checked.image,
            let name = server.metadata.name
        else { return nil }
        self.template = template
        self.server = name
        self.image = RevisionImage(image: image)
        self.contractDigest = contractDigest
        podTemplateHash = checked.podTemplateHash
        curation = Curation(server.spec)
        let identity = RawJSON.object([
            ("contract", .string(contractDigest)), ("curation", curation.canonical), ("image", .string(image)),
            ("template", .string(template.digest)),
        ])
        key = ContentDigest.sha256(of: identity.bytes)
    }

    /// The revision's name: the server's, and enough of the key to distinguish revisions. Whether an object of this name is
    /// this revision is decided by the whole key.
    var name: String { "\(server)-\(key.prefix(10))" }

    /// What the server's status says, if it is already known that the same is offered.
    ///
    /// - Parameters:
    ///   - podTemplate: the rendered pod template.
    ///   - isReviewed: whether new pods cannot make a drift disappear, because only an approval can.
    /// - Returns: `nil` if the status has another revision.
    func unchanged(_ known: ServingRevision?, podTemplate: JSONValue, isReviewed: Bool = false) -> ServingRevision? {
        guard var known, known.name == name, known.contractDigest == contractDigest else { return nil }
        // The contract is now that of other pods, so it has not changed while they run.
        if !isReviewed, !isOfSamePods(known) { known.drift = nil }
        // The same reviewed spec in pods of the same template: what is known of it is true, and costs no digest.
        if known.podTemplate == nil || podTemplateHash == nil || known.template != template.digest
            || !isOfSamePods(known)
        {
            known.podTemplate = Self.digest(ofPodTemplate: podTemplate)
        }
        known.template = template.digest
        known.image = image.reference
        known.podTemplateHash = podTemplateHash
        return known
    }

    /// Whether the checked pod can run the reviewed spec: after a change of it, pods with the hash of the template before cannot,
    /// unless the rendered template is the same.
    ///
    /// - Parameters:
    ///   - podTemplate: the rendered pod template.
    ///   - known: from the server's status.
    func canBe(of podTemplate: JSONValue, _ known: ServingRevision?) -> Bool {
        guard let known, known.template != template.digest, let hash = podTemplateHash, known.podTemplateHash == hash
        else { return true }
        return known.podTemplate == nil || known.podTemplate == Self.digest(ofPodTemplate: podTemplate)
    }

    /// The digest of a rendered pod template.
    static func digest(ofPodTemplate template: JSONValue) -> String { ContentDigest.sha256(of: template.serialized()) }

    /// Whether a revision was offered by pods with the same image and template.
    func isOfSamePods(_ known: ServingRevision) -> Bool {
        known.image == image.reference && known.podTemplateHash == podTemplateHash
    }

    /// What these pods offered first, if they now offer something else.
    ///
    /// - Parameters:
    ///   - known: from the server's status.
    ///   - isReviewed: whether all pods with the same reviewed spec have to offer the same.
    /// - Returns: the name of the revision and the digest of its contract; `nil` if nothing drifted.
    func origin(_ known: ServingRevision?, isReviewed: Bool = false) -> (revision: String, contractDigest: String)? {
        guard let known, isReviewed ? known.template == template.digest : isOfSamePods(known) else { return nil }
        let origin = known.drift.map { ($0.from, $0.contractDigest) } ?? (known.name, known.contractDigest)
        return origin.1 == contractDigest ? nil : origin
    }
}

extension RevisionImage {
    /// An image by its reference.
    init(image: String) {
        // The URL of a remote server can contain an @ as well.
        let parts = image.contains("://") ? [] : image.split(separator: "@", maxSplits: 1)
        self.init(reference: image, digest: parts.count == 2 ? String(parts[1]) : nil)
    }
}
