public import CRDModels
public import KubernetesAPI

/// How the controller checks that servers speak MCP.
public struct PlatformHandshake: Sendable, Hashable, Codable {
    /// Whether servers are checked that do not set it, and whose class does not. Defaults to `Enabled`.
    public var mode: HandshakeMode?
    /// How the controller reaches pods. Defaults to `Auto`.
    public var route: HandshakeRoute?
    /// How often a server that did not change is checked, in seconds. Defaults to 600.
    public var periodSeconds: Int?
    /// How long one check can take, in seconds. Defaults to 10.
    public var timeoutSeconds: Int?
    /// How many servers the controller listens to at once, which report changes of what they offer. Defaults to 256; 0 listens to
    /// none.
    public var maximumListeners: Int?
    /// The labels of the controller's pods, in its namespace: a NetworkPolicy lets them in. The chart sets it to the
    /// labels that it gives them. Defaults to the labels of the chart with the release name `moorage`.
    public var controllerPods: LabelSelector?

    public init(
        mode: HandshakeMode? = nil,
        route: HandshakeRoute? = nil,
        periodSeconds: Int? = nil,
        timeoutSeconds: Int? = nil,
        maximumListeners: Int? = nil,
        controllerPods: LabelSelector? = nil
    ) {
        self.mode = mode
        self.route = route
        self.periodSeconds = periodSeconds
        self.timeoutSeconds = timeoutSeconds
        self.maximumListeners = maximumListeners
        self.controllerPods = controllerPods
    }

    /// The labels that the chart gives the controller's pods.
    public static let builtInControllerPods = LabelSelector(matchLabels: [
        MoorageLabels.name: "moorage", MoorageLabels.instance: "moorage", MoorageLabels.component: "controller",
    ])

    /// How often a server that did not change is checked.
    package var period: Duration { .seconds(periodSeconds ?? 600) }

    /// How long one check can take.
    package var timeout: Duration { .seconds(timeoutSeconds ?? 10) }

    /// How many servers the controller listens to at once.
    package var listeners: Int { maximumListeners ?? 256 }

    func validate() throws(Refusal) {
        if let maximumListeners, !(0...10_000).contains(maximumListeners) {
            throw Refusal(
                .specInvalid,
                field: "handshake.maximumListeners",
                "\(maximumListeners) must be from 0 to 10000"
            )
        }
        for (value, field, range) in [
            (periodSeconds, "handshake.periodSeconds", 10...86_400),
            (timeoutSeconds, "handshake.timeoutSeconds", 1...300),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw Refusal(
                .specInvalid,
                field: field,
                "\(value) must be from \(range.lowerBound) to \(range.upperBound) seconds"
            )
        }
    }
}

/// How the controller reaches the pods of servers.
public enum HandshakeRoute: String, Sendable, Hashable, Codable, CaseIterable {
    /// `PodAddress` if the controller runs in a pod of the cluster, and otherwise `APIServer`.
    case auto = "Auto"
    /// Directly, at the pod's address.
    case podAddress = "PodAddress"
    /// Through the API server's proxy, which needs the permission for `pods/proxy`.
    case apiServer = "APIServer"
}
