/// Why a NetworkPolicy cannot be evaluated. The API server refuses such a policy too, in most cases.
public struct PolicyProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The policy, as `namespace/name`.
    public var policy: String
    /// The field, such as `spec.egress[0].to[0].ipBlock.cidr`.
    public var field: String
    /// What is wrong with which value, and what to do.
    public var message: String

    public init(policy: String, field: String, message: String) {
        self.policy = policy
        self.field = field
        self.message = message
    }

    public var description: String { "NetworkPolicy \(policy): \(field): \(message)" }
}

/// All policies that cannot be evaluated.
public struct PolicyProblems: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems, in the order of the policies.
    public var problems: [PolicyProblem]

    public init(problems: [PolicyProblem]) { self.problems = problems }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
