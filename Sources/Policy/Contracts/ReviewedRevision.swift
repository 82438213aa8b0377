package import CRDModels
package import KubernetesAPI

/// A revision, as far as its review is concerned. Pure.
package struct ReviewedRevision: Sendable, Hashable {
    /// Whether a revision may serve.
    package enum Standing: Sendable, Hashable {
        /// By policy, without a person's approval.
        case accepted(RevisionAcceptance)
        /// A person approved it.
        case approved(by: String?)
        /// A person rejected it.
        case rejected(by: String?, reason: String?)
        /// Nobody has decided.
        case waiting
        /// An approval that does not count, because of this.
        case invalid(String)

        /// Whether the revision may serve.
        package var admits: Bool {
            switch self {
            case .accepted, .approved: true
            case .rejected, .waiting, .invalid: false
            }
        }

        package var isRejected: Bool {
            if case .rejected = self { true } else { false }
        }
    }

    package var name: String
    package var uid: String
    package var resourceVersion: String
    package var creationTimestamp: Timestamp?
    /// What it ran.
    package var template: RevisionTemplate?
    /// The digest of the contract with its curation.
    package var digest: String
    /// The digest of what the server offered.
    package var contractDigest: String
    /// Whether it may serve.
    package var standing: Standing

    package init(_ revision: MCPServerRevision) {
        name = revision.metadata.name ?? ""
        uid = revision.metadata.uid ?? ""
        resourceVersion = revision.metadata.resourceVersion ?? ""
        creationTimestamp = revision.metadata.creationTimestamp
        template = revision.spec.template
        digest = revision.spec.digest
        contractDigest = revision.spec.contractDigest
        standing = Self.standing(of: revision.spec)
    }

    private static func standing(of spec: MCPServerRevisionSpec) -> Standing {
        let approver = spec.approval?.approver
        switch spec.approval?.decision {
        case .rejected?: return .rejected(by: approver, reason: spec.approval?.reason)
        case .approved? where spec.acceptance == nil && spec.separateApprover == true:
            guard let approver else { return .invalid("it does not say who approved it") }
            guard let author = spec.author else { return .invalid("it is not known who deployed it") }
            guard approver != author else { return .invalid("\(approver) approved it and has deployed it") }
            return .approved(by: approver)
        case .approved?: return .approved(by: approver)
        case nil: return spec.acceptance.map(Standing.accepted) ?? .waiting
        }
    }
}
