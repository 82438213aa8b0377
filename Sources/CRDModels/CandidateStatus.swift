public import KubernetesAPI

/// A version of a server that does not serve yet.
public struct CandidateStatus: Sendable, Hashable, Codable {
    /// How far it is.
    public var state: CandidateState
    /// The digest of the part of the spec that it runs.
    public var template: String
    /// The value of the annotation moorage.dev/restart with which it was started.
    public var restart: String?
    /// The image that was asked for.
    public var image: String
    /// When it reached this state.
    public var since: Timestamp
    /// The MCPServerRevision with what it offers, once that was read.
    public var revision: String?
    /// What happens, or what went wrong.
    public var message: String?

    /// Creates a value from its fields.
    public init(
        state: CandidateState,
        template: String,
        restart: String? = nil,
        image: String,
        since: Timestamp,
        revision: String? = nil,
        message: String? = nil
    ) {
        self.state = state
        self.template = template
        self.restart = restart
        self.image = image
        self.since = since
        self.revision = revision
        self.message = message
    }
}

/// How far a new version of a server is.
public enum CandidateState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its pod starts, and is read.
    case starting = "Starting"
    /// It waits for an approval.
    case held = "Held"
    /// It replaces the version that served.
    case takingOver = "TakingOver"
    /// It was rejected, and removed.
    case rejected = "Rejected"
    /// It breaks a rule, such as the quota of tools, and was removed.
    case refused = "Refused"
    /// It was not ready in time, and was removed.
    case timedOut = "TimedOut"
}

extension CandidateStatus: SchemaProviding {
    public static let schema = Schema.object(
        CandidateStatus.self,
        "A version of the server that does not serve yet.",
        [
            "state": .string(
                """
                Starting while its pod starts and is read, Held while it waits for an approval, TakingOver while it \
                replaces the version that served. Rejected, Refused and TimedOut are final: its pod is removed.
                """
            )
            .values(of: CandidateState.self).required(),
            "template": .string("The digest of the part of the spec that it runs.").length(0...128).required(),
            "restart": .string("The value of the annotation moorage.dev/restart with which it was started.")
                .length(0...4096),
            "image": .string("The image that was asked for; of a remote server, its URL.").length(0...1024).required(),
            "since": .timestamp("When it reached this state.").required(),
            "revision": .string("The MCPServerRevision with what it offers, once that was read.").length(0...253),
            "message": .string("What happens, or what went wrong.").length(0...4096),
        ]
    )
}
