/// How the controller checks that the network enforces NetworkPolicies. Without these settings, it does not check.
public struct PlatformNetworkCheck: Sendable, Hashable, Codable {
    /// Two namespaces in which pods of the controller try to reach each other. Nothing else is in them.
    public var namespaces: [String]
    /// The image of these pods, which contains `moorage`. Defaults to the chart's.
    public var image: String?
    /// How often the network is checked, in seconds. Defaults to 86400.
    public var periodSeconds: Int?

    public init(namespaces: [String], image: String? = nil, periodSeconds: Int? = nil) {
        self.namespaces = namespaces
        self.image = image
        self.periodSeconds = periodSeconds
    }

    /// How often the network is checked.
    package var period: Duration { periodSeconds.map { .seconds($0) } ?? Self.builtInPeriod }

    /// How often the network is checked, if nothing else is set.
    package static let builtInPeriod = Duration.seconds(86_400)

    func validate() throws(Refusal) {
        guard namespaces.count == 2, Set(namespaces).count == 2 else {
            throw Refusal(
                .specInvalid,
                field: "networkCheck.namespaces",
                "[\(namespaces.joined(separator: ", "))] must be two namespaces"
            )
        }
        guard let periodSeconds, !(60...2_592_000).contains(periodSeconds) else { return }
        throw Refusal(
            .specInvalid,
            field: "networkCheck.periodSeconds",
            "\(periodSeconds) must be from 60 to 2592000 seconds"
        )
    }
}
