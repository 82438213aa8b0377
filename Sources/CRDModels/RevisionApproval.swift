public import KubernetesAPI

/// A person's decision about a revision. Only holders of the role Approver can write it.
public struct RevisionApproval: Sendable, Hashable, Codable {
    /// The decision.
    public var decision: ApprovalDecision
    /// Who decided, as the API server knows them.
    public var approver: String?
    /// Why.
    public var reason: String?

    /// Creates a value from its fields.
    public init(decision: ApprovalDecision, approver: String? = nil, reason: String? = nil) {
        self.decision = decision
        self.approver = approver
        self.reason = reason
    }
}

/// A decision about a revision.
public enum ApprovalDecision: String, Sendable, Hashable, Codable, CaseIterable {
    /// It may serve.
    case approved = "Approved"
    /// It must not serve.
    case rejected = "Rejected"
}

extension RevisionApproval: SchemaProviding {
    public static let schema = Schema.object(
        RevisionApproval.self,
        "A person's decision about the revision.",
        [
            "decision": .string(
                """
                Approved if the revision may serve, and Rejected if it must not. It can be changed later: a revision that \
                serves is taken out of service when it is rejected.
                """
            )
            .values(of: ApprovalDecision.self).required(),
            "approver": .string(
                """
                Who decided: the name of the user who writes the decision. The admission policies that are installed with \
                Moorage set it, and refuse the name of somebody else.
                """
            )
            .length(1...512),
            "reason": .string("Why.").length(0...1024),
        ]
    )
}

/// Why a revision may serve without a person's approval.
public enum RevisionAcceptance: String, Sendable, Hashable, Codable, CaseIterable {
    /// It is the first one that was read, and the policy does not hold the first one.
    case firstVersion = "FirstVersion"
    /// It offers the same as the revision that served before.
    case contractUnchanged = "ContractUnchanged"
    /// Nothing was to be reviewed when it started to serve.
    case notReviewed = "NotReviewed"
}

/// The part of a server's spec that decides what the server offers, as it was when the revision was read. It is what runs
/// while another version is reviewed, and after a rollback.
public struct RevisionTemplate: Sendable, Hashable, Codable {
    /// The SHA-256 digest of `spec` and of the image, as 64 hexadecimal digits.
    public var digest: String
    /// The fields of the server's spec.
    public var spec: JSONValue

    /// Creates a value from its fields.
    public init(digest: String, spec: JSONValue) {
        self.digest = digest
        self.spec = spec
    }
}

extension RevisionTemplate: SchemaProviding {
    public static let schema = Schema.object(
        RevisionTemplate.self,
        """
        The part of the server's spec that decides what the server offers, as it was when the revision was read. It is \
        what runs while another version is reviewed, and after a rollback.
        """,
        [
            "digest": .string("The SHA-256 digest of the fields, as 64 hexadecimal digits.").length(64...64)
                .pattern("^[0-9a-f]{64}$").required(),
            "spec": .anyObject("The fields of the server's spec, with the image that was asked for.").required(),
        ]
    )
}
