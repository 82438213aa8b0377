/// `autoscaling/v2.HorizontalPodAutoscalerBehavior`: how fast an autoscaler adds and removes pods.
public struct HorizontalPodAutoscalerBehavior: Sendable, Hashable, Codable {
    /// How fast replicas are added.
    public var scaleUp: HPAScalingRules?
    /// How fast replicas are removed.
    public var scaleDown: HPAScalingRules?

    /// Creates a value from its fields.
    public init(scaleUp: HPAScalingRules? = nil, scaleDown: HPAScalingRules? = nil) {
        self.scaleUp = scaleUp
        self.scaleDown = scaleDown
    }
}

extension HorizontalPodAutoscalerBehavior: SchemaProviding {
    public static let schema = Schema.object(
        HorizontalPodAutoscalerBehavior.self,
        "How fast the autoscaler adds and removes pods.",
        [
            "scaleUp": HPAScalingRules.schema.described("How fast replicas are added."),
            "scaleDown": HPAScalingRules.schema.described("How fast replicas are removed."),
        ]
    )
}

/// `autoscaling/v2.HPAScalingRules`: how fast an autoscaler changes the number of pods in one direction.
public struct HPAScalingRules: Sendable, Hashable, Codable {
    /// Seconds of past recommendations that are considered.
    public var stabilizationWindowSeconds: Int?
    /// Which policy applies if there are several. Defaults to Max.
    public var selectPolicy: String?
    /// The limits on changes in a period.
    public var policies: [HPAScalingPolicy]?
    /// The tolerated relative difference between metric and target, such as 0.1.
    public var tolerance: Quantity?

    /// Creates a value from its fields.
    public init(
        stabilizationWindowSeconds: Int? = nil,
        selectPolicy: String? = nil,
        policies: [HPAScalingPolicy]? = nil,
        tolerance: Quantity? = nil
    ) {
        self.stabilizationWindowSeconds = stabilizationWindowSeconds
        self.selectPolicy = selectPolicy
        self.policies = policies
        self.tolerance = tolerance
    }
}

extension HPAScalingRules: SchemaProviding {
    public static let schema = Schema.object(
        HPAScalingRules.self,
        "How fast the autoscaler changes the number of pods in one direction.",
        [
            "stabilizationWindowSeconds": .integer("Seconds of past recommendations that are considered.")
                .range(0...3600),
            "selectPolicy": .string("Which policy applies if there are several. Defaults to Max.")
                .values("Max", "Min", "Disabled"),
            "policies": .array("The limits on changes in a period.", of: HPAScalingPolicy.schema)
                .items(0...16)
                .atomic(),
            "tolerance": .quantity(
                "The tolerated relative difference between metric and target, such as 0.1."
            ),
        ]
    )
}

/// `autoscaling/v2.HPAScalingPolicy`: the limit on changes in a period.
public struct HPAScalingPolicy: Sendable, Hashable, Codable {
    /// What value is: Pods or Percent.
    public var type: String
    /// The number of pods, or a percentage.
    public var value: Int
    /// The period, in seconds.
    public var periodSeconds: Int

    /// Creates a value from its fields.
    public init(type: String, value: Int, periodSeconds: Int) {
        self.type = type
        self.value = value
        self.periodSeconds = periodSeconds
    }
}

extension HPAScalingPolicy: SchemaProviding {
    public static let schema = Schema.object(
        HPAScalingPolicy.self,
        "The limit on changes in a period.",
        [
            "type": .string("What value is: Pods or Percent.").values("Pods", "Percent").required(),
            "value": .integer("The number of pods, or a percentage.").range(1...2147483647).required(),
            "periodSeconds": .integer("The period, in seconds.").range(1...1800).required(),
        ]
    )
}
