public import KubernetesAPI

/// How a HorizontalPodAutoscaler chooses the number of pods.
public struct Scaling: Sendable, Hashable, Codable {
    /// The minimum number of pods.
    public var minReplicas: Int?
    /// The maximum number of pods.
    public var maxReplicas: Int
    /// The target CPU utilization, as a percentage of the CPU that the pods request.
    public var targetCPUUtilizationPercentage: Int?
    /// The target memory utilization, as a percentage of the memory that the pods request.
    public var targetMemoryUtilizationPercentage: Int?
    /// How fast pods are added and removed.
    public var behavior: HorizontalPodAutoscalerBehavior?

    /// Creates a value from its fields.
    public init(
        minReplicas: Int? = nil,
        maxReplicas: Int,
        targetCPUUtilizationPercentage: Int? = nil,
        targetMemoryUtilizationPercentage: Int? = nil,
        behavior: HorizontalPodAutoscalerBehavior? = nil
    ) {
        self.minReplicas = minReplicas
        self.maxReplicas = maxReplicas
        self.targetCPUUtilizationPercentage = targetCPUUtilizationPercentage
        self.targetMemoryUtilizationPercentage = targetMemoryUtilizationPercentage
        self.behavior = behavior
    }
}

extension Scaling: SchemaProviding {
    public static let schema = Schema.object(
        Scaling.self,
        "How a HorizontalPodAutoscaler chooses the number of pods.",
        [
            "minReplicas": .integer("The minimum number of pods.").range(1...1000).default(1),
            "maxReplicas": .integer("The maximum number of pods.").range(1...1000).required(),
            "targetCPUUtilizationPercentage": .integer(
                "The target CPU utilization, as a percentage of the CPU that the pods request."
            )
            .range(1...1000),
            "targetMemoryUtilizationPercentage": .integer(
                "The target memory utilization, as a percentage of the memory that the pods request."
            )
            .range(1...1000),
            "behavior": HorizontalPodAutoscalerBehavior.schema.described("How fast pods are added and removed."),
        ],
        rules: [
            Rule(
                "self.minReplicas <= self.maxReplicas",
                message: "minReplicas cannot exceed maxReplicas",
                fieldPath: ".minReplicas"
            ) { scaling, _ in
                scaling["minReplicas"]?.integerValue ?? 1 <= scaling["maxReplicas"]?.integerValue ?? 1
            },
            Rule(
                "has(self.targetCPUUtilizationPercentage) || has(self.targetMemoryUtilizationPercentage)",
                message: "set targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or both"
            ) { scaling, _ in
                scaling["targetCPUUtilizationPercentage"] != nil || scaling["targetMemoryUtilizationPercentage"] != nil
            },
        ]
    )
}
