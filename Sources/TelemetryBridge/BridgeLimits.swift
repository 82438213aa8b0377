/// How much one call of the bridge may take.
public struct BridgeLimits: Sendable, Hashable {
    /// Bytes of the rows of one result: 64 KiB. A model reads all of them.
    public var maximumResultBytes = 64 << 10
    /// Bytes of one answer of Prometheus, Loki or Alertmanager: 8 MiB.
    public var maximumBackendBytes = 8 << 20
    /// Bytes of one answer of the API server: 16 MiB.
    public var maximumClusterBytes = 16 << 20
    /// How long a backend may take to answer: 20 seconds.
    public var backendTime = Duration.seconds(20)
    /// How long a tool, a prompt or a resource may take: 45 seconds.
    public var callTime = Duration.seconds(45)
    /// Objects of one kind that are read for a summary: 5,000.
    public var maximumObjects = 5_000
    /// How often a resource that somebody has subscribed to is compared with its last state: 15 seconds.
    public var subscriptionInterval = Duration.seconds(15)
    /// How often the folder of saved queries is read: 10 seconds.
    public var queriesInterval = Duration.seconds(10)

    public init() {}
}
