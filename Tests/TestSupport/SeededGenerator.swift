public import KubernetesAPI

/// The random numbers of a test, whose failures name its seed.
public typealias SeededGenerator = SplitMix64
