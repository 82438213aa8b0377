/// `autoscaling/v2.HorizontalPodAutoscalerBehavior`: how fast an autoscaler acts.
public struct HorizontalPodAutoscalerBehavior: Sendable, Hashable, Codable {
    /// How fast replicas are added.
    public var scaleUp: HPAScalingRules?
    /// How fast replicas are removed.
    public var scaleDown: HPAScalingRules?

    /// Makes one from its fields.
    public init(scaleUp: HPAScalingRules? = nil, scaleDown: HPAScalingRules? = nil) {
        self.scaleUp = scaleUp
        self.scaleDown = scaleDown
    }
}

extension HorizontalPodAutoscalerBehavior: SchemaProviding {
    public static let schema = Schema.object(
        HorizontalPodAutoscalerBehavior.self,
        "How fast the autoscaler acts.",
        [
            "scaleUp": HPAScalingRules.schema.described("How fast replicas are added."),
            "scaleDown": HPAScalingRules.schema.described("How fast replicas are removed."),
        ]
    )
}

/// `autoscaling/v2.HPAScalingRules`: how fast an autoscaler acts in one direction.
public struct HPAScalingRules: Sendable, Hashable, Codable {
    /// For how many seconds back the most careful recommendation counts.
    public var stabilizationWindowSeconds: Int?
    /// Which policy counts where several are given; Max when left out.
    public var selectPolicy: String?
    /// What may change in a period.
    public var policies: [HPAScalingPolicy]?
    /// By which part the metric may differ from the target before anything is changed, such as 0.1.
    public var tolerance: Quantity?

    /// Makes one from its fields.
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
        "How fast the autoscaler acts in one direction.",
        [
            "stabilizationWindowSeconds": .integer("For how many seconds back the most careful recommendation counts.")
                .range(0...3600),
            "selectPolicy": .string("Which policy counts where several are given; Max when left out.")
                .values("Max", "Min", "Disabled"),
            "policies": .array("What may change in a period.", of: HPAScalingPolicy.schema).items(0...16).atomic(),
            "tolerance": .quantity(
                "By which part the metric may differ from the target before anything is changed, such as 0.1."
            ),
        ]
    )
}

/// `autoscaling/v2.HPAScalingPolicy`: how much may change in a period.
public struct HPAScalingPolicy: Sendable, Hashable, Codable {
    /// What value counts: Pods or Percent.
    public var type: String
    /// How many pods, or how many percent.
    public var value: Int
    /// The period, in seconds.
    public var periodSeconds: Int

    /// Makes one from its fields.
    public init(type: String, value: Int, periodSeconds: Int) {
        self.type = type
        self.value = value
        self.periodSeconds = periodSeconds
    }
}

extension HPAScalingPolicy: SchemaProviding {
    public static let schema = Schema.object(
        HPAScalingPolicy.self,
        "How much may change in a period.",
        [
            "type": .string("What value counts: Pods or Percent.").values("Pods", "Percent").required(),
            "value": .integer("How many pods, or how many percent.").range(1...2147483647).required(),
            "periodSeconds": .integer("The period, in seconds.").range(1...1800).required(),
        ]
    )
}
