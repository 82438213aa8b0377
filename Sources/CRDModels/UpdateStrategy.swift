public import KubernetesAPI

/// How pods are replaced by new ones.
public struct UpdateStrategy: Sendable, Hashable, Codable {
    /// RollingUpdate starts new pods beside the old ones, Recreate ends all old pods first.
    public var type: UpdateStrategyType?
    /// How a rolling update goes.
    public var rollingUpdate: RollingUpdate?

    /// Makes one from its fields.
    public init(type: UpdateStrategyType? = nil, rollingUpdate: RollingUpdate? = nil) {
        self.type = type
        self.rollingUpdate = rollingUpdate
    }
}

extension UpdateStrategy: SchemaProviding {
    public static let schema = Schema.object(
        UpdateStrategy.self,
        "How pods are replaced by new ones.",
        [
            "type": .string(
                """
                RollingUpdate starts new pods beside the old ones, Recreate ends all old pods first. When left out it is \
                Recreate where a volume can be used by one pod or one node alone, and else RollingUpdate.
                """
            )
            .values(of: UpdateStrategyType.self),
            "rollingUpdate": RollingUpdate.schema.described("How a rolling update goes; for RollingUpdate alone."),
        ],
        rules: [
            Rule(
                "!has(self.rollingUpdate) || !has(self.type) || self.type == 'RollingUpdate'",
                message: "rollingUpdate is for the type RollingUpdate: remove it, or change the type",
                fieldPath: ".rollingUpdate"
            ) { strategy, _ in
                strategy["rollingUpdate"] == nil || strategy["type"] == nil || strategy["type"] == "RollingUpdate"
            }
        ]
    )
}

/// How a rolling update goes.
public struct RollingUpdate: Sendable, Hashable, Codable {
    /// How many pods there may be beyond the wanted number, as a number or a percentage.
    public var maxSurge: IntOrString?
    /// How many of the wanted pods may be missing, as a number or a percentage.
    public var maxUnavailable: IntOrString?

    /// Makes one from its fields.
    public init(maxSurge: IntOrString? = nil, maxUnavailable: IntOrString? = nil) {
        self.maxSurge = maxSurge
        self.maxUnavailable = maxUnavailable
    }
}

extension RollingUpdate: SchemaProviding {
    public static let schema = Schema.object(
        RollingUpdate.self,
        "How a rolling update goes.",
        [
            "maxSurge": .intOrString(
                "How many pods there may be beyond the wanted number, as a number or a percentage; 1 when left out."
            ),
            "maxUnavailable": .intOrString(
                """
                How many of the wanted pods may be missing, as a number or a percentage; 0 when left out, or 1 where maxSurge \
                is 0.
                """
            ),
        ]
    )
}
