public import KubernetesAPI

/// How existing pods are replaced by new ones.
public struct UpdateStrategy: Sendable, Hashable, Codable {
    /// RollingUpdate starts new pods before it terminates old ones, Recreate terminates all old pods first.
    public var type: UpdateStrategyType?
    /// The settings of a rolling update.
    public var rollingUpdate: RollingUpdate?

    /// Creates a value from its fields.
    public init(type: UpdateStrategyType? = nil, rollingUpdate: RollingUpdate? = nil) {
        self.type = type
        self.rollingUpdate = rollingUpdate
    }
}

extension UpdateStrategy: SchemaProviding {
    public static let schema = Schema.object(
        UpdateStrategy.self,
        "How existing pods are replaced by new ones.",
        [
            "type": .string(
                """
                RollingUpdate starts new pods before it terminates old ones, Recreate terminates all old pods first. \
                Defaults to Recreate if a volume can be used by only one pod or one node, and otherwise to \
                RollingUpdate.
                """
            )
            .values(of: UpdateStrategyType.self),
            "rollingUpdate": RollingUpdate.schema.described(
                """
                The settings of rolling updates. Only valid for the type RollingUpdate.
                """
            ),
        ],
        rules: [
            Rule(
                "!has(self.rollingUpdate) || !has(self.type) || self.type == 'RollingUpdate'",
                message: "rollingUpdate is only valid for the type RollingUpdate: remove it, or change the type",
                fieldPath: ".rollingUpdate"
            ) { strategy, _ in
                strategy["rollingUpdate"] == nil || strategy["type"] == nil || strategy["type"] == "RollingUpdate"
            }
        ]
    )
}

/// The settings of a rolling update.
public struct RollingUpdate: Sendable, Hashable, Codable {
    /// How many pods can exist in addition to the desired number, as a number or a percentage.
    public var maxSurge: IntOrString?
    /// How many of the desired pods can be unavailable, as a number or a percentage.
    public var maxUnavailable: IntOrString?

    /// Creates a value from its fields.
    public init(maxSurge: IntOrString? = nil, maxUnavailable: IntOrString? = nil) {
        self.maxSurge = maxSurge
        self.maxUnavailable = maxUnavailable
    }
}

extension RollingUpdate: SchemaProviding {
    public static let schema = Schema.object(
        RollingUpdate.self,
        "The settings of a rolling update.",
        [
            "maxSurge": .intOrString(
                "How many pods can exist in addition to the desired number, as a number or a percentage. Defaults to 1."
            ),
            "maxUnavailable": .intOrString(
                """
                How many of the desired pods can be unavailable, as a number or a percentage. Defaults to 0, or to 1 \
                if maxSurge is 0.
                """
            ),
        ]
    )
}
