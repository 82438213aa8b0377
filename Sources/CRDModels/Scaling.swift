public import KubernetesAPI

/// How a HorizontalPodAutoscaler chooses the number of pods.
public struct Scaling: Sendable, Hashable, Codable {
    /// The fewest pods.
    public var minReplicas: Int?
    /// The most pods.
    public var maxReplicas: Int
    /// The CPU use that is aimed at, in percent of what the pods request.
    public var targetCPUUtilizationPercentage: Int?
    /// The memory use that is aimed at, in percent of what the pods request.
    public var targetMemoryUtilizationPercentage: Int?
    /// How fast pods are added and removed.
    public var behavior: HorizontalPodAutoscalerBehavior?

    /// Makes one from its fields.
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
