/// How a leader election runs. The defaults are client-go's and controller-runtime's.
public struct LeaderElectionConfiguration: Sendable {
    /// Retries of candidates that are not the leader are spread over this many additional periods (client-go's
    /// `JitterFactor`).
    static let jitterFactor = 1.2

    /// The identity of this process, which must be unique.
    public var identity: String
    /// The Lease's name.
    public var name: String
    /// The Lease's namespace.
    public var namespace: String
    /// How long other candidates wait before they acquire a lease that is not renewed.
    public var leaseDuration: Duration
    /// How long the leader tries to renew before it gives up.
    public var renewDeadline: Duration
    /// The time between two attempts.
    public var retryPeriod: Duration

    /// Creates a configuration.
    ///
    /// - Throws: `LeaderElectionConfigurationError` if the durations contradict each other or a name is missing.
    public init(
        identity: String,
        name: String,
        namespace: String,
        leaseDuration: Duration = .seconds(15),
        renewDeadline: Duration = .seconds(10),
        retryPeriod: Duration = .seconds(2)
    ) throws {
        self.identity = identity
        self.name = name
        self.namespace = namespace
        self.leaseDuration = leaseDuration
        self.renewDeadline = renewDeadline
        self.retryPeriod = retryPeriod
        let problem: String? =
            if identity.isEmpty || name.isEmpty || namespace.isEmpty {
                "the identity, the Lease's name and its namespace must not be empty"
            } else if leaseDuration < .seconds(1) {
                "the lease duration \(leaseDuration) must be at least one second"
            } else if leaseDuration != .seconds(leaseDuration.components.seconds) {
                // A Lease stores whole seconds, so others would acquire it before the leader stops.
                "the lease duration \(leaseDuration) must be a whole number of seconds"
            } else if retryPeriod <= .zero {
                "the retry period \(retryPeriod) must be more than zero"
            } else if leaseDuration <= renewDeadline {
                "the lease duration \(leaseDuration) must be longer than the renew deadline \(renewDeadline)"
            } else if renewDeadline <= retryPeriod * Self.jitterFactor {
                "the renew deadline \(renewDeadline) must be longer than 1.2 times the retry period \(retryPeriod)"
            } else {
                nil
            }
        if let problem { throw LeaderElectionConfigurationError(message: problem) }
    }

    /// The timeout of one request: half the renew deadline, at least one second (as in controller-runtime).
    public var requestTimeout: Duration { max(.seconds(1), renewDeadline / 2) }
}

/// A leader election cannot run as configured.
public struct LeaderElectionConfigurationError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, and what is required.
    public var message: String

    public var description: String { "leader election: \(message)" }
}
