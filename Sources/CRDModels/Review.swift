public import KubernetesAPI

/// Which new versions of a server need an approval before they serve.
public enum ReviewPolicy: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// None.
    case never = "Never"
    /// Those that offer something else than the version that serves.
    case onContractChange = "OnContractChange"
    /// All of them, also the first one.
    case always = "Always"

    /// Whether the left policy is less strict than the right one.
    public static func < (left: ReviewPolicy, right: ReviewPolicy) -> Bool { left.strictness < right.strictness }

    private var strictness: Int {
        switch self {
        case .never: 0
        case .onContractChange: 1
        case .always: 2
        }
    }
}

/// What happens to a server that offers something else than was approved, with the same image and spec.
public enum DriftPolicy: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// It is reported.
    case report = "Report"
    /// It is also taken out of service until it is approved, or offers again what was approved.
    case quarantine = "Quarantine"

    /// Whether the left policy is less strict than the right one.
    public static func < (left: DriftPolicy, right: DriftPolicy) -> Bool { left == .report && right == .quarantine }
}

/// How new versions of a tenant's servers are reviewed.
public struct TenantReview: Sendable, Hashable, Codable {
    /// Which new versions need an approval. Defaults to OnContractChange.
    public var policy: ReviewPolicy?
    /// What happens to a server that offers something else than was approved. Defaults to Report.
    public var onDrift: DriftPolicy?
    /// Whether nobody can approve what they deployed. Defaults to false.
    public var separateApprover: Bool?
    /// How long a new version can take until it has been read, in seconds. Defaults to 600.
    public var startTimeoutSeconds: Int?
    /// How long the pod of a version that waits for an approval is kept, in seconds. Defaults to 604800, a week.
    public var holdTimeoutSeconds: Int?

    /// Creates a value from its fields.
    public init(
        policy: ReviewPolicy? = nil,
        onDrift: DriftPolicy? = nil,
        separateApprover: Bool? = nil,
        startTimeoutSeconds: Int? = nil,
        holdTimeoutSeconds: Int? = nil
    ) {
        self.policy = policy
        self.onDrift = onDrift
        self.separateApprover = separateApprover
        self.startTimeoutSeconds = startTimeoutSeconds
        self.holdTimeoutSeconds = holdTimeoutSeconds
    }
}

extension TenantReview: SchemaProviding {
    public static let schema = Schema.object(
        TenantReview.self,
        "How new versions of the tenant's servers are reviewed.",
        [
            "policy": .string(
                """
                Which new versions of a server need an approval before they serve: OnContractChange, those that offer \
                something else than the version that serves; Always, all of them, also the first one; Never, none. \
                Defaults to OnContractChange.
                """
            )
            .values(of: ReviewPolicy.self),
            "onDrift": .string(
                """
                What happens to a server that offers something else than was approved, with the same image and spec: \
                Report only reports it; Quarantine also takes it out of service until the new contract is approved, or \
                it offers again what was approved. Defaults to Report.
                """
            )
            .values(of: DriftPolicy.self),
            "separateApprover": .boolean(
                """
                Whether nobody can approve what they deployed. It needs the admission policies that are installed with \
                Moorage, which record who has changed a server. Defaults to false.
                """
            ),
            "startTimeoutSeconds": .integer(
                """
                How long a new version can take until its pod is ready and has been read, in seconds. It is removed \
                afterwards. Defaults to 600.
                """
            )
            .range(10...86_400),
            "holdTimeoutSeconds": .integer(
                """
                How long the pod of a version that waits for an approval is kept, in seconds. The version can be approved \
                afterwards too. Defaults to 604800, a week.
                """
            )
            .range(60...31_536_000),
        ]
    )
}

/// How new versions of one server are reviewed: only stricter than the tenant says.
public struct ServerReview: Sendable, Hashable, Codable {
    /// Which new versions need an approval. Defaults to the tenant's policy.
    public var policy: ReviewPolicy?
    /// What happens if the server offers something else than was approved. Defaults to the tenant's policy.
    public var onDrift: DriftPolicy?

    /// Creates a value from its fields.
    public init(policy: ReviewPolicy? = nil, onDrift: DriftPolicy? = nil) {
        self.policy = policy
        self.onDrift = onDrift
    }
}

extension ServerReview: SchemaProviding {
    public static let schema = Schema.object(
        ServerReview.self,
        "How new versions of the server are reviewed. A value that is less strict than the tenant's is refused.",
        [
            "policy": .string(
                """
                Which new versions need an approval before they serve: OnContractChange, those that offer something else \
                than the version that serves; Always, all of them, also the first one; Never, none. Defaults to the \
                tenant's policy.
                """
            )
            .values(of: ReviewPolicy.self),
            "onDrift": .string(
                """
                What happens if the server offers something else than was approved, with the same image and spec: Report \
                only reports it; Quarantine also takes it out of service. Defaults to the tenant's policy.
                """
            )
            .values(of: DriftPolicy.self),
        ]
    )
}
